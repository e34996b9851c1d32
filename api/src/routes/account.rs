//! The account: the shop's name, zone, language and currency, and the rules of its floor.

use crate::{
    auth::caller::Caller,
    change::Change,
    error::{ApiError, Result},
    idempotency::Need,
    parameters::Query,
    reading::{self, Read, ReadAt},
    routes::{
        consent_rule::Consent,
        headers::Changes,
        rules::{Rules, RulesChange},
        service_level::{ServiceLevel, ServiceLevelChange},
        shapes,
    },
    wiring::State,
    writing::{Command, Written},
};
use actix_web::{HttpResponse, get, patch, put, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    account::{Account, AccountAction, BusinessHours, RecordingMode, RecordingRule, RetentionChange, RetentionRule, Term, Trials},
    locale::Locale,
    module::Module,
    schedule::Schedule,
};
use vitrina_projections::accounts;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(get_account).service(update_account).service(set_business_hours);
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// The account.
    id: Uuid,
    /// Name of the shop.
    store_name: String,
    /// IANA zone of its reports.
    #[schema(example = "Europe/Madrid")]
    zone: String,
    /// Language of its texts.
    #[schema(schema_with = shapes::locale)]
    locale: Locale,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: String,
    /// The rules of the floor.
    routing: Rules,
    /// What customers consent to before a call.
    consent: Consent,
    /// Whether calls are recorded: off, on_request (a shopper switches it on) or always; only ever with the customer's consent.
    #[schema(value_type = String, example = "on_request")]
    recording: RecordingMode,
    /// For how long what is recorded, said and taken away is kept. What happened is kept for ever, and so are all figures.
    retention: RetentionView,
    /// How the shop looks: what its documents are dressed in.
    brand: BrandView,
    /// How many days after a call an order of its customer still goes back to it; 0: during the call only.
    #[schema(example = 7)]
    attribution_window_days: u32,
    /// The channels whose ratings everybody may see; `PUT /v1/channels/{channel}/ratings` changes it.
    #[schema(example = json!(["web"]))]
    public_channels: Vec<String>,
    /// When the shop answers, by which times within business hours are counted; `null` where it has not said.
    #[schema(value_type = Option<shapes::Schedule>)]
    business_hours: Option<Schedule>,
    /// What the shop promises of its chats, from when they are opened.
    sla: ServiceLevel,
    /// Who may open a trial: `staff` (and API keys), or `anyone`, visitors too.
    #[schema(schema_with = shapes::trials)]
    trials: Trials,
    /// When it was set up.
    created_at: DateTime<Utc>,
    /// Its version, as in `ETag`.
    version: i64,
}

/// How the shop looks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BrandView {
    /// Its colour.
    #[schema(example = "#1f6f5c")]
    color: String,
}

/// For how long things are kept, in days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetentionView {
    /// Recordings, from when they are ready; `null`: for ever.
    #[schema(example = 730)]
    recordings_days: Option<u32>,
    /// What was written in a conversation, and its files with it, from its end; `null`: for ever.
    #[schema(example = 365)]
    messages_days: Option<u32>,
    /// Files that were shared in a conversation, from its end; `null`: as long as what was written.
    files_days: Option<u32>,
    /// Files of exports, from when they are made; `null`: as the server's option `export_keep_days` says.
    exports_days: Option<u32>,
    /// Attempts at deliveries and dead letters, and no longer than what is written; `null`: 14 days and 90 days.
    deliveries_days: Option<u32>,
}

impl RetentionView {
    fn new(recording: &RecordingRule, rule: RetentionRule) -> Self {
        Self {
            recordings_days: Some(recording.retention_days).filter(|days| *days > 0),
            messages_days: rule.messages_days,
            files_days: rule.files_days,
            exports_days: rule.exports_days,
            deliveries_days: rule.deliveries_days,
        }
    }
}

/// What changes of how long things are kept, in days; absent fields stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionPatch {
    /// Recordings that become ready from now on; `null`: for ever.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 3660)]
    recordings_days: Change<u32>,
    /// What was written in conversations, and their files with it, from a conversation's end; `null`: for ever.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 3660)]
    messages_days: Change<u32>,
    /// Files that were shared in conversations, from a conversation's end; `null`: as long as what was written.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 3660)]
    files_days: Change<u32>,
    /// Files of exports that are made from now on; `null`: as the server's options say.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 3660)]
    exports_days: Change<u32>,
    /// Attempts at deliveries and dead letters; `null`: as the server does it.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 90)]
    deliveries_days: Change<u32>,
}

impl RetentionPatch {
    fn change(&self) -> RetentionChange {
        RetentionChange {
            messages: term(&self.messages_days),
            files: term(&self.files_days),
            exports: term(&self.exports_days),
            deliveries: term(&self.deliveries_days),
        }
    }
}

/// For how long; `None` where it stays.
fn term(change: &Change<u32>) -> Option<Term> {
    match change {
        Change::Keep => None,
        Change::Clear => Some(Term::Unset),
        Change::Set(days) => Some(Term::Days(*days)),
    }
}

/// What changes of how the shop looks; absent fields stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrandChange {
    /// Its colour: `#rrggbb`.
    #[schema(example = "#1f6f5c")]
    color: Option<String>,
}

