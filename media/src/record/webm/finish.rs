//! The end of a file: the index behind the last cluster, and the holes of the header filled.

use super::{
    Index, Track,
    element::{CUES, INFO, SEEK_HEAD, TRACKS, element, id, master, uint, void, wide_size},
    header::{Header, SEEK_ROOM, duration},
};
use std::{
    fs::File,
    io::{Result, Seek, SeekFrom, Write},
};

/// Cues at most: one for each key frame of a day at one in four seconds. Beyond it every so many-th is kept.
const CUES_MAX: usize = 21_600;

/// Finishes the file behind its last whole cluster. Doing it again does the same.
pub(super) fn finish(file: &mut File, header: &Header, index: &Index) -> Result<()> {
    // Whatever a crash left of a cluster goes.
    file.set_len(index.end)?;
    let (track, cues) = match index.pictures {
        0 => (Track::Sound, &index.quiet_cues),
        _ => (Track::Pictures, &index.cues),
    };
    let points = cues.iter().step_by(cues.len().div_ceil(CUES_MAX).max(1)).map(|cue| {
        let position = master(0xB7, &[uint(0xF7, u64::from(track.number())), uint(0xF1, cue.at)]);
        master(0xBB, &[uint(0xB3, cue.ms), position])
    });
    let cues = master(CUES, &points.collect::<Vec<_>>());
    write(file, index.end, &cues)?;
    let place = |of: u32, at: u64| master(0x4DBB, &[element(0x53AB, &id(of)), uint(0x53AC, at - header.data_at)]);
    let mut table = master(SEEK_HEAD, &[place(INFO, header.info_at), place(TRACKS, header.tracks_at), place(CUES, index.end)]);
    table.extend(void(SEEK_ROOM - table.len()));
    write(file, header.seek_at, &table)?;
    write(file, header.duration_at, &duration(index.last_ms))?;
    if let (Some((width, height)), Some((width_at, height_at))) = (index.size, header.pixels_at) {
        write(file, width_at, &width.to_be_bytes())?;
        write(file, height_at, &height.to_be_bytes())?;
    }
    for (track, at, length) in &header.entries {
        // A player would wait for a track that never sends.
        let frames = if *track == Track::Pictures { index.pictures } else { index.sounds };
        if frames == 0 && index.pictures + index.sounds > 0 {
            write(file, *at, &void(*length))?;
        }
    }
    write(file, header.size_at, &wide_size(index.end + cues.len() as u64 - header.data_at))?;
    file.sync_all()
}

fn write(file: &mut File, at: u64, bytes: &[u8]) -> Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)
}
