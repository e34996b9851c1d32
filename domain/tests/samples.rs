//! One sample of every event, with everything in it that can be: what the golden files hold.

use crate::given::*;
use chrono::NaiveTime;
use std::collections::BTreeSet;
use vitrina_domain::{
    account::{self, AccountEvent},
    api_key::{self, ApiKeyEvent},
    call::{self, CallEvent},
    cart::CartLine,
    conversation::{self, ConversationEvent},
    customer::{self, CustomerEvent},
    event::Event,
    export::{self, ExportEvent},
    ids::{ApiKeyId, EventId, ExportId, NodeId, RecordingId, SubjectId, WebhookId},
    locale::Locale,
    log::{self, LogEvent},
    module::{Access, Module},
    money::Money,
    personal::Personal,
    product::Product,
    purchase::{self, PurchaseEvent},
    retention::{self, RetentionEvent},
    role::{self, RoleEvent},
    routing,
    schedule::{Exception, Schedule, Window},
    scope::Scope,
    shopper::{self, ShopperEvent},
    sla::{self, SlaRule, Target, Targets},
    subject::{self, SubjectEvent},
    survey::{Answered, Face, Sent, Shown, Superseded},
    user::{self, UserEvent},
    webhook::{self, WebhookEvent},
};

/// Every event once.
pub fn samples() -> Vec<Event> {
    let mut all: Vec<Event> = Vec::new();
    all.extend(account().into_iter().map(Event::from));
    all.extend(user().into_iter().map(Event::from));
    all.extend(shopper().into_iter().map(Event::from));
    all.extend(customer().into_iter().map(Event::from));
    all.extend(call().into_iter().map(Event::from));
    all.extend(conversation().into_iter().map(Event::from));
    all.extend(role().into_iter().map(Event::from));
    all.extend(api_key().into_iter().map(Event::from));
    all.extend(order().into_iter().map(Event::from));
    all.extend(export().into_iter().map(Event::from));
    all.extend(webhook().into_iter().map(Event::from));
    all.extend(log().into_iter().map(Event::from));
    all.extend(subject().into_iter().map(Event::from));
    all.push(retention().into());
    all
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn of(subject: impl Into<SubjectId>, value: &str) -> Personal<String> {
    Personal::known(subject, value.to_owned())
}

fn account() -> Vec<AccountEvent> {
    let created =
        account::Created { store_name: "La Lámpara".into(), zone: "Europe/Madrid".into(), locale: Locale::Es, currency: "EUR".into() };
    let changed = account::SettingsChanged {
        store_name: text("La Luz"),
        zone: text("America/Lima"),
        locale: Some(Locale::Ca),
        currency: text("PEN"),
        routing: Some(routing::Policy::default()),
        consent: Some(account::ConsentRule::Required(account::Terms {
            text_version: "2026-03".into(),
            privacy_url: text("https://shop.example/privacy"),
            terms_url: text("https://shop.example/terms"),
            texts: [(Locale::Ca, "Accepto.".to_owned())].into(),
        })),
        retention: Some(account::RetentionRule {
            messages_days: Some(365),
            files_days: Some(90),
            exports_days: Some(30),
            deliveries_days: Some(7),
        }),
        recording: Some(account::RecordingRule { mode: account::RecordingMode::Always, retention_days: 90 }),
        attribution: Some(account::AttributionRule { window_days: 14 }),
        trials: Some(account::Trials::Anyone),
        business_hours: Some(Box::new(account::BusinessHours { schedule: Some(hours()) })),
        sla: Some(Box::new(SlaRule {
            targets: Targets { answer_s: Some(60), next_reply_s: Some(300), resolution_s: Some(86_400) },
            counting: sla::Counting::BusinessHours,
        })),
        brand: Some(account::Brand { color: account::Colour::new(0x1f, 0x6f, 0x5c) }),
    };
    let broken = account::InvariantBroken {
        invariant: account::Invariant::PlanSeconds,
        subject: "0195d7f0-0000-7000-8000-000000000001".into(),
        from: in_days(1),
        to: in_days(2),
        position: 4_711,
        expected: 721,
        found: 720,
    };
    let shown = account::ChannelShown { channel: "whatsapp".into() };
    vec![
        AccountEvent::Created(created),
        AccountEvent::SettingsChanged(changed),
        AccountEvent::ChannelPublished(shown.clone()),
        AccountEvent::ChannelUnpublished(shown),
        AccountEvent::InvariantBroken(broken),
        AccountEvent::Forked(account::Forked {}),
    ]
}

fn hours() -> Schedule {
    let windows = vec![Window { weekday: 1, from: NaiveTime::MIN, to: NaiveTime::from_hms_opt(18, 30, 0).expect("a time") }];
    Schedule { zone: "America/Lima".into(), windows, exceptions: vec![] }
}

fn user() -> Vec<UserEvent> {
    let created = user::Created { email: of(OWNER, "olga@example.com"), name: of(OWNER, "Olga"), access: Access::Owner };
    let modules = BTreeSet::from([Module::Calls, Module::Analytics, Module::Settings]);
    let opened = user::SessionOpened {
        session_id: session(1),
        token_hash: "ab".repeat(32),
        expires_at: in_days(30),
        device: Some(of(OWNER, "Mozilla/5.0")),
    };
    vec![
        UserEvent::Created(created),
        UserEvent::EmailChanged(user::EmailChanged { email: of(OWNER, "olga.ruiz@example.com") }),
        UserEvent::PasswordSet(user::PasswordSet { password_hash: of(OWNER, "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA") }),
        UserEvent::AccessChanged(user::AccessChanged { access: Access::Staff { modules } }),
        UserEvent::SessionOpened(opened),
        UserEvent::SessionRevoked(user::SessionRevoked { session_id: session(1) }),
        UserEvent::RoleAssigned(user::RoleAssigned { role_id: role_id(1) }),
        UserEvent::RoleRevoked(user::RoleRevoked { role_id: role_id(1) }),
        UserEvent::SignInFailed(user::SignInFailed {}),
        UserEvent::LockedOut(user::LockedOut { failures: 5, until: in_days(1) }),
        UserEvent::Deleted(user::Deleted {}),
    ]
}

fn role() -> Vec<RoleEvent> {
    let created = role::Created { name: "Floor".into(), modules: BTreeSet::from([Module::Calls]) };
    let updated = role::Updated { name: text("Desk"), modules: Some(BTreeSet::from([Module::Calls, Module::Analytics])) };
    vec![RoleEvent::Created(created), RoleEvent::Updated(updated), RoleEvent::Deleted(role::Deleted {})]
}

fn export() -> Vec<ExportEvent> {
    let id = ExportId(uuid::Uuid::from_u128(0xe1));
    let question = export::Question {
        definition: "conversations".into(),
        version: 1,
        form: export::Form::CsvExcel,
        locale: Locale::Pt,
        from: now(),
        to: in_days(30),
        zone: "America/Sao_Paulo".into(),
        filters: [("status".to_owned(), "closed".to_owned())].into(),
        search: Some(of(id, "Clara")),
        since: Some(7),
        position: 42,
    };
    let completed = export::Completed { rows: 3, bytes: 512, sha256: "ab".repeat(32), keep_until: in_days(7) };
    vec![
        ExportEvent::Streamed(export::Streamed { question: question.clone() }),
        ExportEvent::Requested(export::Requested { question, process: 0x1234_5678_9abc }),
        ExportEvent::Completed(completed),
        ExportEvent::Failed(export::Failed { reason: export::ExportFailure::Storage }),
        ExportEvent::Downloaded(export::Downloaded {}),
        ExportEvent::Deleted(export::Deleted { cause: export::Over::Retention }),
    ]
}

fn webhook() -> Vec<WebhookEvent> {
    let spec = webhook::Spec {
        name: "Warehouse".into(),
        url: text("https://warehouse.example/hooks"),
        events: ["call.finished".to_owned(), "order.*".to_owned()].into(),
        conditions: vec![webhook::Condition { field: "/data/channel".into(), one_of: vec!["web".into(), 3.into()] }],
        payload: webhook::Payload::Thin,
        ordered_by: webhook::OrderedBy::Stream,
        signatures: [webhook::Signature::Hmac, webhook::Signature::Ed25519].into(),
    };
    let exhausted =
        webhook::DeliveryExhausted { event_id: EventId(uuid::Uuid::from_u128(0xe7)), position: 42, attempts: 10, status: Some(500) };
    vec![
        WebhookEvent::Created(webhook::Created { spec: spec.clone(), after: 7 }),
        WebhookEvent::Updated(webhook::Updated { spec }),
        WebhookEvent::Enabled(webhook::Enabled {}),
        WebhookEvent::Disabled(webhook::Disabled { cause: webhook::Cause::Gone }),
        WebhookEvent::Deleted(webhook::Deleted {}),
        WebhookEvent::SecretRotated(webhook::SecretRotated { generation: 1, previous_until: in_days(1) }),
        WebhookEvent::Tested(webhook::Tested {}),
        WebhookEvent::ReplayRequested(webhook::ReplayRequested { after: 7, upto: 42 }),
        WebhookEvent::RecoveryRequested(webhook::RecoveryRequested { since: now(), until: in_days(1) }),
        WebhookEvent::DeliveryExhausted(exhausted),
    ]
}

fn log() -> Vec<LogEvent> {
    let note = "vitrina/log/00000000-0000-0000-0000-000000000001\n5\nroot\n\n\u{2014} name signature\n".to_owned();
    let exported =
        log::Exported { form: log::LogForm::Csv, after: 3, upto: 9, filters: [("actor_kind".to_owned(), "user".to_owned())].into() };
    vec![
        LogEvent::CheckpointSigned(log::CheckpointSigned { size: 5, position: 7, root: "ab".repeat(32), note }),
        LogEvent::Exported(exported),
    ]
}

fn subject() -> Vec<SubjectEvent> {
    use subject::{ErasureReason, Purged, SubjectKind, Taken};
    let taken = Taken {
        what: "calls".into(),
        export_id: uuid::Uuid::from_u128(7),
        form: Some(export::Form::CsvExcel),
        at: now(),
        by_kind: "user".into(),
        by: "00000000-0000-0000-0000-000000000009".into(),
    };
    let erased = subject::Erased {
        kind: SubjectKind::Customer,
        purged: Purged { conversations: 5, calls: 4, files: 3, recordings: 2, exports: 1 },
        taken: vec![taken],
        told: vec![WebhookId(uuid::Uuid::from_u128(8))],
        pending: vec![subject::Pending {
            recording_id: RecordingId(uuid::Uuid::from_u128(10)),
            call_id: CALL,
            node_id: NodeId(uuid::Uuid::from_u128(11)),
        }],
        receipt: "vitrina/log/00000000-0000-0000-0000-000000000001\nerasure\n\n\u{2014} name signature\n".into(),
    };
    vec![
        SubjectEvent::ErasureRequested(subject::ErasureRequested { kind: SubjectKind::Customer, reason: ErasureReason::ConsentWithdrawn }),
        SubjectEvent::Forgotten(subject::Forgotten {
            kind: SubjectKind::Shopper,
            part: 1,
            conversations: vec![CONVERSATION],
            calls: vec![CALL],
        }),
        SubjectEvent::Erased(erased),
        SubjectEvent::AccessGiven(subject::AccessGiven { kind: SubjectKind::Shopper }),
        SubjectEvent::Cleared(subject::Cleared { recording_id: RecordingId(uuid::Uuid::from_u128(10)) }),
    ]
}

fn retention() -> RetentionEvent {
    let (content, conversations) = (retention::ContentKind::Messages, vec![CONVERSATION]);
    RetentionEvent::ContentExpired(retention::ContentExpired { content, conversations })
}

fn bot() -> vitrina_domain::bot::Bot {
    vitrina_domain::bot::Bot { name: "Lumi".into(), image: text("https://shop.example/lumi.png") }
}

fn api_key() -> Vec<ApiKeyEvent> {
    let created = api_key::Created {
        name: "Till".into(),
        secret_hash: "ab".repeat(32),
        hint: "vk_abcd".into(),
        scopes: BTreeSet::from(Scope::ALL),
        environment: vitrina_domain::environment::Environment::Test,
        bot: Some(bot()),
        expires_at: Some(in_days(90)),
    };
    vec![ApiKeyEvent::Created(created), ApiKeyEvent::Revoked(api_key::Revoked {})]
}

fn order() -> Vec<PurchaseEvent> {
    use purchase::*;
    let line =
        OrderLine { sku: "lamp-7".into(), name: text("Lámpara"), quantity: 2, unit_price: 4_990, collections: vec!["light".into()] };
    let placed = Placed {
        external_id: "1001".into(),
        cart_id: text("of-1"),
        customer_id: Some(CUSTOMER),
        currency: "EUR".into(),
        lines: vec![line],
        shipping: 495,
        tax: 100,
        discounts: 1_000,
        total: 9_575,
        device: call::Device::Tablet,
        placed_at: now(),
    };
    let lines = vec![LineAmount { sku: "lamp-7".into(), quantity: 1 }];
    let refunded = Refunded { amount: 4_990, lines, reason: text("Broken"), refunded_at: in_days(1) };
    let cancelled = Cancelled { amount: 4_585, reason: text("Changed mind"), cancelled_at: in_days(2) };
    let attribution = Attribution {
        call_id: CALL,
        conversation_id: CONVERSATION,
        customer_id: CUSTOMER,
        rule: Rule::Cart,
        device: call::Device::Tablet,
        credits: vec![Credit { shopper_id: ANA, total: 9_575, lines: 9_980, shipping: 495, tax: 100, discounts: 1_000 }],
        lines: vec![LineCredit { shopper_id: ANA, added: 1, shown: 1, other: 0, collection: true }],
    };
    vec![
        PurchaseEvent::Placed(placed),
        PurchaseEvent::Refunded(refunded),
        PurchaseEvent::Cancelled(cancelled),
        PurchaseEvent::Attributed(Attributed { window_days: 7, attribution: Some(attribution) }),
    ]
}

fn shopper() -> Vec<ShopperEvent> {
    let profile = |name: &str| shopper::Profile {
        name: Some(of(ANA, name)),
        email: Some(of(ANA, "ana@example.com")),
        phone: Some(of(ANA, "+34600111222")),
        chat_name: Some(of(ANA, "Ana")),
        languages: Some(vec!["ca".into(), "es".into()]),
        expertise: Some(vec!["light".into()]),
        max_concurrent: Some(4),
        departments: Some(vec!["returns".into()]),
        country: text("ES"),
        cleared: vec![shopper::Detail::Phone],
    };
    let time = |hour| NaiveTime::from_hms_opt(hour, 30, 0).expect("an hour of the day");
    let christmas = "2026-12-25".parse().expect("a date");
    let schedule = Schedule {
        zone: "Europe/Madrid".into(),
        windows: vec![Window { weekday: 1, from: time(9), to: time(14) }],
        exceptions: vec![Exception { date: christmas, windows: vec![(time(10), time(12))], yearly: true }],
    };
    let (from, to) = (shopper::Status::Available, shopper::Status::Away);
    vec![
        ShopperEvent::Created(profile("Ana Ruiz")),
        ShopperEvent::Updated(profile("Ana Ruiz Gil")),
        ShopperEvent::CollectionsChanged(shopper::CollectionsChanged { collections: vec!["light".into(), "wood".into()] }),
        ShopperEvent::ScheduleChanged(shopper::ScheduleChanged { schedule: Some(schedule) }),
        ShopperEvent::StatusChanged(shopper::StatusChanged { from, to, cause: shopper::StatusCause::IdleTimeout }),
        ShopperEvent::Connected(shopper::Connected { connection_id: connection(1) }),
        ShopperEvent::Disconnected(shopper::Disconnected { connection_id: connection(1), until: Some(in_days(1)) }),
        ShopperEvent::Assigned(shopper::Assigned { work: routing::Work::Call(CALL) }),
        ShopperEvent::Freed(shopper::Freed { work: routing::Work::Conversation(CONVERSATION), served: Some(CUSTOMER) }),
        ShopperEvent::Deleted(shopper::Deleted {}),
    ]
}

pub fn decided() -> routing::Decided {
    routing::Decided {
        shopper_id: ANA,
        candidates: vec![routing::Considered { shopper_id: BRUNO, lost: routing::Lost::MoreLoad }],
        unnamed: [(routing::Lost::NotAvailable, 3)].into(),
        seed: 7,
        policy: routing::Policy::default(),
    }
}

fn customer() -> Vec<CustomerEvent> {
    let profile = |name: &str| customer::Profile {
        external_id: text("4711"),
        name: Some(of(CUSTOMER, name)),
        email: Some(of(CUSTOMER, "luz@example.es")),
        phone: Some(of(CUSTOMER, "+34600111333")),
        address: Some(of(CUSTOMER, "Carrer de Mallorca 401\n08013 Barcelona")),
        language: text("ca"),
        country: text("ES"),
        segment: text("vip"),
        company: text("Hotel Sol"),
        cleared: vec![customer::Detail::Phone],
    };
    vec![CustomerEvent::Created(profile("Luz")), CustomerEvent::Updated(profile("Luz Marín"))]
}

fn money() -> Money {
    Money { amount: 4_990, currency: "EUR".into() }
}

fn product() -> Product {
    Product {
        sku: "lamp-7".into(),
        name: "Lámpara".into(),
        image_url: text("https://shop.example/lamp.webp"),
        url: text("https://shop.example/lamp"),
        price: Some(money()),
        collections: vec!["light".into()],
        variants: vec![],
    }
}

fn answered() -> Answered {
    Answered {
        answer_id: answer(1),
        answered_at: now(),
        nps: Some(9),
        face: Some(Face::Satisfied),
        csat: Some(5),
        comment: Some(of(CUSTOMER, "¡Muy amable!")),
        question: Some(of(CUSTOMER, "¿Nos recomendaría?")),
        shoppers: vec![ANA, BRUNO],
    }
}

fn superseded() -> Superseded {
    Superseded { answer_id: answer(1), by: answer(2) }
}

fn asked() -> Sent {
    Sent { shoppers: vec![ANA, BRUNO] }
}

fn shown() -> Shown {
    Shown { answer_id: answer(1) }
}

fn call() -> Vec<CallEvent> {
    use call::*;
    let opened = |shopper_id| Opened {
        customer_id: CUSTOMER,
        conversation_id: CONVERSATION,
        shopper_id,
        product: Some(product()),
        platform: Platform::VtexIo,
        device: Device::Mobile,
        language: text("pt-BR"),
        country: text("BR"),
        collections: vec!["light".into()],
        priority: 1,
    };
    let appointment = |sequence| Scheduled { starts_at: in_days(1), ends_at: in_days(2), zone: "Europe/Madrid".into(), sequence };
    let line =
        CartLine { sku: "lamp-7".into(), name: "Lámpara".into(), quantity: 2, unit_price: money(), collections: vec!["light".into()] };
    let (cart_id, sku) = ("of-1".to_owned(), "lamp-7".to_owned());
    let reason = EndReason::CustomerHangup;
    vec![
        CallEvent::Requested(opened(None)),
        CallEvent::Created(opened(Some(ANA))),
        CallEvent::Scheduled(appointment(0)),
        CallEvent::Rescheduled(appointment(1)),
        CallEvent::Queued(Queued { reason: QueueReason::ClaimExpired }),
        CallEvent::Claimed(Claimed { shopper_id: ANA, start_by: Some(in_days(1)) }),
        CallEvent::Offered(Offered { shopper_id: ANA, until: in_days(1) }),
        CallEvent::OfferDeclined(OfferDeclined { shopper_id: ANA }),
        CallEvent::OfferExpired(OfferDeclined { shopper_id: ANA }),
        CallEvent::RoutingDecided(decided()),
        CallEvent::RoutingFailed(routing::Failed { why: routing::Why::AllBusy, reasons: [(routing::Lost::NoRoom, 2)].into() }),
        CallEvent::CustomerConnected(CustomerConnected { connection_id: connection(1) }),
        CallEvent::CustomerDisconnected(CustomerDisconnected { connection_id: connection(1), until: Some(in_days(1)) }),
        CallEvent::ClaimExpired(ClaimExpired { shopper_id: ANA }),
        CallEvent::Started(Started { shopper_id: ANA }),
        CallEvent::ParticipantInvited(ParticipantInvited { shopper_id: BRUNO }),
        CallEvent::Transferred(Transferred { from: ANA, to: BRUNO }),
        CallEvent::Ended(Ended { reason }),
        CallEvent::Finished(Finished { reason }),
        CallEvent::Cancelled(Cancelled { reason: CancelReason::AbandonedInQueue }),
        CallEvent::Archived(Archived {}),
        CallEvent::Unarchived(Archived {}),
        CallEvent::ProductShown(ProductShown { product: product() }),
        CallEvent::CartItemAdded(CartItemAdded { cart_id: cart_id.clone(), line }),
        CallEvent::CartItemUpdated(CartItemUpdated { cart_id: cart_id.clone(), sku: sku.clone(), from: 2, to: 3 }),
        CallEvent::CartItemRemoved(CartItemRemoved { cart_id, sku, quantity: 3 }),
        CallEvent::SurveyAnswered(answered()),
        CallEvent::SurveySuperseded(superseded()),
        CallEvent::SurveySent(asked()),
        CallEvent::SurveyHidden(shown()),
        CallEvent::SurveyPublished(shown()),
    ]
    .into_iter()
    .chain(media())
    .chain(recordings())
    .collect()
}

fn recordings() -> Vec<CallEvent> {
    use call::recording::*;
    let recording_id = recording(1);
    let file = RecordingFile {
        key: "accounts/a/calls/c/recordings/r.webm".into(),
        bytes: 1_234_567,
        sha256: "ab".repeat(32),
        mime: "video/webm".into(),
    };
    vec![
        CallEvent::RecordingSwitched(Switched { state: Switch::On }),
        CallEvent::RecordingStarted(RecordingStarted {
            recording_id,
            node_id: node(1),
            participant_id: participant(1),
            holds: Holds::Screen,
            offset_ms: 1_500,
        }),
        CallEvent::RecordingStopped(RecordingStopped { recording_id, duration_ms: 61_000, corrected: true }),
        CallEvent::RecordingReady(RecordingReady { recording_id, file, keep_until: Some(now()) }),
        CallEvent::RecordingFailed(RecordingFailed { recording_id, reason: RecordingFailure::Disk }),
        CallEvent::RecordingLost(OfRecording { recording_id }),
        CallEvent::RecordingDownloaded(OfRecording { recording_id }),
        CallEvent::RecordingDeleted(RecordingDeleted { recording_id, cause: DeleteCause::Retention }),
    ]
}

fn media() -> Vec<CallEvent> {
    use call::media::*;
    let (session_id, participant_id) = (media_session(1), participant(1));
    let track = TrackOf { participant_id, source: Source::Screen };
    let by = ByParticipant { participant_id };
    let (kind, who) = (ConsentKind::Recording, BY_CUSTOMER);
    vec![
        CallEvent::ConsentGiven(ConsentGiven { kind, text_version: "2026-03".into(), locale: Locale::Ca }),
        CallEvent::ConsentWithdrawn(ConsentWithdrawn { kind }),
        CallEvent::MediaTokenIssued(TokenIssued { who: who.clone(), role: call::Side::Customer, expires_at: now() }),
        CallEvent::MediaSessionOpened(SessionOpened { session_id, node_id: node(1), address: "https://one.shop.example".into() }),
        CallEvent::MediaParticipantJoined(ParticipantJoined {
            session_id,
            participant_id,
            who: who.clone(),
            role: call::Side::Customer,
            device: Some(call::Device::Tablet),
        }),
        CallEvent::MediaJoinFailed(JoinFailed {
            participant_id,
            who,
            reason: JoinFailure::PermissionDenied,
            detail: text("NotAllowedError"),
        }),
        CallEvent::MediaParticipantLeft(ParticipantLeft {
            participant_id,
            reason: LeaveReason::ServerShutdown,
            at: Some(now()),
            corrected: true,
        }),
        CallEvent::MediaTrackPublished(track.clone()),
        CallEvent::MediaTrackUnpublished(track),
        CallEvent::MediaMicMuted(by.clone()),
        CallEvent::MediaMicUnmuted(by.clone()),
        CallEvent::MediaCameraOn(by.clone()),
        CallEvent::MediaCameraOff(by.clone()),
        CallEvent::MediaCameraSwitched(by.clone()),
        CallEvent::MediaScreenShareStarted(by.clone()),
        CallEvent::MediaScreenShareStopped(by),
        CallEvent::MediaSessionClosed(SessionClosed { session_id, reason: LeaveReason::RoomClosed }),
    ]
}

fn conversation() -> Vec<ConversationEvent> {
    use conversation::*;
    let opened = Opened {
        customer_id: CUSTOMER,
        call_id: Some(CALL),
        channel: "whatsapp".into(),
        language: text("es-PE"),
        country: text("PE"),
        department: text("returns"),
        continues: Some(Continues { previous_id: CONVERSATION, origin_id: CONVERSATION }),
    };
    let sent = MessageSent {
        message_id: message(1),
        author: Author::Customer(CUSTOMER),
        body: of(CUSTOMER, "Hola\n¿la tienen en azul?"),
        visibility: Visibility::Internal,
        mentions: vec![BRUNO],
        template: text("order_update"),
    };
    let shared = FileShared {
        file_id: file(1),
        author: Author::Shopper(ANA),
        name: of(CUSTOMER, "room.png"),
        media_type: "image/png".into(),
        bytes: 2_048,
        sha256: "cd".repeat(32),
        url: of(CUSTOMER, "https://files.example/room.png"),
    };
    let changed = StatusChanged { from: Status::NeedHelp, to: Status::InProgress, cause: StatusCause::Joined };
    let closed = Closed { reason: CloseReason::Inactivity, outcome: Outcome::NoAnswer, agent_replied: true };
    let tagged = Tagged { tag: "vip".into() };
    let targets = Targets { answer_s: Some(60), next_reply_s: Some(300), resolution_s: Some(86_400) };
    vec![
        ConversationEvent::Opened(opened),
        ConversationEvent::MessageSent(sent),
        ConversationEvent::FileShared(shared),
        ConversationEvent::StatusChanged(changed),
        ConversationEvent::AgentJoined(AgentJoined { shopper_id: ANA }),
        ConversationEvent::AgentLeft(AgentLeft { shopper_id: ANA }),
        ConversationEvent::BotJoined(BotJoined { bot_id: ApiKeyId(CONVERSATION.0), bot: bot() }),
        ConversationEvent::NoteSet(NoteSet { text: of(CUSTOMER, "wants blue") }),
        ConversationEvent::TagAdded(tagged.clone()),
        ConversationEvent::TagRemoved(tagged),
        ConversationEvent::ExpertiseSet(ExpertiseSet { expertise: vec!["light".into()] }),
        ConversationEvent::HandedOff(HandedOff {
            from: Some(ANA),
            bot_id: None,
            to: Recipient::Shopper(BRUNO),
            note: Some(of(CUSTOMER, "wants blue")),
        }),
        ConversationEvent::DepartmentSet(DepartmentSet { department: text("returns") }),
        ConversationEvent::RoutingDecided(decided()),
        ConversationEvent::PrioritySet(PrioritySet { priority: 1 }),
        ConversationEvent::SlaApplied(sla::Applied { targets, schedule: Some(hours()) }),
        ConversationEvent::SlaClockStarted(sla::ClockStarted { target: Target::Answer, due_at: in_days(1) }),
        ConversationEvent::SlaClockStopped(sla::ClockStopped { target: Target::Resolution, left_ms: Some(60_000) }),
        ConversationEvent::SlaMet(sla::Met { target: Target::NextReply, due_at: in_days(1) }),
        ConversationEvent::SlaBreached(sla::Breached { target: Target::Answer, due_at: in_days(1) }),
        ConversationEvent::SlaSettled(sla::Settled { result: sla::Verdict::Missed, missed: vec![Target::Answer] }),
        ConversationEvent::Closed(closed),
        ConversationEvent::Continued(Continued { conversation_id: CONVERSATION }),
        ConversationEvent::TranscriptDownloaded(conversation::TranscriptDownloaded {
            form: conversation::TranscriptForm::Pdf,
            audience: conversation::Audience::Staff,
        }),
        ConversationEvent::SurveyAnswered(answered()),
        ConversationEvent::SurveySuperseded(superseded()),
        ConversationEvent::SurveySent(asked()),
        ConversationEvent::SurveyHidden(shown()),
        ConversationEvent::SurveyPublished(shown()),
    ]
}
