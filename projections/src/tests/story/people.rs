//! Who is in a story: accounts, shoppers, customers, users, and what they may do.

use super::{Chapter, Story, beginning};
use chrono::Duration;
use std::collections::BTreeSet;
use vitrina_domain::{
    account, api_key,
    api_key::ApiKeyEvent,
    customer, export,
    export::ExportEvent,
    ids::*,
    locale::Locale,
    log::{self, LogEvent},
    module::{Access, Module},
    personal::Personal,
    retention::{ContentExpired, ContentKind, RetentionEvent},
    role,
    role::RoleEvent,
    scope::Scope,
    shopper,
    shopper::ShopperEvent,
    sla::Verdict,
    stream::Category,
    subject::{ErasureReason, ErasureRequested, SubjectEvent, SubjectKind},
    user,
    user::UserEvent,
    webhook,
};
use vitrina_eventlog::{Position, StreamId};

impl Story {
    pub(super) fn new_account(&mut self) -> Chapter {
        let account = AccountId(self.id());
        self.accounts.push(account);
        let created =
            account::Created { store_name: "Tienda".into(), zone: "Europe/Madrid".into(), locale: Locale::Es, currency: "EUR".into() };
        let changed = account::SettingsChanged { store_name: Some("Botiga".into()), ..Default::default() };
        let events = vec![account::AccountEvent::Created(created).into(), account::AccountEvent::SettingsChanged(changed).into()];
        (StreamId::new(account, Category::Account, account), events)
    }

    pub(super) fn new_shopper(&mut self) -> Chapter {
        let (account, id) = (self.some_account(), ShopperId(self.id()));
        self.shoppers.push((account, id, shopper::Status::Offline));
        let name = ["Ana García", "Béla Ñandú", "Çelik", "Zoë"][self.draw(4)];
        let profile = shopper::Profile {
            name: Some(Personal::known(id, name.to_owned())),
            email: Some(Personal::known(id, format!("{id}@example.com"))),
            phone: Some(Personal::known(id, "+34600000000".to_owned())),
            languages: Some(vec!["es".into()]),
            ..Default::default()
        };
        (StreamId::new(account, Category::Shopper, id), vec![ShopperEvent::Created(profile).into()])
    }

    /// Somebody of whom the story says nothing: what forgetting changes has tests of its own.
    pub fn nobody_is_forgotten(&mut self) -> Chapter {
        let (account, subject) = (self.some_account(), self.id());
        let requested = ErasureRequested { kind: SubjectKind::Customer, reason: ErasureReason::Objected };
        (StreamId::new(account, Category::Subject, subject), vec![SubjectEvent::ErasureRequested(requested).into()])
    }

    pub(super) fn shopper_changes(&mut self) -> Chapter {
        let index = self.draw(self.shoppers.len());
        let (account, id, from) = self.shoppers[index];
        let event = match self.draw(4) {
            0 => ShopperEvent::CollectionsChanged(shopper::CollectionsChanged { collections: vec![format!("c{}", self.draw(9))] }),
            1 => ShopperEvent::Updated(shopper::Profile {
                chat_name: Some(Personal::known(id, format!("n{}", self.draw(5)))),
                ..Default::default()
            }),
            _ => {
                use shopper::Status::*;
                let to = [Available, Busy, Away, Offline][self.draw(4)];
                self.shoppers[index].2 = to;
                ShopperEvent::StatusChanged(shopper::StatusChanged { from, to, cause: shopper::StatusCause::Manual })
            }
        };
        (StreamId::new(account, Category::Shopper, id), vec![event.into()])
    }

    pub(super) fn new_customer(&mut self) -> Chapter {
        let (account, id) = (self.some_account(), CustomerId(self.id()));
        self.customers.push((account, id));
        let which = self.customers.len();
        let name = ["Clara", "Núria Puig-Serra", "ANA de la Cruz", "Łukasz Żak", "Ana Ñandú"][which % 5];
        let created = customer::Profile {
            name: Some(Personal::known(id, name.into())),
            email: (!which.is_multiple_of(3)).then(|| Personal::known(id, format!("ana.{which}@exàmple.com"))),
            phone: (!which.is_multiple_of(2)).then(|| Personal::known(id, format!("+3460011223{}", which % 10))),
            company: which.is_multiple_of(4).then(|| "Garcia & Co".into()),
            country: Some("ES".into()),
            ..Default::default()
        };
        let renamed = which.is_multiple_of(3).then(|| Personal::known(id, "Marta Çelik".into()));
        let updated = customer::Profile { name: renamed, segment: Some("vip".into()), ..Default::default() };
        let events = vec![customer::CustomerEvent::Created(created).into(), customer::CustomerEvent::Updated(updated).into()];
        (StreamId::new(account, Category::Customer, id), events)
    }

