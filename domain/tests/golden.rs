//! What is stored can be read for as long as the log lives: one golden file for each (category, type, schema version).
//!
//! `golden/<category>/<type>.v<version>.json` holds the payload of a sample. A changed shape shows as a changed file: then
//! raise the version of the type, keep the old file for the upcaster's test, and write the new one with `UPDATE_GOLDEN=1`.

use crate::samples::samples;
use std::{collections::BTreeSet, fs, path::PathBuf};
use vitrina_domain::{event::Event, stream::Category};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn file_of(category: Category, event_type: &str, version: u16) -> String {
    format!("{}/{event_type}.v{version}.json", category.as_str())
}

#[test]
fn there_is_a_sample_of_every_event_that_can_be_stored() {
    let sampled: BTreeSet<_> = samples().iter().map(|e| (e.category(), e.event_type(), e.schema_version())).collect();
    assert_eq!(sampled, Event::catalogue().into_iter().collect());
}

#[test]
fn every_sample_is_stored_as_in_its_golden_file_and_read_back_equal() {
    for event in samples() {
        let path = folder().join(file_of(event.category(), event.event_type(), event.schema_version()));
        let encoded = serde_json::to_string_pretty(&event.payload()).unwrap() + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &encoded).unwrap();
        }
        let stored = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(encoded, stored, "{} has another shape than its golden file", event.event_type());
        let decoded = Event::decode(event.category(), event.event_type(), serde_json::from_str(&stored).unwrap());
        assert_eq!(decoded.unwrap(), event);
    }
}

#[test]
fn no_type_that_was_ever_stored_is_gone() {
    let mut files = 0;
    for category in Category::ALL {
        for entry in fs::read_dir(folder().join(category.as_str())).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let (event_type, version) = name.strip_suffix(".json").and_then(|n| n.rsplit_once(".v")).unwrap();
            let version: u16 = version.parse().unwrap();
            let lives = |(c, t, v): &(Category, &str, u16)| (*c, *t) == (category, event_type) && version <= *v;
            assert!(Event::catalogue().iter().any(lives), "{}/{name} cannot be read any more", category.as_str());
            files += 1;
        }
    }
    assert!(files >= Event::catalogue().len());
}

#[test]
fn a_payload_with_members_of_a_later_version_is_still_read() {
    for event in samples() {
        let mut payload = event.payload();
        payload.as_object_mut().unwrap().insert("of_a_later_version".into(), true.into());
        assert_eq!(Event::decode(event.category(), event.event_type(), payload).unwrap(), event);
    }
}

#[test]
fn what_was_stored_before_a_member_came_is_still_read() {
    let before = [
        (Category::Conversation, "conversation.opened", serde_json::json!({"customer_id": uuid::Uuid::nil(), "channel": "web"})),
        (
            Category::Conversation,
            "conversation.message_sent",
            serde_json::json!({"message_id": uuid::Uuid::nil(), "author": {"kind": "system"},
                "body": {"$personal": {"subject": uuid::Uuid::nil(), "value": "Hola"}}, "visibility": "public"}),
        ),
        (Category::Customer, "customer.updated", serde_json::json!({"country": "ES"})),
        (
            Category::ApiKey,
            "api_key.created",
            serde_json::json!({"name": "Till", "secret_hash": "ab", "hint": "vk_", "scopes": ["calls:read"]}),
        ),
        (Category::Shopper, "shopper.freed", serde_json::json!({"work": {"kind": "call", "id": uuid::Uuid::nil()}})),
        (Category::Shopper, "shopper.updated", serde_json::json!({"languages": ["es"]})),
    ];
    for (category, event_type, payload) in before {
        let event = Event::decode(category, event_type, payload.clone()).unwrap();
        assert_eq!(event.payload(), payload, "{event_type}");
    }
}

#[test]
fn an_unknown_type_and_a_wrong_shape_are_errors_that_name_the_type() {
    let unknown = Event::decode(Category::Call, "call.teleported", serde_json::json!({})).unwrap_err();
    assert_eq!(unknown.to_string(), "unknown event type call.teleported");
    let shapeless = Event::decode(Category::Call, "call.claimed", serde_json::json!({})).unwrap_err();
    assert_eq!(shapeless.to_string(), "payload of call.claimed does not decode");
}

