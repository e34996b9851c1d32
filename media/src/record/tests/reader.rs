//! A reader of WebM that shares no code with the writer: strict, so that a mistake of the writer's is not forgiven.

use std::path::Path;

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) track: u64,
    pub(super) ms: u64,
    pub(super) key: bool,
    pub(super) data: Vec<u8>,
}

/// A file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) duration_ms: Option<f64>,
    pub(super) tracks: Vec<u64>,
    pub(super) size: Option<(u64, u64)>,
    /// What the decoder of pictures is told first.
    pub(super) private: Option<Vec<u8>>,
    pub(super) blocks: Vec<Block>,
    /// Times that a player can jump to.
    pub(super) cues: Vec<u64>,
}

struct Element<'a> {
    id: u64,
    at: usize,
    body: &'a [u8],
}

/// The elements that these bytes are, all of them whole.
fn elements(bytes: &[u8]) -> Vec<Element<'_>> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let begin = at;
        let id_length = bytes[at].leading_zeros() as usize + 1;
        let id = bytes[at..at + id_length].iter().fold(0, |id, byte| id << 8 | u64::from(*byte));
        at += id_length;
        let size_length = bytes[at].leading_zeros() as usize + 1;
        let size = bytes[at..at + size_length].iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte)) & !(1 << (7 * size_length));
        at += size_length;
        let end = at + usize::try_from(size).unwrap();
        assert!(end <= bytes.len(), "element {id:x} at {begin} reaches beyond its parent");
        all.push(Element { id, at: begin, body: &bytes[at..end] });
        at = end;
    }
    all
}

fn number(body: &[u8]) -> u64 {
    body.iter().fold(0, |n, byte| n << 8 | u64::from(*byte))
}

fn inside<'a>(element: &Element<'a>, id: u64) -> Vec<Element<'a>> {
    elements(element.body).into_iter().filter(|inner| inner.id == id).collect()
}

/// Reads a finished file.
pub(super) fn read(path: &Path) -> File {
    let bytes = std::fs::read(path).unwrap();
    let top = elements(&bytes);
    assert_eq!(top.iter().map(|element| element.id).collect::<Vec<_>>(), [0x1A45_DFA3, 0x1853_8067]);
    let data = top[1].body;
    let inner = elements(data);
    let mut file = File::default();
    let at = |position: u64| inner.iter().find(|element| element.at as u64 == position).expect("something begins there");
    for element in &inner {
        match element.id {
            0x114D_9B74 => {
                for seek in inside(element, 0x4DBB) {
                    let (id, position) = (number(inside(&seek, 0x53AB)[0].body), number(inside(&seek, 0x53AC)[0].body));
                    assert_eq!(at(position).id, id, "the table says what is there");
                }
            }
            0x1549_A966 => {
                let duration = inside(element, 0x4489);
                file.duration_ms = duration.first().map(|found| f64::from_be_bytes(found.body.try_into().unwrap()));
            }
            0x1654_AE6B => {
                for entry in inside(element, 0xAE) {
                    file.tracks.push(number(inside(&entry, 0xD7)[0].body));
                    if number(inside(&entry, 0xD7)[0].body) == 1 {
                        file.private = inside(&entry, 0x63A2).first().map(|found| found.body.to_vec());
                    }
                    for video in inside(&entry, 0xE0) {
                        file.size = Some((number(inside(&video, 0xB0)[0].body), number(inside(&video, 0xBA)[0].body)));
                    }
                }
            }
            0x1F43_B675 => file.blocks.extend(blocks(element)),
            0x1C53_BB6B => {
                for point in inside(element, 0xBB) {
                    let ms = number(inside(&point, 0xB3)[0].body);
                    let place = number(inside(&inside(&point, 0xB7)[0], 0xF1)[0].body);
                    let first = blocks(at(place)).remove(0);
                    assert!(first.ms == ms && first.key, "a cue leads to a key frame at its time");
                    file.cues.push(ms);
                }
            }
            0xEC => {}
            other => panic!("element {other:x}"),
        }
    }
    assert!(file.blocks.iter().all(|block| file.tracks.contains(&block.track)));
    file
}

fn blocks(cluster: &Element<'_>) -> Vec<Block> {
    let begun = number(inside(cluster, 0xE7)[0].body);
    let block = |found: Element<'_>| {
        let relative = i16::from_be_bytes([found.body[1], found.body[2]]);
        let ms = begun.checked_add_signed(relative.into()).expect("no time before the begin");
        Block { track: u64::from(found.body[0] & 0x7f), ms, key: found.body[3] & 0x80 != 0, data: found.body[4..].to_vec() }
    };
    inside(cluster, 0xA3).into_iter().map(block).collect()
}
