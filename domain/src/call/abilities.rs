//! What each side may do in a call: the one table of it (PRODUCT.md V33, V34). The aggregate, the media rooms and the pages
//! ask here; nobody keeps a list of their own.

use super::CallAction;
use crate::actor::Actor;
use serde::{Deserialize, Serialize};

/// One of the two sides of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Who is served.
    Customer,
    /// Who serves: the shopper, and whoever of the house acts for one.
    Shopper,
}

/// Something that is done in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ability {
    /// Mute and unmute the microphone.
    Microphone,
    /// Turn the camera on, off, or to the other one.
    Camera,
    /// Copy the link, so that others can join.
    CopyLink,
    /// Write in the chat.
    Chat,
    /// Share files in the chat.
    ShareFiles,
    /// End the call.
    EndCall,
    /// Put products into the cart, change and remove them.
    FillCart,
    /// Share the screen or one application.
    ShareScreen,
    /// Search the catalogue.
    SearchProducts,
    /// Show a product to the other side.
    ShowProducts,
    /// Answer the satisfaction survey.
    Rate,
    /// Pick a variant of the product that is shown and add it, from its highlight.
    BuyFromHighlight,
    /// Watch in a small window beside the shop.
    PictureInPicture,
}

const BOTH: &[Side] = &[Side::Customer, Side::Shopper];

/// Who may do what.
pub const TABLE: [(Ability, &[Side]); 13] = [
    (Ability::Microphone, BOTH),
    (Ability::Camera, BOTH),
    (Ability::CopyLink, BOTH),
    (Ability::Chat, BOTH),
    (Ability::ShareFiles, BOTH),
    (Ability::EndCall, BOTH),
    (Ability::FillCart, BOTH),
    (Ability::ShareScreen, &[Side::Shopper]),
    (Ability::SearchProducts, &[Side::Shopper]),
    (Ability::ShowProducts, &[Side::Shopper]),
    (Ability::Rate, &[Side::Customer]),
    (Ability::BuyFromHighlight, &[Side::Customer]),
    (Ability::PictureInPicture, &[Side::Customer]),
];

impl Side {
    /// The side that the actor is on; the system is on none and stands above.
    pub const fn of(actor: &Actor) -> Option<Self> {
        match actor {
            Actor::Customer(_) => Some(Self::Customer),
            Actor::Shopper(_) | Actor::User(_) | Actor::ApiKey(_) => Some(Self::Shopper),
            Actor::System(_) => None,
        }
    }

    /// Whether this side may do it.
    pub fn may(self, ability: Ability) -> bool {
        TABLE.iter().any(|(one, sides)| *one == ability && sides.contains(&self))
    }
}

impl Ability {
    /// What the action takes, of those that happen in a call.
    pub(super) const fn of(action: &CallAction) -> Option<Self> {
        match action {
            CallAction::ShowProduct { .. } => Some(Self::ShowProducts),
            CallAction::Rate { .. } => Some(Self::Rate),
            CallAction::End { .. } => Some(Self::EndCall),
            CallAction::AddToCart { .. } | CallAction::UpdateCartItem { .. } | CallAction::RemoveCartItem { .. } => Some(Self::FillCart),
            _ => None,
        }
    }
}