    /// An endpoint is made, files of chats are kept no longer, and the log of an account is signed and taken away. Nothing is drawn for these: the rest of the story does
    /// not depend on them.
    pub(super) fn last_chapters(&self, head: Position) -> Vec<Chapter> {
        let (account, endpoint) = (self.accounts[0], uuid::Uuid::from_u128(head.0 as u128));
        let spec = webhook::Spec {
            name: "Warehouse".into(),
            url: None,
            events: BTreeSet::new(),
            conditions: Vec::new(),
            payload: webhook::Payload::Thin,
            ordered_by: webhook::OrderedBy::Stream,
            signatures: [webhook::Signature::Hmac].into(),
        };
        let made = webhook::WebhookEvent::Created(webhook::Created { spec, after: 0 });
        let signed = log::CheckpointSigned { size: 1, position: 1, root: "ab".repeat(32), note: "a note".into() };
        let exported = log::Exported { form: log::LogForm::Log, after: 0, upto: 1, filters: Default::default() };
        let of_log = [LogEvent::CheckpointSigned(signed), LogEvent::Exported(exported)];
        let of_log = of_log.into_iter().map(|event| (StreamId::new(account, Category::Log, account), vec![event.into()]));
        let expired = ContentExpired {
            content: ContentKind::Files,
            conversations: self.chats.iter().filter(|chat| chat.is_of(account)).map(super::Chat::id).take(3).collect(),
        };
        let of_retention = (StreamId::new(account, Category::Retention, account), vec![RetentionEvent::ContentExpired(expired).into()]);
        let of_endpoint = (StreamId::new(account, Category::Webhook, endpoint), vec![made.into()]);
        let promised = [Verdict::Hit, Verdict::Missed].map(|result| self.a_chat_with_promises(head, result));
        [of_endpoint, of_retention].into_iter().chain(of_log).chain([self.a_chat_with_a_bot(head)]).chain(promised).collect()
    }

    /// One that is fetched, fails, or is deleted before it is made.
    fn new_export(&mut self, account: AccountId, id: ExportId) -> Chapter {
        let question = export::Question {
            definition: "calls".into(),
            version: 1,
            form: export::Form::Csv,
            locale: Locale::Es,
            from: beginning(),
            to: beginning() + Duration::days(1),
            zone: "Europe/Madrid".into(),
            filters: Default::default(),
            search: Some(Personal::known(id, "Clara".into())),
            since: None,
            position: 1,
        };
        let keep_until = beginning() + Duration::days(7);
        let completed = export::Completed { rows: 1, bytes: 9, sha256: "ab".repeat(32), keep_until };
        let mut events = vec![ExportEvent::Requested(export::Requested { question, process: 7 })];
        events.extend(match self.draw(3) {
            0 => vec![ExportEvent::Completed(completed), ExportEvent::Downloaded(export::Downloaded {})],
            1 => vec![ExportEvent::Failed(export::Failed { reason: export::ExportFailure::Storage })],
            _ => vec![ExportEvent::Deleted(export::Deleted { cause: export::Over::ByHand })],
        });
        (StreamId::new(account, Category::Export, id), events.into_iter().map(Into::into).collect())
    }

    pub(super) fn new_role_key_or_export(&mut self) -> Chapter {
        let (account, id) = (self.some_account(), self.id());
        let modules = BTreeSet::from([Module::Calls]);
        if self.draw(2) == 0 {
            let created = role::Created { name: "Floor".into(), modules };
            let updated = role::Updated { name: Some("Desk".into()), modules: None };
            let events = vec![RoleEvent::Created(created).into(), RoleEvent::Updated(updated).into()];
            return (StreamId::new(account, Category::Role, id), events);
        }
        if self.draw(2) == 0 {
            return self.new_export(account, ExportId(id));
        }
        let scopes = BTreeSet::from(Scope::ALL);
        let (environment, secret_hash) = (vitrina_eventlog::Environment::Test, id.to_string());
        let created =
            api_key::Created { name: "Till".into(), secret_hash, hint: "vk_".into(), scopes, environment, bot: None, expires_at: None };
        let events = vec![ApiKeyEvent::Created(created).into(), ApiKeyEvent::Revoked(api_key::Revoked {}).into()];
        (StreamId::new(account, Category::ApiKey, id), events)
    }

    pub(super) fn new_user_or_session(&mut self) -> Chapter {
        if self.draw(2) == 0 && !self.sessions.is_empty() {
            let index = self.draw(self.sessions.len());
            let (account, user, session_id) = self.sessions.swap_remove(index);
            let revoked = UserEvent::SessionRevoked(user::SessionRevoked { session_id });
            return (StreamId::new(account, Category::User, user), vec![revoked.into()]);
        }
        let (account, id, session_id) = (self.some_account(), UserId(self.id()), SessionId(self.id()));
        self.sessions.push((account, id, session_id));
        let created = user::Created {
            email: Personal::known(id, format!("U{id}@Example.com")),
            name: Personal::known(id, "Uwe".into()),
            access: Access::Owner,
        };
        let opened = user::SessionOpened {
            session_id,
            token_hash: format!("{:064x}", session_id.0.as_u128()),
            expires_at: beginning() + Duration::days(30),
            device: None,
        };
        let password = user::PasswordSet { password_hash: Personal::known(id, "$argon2id$".into()) };
        let role_id = RoleId(id.0);
        let events = vec![
            UserEvent::Created(created).into(),
            UserEvent::PasswordSet(password).into(),
            UserEvent::RoleAssigned(user::RoleAssigned { role_id }).into(),
            UserEvent::RoleAssigned(user::RoleAssigned { role_id: RoleId(session_id.0) }).into(),
            UserEvent::LockedOut(user::LockedOut { failures: 5, until: beginning() }).into(),
            UserEvent::SessionOpened(opened).into(),
            UserEvent::RoleRevoked(user::RoleRevoked { role_id }).into(),
        ];
        (StreamId::new(account, Category::User, id), events)
    }
}
