//! A bucket keeps what a folder keeps. `tests/s3/run` starts a server for this and names the bucket; without one nothing is tried.

use super::{Key, Storage, StorageError};
use crate::config::Config;
use bytes::Bytes;
use futures_util::TryStreamExt;
use ring::digest;
use std::ops::Range;
use uuid::Uuid;
use vitrina_domain::ids::{AccountId, CallId, FileId};
use vitrina_media::record::Form;

/// Names the bucket, such as `s3://vitrina`.
const BUCKET: &str = "VITRINA_TEST_BUCKET";
/// More than two pieces of an upload in parts, and not a whole number of them.
const LARGE_BYTES: usize = 12_345_678;

fn storage(url: &str) -> Storage {
    let config = Config::load(None, [("VITRINA_STORAGE_URL".to_owned(), url.to_owned())]).unwrap();
    Storage::open(&config).unwrap()
}

async fn read(storage: &Storage, key: &Key, part: Range<u64>) -> Result<Vec<u8>, StorageError> {
    let pieces: Vec<Bytes> = storage.read(key, part).await?.try_collect().await?;
    Ok(pieces.concat())
}

async fn keys(storage: &Storage) -> Vec<String> {
    let mut keys: Vec<String> = storage.objects().map_ok(|object| object.key.to_string()).try_collect().await.unwrap();
    keys.sort();
    keys
}

#[tokio::test]
async fn a_bucket_keeps_what_was_written_whole_in_parts_and_under_a_prefix_and_nothing_of_what_was_broken_off() {
    let Ok(bucket) = std::env::var(BUCKET) else { return eprintln!("not tried: {BUCKET} names no bucket") };
    for url in [bucket.clone(), format!("{bucket}/a/prefix")] {
        let storage = storage(&url);
        let account = AccountId(Uuid::now_v7());
        let small = (Key::file(account, FileId(Uuid::now_v7())), b"boots".to_vec());
        let large: Vec<u8> = (0..LARGE_BYTES).map(|n| (n % 251) as u8).collect();
        let large = (Key::recording(account, CallId(Uuid::now_v7()), Uuid::now_v7(), Form::WebM), large);
        for (key, content) in [&small, &large] {
            let mut upload = storage.upload(key);
            for piece in content.chunks(1 << 20) {
                upload.write(Bytes::copy_from_slice(piece)).await.unwrap();
            }
            let kept = upload.finish().await.unwrap();
            let hash = digest::digest(&digest::SHA256, content);
            let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!((kept.bytes, kept.sha256), (content.len() as u64, hash));
            assert!(read(&storage, key, 0..content.len() as u64).await.unwrap() == *content);
        }
        let middle = read(&storage, &large.0, 5_242_878..5_242_890).await.unwrap();
        assert_eq!(middle, large.1[5_242_878..5_242_890], "across the border of two parts");

        let broken = Key::file(account, FileId(Uuid::now_v7()));
        let mut upload = storage.upload(&broken);
        for piece in large.1.chunks(1 << 20).take(7) {
            upload.write(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        upload.abort().await;
        assert!(matches!(read(&storage, &broken, 0..1).await, Err(StorageError::Absent)));

        assert_eq!(keys(&storage).await, [large.0.to_string(), small.0.to_string()]);
        for (key, _) in [&small, &large, &small] {
            storage.delete(key).await.unwrap();
        }
        assert!(matches!(read(&storage, &large.0, 0..1).await, Err(StorageError::Absent)));
        assert_eq!(keys(&storage).await, Vec::<String>::new());
    }
}
