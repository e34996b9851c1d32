//! The account: one shop and its settings.

mod attribution;
mod brand;
mod commands;
mod consent;
mod decide;
mod events;
mod hours;
mod integrity;
mod publication;
mod recording;
mod retention;
mod trials;
pub use attribution::*;
pub use brand::*;
pub use commands::*;
pub use consent::*;
pub use events::*;
pub use hours::*;
pub use integrity::*;
pub use publication::*;
pub use recording::*;
pub use retention::*;
pub use trials::*;

use crate::{
    aggregate::impl_cqrs,
    locale::Locale,
    routing::Policy,
    sla::{Applied, Counting, SlaRule},
    stream::Category,
    survey::Publicity,
};
use serde::{Deserialize, Serialize};

/// An account's state: its settings, or nothing yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    settings: Option<Settings>,
}

/// The settings as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Name of the shop.
    pub store_name: String,
    /// IANA zone of its reports.
    pub zone: String,
    /// Language of its texts.
    pub locale: Locale,
    /// ISO 4217 code.
    pub currency: String,
    /// The rules of the floor.
    #[serde(default)]
    pub routing: Policy,
    /// What customers consent to.
    #[serde(default)]
    pub consent: ConsentRule,
    /// Whether calls are recorded.
    #[serde(default)]
    pub recording: RecordingRule,
    /// How the shop looks.
    #[serde(default)]
    pub brand: Brand,
    /// Which orders go back to calls.
    #[serde(default)]
    pub attribution: AttributionRule,
    /// Which channels' ratings everybody may see.
    #[serde(default)]
    pub public_channels: PublicChannels,
    /// When the shop answers.
    #[serde(default)]
    pub business_hours: BusinessHours,
    /// What the shop promises of its chats.
    #[serde(default)]
    pub sla: SlaRule,
    /// Who may declare a trial.
    #[serde(default)]
    pub trials: Trials,
    /// For how long contents are kept.
    #[serde(default)]
    pub retention: RetentionRule,
}

impl_cqrs!(Account, Category::Account, AccountAction, AccountEvent);

impl Account {
    /// The settings as they stand, once the account exists.
    pub fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref()
    }

    /// The rules of the floor as they stand.
    pub fn routing(&self) -> Policy {
        self.settings.as_ref().map(|settings| settings.routing.clone()).unwrap_or_default()
    }

    /// What customers consent to, as it stands.
    pub fn consent(&self) -> ConsentRule {
        self.settings.as_ref().map(|settings| settings.consent.clone()).unwrap_or_default()
    }

    /// Whether calls are recorded, as it stands.
    pub fn recording(&self) -> RecordingRule {
        self.settings.as_ref().map(|settings| settings.recording.clone()).unwrap_or_default()
    }

    /// Which orders go back to calls, as it stands.
    pub fn attribution(&self) -> AttributionRule {
        self.settings.as_ref().map(|settings| settings.attribution).unwrap_or_default()
    }

    /// What is promised of a chat that is opened now; `None` where nothing is.
    pub fn promise(&self) -> Option<Applied> {
        let Settings { sla, business_hours, .. } = self.settings.as_ref()?;
        let schedule = business_hours.schedule.as_ref().filter(|_| sla.counting == Counting::BusinessHours);
        (!sla.targets.is_empty()).then(|| Applied { targets: sla.targets, schedule: schedule.cloned() })
    }

    /// Who may declare a trial, as it stands.
    pub fn trials(&self) -> Trials {
        self.settings.as_ref().map(|settings| settings.trials).unwrap_or_default()
    }

    fn fold(&mut self, event: AccountEvent) {
        match event {
            AccountEvent::Created(Created { store_name, zone, locale, currency }) => {
                self.settings = Some(Settings {
                    store_name,
                    zone,
                    locale,
                    currency,
                    routing: Policy::default(),
                    consent: ConsentRule::default(),
                    recording: RecordingRule::default(),
                    brand: Brand::default(),
                    attribution: AttributionRule::default(),
                    public_channels: PublicChannels::default(),
                    business_hours: BusinessHours::default(),
                    sla: SlaRule::default(),
                    trials: Trials::default(),
                    retention: RetentionRule::default(),
                });
            }
            AccountEvent::SettingsChanged(changed) => {
                if let Some(settings) = &mut self.settings {
                    settings.store_name = changed.store_name.unwrap_or_else(|| std::mem::take(&mut settings.store_name));
                    settings.zone = changed.zone.unwrap_or_else(|| std::mem::take(&mut settings.zone));
                    settings.routing = changed.routing.unwrap_or_else(|| std::mem::take(&mut settings.routing));
                    settings.consent = changed.consent.unwrap_or_else(|| std::mem::take(&mut settings.consent));
                    settings.recording = changed.recording.unwrap_or_else(|| std::mem::take(&mut settings.recording));
                    settings.retention = changed.retention.unwrap_or(settings.retention);
                    settings.brand = changed.brand.unwrap_or(settings.brand);
                    settings.sla = changed.sla.map_or(settings.sla, |sla| *sla);
                    settings.trials = changed.trials.unwrap_or(settings.trials);
                    settings.attribution = changed.attribution.unwrap_or(settings.attribution);
                    settings.business_hours =
                        changed.business_hours.map_or_else(|| std::mem::take(&mut settings.business_hours), |hours| *hours);
                    settings.locale = changed.locale.unwrap_or(settings.locale);
                    settings.currency = changed.currency.unwrap_or_else(|| std::mem::take(&mut settings.currency));
                }
            }
            AccountEvent::ChannelPublished(shown) => self.channel_shown(&shown, Publicity::Public),
            AccountEvent::ChannelUnpublished(shown) => self.channel_shown(&shown, Publicity::Internal),
            AccountEvent::InvariantBroken(_) | AccountEvent::Forked(_) => {}
        }
    }

    fn channel_shown(&mut self, shown: &ChannelShown, publicity: Publicity) {
        if let Some(settings) = &mut self.settings {
            settings.public_channels.shown(shown, publicity);
        }
    }
}
