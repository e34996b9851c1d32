//! Events of a call.

use super::{media, recording};
use crate::{
    cart::CartLine,
    event::events,
    ids::{ConnectionId, ConversationId, CustomerId, ShopperId},
    product::Product,
    routing::{Decided, Failed},
    survey::{Answered, Sent, Shown, Superseded},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

events! {
    /// What happened to a call.
    CallEvent {
        /// A customer asked for a person (V29).
        Requested(Opened) = "call.requested", 1;
        /// A shopper set up a private call (V26).
        Created(Opened) = "call.created", 1;
        /// An appointment was made.
        Scheduled(Scheduled) = "call.scheduled", 1;
        /// The appointment was moved.
        Rescheduled(Scheduled) = "call.rescheduled", 1;
        /// The customer waits.
        Queued(Queued) = "call.queued", 1;
        /// A shopper was asked to take it.
        Offered(Offered) = "call.offered", 1;
        /// The shopper said no.
        OfferDeclined(OfferDeclined) = "call.offer_declined", 1;
        /// The shopper did not answer in time.
        OfferExpired(OfferDeclined) = "call.offer_expired", 1;
        /// The router chose a shopper.
        RoutingDecided(Decided) = "routing.decided", 1;
        /// The router found nobody; told when the reason changes.
        RoutingFailed(Failed) = "routing.failed", 1;
        /// The customer's device is there.
        CustomerConnected(CustomerConnected) = "call.customer_connected", 1;
        /// The customer's device is lost.
        CustomerDisconnected(CustomerDisconnected) = "call.customer_disconnected", 1;
        /// A shopper took it: Join (V31).
        Claimed(Claimed) = "call.claimed", 1;
        /// The shopper did not start in time, or gave it back.
        ClaimExpired(ClaimExpired) = "call.claim_expired", 1;
        /// It went live: Start (V31).
        Started(Started) = "call.started", 1;
        /// Another shopper was asked in, or joined (V43).
        ParticipantInvited(ParticipantInvited) = "call.participant_invited", 1;
        /// The call was handed to another shopper.
        Transferred(Transferred) = "call.transferred", 1;
        /// The live part is over.
        Ended(Ended) = "call.ended", 1;
        /// All work on it is done.
        Finished(Finished) = "call.finished", 1;
        /// It will not take place.
        Cancelled(Cancelled) = "call.cancelled", 1;
        /// Put away.
        Archived(Archived) = "call.archived", 1;
        /// Taken out again.
        Unarchived(Archived) = "call.unarchived", 1;
        /// A product was shown to the customer.
        ProductShown(ProductShown) = "product.shown", 1;
        /// A line came into the cart.
        CartItemAdded(CartItemAdded) = "cart.item_added", 1;
        /// A line's quantity was changed.
        CartItemUpdated(CartItemUpdated) = "cart.item_updated", 1;
        /// A line was taken out.
        CartItemRemoved(CartItemRemoved) = "cart.item_removed", 1;
        /// The customer rated.
        SurveyAnswered(Answered) = "survey.answered", 1;
        /// An earlier rating was replaced.
        SurveySuperseded(Superseded) = "survey.superseded", 1;
        /// The customer was asked.
        SurveySent(Sent) = "survey.sent", 1;
        /// The public sees the rating no more (L17).
        SurveyHidden(Shown) = "survey.hidden", 1;
        /// The public sees it again.
        SurveyPublished(Shown) = "survey.published", 1;
        /// The customer consents (V13).
        ConsentGiven(media::ConsentGiven) = "consent.given", 1;
        /// The customer does not any more.
        ConsentWithdrawn(media::ConsentWithdrawn) = "consent.withdrawn", 1;
        /// Somebody was given a token for the call's media.
        MediaTokenIssued(media::TokenIssued) = "media.token_issued", 1;
        /// The call's media is on a node from now on.
        MediaSessionOpened(media::SessionOpened) = "media.session_opened", 1;
        /// Somebody's media is connected.
        MediaParticipantJoined(media::ParticipantJoined) = "media.participant_joined", 1;
        /// Somebody's media could not be connected (V32).
        MediaJoinFailed(media::JoinFailed) = "media.join_failed", 1;
        /// Somebody's media has ended.
        MediaParticipantLeft(media::ParticipantLeft) = "media.participant_left", 1;
        /// A track begins.
        MediaTrackPublished(media::TrackOf) = "media.track_published", 1;
        /// A track has ended.
        MediaTrackUnpublished(media::TrackOf) = "media.track_unpublished", 1;
        /// Somebody's microphone is muted (V33a).
        MediaMicMuted(media::ByParticipant) = "media.mic_muted", 1;
        /// It is not any more.
        MediaMicUnmuted(media::ByParticipant) = "media.mic_unmuted", 1;
        /// Somebody's camera is on again (V33b).
        MediaCameraOn(media::ByParticipant) = "media.camera_on", 1;
        /// It is off.
        MediaCameraOff(media::ByParticipant) = "media.camera_off", 1;
        /// It is another one now (V33c).
        MediaCameraSwitched(media::ByParticipant) = "media.camera_switched", 1;
        /// A screen is shared (V33d).
        MediaScreenShareStarted(media::ByParticipant) = "media.screen_share_started", 1;
        /// It is not any more.
        MediaScreenShareStopped(media::ByParticipant) = "media.screen_share_stopped", 1;
        /// The call's media is nowhere any more.
        MediaSessionClosed(media::SessionClosed) = "media.session_closed", 1;
        /// The call is recorded from now on, or not any more.
        RecordingSwitched(recording::Switched) = "recording.switched", 1;
        /// A file has begun.
        RecordingStarted(recording::RecordingStarted) = "recording.started", 1;
        /// It is whole.
        RecordingStopped(recording::RecordingStopped) = "recording.stopped", 1;
        /// It can be fetched.
        RecordingReady(recording::RecordingReady) = "recording.ready", 1;
        /// It came to nothing.
        RecordingFailed(recording::RecordingFailed) = "recording.failed", 1;
        /// Nobody knows where it is.
        RecordingLost(recording::OfRecording) = "recording.lost", 1;
        /// Somebody fetched it.
        RecordingDownloaded(recording::OfRecording) = "recording.downloaded", 1;
        /// It is no more.
        RecordingDeleted(recording::RecordingDeleted) = "recording.deleted", 1;
    }
}

/// Where the customer's shop runs (V26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Any site.
    #[default]
    Web,
    /// VTEX IO.
    VtexIo,
    /// VTEX Portal.
    VtexPortal,
}

