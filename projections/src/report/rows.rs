//! The tables of reports.

use crate::table::{Json, stored_names, table};
use chrono::{DateTime, Utc};
use uuid::Uuid;
use vitrina_domain::{
    call::Device,
    ids::{AccountId, CallId, ConversationId, CustomerId, ShopperId},
    report::{Book, Measure},
};
use vitrina_eventlog::Environment;

stored_names! {
    Environment { Production = "production", Test = "test" }
}

impl crate::table::Field for Measure {
    const TYPE: crate::sql::ColumnType = crate::sql::ColumnType::Text;

    fn to_value(&self) -> crate::sql::Value {
        crate::sql::Value::Text(self.as_str().to_owned())
    }

    fn from_value(value: crate::sql::Value) -> Option<Self> {
        if let crate::sql::Value::Text(text) = value { text.parse().ok() } else { None }
    }
}

impl FactRow {
    /// Whether an order's events made it: its stream is the order then.
    pub fn is_of_order(&self) -> bool {
        self.event_type.starts_with("order.")
    }
}

table! {
    /// What of a stream later facts need.
    pub struct BookRow in "report_books" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The stream.
            stream_id: Uuid,
        }
        columns {
            /// Of the stream's first event, so that all its facts are of one.
            environment: Environment,
            /// The book.
            book: Json<Book>,
        }
    }
}

table! {
    /// One countable thing.
    pub struct FactRow in "report_facts" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// What is counted.
            measure: Measure,
            /// The instant to which it belongs.
            anchor: DateTime<Utc>,
            /// The stream whose events made it.
            stream_id: Uuid,
            /// Which of several of the measure in this stream.
            part: u32,
        }
        columns {
            /// In the measure's unit; 1 of what is just counted.
            value: i64,
            /// The event that made it.
            position: i64,
            /// Its type.
            event_type: String,
            /// The event from which it was counted, where that is another one.
            begun_position: Option<i64>,
            /// To whom it is credited.
            shopper_id: Option<ShopperId>,
            /// The call.
            call_id: Option<CallId>,
            /// The conversation.
            conversation_id: Option<ConversationId>,
            /// The customer.
            customer_id: Option<CustomerId>,
            /// The customer's device.
            device: Option<Device>,
            /// How the customer writes.
            channel: Option<String>,
            /// ISO 4217 code of amounts.
            currency: Option<String>,
            /// What the measure says that it is.
            detail: Option<String>,
            /// Whether real customers are concerned.
            environment: Environment,
        }
    }
}
