//! From events to the rows of calls.

use super::rows::{CallProductRow, CallRow, CallShopperRow, CallStatus, CartLineRow, Origin, ProductWordRow};
use crate::{
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    search::Words,
    table::{Json, Table},
};
use vitrina_domain::{
    call::{CallEvent, CartItemAdded, Opened, ProductShown, Scheduled},
    event::Event,
    ids::{AccountId, CallId, ShopperId},
    product::Product,
};
use vitrina_eventlog::Decoded;

/// Keeps the calls.
pub struct CallsProjection;

impl Projection for CallsProjection {
    fn name(&self) -> &'static str {
        "calls"
    }

    fn version(&self) -> u32 {
        4
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<CallRow>();
        tables.add::<CallProductRow>();
        tables.add::<CartLineRow>();
        tables.add::<ProductWordRow>();
        tables.add::<CallShopperRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::Call(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        let Event::Call(call) = &event.event else { return };
        match call {
            CallEvent::Requested(_) | CallEvent::Created(_) => keys.create::<CallRow>(key(event)),
            _ => keys.load::<CallRow>(key(event)),
        }
        match call {
            CallEvent::CartItemAdded(added) => keys.load::<CartLineRow>(line_key(event, &added.cart_id, &added.line.sku)),
            CallEvent::CartItemUpdated(updated) => keys.load::<CartLineRow>(line_key(event, &updated.cart_id, &updated.sku)),
            CallEvent::CartItemRemoved(removed) => keys.load::<CartLineRow>(line_key(event, &removed.cart_id, &removed.sku)),
            _ => {}
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Call(call) = &event.event else { return Ok(()) };
        match call {
            CallEvent::Requested(opened) => return open(rows, opened_row(event, opened, Origin::Customer)),
            CallEvent::Created(opened) => return open(rows, opened_row(event, opened, Origin::Shopper)),
            CallEvent::ProductShown(shown) => rows.add(product_row(event, shown))?,
            CallEvent::CartItemAdded(added) => {
                let before = rows.get::<CartLineRow>(&line_key(event, &added.cart_id, &added.line.sku))?.cloned();
                rows.put(line_row(event, added, before))?;
            }
            CallEvent::CartItemUpdated(updated) => {
                rows.change::<CartLineRow>(&line_key(event, &updated.cart_id, &updated.sku), |line| line.quantity = updated.to)?;
            }
            CallEvent::CartItemRemoved(removed) => {
                rows.remove::<CartLineRow>(&line_key(event, &removed.cart_id, &removed.sku))?;
            }
            _ => {}
        }
        rows.change::<CallRow>(&key(event), |row| {
            row.version = event.version();
            change(row, event, call);
            row.active = row.status.is_active();
            if row.status != CallStatus::Waiting {
                (row.offered_to, row.offered_until) = (None, None);
            }
            if row.status != CallStatus::Claimed {
                row.start_by = None;
            }
        })?;
        match call {
            CallEvent::Claimed(_) | CallEvent::Started(_) | CallEvent::ParticipantInvited(_) | CallEvent::Transferred(_) => {
                let row = rows.get::<CallRow>(&key(event))?.cloned();
                row.map_or(Ok(()), |row| list_by_shoppers(rows, &row))
            }
            _ => Ok(()),
        }
    }
}

/// A new call, with the words of its product.
fn open(rows: &mut Rows, row: CallRow) -> Result<(), FoldError> {
    if let (Some(sku), Some(words)) = (&row.product_id, &row.product_search) {
        for word in Words::of_stored(words).iter() {
            let word = ProductWordRow { account_id: row.account_id, word: word.to_owned(), sku: sku.clone() };
            rows.stands::<ProductWordRow>(word.key(), None)?;
            rows.put(word)?;
        }
    }
    list_by_shoppers(rows, &row)?;
    rows.put(row)
}

fn list_by_shoppers(rows: &mut Rows, row: &CallRow) -> Result<(), FoldError> {
    for shopper_id in row.participants.0.iter().copied().chain(row.shopper_id) {
        let (account_id, created_at, call_id) = (row.account_id, row.created_at, row.call_id);
        let listed = CallShopperRow { account_id, shopper_id, created_at, call_id };
        rows.stands::<CallShopperRow>(listed.key(), None)?;
        rows.put(listed)?;
    }
    Ok(())
}

/// What an event changes in the row of its call.
fn change(row: &mut CallRow, event: &Decoded, call: &CallEvent) {
    let at = event.at();
    match call {
        CallEvent::Requested(_) | CallEvent::Created(_) => {}
        CallEvent::Scheduled(scheduled) | CallEvent::Rescheduled(scheduled) => {
            row.status = CallStatus::Scheduled;
            schedule(row, scheduled);
        }
        CallEvent::Queued(_) => {
            row.status = CallStatus::Waiting;
            row.first_queued_at = row.first_queued_at.or(Some(at));
            row.queued_at = Some(at);
            (row.shopper_id, row.claimed_at) = (None, None);
            if row.started_at.is_none() {
                row.participants.0.clear();
            }
        }
        CallEvent::Claimed(claimed) => {
            stop_waiting(row, event);
            row.status = CallStatus::Claimed;
            row.claimed_at = Some(at);
            row.start_by = claimed.start_by;
            hold(row, claimed.shopper_id);
        }
        CallEvent::ClaimExpired(_) => row.shopper_id = None,
        CallEvent::Started(started) => {
            row.status = CallStatus::Live;
            row.started_at = row.started_at.or(Some(at));
            hold(row, started.shopper_id);
        }
        CallEvent::ParticipantInvited(invited) => take_part(row, invited.shopper_id),
        CallEvent::Transferred(transferred) => {
            if row.started_at.is_none() {
                row.participants.0.retain(|id| *id != transferred.from);
            }
            hold(row, transferred.to);
        }
        CallEvent::Ended(ended) => {
            row.status = CallStatus::WrapUp;
            row.ended_at = Some(at);
            row.end_reason = Some(ended.reason);
        }
        CallEvent::Finished(finished) => {
            row.end_reason = Some(finished.reason);
            close(row, event, CallStatus::Finished);
        }
        CallEvent::Cancelled(cancelled) => {
            stop_waiting(row, event);
            row.cancel_reason = Some(cancelled.reason);
            close(row, event, CallStatus::Cancelled);
        }
        CallEvent::Archived(_) => {
            row.status = CallStatus::Archived;
            row.archived_at = Some(at);
        }
        CallEvent::Unarchived(_) => {
            row.status = row.outcome.unwrap_or(CallStatus::Finished);
            row.archived_at = None;
        }
        other => change_beside(row, other),
    }
}

/// What happens within a status, and changes none.
fn change_beside(row: &mut CallRow, call: &CallEvent) {
    match call {
        CallEvent::Offered(offered) => {
            (row.offered_to, row.offered_until) = (Some(offered.shopper_id), Some(offered.until));
        }
        CallEvent::OfferDeclined(_) | CallEvent::OfferExpired(_) => (row.offered_to, row.offered_until) = (None, None),
        CallEvent::ProductShown(_) => row.products_shown += 1,
        CallEvent::CartItemAdded(added) if !row.cart_ids.0.contains(&added.cart_id) => row.cart_ids.0.push(added.cart_id.clone()),
        CallEvent::SurveyAnswered(answered) => {
            row.rated = true;
            (row.nps, row.csat, row.face) = (answered.nps, answered.csat, answered.face);
        }
        // Where it was routed to and who is connected are in its history; its media has a read model of its own.
        _ => {}
    }
}

fn stop_waiting(row: &mut CallRow, event: &Decoded) {
    if let (CallStatus::Waiting, Some(since)) = (row.status, row.queued_at) {
        row.waited_us += (event.at() - since).num_microseconds().unwrap_or(i64::MAX);
    }
}

fn close(row: &mut CallRow, event: &Decoded, outcome: CallStatus) {
    row.status = outcome;
    row.outcome = Some(outcome);
    row.closed_at = Some(event.at());
}

fn hold(row: &mut CallRow, shopper_id: ShopperId) {
    row.shopper_id = Some(shopper_id);
    take_part(row, shopper_id);
}

fn take_part(row: &mut CallRow, shopper_id: ShopperId) {
    if !row.participants.0.contains(&shopper_id) {
        row.participants.0.push(shopper_id);
    }
}

fn schedule(row: &mut CallRow, scheduled: &Scheduled) {
    row.scheduled_from = Some(scheduled.starts_at);
    row.scheduled_to = Some(scheduled.ends_at);
    row.scheduled_zone = Some(scheduled.zone.clone());
    row.schedule_sequence = Some(scheduled.sequence);
}

fn key(event: &Decoded) -> (AccountId, CallId) {
    (event.account(), CallId(event.recorded.stream.id))
}

fn line_key(event: &Decoded, cart_id: &str, sku: &str) -> (AccountId, CallId, String, String) {
    (event.account(), CallId(event.recorded.stream.id), cart_id.to_owned(), sku.to_owned())
}

fn opened_row(event: &Decoded, opened: &Opened, origin: Origin) -> CallRow {
    let (account_id, call_id) = key(event);
    CallRow {
        account_id,
        call_id,
        version: event.version(),
        status: CallStatus::Requested,
        active: true,
        outcome: None,
        origin,
        customer_id: opened.customer_id,
        conversation_id: opened.conversation_id,
        shopper_id: opened.shopper_id,
        participants: Json(Vec::new()),
        product: opened.product.clone().map(Json),
        product_id: opened.product.as_ref().map(|product| product.sku.clone()),
        product_search: opened.product.as_ref().map(product_words),
        platform: opened.platform,
        device: opened.device,
        language: opened.language.clone(),
        country: opened.country.clone(),
        collections: Json(opened.collections.clone()),
        priority: opened.priority,
        created_at: event.at(),
        scheduled_from: None,
        scheduled_to: None,
        scheduled_zone: None,
        schedule_sequence: None,
        first_queued_at: None,
        queued_at: None,
        waited_us: 0,
        offered_to: None,
        offered_until: None,
        start_by: None,
        claimed_at: None,
        started_at: None,
        ended_at: None,
        closed_at: None,
        end_reason: None,
        cancel_reason: None,
        archived_at: None,
        products_shown: 0,
        cart_ids: Json(Vec::new()),
        rated: false,
        nps: None,
        csat: None,
        face: None,
        environment: event.recorded.environment,
    }
}

fn product_words(product: &Product) -> String {
    let mut words = Words::default();
    [&product.sku, &product.name].into_iter().for_each(|text| words.add(text));
    words.stored()
}

fn product_row(event: &Decoded, shown: &ProductShown) -> CallProductRow {
    let (account_id, call_id) = key(event);
    CallProductRow {
        account_id,
        call_id,
        sku: shown.product.sku.clone(),
        product: Json(shown.product.clone()),
        shown_at: event.at(),
        shown_by_kind: event.recorded.actor.kind().to_owned(),
        shown_by: event.recorded.actor.id(),
    }
}

/// Adding a SKU that is in the cart adds up.
fn line_row(event: &Decoded, added: &CartItemAdded, before: Option<CartLineRow>) -> CartLineRow {
    let (account_id, call_id, cart_id, sku) = line_key(event, &added.cart_id, &added.line.sku);
    CartLineRow {
        account_id,
        call_id,
        cart_id,
        sku,
        quantity: before.as_ref().map_or(0, |line| line.quantity) + added.line.quantity,
        unit_amount: added.line.unit_price.amount,
        currency: added.line.unit_price.currency.clone(),
        added_at: before.map_or_else(|| event.at(), |line| line.added_at),
        line: Json(added.line.clone()),
    }
}
