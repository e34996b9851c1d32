//! A publisher or a subscriber of the load: one stream of pictures that carry the time when they were sent.

use mio::{Interest, Poll, Token, net::UdpSocket};
use socket2::SockRef;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    media::Mid,
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

/// Packets of one picture.
const PICTURE: u64 = 4;
/// Packets from one whole picture to the next.
const WHOLE: u64 = 400;
/// Where in the payload the time stands.
const TIME: std::ops::Range<usize> = 16..24;
/// Room for what comes while the others have their turn; the kernel may grant less.
const BUFFER: usize = 4 << 20;

/// What is measured, over all clients.
#[derive(Debug)]
pub struct Tally {
    /// What times are counted from.
    pub began: Instant,
    /// Whether it is counted.
    pub counts: bool,
    /// Microseconds from sender to receiver.
    pub latency: Vec<u32>,
    /// Packets that came.
    pub received: u64,
}

/// One client.
#[derive(Debug)]
pub struct Client {
    /// The stack.
    pub rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    next: Instant,
    /// Whether media can flow.
    pub is_connected: bool,
    /// Its line.
    pub mid: Option<Mid>,
    /// Its line for sound, where it has one.
    pub sound: Option<Mid>,
    sequence: u64,
    said: u64,
    /// Somebody asked for a whole picture.
    wants_whole: bool,
    whole: u64,
}

impl Client {
    /// A client on this address, polled under this number.
    ///
    /// # Errors
    /// When there is no socket to be had.
    pub fn new(ip: IpAddr, poll: &Poll, number: usize) -> io::Result<Self> {
        let now = Instant::now();
        let mut rtc = RtcConfig::new().clear_codecs().enable_vp8(true).enable_opus(true, false).set_rtp_mode(true).build(now);
        let mut socket = UdpSocket::bind(SocketAddr::new(ip, 0))?;
        // Larger is better, and any size works.
        let _ = SockRef::from(&socket).set_recv_buffer_size(BUFFER);
        let address = socket.local_addr()?;
        poll.registry().register(&mut socket, Token(number), Interest::READABLE)?;
        rtc.add_local_candidate(Candidate::host(address, "udp").map_err(io::Error::other)?);
        Ok(Self {
            rtc,
            socket,
            address,
            next: now,
            is_connected: false,
            mid: None,
            sound: None,
            sequence: 0,
            said: 0,
            wants_whole: false,
            whole: 0,
        })
    }

    /// Takes everything that has come.
    ///
    /// # Errors
    /// When the stack gives up.
    pub fn read(&mut self, tally: &mut Tally) -> io::Result<()> {
        let mut buffer = [0; 2_048];
        while let Ok((length, source)) = self.socket.recv_from(&mut buffer) {
            if let Ok(contents) = (&buffer[..length]).try_into() {
                let receive = Receive { proto: Protocol::Udp, source, destination: self.address, contents };
                self.rtc.handle_input(Input::Receive(Instant::now(), receive)).map_err(io::Error::other)?;
                self.flush(tally)?;
            }
        }
        Ok(())
    }

    /// Does what is due.
    ///
    /// # Errors
    /// When the stack gives up.
    pub fn tick(&mut self, now: Instant, tally: &mut Tally) -> io::Result<()> {
        if self.next <= now {
            self.rtc.handle_input(Input::Timeout(now)).map_err(io::Error::other)?;
            self.flush(tally)?;
        }
        Ok(())
    }

    /// Sends what the stack has to say, and counts what came.
    ///
    /// # Errors
    /// When the stack gives up.
    pub fn flush(&mut self, tally: &mut Tally) -> io::Result<()> {
        loop {
            match self.rtc.poll_output().map_err(io::Error::other)? {
                Output::Timeout(at) => {
                    // The stack's timers are looked at this often, so that they do not cost more than the load.
                    self.next = at.min(Instant::now() + Duration::from_millis(if self.is_connected { 50 } else { 5 }));
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    // What the kernel has no room for is lost like on a network, and seen as loss.
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(Event::Connected) => self.is_connected = true,
                Output::Event(Event::KeyframeRequest(_)) => self.wants_whole = true,
                Output::Event(Event::MediaAdded(media)) => {
                    self.mid.get_or_insert(media.mid);
                }
                Output::Event(Event::RtpPacket(packet)) if tally.counts => {
                    if let Some(sent) = packet.payload.get(TIME).and_then(|bytes| bytes.first_chunk()) {
                        tally.received += 1;
                        let now = tally.began.elapsed().as_nanos() as u64;
                        tally.latency.push((now.saturating_sub(u64::from_le_bytes(*sent)) / 1_000) as u32);
                    }
                }
                Output::Event(_) => {}
            }
        }
    }

    /// Sends the next packet of its stream.
    ///
    /// # Errors
    /// When the stack gives up.
    pub fn send(&mut self, bytes: usize, tally: &mut Tally) -> io::Result<()> {
        let (at, picture) = (self.sequence % PICTURE, self.sequence / PICTURE);
        if at == 0 && (std::mem::take(&mut self.wants_whole) || self.sequence.is_multiple_of(WHOLE)) {
            self.whole = picture;
        }
        let is_whole = self.whole == picture;
        let mut payload = vec![0; bytes.max(TIME.end)];
        // The descriptor with a picture number, and the head of a whole picture, as browsers send them.
        let [high, low] = (picture as u16 & 0x7fff).to_be_bytes();
        let first = if at == 0 { 0x90 } else { 0x80 };
        payload[..4].copy_from_slice(&[first, 0x80, 0x80 | high, low]);
        payload[4..14].copy_from_slice(&[u8::from(!is_whole), 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]);
        payload[TIME].copy_from_slice(&(tally.began.elapsed().as_nanos() as u64).to_le_bytes());
        let (sequence, timestamp) = (self.sequence, (picture * 3_000) as u32);
        self.sequence += 1;
        self.write(self.mid, (sequence, timestamp), payload, |packet| packet.marker(at == PICTURE - 1).nackable(true))?;
        self.flush(tally)
    }

    /// Sends the next packet of its sound: 20 ms.
    ///
    /// # Errors
    /// When the stack gives up.
    pub fn say(&mut self, bytes: usize, tally: &mut Tally) -> io::Result<()> {
        let mut payload = vec![0; bytes.max(TIME.end)];
        payload[TIME].copy_from_slice(&(tally.began.elapsed().as_nanos() as u64).to_le_bytes());
        let (sequence, timestamp) = (self.said, (self.said * 960) as u32);
        self.said += 1;
        self.write(self.sound, (sequence, timestamp), payload, |packet| packet)?;
        self.flush(tally)
    }

    fn write(
        &mut self,
        line: Option<Mid>,
        (sequence, timestamp): (u64, u32),
        payload: Vec<u8>,
        with: impl Fn(RtpWrite) -> RtpWrite,
    ) -> io::Result<()> {
        let now = Instant::now();
        let mid = line.ok_or_else(|| io::Error::other("no line to send on"))?;
        let pt = self.rtc.media(mid).and_then(|media| media.remote_pts().first().copied()).ok_or_else(|| io::Error::other("no codec"))?;
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None).ok_or_else(|| io::Error::other("no stream"))?;
        stream.write_rtp(with(RtpWrite::new(pt, sequence.into(), timestamp, now, payload)));
        self.rtc.handle_input(Input::Timeout(now)).map_err(io::Error::other)
    }
}
