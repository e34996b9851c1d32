//! What a Rust type is as a stored column, there and back.

use crate::sql::{ColumnType, Value};
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;
use vitrina_domain::ids::{
    AccountId, AnswerId, ApiKeyId, CallId, ConversationId, CustomerId, ExportId, FileId, MediaSessionId, MessageId, NodeId, OrderId,
    ParticipantId, RecordingId, RoleId, SessionId, ShopperId, SubjectId, UserId, WebhookId,
};

/// A type that can be a column.
pub trait Field: Sized + Clone {
    /// As which type it is stored.
    const TYPE: ColumnType;
    /// Whether it may be absent.
    const NULLABLE: bool = false;

    /// As stored.
    fn to_value(&self) -> Value;
    /// From what is stored; `None` when that is not such a value.
    fn from_value(value: Value) -> Option<Self>;
}

impl<F: Field> Field for Option<F> {
    const TYPE: ColumnType = F::TYPE;
    const NULLABLE: bool = true;

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Field::to_value)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => F::from_value(value).map(Some),
        }
    }
}

impl Field for i64 {
    const TYPE: ColumnType = ColumnType::Int;

    fn to_value(&self) -> Value {
        Value::Int(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Int(n) = value { Some(n) } else { None }
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl Field for $number {
            const TYPE: ColumnType = ColumnType::Int;

            fn to_value(&self) -> Value {
                Value::Int(i64::from(*self))
            }

            fn from_value(value: Value) -> Option<Self> {
                i64::from_value(value).and_then(|n| n.try_into().ok())
            }
        }
    )*};
}
whole_numbers!(u8, i32, u32);

impl Field for bool {
    const TYPE: ColumnType = ColumnType::Int;

    fn to_value(&self) -> Value {
        Value::Int(i64::from(*self))
    }

    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(|n| n != 0)
    }
}

impl Field for String {
    const TYPE: ColumnType = ColumnType::Text;

    /// PostgreSQL's texts cannot hold the character NUL, which JSON can: it is left out, alike on both engines.
    fn to_value(&self) -> Value {
        Value::Text(if self.contains('\0') { self.replace('\0', "") } else { self.clone() })
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text) } else { None }
    }
}

/// Microseconds since 1970, UTC.
impl Field for DateTime<Utc> {
    const TYPE: ColumnType = ColumnType::Int;

    fn to_value(&self) -> Value {
        Value::Int(self.timestamp_micros())
    }

    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).and_then(Self::from_timestamp_micros)
    }
}

impl Field for Uuid {
    const TYPE: ColumnType = ColumnType::Bytes;

    fn to_value(&self) -> Value {
        Value::Bytes(self.as_bytes().to_vec())
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Bytes(bytes) = value { Self::from_slice(&bytes).ok() } else { None }
    }
}

macro_rules! ids {
    ($($id:ident),*) => {$(
        impl Field for $id {
            const TYPE: ColumnType = ColumnType::Bytes;

            fn to_value(&self) -> Value {
                self.0.to_value()
            }

            fn from_value(value: Value) -> Option<Self> {
                Uuid::from_value(value).map(Self)
            }
        }
    )*};
}
ids!(
    AccountId,
    AnswerId,
    ApiKeyId,
    CallId,
    ConversationId,
    CustomerId,
    SubjectId,
    ExportId,
    FileId,
    MediaSessionId,
    MessageId,
    NodeId,
    ParticipantId,
    OrderId,
    RecordingId,
    RoleId,
    SessionId,
    ShopperId,
    UserId,
    WebhookId
);

/// Kept as JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Json<T>(pub T);

impl<T: Serialize + DeserializeOwned + Clone> Field for Json<T> {
    const TYPE: ColumnType = ColumnType::Text;

    fn to_value(&self) -> Value {
        Value::Text(serde_json::to_string(&self.0).expect("plain data with string keys"))
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Text(text) = value { serde_json::from_str(&text).ok().map(Self) } else { None }
    }
}

/// An enum that is stored by its names.
pub trait Named {
    /// The name of this one.
    fn name(&self) -> &'static str;
}

/// Stores an enum by the names that its events have.
macro_rules! stored_names {
    ($($name:ty { $($variant:ident = $text:literal),+ $(,)? })+) => {$(
        impl $crate::table::Named for $name {
            fn name(&self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl $crate::table::Field for $name {
            const TYPE: $crate::sql::ColumnType = $crate::sql::ColumnType::Text;

            fn to_value(&self) -> $crate::sql::Value {
                $crate::sql::Value::Text($crate::table::Named::name(self).to_owned())
            }

            fn from_value(value: $crate::sql::Value) -> Option<Self> {
                let $crate::sql::Value::Text(text) = value else { return None };
                match text.as_str() { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    )+};
}
pub(crate) use stored_names;
