//! The read side: read models that are folded from the log, and the queries on them.
//!
//! Layout: one file or folder per read model ([`queue`], [`shoppers`], [`customers`], [`users`], [`roles`], [`api_keys`],
//! [`audit`], [`accounts`], [`calls`], [`media`], [`conversations`], [`messages`], [`ratings`], [`tags`], [`floor`],
//! [`orders`], [`report`], [`export_jobs`], [`proofs`], [`erasures`]) with its rows, its projection
//! and its queries. Under them: [`table`] says
//! what a row is, [`fold`] turns events into changes of rows, [`runner`] follows the log and writes them, [`sql`] speaks to
//! SQLite and PostgreSQL with one text.
//!
//! [`transcript`] reads one conversation and all around it as one value; [`document`] is what such values are put into words as, for
//! HTML here and PDF in a crate of its own (`vitrina-pdf`), so that nobody else waits for fonts to compile. [`integrity`] asks whether
//! the read models agree with each other. [`search`] finds rows by words.
//!
//! Every query takes the account first and a position: its answer is what was true there, for ever the same. Only the
//! runner writes read models, and all of them can be dropped and made again from the log at any time.

pub mod accounts;
pub mod api_keys;
pub mod asked;
pub mod audit;
pub mod calls;
pub mod chart;
pub mod contents;
pub mod conversations;
pub mod customers;
pub mod document;
pub mod erasures;
pub mod error;
pub mod export;
pub mod export_jobs;
pub mod floor;
pub mod fold;
mod folded;
pub mod integrity;
pub mod media;
pub mod messages;
pub mod orders;
pub mod proofs;
pub mod queue;
pub mod ratings;
pub mod recordings;
pub mod report;
pub mod roles;
pub mod runner;
pub mod search;
pub mod shoppers;
pub mod sql;
pub mod table;
pub mod tags;
pub mod transcript;
pub mod users;
pub mod webhooks;

pub use asked::{Kind, Newest, Page, Period};
pub use error::{Error, Result};
pub use runner::Runner;
pub use search::Needle;
pub use sql::Store;
pub use table::At;

use fold::Projection;
use std::sync::Arc;

/// Every projection. A new read model is a new file and a line here.
pub fn all() -> Vec<Arc<dyn Projection>> {
    vec![
        Arc::new(accounts::AccountsProjection),
        Arc::new(users::UsersProjection),
        Arc::new(roles::RolesProjection),
        Arc::new(api_keys::ApiKeysProjection),
        Arc::new(audit::AuditProjection),
        Arc::new(shoppers::ShoppersProjection),
        Arc::new(customers::CustomersProjection),
        Arc::new(queue::QueueProjection),
        Arc::new(calls::CallsProjection),
        Arc::new(media::MediaProjection),
        Arc::new(recordings::RecordingsProjection),
        Arc::new(conversations::ConversationsProjection),
        Arc::new(messages::MessagesProjection),
        Arc::new(ratings::RatingsProjection),
        Arc::new(tags::TagsProjection),
        Arc::new(floor::FloorProjection),
        Arc::new(orders::OrdersProjection),
        Arc::new(report::ReportProjection),
        Arc::new(export_jobs::ExportJobsProjection),
        Arc::new(webhooks::WebhooksProjection),
        Arc::new(proofs::ProofsProjection),
        Arc::new(erasures::ErasuresProjection),
        Arc::new(contents::ContentsProjection),
    ]
}

/// Every statement that a query runs, for the test that prepares them on both engines.
pub fn statements() -> Vec<&'static str> {
    let plain = [
        accounts::STATEMENTS,
        users::STATEMENTS,
        roles::STATEMENTS,
        api_keys::STATEMENTS,
        audit::STATEMENTS,
        shoppers::STATEMENTS,
        customers::STATEMENTS,
        queue::STATEMENTS,
        media::STATEMENTS,
        recordings::STATEMENTS,
        messages::STATEMENTS,
        ratings::STATEMENTS,
        tags::STATEMENTS,
        floor::STATEMENTS,
        orders::STATEMENTS,
        report::STATEMENTS,
        report::PUBLIC_STATEMENTS,
        report::PLAN_STATEMENTS,
        report::OPEN_STATEMENTS,
        report::WAITING_STATEMENTS,
        export_jobs::STATEMENTS,
        webhooks::STATEMENTS,
        proofs::STATEMENTS,
        erasures::STATEMENTS,
        contents::STATEMENTS,
    ];
    [plain.concat(), integrity::STATEMENTS.concat(), calls::statements(), conversations::statements(), export::statements()].concat()
}

#[cfg(test)]
mod tests;