/// The samples hold one value of each enumeration; here are all of them.
#[test]
fn every_name_of_a_state_and_reason_is_stored_as_ever() {
    use serde_json::{Value, json, to_value};
    use vitrina_domain::{account, call::*, conversation, locale::Locale, module::Module, shopper, survey::Face};
    fn names<T: serde::Serialize + Copy, const N: usize>(values: [T; N]) -> Value {
        values.iter().map(|value| to_value(value).unwrap()).collect()
    }
    assert_eq!(
        names({
            use CancelReason::*;
            [ByCustomer, ByShopper, ByAdmin, NoShowCustomer, NoShowShopper, Expired, AbandonedInQueue, NoAgent, System]
        }),
        json!([
            "by_customer",
            "by_shopper",
            "by_admin",
            "no_show_customer",
            "no_show_shopper",
            "expired",
            "abandoned_in_queue",
            "no_agent",
            "system"
        ])
    );
    assert_eq!(
        names([EndReason::CustomerHangup, EndReason::ShopperHangup, EndReason::LinkLost, EndReason::Limit]),
        json!(["customer_hangup", "shopper_hangup", "link_lost", "limit"])
    );
    assert_eq!(
        names([QueueReason::Requested, QueueReason::Scheduled, QueueReason::ClaimExpired, QueueReason::Released]),
        json!(["requested", "scheduled", "claim_expired", "released"])
    );
    assert_eq!(names([Platform::Web, Platform::VtexIo, Platform::VtexPortal]), json!(["web", "vtex_io", "vtex_portal"]));
    assert_eq!(
        names([Device::Mobile, Device::Tablet, Device::Desktop, Device::Unknown]),
        json!(["mobile", "tablet", "desktop", "unknown"])
    );
    assert_eq!(
        names({
            use conversation::Status::*;
            [InProgress, WaitingCustomer, NeedHelp]
        }),
        json!(["in_progress", "waiting_customer", "need_help"])
    );
    assert_eq!(
        names({
            use conversation::StatusCause::*;
            [Manual, CustomerMessage, Joined, HandedOff]
        }),
        json!(["manual", "customer_message", "joined", "handed_off"])
    );
    assert_eq!(
        names({
            use conversation::Outcome::*;
            [Escalated, NoAgent, NoAnswer, Success]
        }),
        json!(["escalated", "no_agent", "no_answer", "success"])
    );
    assert_eq!(
        names({
            use conversation::CloseReason::*;
            [ByShopper, ByCustomer, ByAdmin, CallEnded, Inactivity]
        }),
        json!(["by_shopper", "by_customer", "by_admin", "call_ended", "inactivity"])
    );
    assert_eq!(names([conversation::Visibility::Public, conversation::Visibility::Internal]), json!(["public", "internal"]));
    assert_eq!(
        names({
            use shopper::Status::*;
            [Available, Busy, Away, Offline]
        }),
        json!(["available", "busy", "away", "offline"])
    );
    assert_eq!(
        names({
            use shopper::StatusCause::*;
            [Manual, Schedule, IdleTimeout, Disconnect, Call]
        }),
        json!(["manual", "schedule", "idle_timeout", "disconnect", "call"])
    );
    {
        use media::{ConsentKind, JoinFailure, LeaveReason, Source};
        assert_eq!(names([ConsentKind::Terms, ConsentKind::Recording]), json!(["terms", "recording"]));
        assert_eq!(names([Source::Microphone, Source::Camera, Source::Screen]), json!(["microphone", "camera", "screen"]));
        assert_eq!(names([Side::Customer, Side::Shopper]), json!(["customer", "shopper"]));
        let failures = {
            use JoinFailure::*;
            [PermissionDenied, DeviceMissing, DeviceInUse, IceFailed, DtlsFailed, Timeout, BadOffer, RoomFull]
        };
        let failed = "permission_denied device_missing device_in_use ice_failed dtls_failed timeout bad_offer room_full";
        assert_eq!(names(failures), failed.split(' ').collect::<Value>());
        let reasons = {
            use LeaveReason::*;
            [
                ClientInitiated,
                DuplicateIdentity,
                ServerShutdown,
                ParticipantRemoved,
                RoomClosed,
                ConnectionTimeout,
                MediaFailure,
                SignalClosed,
                StateMismatch,
                JoinFailure,
            ]
        };
        let left = "client_initiated duplicate_identity server_shutdown participant_removed room_closed connection_timeout \
            media_failure signal_closed state_mismatch join_failure";
        assert_eq!(names(reasons), left.split(' ').collect::<Value>());
    }
    {
        use recording::{DeleteCause, Holds, RecordingFailure, Switch};
        assert_eq!(names([Switch::On, Switch::Off]), json!(["on", "off"]));
        assert_eq!(names([Holds::Person, Holds::Screen]), json!(["person", "screen"]));
        assert_eq!(names([RecordingFailure::Disk, RecordingFailure::Empty]), json!(["disk", "empty"]));
        assert_eq!(names([DeleteCause::ByHand, DeleteCause::Retention, DeleteCause::Erased]), json!(["by_hand", "retention", "erased"]));
        assert_eq!(names(account::Invariant::ALL), json!(account::Invariant::ALL.map(account::Invariant::as_str)));
        assert_eq!(names(account::Invariant::ALL), json!(["shopper_sums", "plan_seconds", "export_rows"]));
        use account::RecordingMode::{Always, Off, OnRequest};
        assert_eq!(names([Off, OnRequest, Always]), json!(["off", "on_request", "always"]));
    }
    assert_eq!(names([Face::Satisfied, Face::Neutral, Face::Dissatisfied]), json!(["satisfied", "neutral", "dissatisfied"]));
    assert_eq!(names([Module::Calls, Module::Analytics, Module::Settings]), json!(["calls", "analytics", "settings"]));
    assert_eq!(names([Locale::En, Locale::Es, Locale::Pt, Locale::Ca]), json!(["en", "es", "pt", "ca"]));
}
