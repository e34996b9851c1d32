//! What a list tells beside each thing: its row of the file of the same definition, column for column, so that list and file never differ
//! and whoever reads a list has names, answers and sums without another request.

use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::SchemaType},
};
use vitrina_projections::export::{CALLS, CONVERSATIONS, Definition, ORDERS, RATINGS};

/// Declares what a row of a definition looks like in an answer.
macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident of $definition:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        #[serde(transparent)]
        pub(crate) struct $name(Box<RawValue>);

        impl From<Box<RawValue>> for $name {
            fn from(row: Box<RawValue>) -> Self {
                Self(row)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                columns(&$definition)
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )*};
}

rows! {
    /// A line of the call history.
    CallRowView of CALLS;
    /// A line of the register of conversations.
    ConversationRowView of CONVERSATIONS;
    /// A line of the orders.
    OrderRowView of ORDERS;
    /// A line of the answers.
    RatingRowView of RATINGS;
}

/// One member for each column, with its heading.
fn columns(definition: &Definition) -> RefOr<Schema> {
    let about = format!("As in `/v1/exports/{}?format=jsonl`: version {} of its columns.", definition.name, definition.version);
    let row = definition.columns.iter().fold(ObjectBuilder::new().description(Some(about)), |row, column| {
        let value = ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(Some(column.headings[0]));
        row.property(column.name, value).required(column.name)
    });
    row.into()
}
