//! Commands of a call.

use super::{CancelReason, Device, EndReason, MediaAction, Platform, RecordingAction};
use crate::{
    cart::CartLine,
    ids::{AnswerId, ConnectionId, ConversationId, CustomerId, ShopperId},
    product::Product,
    routing::{Decided, Failed},
    survey::{Ballot, Publicity},
};
use chrono::{DateTime, Utc};

/// What a call is about, as it comes in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// Who it is for.
    pub customer_id: CustomerId,
    /// The conversation that it owns.
    pub conversation_id: ConversationId,
    /// What it is about.
    pub product: Option<Product>,
    /// Where the shop runs.
    pub platform: Platform,
    /// The customer's device.
    pub device: Device,
    /// BCP 47 tag of the customer's language.
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Collections asked for.
    pub collections: Vec<String>,
    /// Higher is served first; 0 is ordinary.
    pub priority: i32,
}

/// Why a claim is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseCause {
    /// The shopper gives it back.
    ByHand,
    /// The shopper did not start in time; nothing happens when `holder` does not hold a claim any more.
    TimedOut {
        /// Whose claim it was when the timer was set.
        holder: ShopperId,
    },
}

/// Whether work follows the live part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrapUp {
    /// None: the call is finished at once.
    Skip,
    /// The call stays with its shopper until [`CallAction::Finish`].
    Keep,
}

/// What can be asked of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum CallAction {
    /// A customer asks for a person. [`Self::Queue`] or [`Self::Schedule`] follows.
    Request(Box<Details>),
    /// A shopper sets up a private call.
    Create {
        /// Who will hold it.
        shopper_id: ShopperId,
        /// What it is about.
        details: Box<Details>,
    },
    /// Makes or moves the appointment.
    Schedule {
        /// Begin.
        starts_at: DateTime<Utc>,
        /// End.
        ends_at: DateTime<Utc>,
        /// IANA zone that it was agreed in.
        zone: String,
    },
    /// The customer waits from now on.
    Queue,
    /// A shopper takes it: Join. Exclusive.
    Claim {
        /// Who takes it.
        shopper_id: ShopperId,
        /// When the claim ends if the call has not started. Counts for a customer who waits; an appointment has its own time.
        start_by: Option<DateTime<Utc>>,
    },
    /// Keeps what the router decided for it.
    Decide {
        /// Who was chosen, and why.
        decided: Box<Decided>,
    },
    /// Keeps that the router found nobody; nothing happens when the reason is known.
    FailRouting {
        /// Why.
        failed: Failed,
    },
    /// Asks a shopper to take it.
    Offer {
        /// Who is asked.
        shopper_id: ShopperId,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// The shopper who is asked takes it.
    AcceptOffer {
        /// Who.
        shopper_id: ShopperId,
        /// When the claim ends if the call has not started.
        start_by: Option<DateTime<Utc>>,
    },
    /// The shopper who is asked does not take it.
    DeclineOffer {
        /// Who.
        shopper_id: ShopperId,
    },
    /// The offer's time has come; nothing happens when it does not stand any more.
    ExpireOffer {
        /// Who was asked.
        shopper_id: ShopperId,
    },
    /// The customer's device is there.
    ConnectCustomer {
        /// The connection.
        connection_id: ConnectionId,
    },
    /// The customer's device is lost; nothing happens when another one has come since.
    DisconnectCustomer {
        /// The connection.
        connection_id: ConnectionId,
        /// Until when the customer may come back.
        until: Option<DateTime<Utc>>,
    },
    /// The customer has not come back in time; nothing happens when they have.
    LoseCustomer {
        /// The connection that was lost.
        connection_id: ConnectionId,
    },
    /// The shopper who holds it is gone for good, and nobody else of the house is in it: the customer waits again.
    LoseShopper {
        /// Who is gone; nothing follows when somebody else holds it by now.
        shopper_id: ShopperId,
    },
    /// The appointment's time has passed and the call has not begun; nothing happens when it has, or was moved.
    NoShow {
        /// The begin of the appointment that is meant.
        starts_at: DateTime<Utc>,
    },
    /// The claim is given up and the customer waits again.
    Release {
        /// Why.
        cause: ReleaseCause,
    },
    /// Its holder goes live: Start.
    Start,
    /// Asks another shopper in.
    Invite {
        /// Who takes part from now on.
        shopper_id: ShopperId,
    },
    /// Hands the call to another shopper.
    Transfer {
        /// Who holds it from now on.
        to: ShopperId,
    },
    /// Ends the live part.
    End {
        /// Why.
        reason: EndReason,
        /// Whether work follows.
        wrap_up: WrapUp,
    },
    /// Ends the wrap-up.
    Finish,
    /// It will not take place.
    Cancel {
        /// Why.
        reason: CancelReason,
    },
    /// Puts a finished or cancelled call away.
    Archive,
    /// Takes it out again.
    Unarchive,
    /// Shows a product to the customer.
    ShowProduct {
        /// What is shown.
        product: Box<Product>,
    },
    /// Puts something into a cart; the same SKU adds up.
    AddToCart {
        /// The shop's cart (VTEX `orderFormId`).
        cart_id: String,
        /// What comes in; `quantity` is how many.
        line: Box<CartLine>,
    },
    /// Changes a line's quantity.
    UpdateCartItem {
        /// The shop's cart; may be left out while only one cart of the call has the line.
        cart_id: Option<String>,
        /// The line.
        sku: String,
        /// How many from now on, at least 1.
        quantity: u32,
    },
    /// Takes a line out.
    RemoveCartItem {
        /// The shop's cart; may be left out while only one cart of the call has the line.
        cart_id: Option<String>,
        /// The line.
        sku: String,
    },
    /// The customer rates.
    Rate {
        /// The id that the answer gets.
        answer_id: AnswerId,
        /// The answer.
        ballot: Ballot,
    },
    /// The survey was put before the customer; nothing happens when that is known, or they have answered.
    SendSurvey,
    /// Hides the rating from the public, or shows it again; nothing happens when it is so already.
    ShowRating {
        /// The answer.
        answer_id: AnswerId,
        /// What the public sees of it from now on.
        publicity: Publicity,
    },
    /// Something about its media.
    Media(MediaAction),
    /// Something about its recordings.
    Recording(RecordingAction),
}

