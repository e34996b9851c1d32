//! What of an event goes into a sandbox: everything that figures are made of, and nothing that leads back to somebody or gives power over
//! the original (PRODUCT.md 4.1, number 13).
//!
//! Whoever makes the sandbox's log brings [`Aliases`], keyed by a secret that is thrown away; what was said in the original and what is said
//! here have only times, amounts and the shop's catalogue in common. Every text that may be anything is in one of the lists below:
//! `tests/free_text.rs` fails for one that is not.

use crate::{
    account::AccountEvent,
    event::{DecodeError, Event},
    personal::CLEAR_MARK,
    user::UserEvent,
};
use serde_json::Value;
use uuid::Uuid;

/// Other names for what is named in the original: the same for the same, and of no use without the secret that they were made with.
pub trait Aliases {
    /// Another id. It sorts by time where the original does.
    fn id(&self, id: Uuid) -> Uuid;
    /// Another word.
    fn word(&self, word: &str) -> String;
}

/// Replaced by another word, the same for the same: what is counted and joined by it still is.
pub const WORDS: &[&str] = &[
    "cart.item_added: cart_id",
    "cart.item_removed: cart_id",
    "cart.item_updated: cart_id",
    "conversation.bot_joined: name",
    "conversation.file_shared: sha256",
    "conversation.message_sent: template",
    "conversation.tag_added: tag",
    "conversation.tag_removed: tag",
    "customer.created: company external_id segment",
    "customer.updated: company external_id segment",
    "order.cancelled: reason",
    "order.placed: cart_id external_id",
    "order.refunded: reason",
    "recording.ready: file.key file.sha256",
    "role.created: name",
    "role.updated: name",
];

/// Left out: nothing is counted by it.
pub const TAKEN_OUT: &[&str] = &[
    "call.created: product.image_url product.url",
    "call.requested: product.image_url product.url",
    "conversation.bot_joined: image",
    "media.join_failed: detail",
    "product.shown: product.image_url product.url",
    "settings.changed: consent.privacy_url consent.terms_url consent.texts store_name",
    "subject.erased: pending",
];

/// Replaced by this, since something must be there.
pub const REPLACED: &[(&str, &str)] = &[
    ("account.created: store_name", "\"Sandbox\""),
    ("media.session_opened: address", "\"https://sandbox.invalid\""),
    // Folded from the account's id.
    ("routing.decided: seed", "0"),
    ("subject.erased: receipt", "\"\""),
    ("subject.erased: taken", "[]"),
    ("subject.erased: told", "[]"),
];

/// Kept as they are: of a fixed form, or the shop's catalogue and the classes by which calls find a shopper. Rules of the floor mean
/// nothing without them.
pub const KEPT: &[&str] = &[
    "account.created: currency zone",
    "call.created: collections country language product.collections product.name product.price.currency product.sku",
    "call.requested: collections country language product.collections product.name product.price.currency product.sku",
    "call.rescheduled: zone",
    "call.scheduled: zone",
    "cart.item_added: line.collections line.name line.sku line.unit_price.currency",
    "cart.item_removed: sku",
    "cart.item_updated: sku",
    "channel.published: channel",
    "channel.unpublished: channel",
    "consent.given: text_version",
    "conversation.department_set: department",
    "conversation.expertise_set: expertise",
    "conversation.file_shared: media_type",
    "conversation.opened: channel country department language",
    "customer.created: country language",
    "customer.updated: country language",
    "order.placed: currency lines.collections lines.name lines.sku",
    "order.refunded: lines.sku",
    "product.shown: product.collections product.name product.price.currency product.sku",
    "recording.ready: file.mime",
    "settings.changed: brand.color business_hours.schedule.windows.from business_hours.schedule.windows.to business_hours.schedule.zone \
     consent.text_version currency zone",
    "shopper.collections_changed: collections",
    "shopper.created: country departments expertise languages",
    "shopper.schedule_changed: schedule.exceptions.date schedule.exceptions.windows schedule.windows.from schedule.windows.to schedule.zone",
    "shopper.updated: country departments expertise languages",
    "sla.applied: schedule.windows.from schedule.windows.to schedule.zone",
];

/// Whether the event has no place in a sandbox: what gives access (passwords, sessions, keys of programs), what leads out (endpoints), what
/// was taken away, and what says something of the original's own tables.
fn stays_behind(event: &Event) -> bool {
    match event {
        Event::ApiKey(_) | Event::Export(_) | Event::Webhook(_) | Event::Log(_) | Event::Account(AccountEvent::InvariantBroken(_)) => true,
        Event::User(event) => matches!(
            event,
            UserEvent::EmailChanged(_)
                | UserEvent::PasswordSet(_)
                | UserEvent::SessionOpened(_)
                | UserEvent::SessionRevoked(_)
                | UserEvent::SignInFailed(_)
                | UserEvent::LockedOut(_)
        ),
        _ => false,
    }
}

/// What the event says in a sandbox; `None` for one that stays behind.
///
/// # Errors
/// [`DecodeError`] when what is left is no such event, which a test excludes for every type.
pub fn shred(event: &Event, aliases: &impl Aliases) -> Result<Option<Event>, DecodeError> {
    if stays_behind(event) {
        return Ok(None);
    }
    let (kind, mut payload) = (event.event_type(), event.payload());
    for path in paths(TAKEN_OUT, kind) {
        let (parents, name) = path.rsplit_once('.').map_or(("", path), |(parents, name)| (parents, name));
        at(&mut payload, parents, &mut |parent| drop(parent.as_object_mut().map(|members| members.remove(name))));
    }
    for (_, (path, put)) in
        REPLACED.iter().filter_map(|(line, put)| line.split_once(": ").map(|(of, path)| (of, (path, put)))).filter(|(of, _)| *of == kind)
    {
        at(&mut payload, path, &mut |value| *value = serde_json::from_str(put).expect("the list above is JSON"));
    }
    for path in paths(WORDS, kind) {
        at(&mut payload, path, &mut |value| {
            if let Value::String(word) = value {
                *word = aliases.word(word);
            }
        });
    }
    rename(&mut payload, aliases);
    Event::decode(event.category(), kind, payload).map(Some)
}

/// The members of this event that a list names.
fn paths(list: &'static [&'static str], kind: &str) -> impl Iterator<Item = &'static str> {
    let line = list.iter().find_map(move |line| line.split_once(": ").filter(|(of, _)| *of == kind));
    line.map(|(_, members)| members.split_whitespace()).into_iter().flatten()
}

/// Visits what stands at the path, in each entry of a list; nothing where it is absent.
fn at(value: &mut Value, path: &str, visit: &mut impl FnMut(&mut Value)) {
    if let Value::Array(items) = value {
        items.iter_mut().for_each(|item| at(item, path, visit));
        return;
    }
    if path.is_empty() {
        return visit(value);
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(member) = value.get_mut(name) {
        // A list of texts is visited text by text; one that is replaced, as a whole.
        if rest.is_empty() { visit(member) } else { at(member, rest, visit) }
    }
}

/// Erases what is personal, and gives every id another one.
fn rename(value: &mut Value, aliases: &impl Aliases) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Object(personal)) = members.get_mut(CLEAR_MARK) {
                personal.remove("value");
            }
            members.values_mut().for_each(|member| rename(member, aliases));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, aliases)),
        Value::String(text) => {
            if let Ok(id) = Uuid::try_parse(text) {
                *text = aliases.id(id).to_string();
            }
        }
        _ => {}
    }
}
