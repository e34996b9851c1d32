//! What an export answers to its commands.

use super::{Deleted, Downloaded, Export, ExportAction, ExportEvent, Failed, Requested, Streamed};
use crate::{aggregate::Aggregate, order::Order, refusal::Refusal, stream::Category};

impl Aggregate for Export {
    const CATEGORY: Category = Category::Export;
    type Action = ExportAction;

    fn decide(&self, order: &Order<ExportAction>) -> Result<Vec<ExportEvent>, Refusal> {
        use ExportAction::{Complete, Delete, Download, Fail, Request, Stream};
        Ok(match (self, &order.command) {
            (Self::Absent, Stream(question)) => vec![ExportEvent::Streamed(Streamed { question: question.clone() })],
            (Self::Absent, Request(question, process)) => {
                vec![ExportEvent::Requested(Requested { question: question.clone(), process: process.number() })]
            }
            (_, Stream(_) | Request(..)) => return Err(Refusal::AlreadyExists),
            // What was streamed is no job: there is nothing to be done about it.
            (Self::Absent | Self::Streamed, _) => return Err(Refusal::NotFound),
            (Self::Requested, Complete(completed)) => vec![ExportEvent::Completed(completed.clone())],
            (Self::Requested, Fail(reason)) => vec![ExportEvent::Failed(Failed { reason: *reason })],
            (_, Complete(_) | Fail(_)) => vec![],
            (Self::Ready, Download) => vec![ExportEvent::Downloaded(Downloaded {})],
            (_, Download) => return Err(Refusal::IllegalTransition { state: self.state_name(), action: "download" }),
            (Self::Deleted, Delete(_)) => vec![],
            (_, Delete(cause)) => vec![ExportEvent::Deleted(Deleted { cause: *cause })],
        })
    }

    fn state_name(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Streamed => "streamed",
            Self::Requested => "requested",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
        }
    }
}
