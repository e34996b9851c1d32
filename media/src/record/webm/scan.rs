//! Reads a file of ours that nobody finished: which clusters are whole, and what is in them.

use super::{
    Cue, Form, Index, Track,
    element::{CLUSTER, Head, SIMPLE_BLOCK, TIMESTAMP, number},
    finish::finish,
    header::Header,
};
use crate::core::vp8;
use std::{
    fs::File,
    io::{Error, ErrorKind, Read, Result, Seek, SeekFrom},
};

/// Bytes of an element's head, at most.
const HEAD_MAX: usize = 12;
/// Bytes of one cluster that are believed: the writer's bound, with room for one large frame.
const CLUSTER_BYTES_MAX: u64 = 16 << 20;

/// Finishes the file behind its last whole cluster, where there is a frame in it. To do so again, or to a file that is whole,
/// changes nothing.
///
/// # Errors
/// What the file system says; [`ErrorKind::InvalidData`] when the file is none of ours.
pub(in crate::record) fn repair(file: &mut File, tracks: &[Track], form: Form) -> Result<Index> {
    let (header, index) = scan(file, tracks, form)?;
    if index.pictures + index.sounds > 0 {
        finish(file, &header, &index)?;
    }
    Ok(index)
}

/// What the file holds up to its last whole cluster, and where the holes of its header are.
fn scan(file: &mut File, tracks: &[Track], form: Form) -> Result<(Header, Index)> {
    let header = Header::new(tracks, form);
    let length = file.metadata()?.len();
    let mut begin = vec![0; header.bytes.len()];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut begin)?;
    // All up to the first hole is the same in every file.
    let same = usize::try_from(header.size_at).expect("a header is short");
    if begin[..same] != header.bytes[..same] {
        return Err(Error::new(ErrorKind::InvalidData, "no recording of this server"));
    }
    let mut index = Index { end: begin.len() as u64, ..Index::default() };
    while let Some(body) = cluster(file, index.end, length)? {
        let at = index.end - header.data_at;
        if !read(&body.bytes, at, &mut index) {
            break;
        }
        index.end += body.length;
    }
    if form == Form::Matroska {
        // The header has it from the first whole picture on, which says it in another way.
        index.size = None;
    }
    Ok((header, index))
}

struct Body {
    bytes: Vec<u8>,
    /// With the head.
    length: u64,
}

/// The cluster at this place; `None` when there is none, or not all of it.
fn cluster(file: &mut File, at: u64, length: u64) -> Result<Option<Body>> {
    file.seek(SeekFrom::Start(at))?;
    let mut head = Vec::with_capacity(HEAD_MAX);
    file.by_ref().take(HEAD_MAX as u64).read_to_end(&mut head)?;
    let Some(Head { id: CLUSTER, size: Some(size), length: head }) = Head::parse(&head) else { return Ok(None) };
    if size > CLUSTER_BYTES_MAX || at + head as u64 + size > length {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at + head as u64))?;
    let mut bytes = vec![0; usize::try_from(size).expect("it is bounded")];
    file.read_exact(&mut bytes)?;
    Ok(Some(Body { bytes, length: head as u64 + size }))
}

/// Takes a cluster into the index; `false` when its bytes make no sense, as a disk without power may leave them.
fn read(mut body: &[u8], at: u64, index: &mut Index) -> bool {
    let mut found = index.clone();
    let mut begun = None;
    let mut first_is_key = None;
    while !body.is_empty() {
        let Some(Head { id, size: Some(size), length }) = Head::parse(body) else { return false };
        let Some(inner) = usize::try_from(size).ok().and_then(|size| body.get(length..length.checked_add(size)?)) else { return false };
        match id {
            TIMESTAMP => begun = Some(inner.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte))),
            SIMPLE_BLOCK => {
                let Some(key) = begun.and_then(|begun| block(inner, begun, &mut found)) else { return false };
                first_is_key.get_or_insert(key);
            }
            _ => {}
        }
        body = &body[length + inner.len()..];
    }
    let Some(begun) = begun else { return false };
    let cue = Cue { ms: begun, at };
    if first_is_key == Some(true) {
        found.cues.push(cue);
    } else if found.pictures == 0 {
        found.quiet_cues.push(cue);
    }
    *index = found;
    true
}

/// Takes a block; whether it is a picture that needs no other.
fn block(block: &[u8], begun: u64, index: &mut Index) -> Option<bool> {
    let (track, length) = number(block)?;
    let [high, low, flags] = *block.get(length..length + 3)? else { return None };
    let ms = begun.checked_add_signed(i64::from(i16::from_be_bytes([high, low])))?;
    index.last_ms = index.last_ms.max(ms);
    if track == u64::from(Track::Sound.number()) {
        index.sounds += 1;
        return Some(false);
    }
    index.pictures += 1;
    let key = flags & 0x80 != 0;
    if key && index.size.is_none() {
        index.size = vp8::frame_size(block.get(length + 3..)?).map(|size| (size.width, size.height));
    }
    Some(key)
}
