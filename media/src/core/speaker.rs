//! Who is speaking, from the audio levels that packets carry (RFC 6464): loudness is smoothed, and whoever speaks keeps the
//! floor until somebody else is clearly louder or it has been quiet for a while, so that a cough changes nothing.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Below this, in dB under the loudest possible, a room is heard and nobody speaks.
const QUIET: f32 = 45.0;
/// How much louder, in dB, one must be to take the floor.
const LOUDER: f32 = 6.0;
/// How long the floor is kept at least.
pub const HOLD: Duration = Duration::from_millis(800);
/// Weight of a new level: with packets of 20 ms about a quarter of a second counts.
const WEIGHT: f32 = 0.08;
/// A sender that stops sending when silent is silent after this.
const SILENT_AFTER: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct Voice {
    /// Smoothed, in dB under the loudest possible: smaller is louder.
    level: f32,
    heard: Instant,
}

/// The speakers of a room, by whatever names them.
#[derive(Debug)]
pub struct Speakers<Id> {
    voices: BTreeMap<Id, Voice>,
    speaker: Option<(Id, Instant)>,
}

impl<Id> Default for Speakers<Id> {
    fn default() -> Self {
        Self { voices: BTreeMap::new(), speaker: None }
    }
}

impl<Id: Copy + Ord> Speakers<Id> {
    /// A packet of this level came: 0 is the loudest possible, 127 is silence.
    pub fn hear(&mut self, id: Id, level: u8, now: Instant) {
        let voice = self.voices.entry(id).or_insert(Voice { level: 127.0, heard: now });
        voice.level += (f32::from(level.min(127)) - voice.level) * WEIGHT;
        voice.heard = now;
    }

    /// Somebody is gone.
    pub fn forget(&mut self, id: Id) {
        self.voices.remove(&id);
        self.speaker = self.speaker.filter(|(speaker, _)| *speaker != id);
    }

    /// Who has the floor; `None` when nobody has spoken yet, or who did is gone.
    pub fn speaker(&mut self, now: Instant) -> Option<Id> {
        let level = |voice: &Voice| if now.duration_since(voice.heard) > SILENT_AFTER { 127.0 } else { voice.level };
        let loudest = self.voices.iter().map(|(id, voice)| (*id, level(voice))).min_by(|one, other| one.1.total_cmp(&other.1));
        let Some((loudest, loudness)) = loudest.filter(|(_, level)| *level < QUIET) else { return self.speaker.map(|(id, _)| id) };
        match self.speaker {
            Some((speaker, _)) if speaker == loudest => {}
            Some((_, since)) if now.duration_since(since) < HOLD => {}
            Some((speaker, _)) if self.voices.get(&speaker).is_some_and(|voice| level(voice) - loudness < LOUDER) => {}
            _ => self.speaker = Some((loudest, now)),
        }
        self.speaker.map(|(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(speakers: &mut Speakers<u8>, levels: &[(u8, u8)], from: Instant, packets: u32) -> Instant {
        let mut now = from;
        for _ in 0..packets {
            for (id, level) in levels {
                speakers.hear(*id, *level, now);
            }
            now += Duration::from_millis(20);
        }
        now
    }

    #[test]
    fn who_talks_has_the_floor_and_keeps_it_when_all_are_quiet() {
        let mut speakers = Speakers::default();
        let start = Instant::now();
        let now = talk(&mut speakers, &[(1, 127), (2, 25)], start, 50);
        assert_eq!(speakers.speaker(now), Some(2));
        let now = talk(&mut speakers, &[(1, 127), (2, 127)], now, 100);
        assert_eq!(speakers.speaker(now), Some(2));
    }

    #[test]
    fn a_cough_takes_no_floor_and_a_sentence_does() {
        let mut speakers = Speakers::default();
        let start = Instant::now();
        let now = talk(&mut speakers, &[(1, 30), (2, 127)], start, 100);
        assert_eq!(speakers.speaker(now), Some(1));
        let now = talk(&mut speakers, &[(1, 30), (2, 10)], now, 5);
        assert_eq!(speakers.speaker(now), Some(1));
        let now = talk(&mut speakers, &[(1, 127), (2, 20)], now, 60);
        assert_eq!(speakers.speaker(now), Some(2));
    }

    #[test]
    fn two_who_are_about_as_loud_do_not_flicker() {
        let mut speakers = Speakers::default();
        let mut now = talk(&mut speakers, &[(1, 28), (2, 31)], Instant::now(), 100);
        let first = speakers.speaker(now);
        for round in 0..20 {
            let levels = if round % 2 == 0 { [(1, 31), (2, 28)] } else { [(1, 28), (2, 31)] };
            now = talk(&mut speakers, &levels, now, 50);
            assert_eq!(speakers.speaker(now), first);
        }
    }

    #[test]
    fn one_who_leaves_gives_the_floor_away() {
        let mut speakers = Speakers::default();
        let now = talk(&mut speakers, &[(1, 20), (2, 60)], Instant::now(), 50);
        assert_eq!(speakers.speaker(now), Some(1));
        speakers.forget(1);
        assert_eq!(speakers.speaker(now), None);
        // One who stopped sending is silent, however loud the last packet was.
        let mut speakers = Speakers::default();
        let now = talk(&mut speakers, &[(1, 10)], Instant::now(), 50);
        let now = talk(&mut speakers, &[(2, 35)], now, 100);
        assert_eq!(speakers.speaker(now), Some(2));
    }
}