impl CallAction {
    /// The action's name in the API, for refusals.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::Create { .. } => "create",
            Self::Schedule { .. } => "schedule",
            Self::Queue => "queue",
            Self::Claim { .. } => "claim",
            Self::Decide { .. } => "decide",
            Self::FailRouting { .. } => "fail_routing",
            Self::Offer { .. } => "offer",
            Self::AcceptOffer { .. } => "accept",
            Self::DeclineOffer { .. } => "decline",
            Self::ExpireOffer { .. } => "expire_offer",
            Self::ConnectCustomer { .. } => "connect",
            Self::DisconnectCustomer { .. } => "disconnect",
            Self::LoseCustomer { .. } => "lose_customer",
            Self::LoseShopper { .. } => "lose_shopper",
            Self::NoShow { .. } => "no_show",
            Self::Release { .. } => "release",
            Self::Start => "start",
            Self::Invite { .. } => "invite",
            Self::Transfer { .. } => "transfer",
            Self::End { .. } => "end",
            Self::Finish => "finish",
            Self::Cancel { .. } => "cancel",
            Self::Archive => "archive",
            Self::Unarchive => "unarchive",
            Self::ShowProduct { .. } => "show_product",
            Self::AddToCart { .. } => "add_to_cart",
            Self::UpdateCartItem { .. } => "update_cart_item",
            Self::RemoveCartItem { .. } => "remove_cart_item",
            Self::Rate { .. } => "rate",
            Self::SendSurvey => "send_survey",
            Self::ShowRating { publicity: Publicity::Internal, .. } => "hide_rating",
            Self::ShowRating { publicity: Publicity::Public, .. } => "show_rating",
            Self::Media(action) => action.name(),
            Self::Recording(action) => action.name(),
        }
    }
}
