//! Writes frames into clusters, and whole clusters into the file.

use super::{
    Cue, Form, Index, Track,
    element::{CLUSTER, SIMPLE_BLOCK, TIMESTAMP, id, master, size, uint},
    finish::finish,
    header::{Header, private},
};
use crate::core::vp8::Size;
use std::{
    fs::File,
    io::{Result, Seek, SeekFrom, Write},
    path::Path,
};

/// A cluster's length at most: what a crash may cost.
pub(in crate::record) const CLUSTER_MS_MAX: u64 = 2_000;
/// A cluster's bytes at most.
const CLUSTER_BYTES_MAX: usize = 1 << 20;
/// How far before its cluster's time a frame may be: sound that waited for the pictures' first packet.
const BEFORE_MS_MAX: u64 = 30_000;

/// A frame to be written.
#[derive(Debug, Clone, Copy)]
pub(in crate::record) struct Frame<'a> {
    /// Of which track.
    pub(in crate::record) track: Track,
    /// When, since the file's begin.
    pub(in crate::record) ms: u64,
    /// Whether it needs no other; sound never does.
    pub(in crate::record) kind: Kind,
    /// What the decoder gets.
    pub(in crate::record) data: &'a [u8],
    /// What it has to be told before.
    pub(in crate::record) private: Option<&'a [u8]>,
}

/// Whether a frame can be understood by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::record) enum Kind {
    /// It can; a picture tells its size.
    Key(Option<Size>),
    /// Only after those before it.
    Delta,
}

/// A file that is being written.
#[derive(Debug)]
pub(in crate::record) struct Writer {
    file: File,
    header: Header,
    index: Index,
    cluster: Vec<u8>,
    /// Time of the cluster in hand, and whether it begins with a key frame.
    open: Option<(u64, bool)>,
    has_private: bool,
}

impl Writer {
    /// A new file with these tracks.
    ///
    /// # Errors
    /// What the file system says; also when the file exists.
    pub(in crate::record) fn create(path: &Path, tracks: &[Track], form: Form) -> Result<Self> {
        let header = Header::new(tracks, form);
        let mut file = File::options().read(true).write(true).create_new(true).open(path)?;
        file.write_all(&header.bytes)?;
        let index = Index { end: header.bytes.len() as u64, ..Index::default() };
        Ok(Self { file, header, index, cluster: Vec::new(), open: None, has_private: false })
    }

    /// Takes a frame.
    ///
    /// # Errors
    /// What the file system says.
    pub(in crate::record) fn frame(&mut self, frame: Frame<'_>) -> Result<()> {
        let Frame { track, ms, kind, data, private } = frame;
        let key_picture = track == Track::Pictures && kind != Kind::Delta;
        let full = self.cluster.len() + data.len() > CLUSTER_BYTES_MAX;
        let (begun, _) = *match self.open {
            Some((begun, _)) if key_picture || full || ms >= begun + CLUSTER_MS_MAX || ms + BEFORE_MS_MAX < begun => {
                self.flush()?;
                self.open.insert((ms, key_picture))
            }
            Some(_) => self.open.as_mut().expect("it was just seen"),
            None => self.open.insert((ms, key_picture)),
        };
        if let Kind::Key(Some(size)) = kind {
            self.tell_size(size)?;
        }
        if let Some(private) = private {
            self.tell_private(private)?;
        }
        let relative = i16::try_from(ms.cast_signed() - begun.cast_signed()).expect("a cluster's frames are within 30 s of its time");
        let mut head = size(u64::from(track.number()));
        head.extend(relative.to_be_bytes());
        head.push(if kind == Kind::Delta { 0 } else { 0x80 });
        self.cluster.extend(id(SIMPLE_BLOCK));
        self.cluster.extend(size((head.len() + data.len()) as u64));
        self.cluster.extend(head);
        self.cluster.extend_from_slice(data);
        self.index.last_ms = self.index.last_ms.max(ms);
        match track {
            Track::Pictures => self.index.pictures += 1,
            Track::Sound => self.index.sounds += 1,
        }
        Ok(())
    }

    /// The time of the cluster in hand, which a crash would cost.
    pub(in crate::record) fn open_since(&self) -> Option<u64> {
        self.open.map(|(begun, _)| begun)
    }

    /// Writes the cluster in hand.
    ///
    /// # Errors
    /// What the file system says.
    pub(in crate::record) fn flush(&mut self) -> Result<()> {
        let Some((begun, key)) = self.open.take() else { return Ok(()) };
        let whole = master(CLUSTER, &[uint(TIMESTAMP, begun), std::mem::take(&mut self.cluster)]);
        self.file.seek(SeekFrom::Start(self.index.end))?;
        self.file.write_all(&whole)?;
        let cue = Cue { ms: begun, at: self.index.end - self.header.data_at };
        if key {
            self.index.cues.push(cue);
        } else if self.index.pictures == 0 {
            self.index.quiet_cues.push(cue);
        }
        self.index.end += whole.len() as u64;
        Ok(())
    }

    /// Closes the file: what it holds is on the disk then, and can be jumped about in.
    ///
    /// # Errors
    /// What the file system says.
    pub(in crate::record) fn finish(mut self) -> Result<Index> {
        self.flush()?;
        finish(&mut self.file, &self.header, &self.index)?;
        Ok(self.index)
    }

    /// What a decoder is told first stands in the header; later parameters are in the pictures themselves.
    fn tell_private(&mut self, told: &[u8]) -> Result<()> {
        let Some(at) = self.header.private_at.filter(|_| !self.has_private) else { return Ok(()) };
        let Some(whole) = private(told) else { return Ok(()) };
        self.has_private = true;
        self.file.seek(SeekFrom::Start(at))?;
        self.file.write_all(&whole)
    }

    /// The first key frame tells the size; a player takes later ones from the frames themselves.
    fn tell_size(&mut self, size: Size) -> Result<()> {
        let (None, Some((width, height))) = (self.index.size, self.header.pixels_at) else { return Ok(()) };
        self.index.size = Some((size.width, size.height));
        for (at, pixels) in [(width, size.width), (height, size.height)] {
            self.file.seek(SeekFrom::Start(at))?;
            self.file.write_all(&pixels.to_be_bytes())?;
        }
        Ok(())
    }
}