/// The customer's device (PRODUCT.md 5.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// A phone.
    Mobile,
    /// A tablet.
    Tablet,
    /// A desktop or laptop.
    Desktop,
    /// Not told.
    #[default]
    Unknown,
}

impl Device {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Tablet => "tablet",
            Self::Desktop => "desktop",
            Self::Unknown => "unknown",
        }
    }
}

/// `call.requested` and `call.created`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Who it is for.
    pub customer_id: CustomerId,
    /// The conversation that it owns.
    pub conversation_id: ConversationId,
    /// The shopper who set it up, for a private call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shopper_id: Option<ShopperId>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Product>,
    /// Where the shop runs.
    #[serde(default)]
    pub platform: Platform,
    /// The customer's device.
    #[serde(default)]
    pub device: Device,
    /// BCP 47 tag of the customer's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Collections asked for; routing looks for a specialist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<String>,
    /// Higher is served first; 0 is ordinary.
    #[serde(default)]
    pub priority: i32,
}

/// `call.scheduled` and `call.rescheduled`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// Begin.
    pub starts_at: DateTime<Utc>,
    /// End, later than the begin.
    pub ends_at: DateTime<Utc>,
    /// IANA zone that it was agreed in.
    pub zone: String,
    /// iCalendar SEQUENCE: 0 first, then one more for each change (PRODUCT.md 5.9).
    pub sequence: u32,
}

/// Why a call waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueReason {
    /// The customer asked.
    Requested,
    /// The appointment's time came and the customer is there.
    Scheduled,
    /// The shopper did not start in time.
    ClaimExpired,
    /// The shopper gave it back.
    Released,
    /// The shopper's device was lost and did not come back in time, also in the middle of the talk.
    ShopperLost,
}

/// `call.queued`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queued {
    /// Why it waits.
    pub reason: QueueReason,
}

/// `call.offered`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// Who is asked.
    pub shopper_id: ShopperId,
    /// Until when the offer stands.
    pub until: DateTime<Utc>,
}

/// `call.offer_declined` and `call.offer_expired`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferDeclined {
    /// Who was asked.
    pub shopper_id: ShopperId,
}

/// `call.customer_connected`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerConnected {
    /// This connection.
    pub connection_id: ConnectionId,
}

/// `call.customer_disconnected`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerDisconnected {
    /// The connection that was lost.
    pub connection_id: ConnectionId,
    /// Until when the customer may come back; absent where that is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// `call.claimed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claimed {
    /// Who holds it.
    pub shopper_id: ShopperId,
    /// When the claim ends if the call has not started; absent where it does not end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_by: Option<DateTime<Utc>>,
}

/// `call.claim_expired`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimExpired {
    /// Who held it.
    pub shopper_id: ShopperId,
}

/// `call.started`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// Who holds it.
    pub shopper_id: ShopperId,
}

/// `call.participant_invited`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantInvited {
    /// Who takes part from now on.
    pub shopper_id: ShopperId,
}

/// `call.transferred`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transferred {
    /// Who held it.
    pub from: ShopperId,
    /// Who holds it from now on.
    pub to: ShopperId,
}

/// Why the live part ended, and so why the call is finished (PRODUCT.md 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The customer hung up.
    CustomerHangup,
    /// The shopper hung up.
    ShopperHangup,
    /// The connection was lost and did not come back.
    LinkLost,
    /// A limit of the plan or of the call was reached.
    Limit,
}

/// `call.ended`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Why.
    pub reason: EndReason,
}

/// `call.finished`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// Why the live part had ended.
    pub reason: EndReason,
}

/// Why a call does not take place (PRODUCT.md 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The customer said so.
    ByCustomer,
    /// The shopper said so.
    ByShopper,
    /// Somebody with the right said so.
    ByAdmin,
    /// The customer did not come.
    NoShowCustomer,
    /// The shopper did not come.
    NoShowShopper,
    /// Its time has passed.
    Expired,
    /// The customer left the queue without a word.
    AbandonedInQueue,
    /// Nobody could come.
    NoAgent,
    /// A rule of the system.
    System,
}

/// `call.cancelled`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Why.
    pub reason: CancelReason,
}

/// `call.archived` and `call.unarchived`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Archived {}

/// `product.shown`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProductShown {
    /// What was shown.
    pub product: Product,
}

/// `cart.item_added`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CartItemAdded {
    /// The shop's cart (VTEX `orderFormId`).
    pub cart_id: String,
    /// What was added; `quantity` is how many came in.
    pub line: CartLine,
}

/// `cart.item_updated`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CartItemUpdated {
    /// The shop's cart.
    pub cart_id: String,
    /// The line.
    pub sku: String,
    /// How many there were.
    pub from: u32,
    /// How many there are, at least 1.
    pub to: u32,
}

/// `cart.item_removed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CartItemRemoved {
    /// The shop's cart.
    pub cart_id: String,
    /// The line.
    pub sku: String,
    /// How many there were.
    pub quantity: u32,
}