/// What changes; absent fields stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountChange {
    /// Name of the shop.
    store_name: Option<String>,
    /// IANA zone of its reports.
    zone: Option<String>,
    /// Language of its texts.
    #[serde(default)]
    #[schema(schema_with = shapes::locale, required = false)]
    locale: Option<Locale>,
    /// ISO 4217 code.
    currency: Option<String>,
    /// Rules of the floor.
    routing: Option<RulesChange>,
    /// What customers consent to before a call, as a whole.
    consent: Option<Consent>,
    /// Whether calls are recorded: off, on_request or always.
    #[schema(value_type = Option<String>, example = "on_request")]
    recording: Option<RecordingMode>,
    /// For how long what is recorded, said and taken away is kept.
    retention: Option<RetentionPatch>,
    /// How many days after a call an order of its customer still goes back to it; 0: during the call only. For orders from now on.
    #[schema(maximum = 92)]
    attribution_window_days: Option<u32>,
    /// How the shop looks.
    brand: Option<BrandChange>,
    /// What the shop promises of its chats, of those that are opened from now on.
    sla: Option<ServiceLevelChange>,
    /// Who may open a trial: `staff` (and API keys), or `anyone`, visitors too.
    #[schema(schema_with = shapes::trials, required = false)]
    trials: Option<Trials>,
}

/// When the shop answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBusinessHours {
    /// The hours; `null`: none, and no time is counted within them.
    schedule: Option<shapes::Schedule>,
}

/// The account.
#[utoipa::path(tag = "account", params(ReadAt), responses((status = 200, body = Read<AccountView>)), security(("bearer" = ["staff"]), ("bearer" = ["settings"])))]
#[get("/v1/account")]
pub(crate) async fn get_account(caller: Caller, query: Query<ReadAt>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let position = query.0.position(&state).await?;
    let found = accounts::get(&state.store, account, position).await.map_err(reading::problem)?;
    let row = found.ok_or_else(|| ApiError::not_found("account"))?.row;
    let view = AccountView {
        id: row.account_id.0,
        store_name: row.store_name,
        zone: row.zone,
        locale: row.locale,
        currency: row.currency,
        routing: row.routing.0.into(),
        consent: row.consent.0.into(),
        recording: row.recording.0.mode,
        retention: RetentionView::new(&row.recording.0, row.retention.0),
        brand: BrandView { color: row.brand.0.color.to_string() },
        attribution_window_days: row.attribution.0.window_days,
        public_channels: row.public_channels.0.names().map(str::to_owned).collect(),
        business_hours: row.business_hours.0.schedule,
        sla: row.sla.0.into(),
        trials: row.trials,
        created_at: row.created_at,
        version: row.version,
    };
    Ok(reading::answer(view, row.version, position))
}

/// Change the account's settings.
#[utoipa::path(tag = "account", params(Changes), request_body = AccountChange, responses((status = 200, body = Written)), security(("bearer" = ["settings"])))]
#[patch("/v1/account")]
pub(crate) async fn update_account(command: Command<AccountChange>) -> Result<HttpResponse> {
    let (staff, body) = (command.caller.staff(Module::Settings)?, &command.body);
    let change = || AccountAction::ChangeSettings {
        store_name: body.store_name.clone(),
        zone: body.zone.clone(),
        locale: body.locale,
        currency: body.currency.clone(),
    };
    let done = command.run(Need::Optional, staff.giver(), (), |unit| {
        unit.run::<Account>(staff.account, change())?;
        if let Some(rules) = &body.routing {
            unit.run::<Account>(staff.account, AccountAction::ChangeRouting(rules.clone().into()))?;
        }
        if let Some(consent) = &body.consent {
            unit.run::<Account>(staff.account, AccountAction::SetConsent(consent.clone().into()))?;
        }
        if let Some(brand) = &body.brand {
            unit.run::<Account>(staff.account, AccountAction::ChangeBrand { color: brand.color.clone() })?;
        }
        if let Some(window_days) = body.attribution_window_days {
            unit.run::<Account>(staff.account, AccountAction::ChangeAttribution { window_days: Some(window_days) })?;
        }
        if let Some(sla) = &body.sla {
            unit.run::<Account>(staff.account, AccountAction::ChangeSla(sla.change()))?;
        }
        if let Some(trials) = body.trials {
            unit.run::<Account>(staff.account, AccountAction::SetTrials(trials))?;
        }
        if let Some(retention) = &body.retention {
            unit.run::<Account>(staff.account, AccountAction::ChangeRetention(retention.change()))?;
        }
        let retention = body.retention.as_ref().and_then(|retention| term(&retention.recordings_days));
        unit.run::<Account>(staff.account, AccountAction::ChangeRecording { mode: body.recording, retention })
    });
    let done = done.await?;
    Ok(done.changed(staff.account))
}

/// Say when the shop answers. Reports count times within these hours too, those of the past with them.
#[utoipa::path(tag = "account", params(Changes), request_body = NewBusinessHours, responses((status = 200, body = Written)), security(("bearer" = ["settings"])))]
#[put("/v1/account/business-hours")]
pub(crate) async fn set_business_hours(command: Command<NewBusinessHours>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Settings)?;
    let hours = BusinessHours { schedule: command.body.schedule.clone().map(Into::into) };
    let set = || AccountAction::SetBusinessHours(hours.clone());
    let done = command.run(Need::Optional, staff.giver(), (), |unit| unit.run::<Account>(staff.account, set())).await?;
    Ok(done.changed(staff.account))
}
