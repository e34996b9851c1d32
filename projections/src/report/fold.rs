//! From events to facts: the books of the domain do it, their changes become rows.

use super::{BookRow, FactRow};
use crate::{
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    table::{Json, Table},
};
use uuid::Uuid;
use vitrina_domain::{
    event::Event,
    ids::AccountId,
    report::{About, Book, Change, Fact, FactKey, Told},
};
use vitrina_eventlog::{Decoded, Environment};

/// Keeps what reports count.
pub struct ReportProjection;

impl Projection for ReportProjection {
    fn name(&self) -> &'static str {
        "report"
    }

    fn version(&self) -> u32 {
        7
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<BookRow>();
        tables.add::<FactRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        Book::concerns(event)
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        if Book::opens(&event.event) {
            keys.create::<BookRow>(key(event));
        } else {
            keys.load::<BookRow>(key(event));
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let before = rows.take::<BookRow>(&key(event))?;
        let environment = before.as_ref().map_or(event.recorded.environment, |row| row.environment);
        let told = Told {
            event: &event.event,
            stream: event.recorded.stream.id,
            position: event.recorded.position.0,
            at: event.at(),
            happened_at: event.recorded.occurred_at,
        };
        let Some((book, changes)) = Book::fold(before.map(|row| row.book.0), &told) else { return Ok(()) };
        let about = book.about();
        let (account_id, stream_id) = key(event);
        rows.put(BookRow { account_id, stream_id, environment, book: Json(book) })?;
        for change in changes {
            let (fact, since) = match change {
                Change::Put(fact) => (fact, None),
                Change::Replace { since, fact } => (fact, Some(since)),
                Change::Retract { since, key: gone } => {
                    let gone = fact_key(account_id, stream_id, gone);
                    rows.stands::<FactRow>(gone, Some(since))?;
                    rows.remove::<FactRow>(&gone)?;
                    continue;
                }
            };
            let row = fact_row((account_id, stream_id), environment, &about, fact);
            rows.stands::<FactRow>(row.key(), since)?;
            rows.put(row)?;
        }
        Ok(())
    }
}

fn key(event: &Decoded) -> (AccountId, Uuid) {
    (event.account(), event.recorded.stream.id)
}

fn fact_key(account: AccountId, stream: Uuid, key: FactKey) -> <FactRow as Table>::Key {
    (account, key.measure, key.anchor, stream, key.part)
}

fn fact_row((account_id, stream_id): (AccountId, Uuid), environment: Environment, about: &About, fact: Fact) -> FactRow {
    FactRow {
        account_id,
        measure: fact.key.measure,
        anchor: fact.key.anchor,
        stream_id,
        part: fact.key.part,
        value: fact.value,
        position: fact.position,
        event_type: fact.event_type.to_owned(),
        begun_position: fact.begun,
        shopper_id: fact.shopper,
        call_id: about.call,
        conversation_id: about.conversation,
        customer_id: about.customer,
        device: fact.device,
        channel: about.channel.clone(),
        currency: fact.currency,
        detail: fact.detail,
        environment,
    }
}
