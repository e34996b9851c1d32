//! Events: how a set of them is declared, and the union of all sets.
//!
//! The stored type is dotted and in the past tense (PRODUCT.md 5.14); the schema version is an integer that rises when
//! the stored shape changes, with an upcaster in `eventlog::upcast` for each step.

use crate::stream::Category;
use serde_json::Value;

/// A payload that does not decode into the event that its type names.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No event of this category has that type.
    #[error("unknown event type {0}")]
    UnknownType(String),
    /// The payload's shape is not the type's.
    #[error("payload of {event_type} does not decode")]
    Payload {
        /// The event's type.
        event_type: String,
        /// What serde says.
        #[source]
        source: serde_json::Error,
    },
}

/// The events of one aggregate.
pub trait EventSet: Sized {
    /// Every (type, current schema version) of the set.
    const TYPES: &'static [(&'static str, u16)];

    /// The stored type, such as `call.claimed`.
    fn event_type(&self) -> &'static str;
    /// The schema version that this build writes.
    fn schema_version(&self) -> u16;
    /// The payload as JSON, personal values in clear under their mark.
    fn payload(&self) -> Value;
    /// The event of this type and payload (of the current schema version).
    ///
    /// # Errors
    /// [`DecodeError`] when the type is unknown or the payload has another shape.
    fn decode(event_type: &str, payload: Value) -> Result<Self, DecodeError>;
}

/// Declares the events of an aggregate: the enum, its stored types and versions, encoding, and cqrs-es's `DomainEvent`.
macro_rules! events {
    ($(#[$doc:meta])* $name:ident { $( $(#[$vdoc:meta])* $variant:ident($body:ty) = $type:literal, $version:literal; )* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "type", content = "data")]
        pub enum $name { $( $(#[$vdoc])* #[serde(rename = $type)] $variant($body), )* }

        impl $crate::event::EventSet for $name {
            const TYPES: &'static [(&'static str, u16)] = &[$(($type, $version)),*];

            fn event_type(&self) -> &'static str {
                match self { $(Self::$variant(_) => $type),* }
            }

            fn schema_version(&self) -> u16 {
                match self { $(Self::$variant(_) => $version),* }
            }

            fn payload(&self) -> serde_json::Value {
                match self {
                    $(Self::$variant(body) => serde_json::to_value(body).expect("event bodies are plain data with string keys")),*
                }
            }

            fn decode(event_type: &str, payload: serde_json::Value) -> Result<Self, $crate::event::DecodeError> {
                match event_type {
                    $($type => serde_json::from_value::<$body>(payload).map(Self::$variant).map_err(|source| {
                        $crate::event::DecodeError::Payload { event_type: event_type.to_owned(), source }
                    }),)*
                    other => Err($crate::event::DecodeError::UnknownType(other.to_owned())),
                }
            }
        }

        impl cqrs_es::DomainEvent for $name {
            fn event_type(&self) -> String {
                $crate::event::EventSet::event_type(self).to_owned()
            }

            fn event_version(&self) -> String {
                $crate::event::EventSet::schema_version(self).to_string()
            }
        }
    };
}
pub(crate) use events;

macro_rules! union {
    ($($variant:ident($set:ty)),* $(,)?) => {
        /// Any event of the product, decoded.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Event { $(#[doc = concat!("Of the ", stringify!($variant), " aggregate.")] $variant($set)),* }

        impl Event {
            /// The stored type, such as `call.claimed`.
            pub fn event_type(&self) -> &'static str {
                match self { $(Self::$variant(e) => EventSet::event_type(e)),* }
            }

            /// The category of the stream that it is in.
            pub fn category(&self) -> Category {
                match self { $(Self::$variant(_) => Category::$variant),* }
            }

            /// The schema version that this build writes.
            pub fn schema_version(&self) -> u16 {
                match self { $(Self::$variant(e) => e.schema_version()),* }
            }

            /// The payload as JSON, personal values in clear under their mark.
            pub fn payload(&self) -> Value {
                match self { $(Self::$variant(e) => e.payload()),* }
            }

            /// The event of this category, type and payload (of the current schema version).
            ///
            /// # Errors
            /// [`DecodeError`] when the type is unknown or the payload has another shape.
            pub fn decode(category: Category, event_type: &str, payload: Value) -> Result<Self, DecodeError> {
                match category { $(Category::$variant => <$set>::decode(event_type, payload).map(Self::$variant)),* }
            }

            /// Every (category, type, current schema version).
            pub fn catalogue() -> Vec<(Category, &'static str, u16)> {
                let mut all = Vec::new();
                $(all.extend(<$set>::TYPES.iter().map(|(t, v)| (Category::$variant, *t, *v)));)*
                all
            }
        }
        $(impl From<$set> for Event {
            fn from(event: $set) -> Self { Self::$variant(event) }
        })*
    };
}

union! {
    Account(crate::account::AccountEvent),
    User(crate::user::UserEvent),
    Shopper(crate::shopper::ShopperEvent),
    Customer(crate::customer::CustomerEvent),
    Call(crate::call::CallEvent),
    Conversation(crate::conversation::ConversationEvent),
    Role(crate::role::RoleEvent),
    ApiKey(crate::api_key::ApiKeyEvent),
    Order(crate::purchase::PurchaseEvent),
    Export(crate::export::ExportEvent),
    Webhook(crate::webhook::WebhookEvent),
    Log(crate::log::LogEvent),
    Subject(crate::subject::SubjectEvent),
    Retention(crate::retention::RetentionEvent),
}
