//! Nobody can write about a person where forgetting does not reach: every text of every event that is neither sealed (`Personal`), nor one of
//! some names, nor an id or a time, is listed here with the reason why it may stand in clear for ever (PRODUCT.md 5.12).
//!
//! A new member that is not listed fails this test: seal it, make it one of some names, or say here why it needs neither.

use serde_json::Value;
use std::{collections::BTreeSet, fs, path::PathBuf};
use vitrina_domain::shred;

/// Of a fixed form: codes of countries, languages, currencies and zones, digests, times of day, colours, names that this code gives.
const FORMED: &[&str] = &[
    "account.created: currency zone",
    "api_key.created: hint scopes",
    "call.created: country language product.price.currency",
    "call.requested: country language product.price.currency",
    "call.rescheduled: zone",
    "call.scheduled: zone",
    "cart.item_added: line.unit_price.currency",
    "channel.published: channel",
    "channel.unpublished: channel",
    "conversation.file_shared: media_type sha256",
    "conversation.opened: channel country language",
    "customer.created: country language",
    "customer.updated: country language",
    "export.completed: sha256",
    "export.requested: question.definition question.filters.* question.zone",
    "export.streamed: question.definition question.filters.* question.zone",
    "log.checkpoint_signed: note root",
    "log.exported: filters.*",
    "media.session_opened: address",
    "order.placed: currency",
    "product.shown: product.price.currency",
    "recording.ready: file.key file.mime file.sha256",
    "settings.changed: brand.color business_hours.schedule.windows.from business_hours.schedule.windows.to business_hours.schedule.zone \
     currency zone",
    "shopper.created: country languages",
    "shopper.schedule_changed: schedule.exceptions.date schedule.exceptions.windows schedule.windows.from schedule.windows.to schedule.zone",
    "shopper.updated: country languages",
    "sla.applied: schedule.windows.from schedule.windows.to schedule.zone",
    "subject.erased: receipt taken.by_kind taken.what",
    "webhook.endpoint_created: spec.events",
    "webhook.endpoint_updated: spec.events",
];

/// What the shop says of itself and of its staff's work: of no customer.
const OF_THE_SHOP: &[&str] = &[
    "account.created: store_name",
    "api_key.created: bot.image bot.name name",
    "consent.given: text_version",
    "conversation.bot_joined: image name",
    "conversation.department_set: department",
    "conversation.expertise_set: expertise",
    "conversation.message_sent: template",
    "conversation.opened: department",
    "role.created: name",
    "role.updated: name",
    "settings.changed: consent.privacy_url consent.terms_url consent.text_version consent.texts.ca store_name",
    "shopper.created: departments expertise",
    "shopper.updated: departments expertise",
    "webhook.endpoint_created: spec.conditions.field spec.conditions.one_of spec.name spec.url",
    "webhook.endpoint_updated: spec.conditions.field spec.conditions.one_of spec.name spec.url",
];

/// Of the shop's catalogue.
const OF_PRODUCTS: &[&str] = &[
    "call.created: collections product.collections product.image_url product.name product.sku product.url",
    "call.requested: collections product.collections product.image_url product.name product.sku product.url",
    "cart.item_added: line.collections line.name line.sku",
    "cart.item_removed: sku",
    "cart.item_updated: sku",
    "order.placed: lines.collections lines.name lines.sku",
    "order.refunded: lines.sku",
    "product.shown: product.collections product.image_url product.name product.sku product.url",
    "shopper.collections_changed: collections",
];

/// Numbers that the shop's other systems give. They lead to a person only there, and are forgotten there.
const OF_OTHER_SYSTEMS: &[&str] = &[
    "cart.item_added: cart_id",
    "cart.item_removed: cart_id",
    "cart.item_updated: cart_id",
    "customer.created: external_id",
    "customer.updated: external_id",
    "order.placed: cart_id external_id",
];

/// Classes by which staff sort, which stay: the README says that they are no place for names.
const CLASSES: &[&str] = &[
    "conversation.tag_added: tag",
    "conversation.tag_removed: tag",
    "customer.created: company segment",
    "customer.updated: company segment",
    "order.cancelled: reason",
    "order.refunded: reason",
];

/// Only one of some names is written and shown, whatever is sent: `JoinFailed::known_detail`.
const FILTERED: &[&str] = &["media.join_failed: detail"];

/// The texts in clear of which any may be written.
fn free(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    if schema["description"].as_str().is_some_and(|what| what.starts_with("Personal")) {
        return;
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    if kinds.contains(&"string".into()) && schema.get("enum").is_none() && schema.get("format").is_none() {
        found.insert(path.to_owned());
    }
    let below = |name: &str| if path.ends_with(": ") { format!("{path}{name}") } else { format!("{path}.{name}") };
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        free(member, &below(name), found);
    }
    if schema["additionalProperties"].is_object() {
        free(&schema["additionalProperties"], &below("*"), found);
    }
    for kind in schema["anyOf"].as_array().into_iter().flatten().chain(schema.get("items")) {
        free(kind, path, found);
    }
}

/// The lines of a list, member by member.
fn members(lines: &[&str]) -> BTreeSet<String> {
    let listed = lines.iter().flat_map(|line| {
        let (event, members) = line.split_once(": ").expect("a line has a colon");
        members.split_whitespace().map(move |member| format!("{event}: {member}"))
    });
    listed.collect()
}

#[test]
fn every_text_that_may_be_anything_is_sealed_or_listed_with_its_reason() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemas.json");
    let schemas: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut found = BTreeSet::new();
    for schema in schemas.as_object().unwrap().values() {
        free(&schema["data"], &format!("{}: ", schema["type"].as_str().unwrap()), &mut found);
    }
    let listed = members(&[FORMED, OF_THE_SHOP, OF_PRODUCTS, OF_OTHER_SYSTEMS, CLASSES, FILTERED].concat());
    let strange: Vec<_> = found.difference(&listed).collect();
    assert!(strange.is_empty(), "these can name a person in clear: {strange:#?}");
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "these are listed and are not there, or not free: {gone:#?}");
}

/// The same texts once more, as they go into a sandbox: each is decided by itself.
#[test]
fn of_every_such_text_it_is_said_whether_it_goes_into_a_sandbox() {
    let replaced: Vec<&str> = shred::REPLACED.iter().map(|(line, _)| *line).collect();
    let decided = members(&[shred::WORDS, shred::TAKEN_OUT, shred::KEPT, &replaced].concat());
    let behind = ["api_key.", "export.", "webhook.", "log.", "integrity."];
    let all = members(&[FORMED, OF_THE_SHOP, OF_PRODUCTS, OF_OTHER_SYSTEMS, CLASSES, FILTERED].concat());
    // A member above it may be named instead.
    let is_decided = |text: &String| decided.iter().any(|named| text == named || text.starts_with(&format!("{named}.")));
    let open: Vec<_> = all.iter().filter(|text| !behind.iter().any(|kind| text.starts_with(kind)) && !is_decided(text)).collect();
    assert!(open.is_empty(), "say in domain/src/shred.rs what of these goes into a sandbox: {open:#?}");
}
