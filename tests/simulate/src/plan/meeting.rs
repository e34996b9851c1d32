//! What happens in a call's media: who is held up, who mutes, leaves and comes back, who shares a screen, whether a colleague comes.

use crate::random::Random;

/// Of a hundred people: something keeps them from being connected at first.
const HELD_UP_PERCENT: u64 = 25;
/// Of a hundred people: mutes the microphone for a while.
const MUTES_PERCENT: u64 = 40;
/// Of a hundred people: turns the camera off for a while.
const CAMERA_OFF_PERCENT: u64 = 30;
/// Of a hundred people: takes another camera.
const SWITCHES_PERCENT: u64 = 15;
/// Of a hundred people: leaves and comes back.
const COMES_BACK_PERCENT: u64 = 20;
/// Of a hundred people: leaves before the call ends, and says so.
const LEAVES_PERCENT: u64 = 40;
/// Of a hundred people: closes the page before the call ends.
const CLOSES_PERCENT: u64 = 15;
/// Of a hundred people: stays muted.
const STAYS_MUTED_PERCENT: u64 = 15;
/// Of a hundred calls: the shopper shares a screen.
const SCREEN_PERCENT: u64 = 35;
/// Of a hundred calls: a colleague comes for a moment.
const COLLEAGUE_PERCENT: u64 = 20;
/// Seconds that both stay at least, by the clock: enough that seconds are counted.
const STAYS_S: (u32, u32) = (1, 3);

/// The plan of a call's media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    /// The customer's part.
    pub customer: Part,
    /// The shopper's part.
    pub shopper: Part,
    /// The shopper shares a screen.
    pub shares_screen: bool,
    /// A colleague comes and goes.
    pub colleague_comes: bool,
    /// Seconds that both stay when all else is done, by the clock.
    pub stays_s: u32,
}

/// What somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What happens before it works.
    pub held_up: Option<Hitch>,
    /// What they do with their tracks, in order.
    pub turns: Vec<Turn>,
    /// They leave and come back.
    pub comes_back: bool,
    /// They stay muted from then on.
    pub stays_muted: bool,
    /// How they go.
    pub leaving: Leaving,
}

/// Why somebody is not connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hitch {
    /// The person did not allow it.
    PermissionDenied,
    /// There is no camera.
    DeviceMissing,
    /// Another program has it.
    DeviceInUse,
    /// What is offered cannot be answered.
    BadOffer,
    /// The network lets nothing through.
    NoWay,
}

/// What somebody does with a track and takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The microphone is off for a while.
    Mute,
    /// The camera is off for a while.
    CameraOff,
    /// Another camera from now on.
    SwitchCamera,
}

/// How somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// Before the call ends, and says so.
    First,
    /// Before the call ends, by closing the page.
    WithoutAWord,
    /// With the call.
    WithTheCall,
}

impl Hitch {
    /// As the API calls it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::PermissionDenied => "permission_denied",
            Self::DeviceMissing => "device_missing",
            Self::DeviceInUse => "device_in_use",
            Self::BadOffer => "bad_offer",
            Self::NoWay => "ice_failed",
        }
    }
}

/// What is going to happen.
pub fn meeting(random: &mut Random) -> Meeting {
    Meeting {
        customer: part(random),
        shopper: part(random),
        shares_screen: random.percent(SCREEN_PERCENT),
        colleague_comes: random.percent(COLLEAGUE_PERCENT),
        stays_s: random.between(STAYS_S.0, STAYS_S.1),
    }
}

fn part(random: &mut Random) -> Part {
    let hitches = [Hitch::PermissionDenied, Hitch::DeviceMissing, Hitch::DeviceInUse, Hitch::BadOffer, Hitch::NoWay];
    let turns = [(MUTES_PERCENT, Turn::Mute), (CAMERA_OFF_PERCENT, Turn::CameraOff), (SWITCHES_PERCENT, Turn::SwitchCamera)];
    Part {
        held_up: random.percent(HELD_UP_PERCENT).then(|| random.pick(&hitches)),
        turns: turns.into_iter().filter_map(|(percent, turn)| random.percent(percent).then_some(turn)).collect(),
        comes_back: random.percent(COMES_BACK_PERCENT),
        stays_muted: random.percent(STAYS_MUTED_PERCENT),
        leaving: match random.below(100) {
            below if below < LEAVES_PERCENT => Leaving::First,
            below if below < LEAVES_PERCENT + CLOSES_PERCENT => Leaving::WithoutAWord,
            _ => Leaving::WithTheCall,
        },
    }
}
