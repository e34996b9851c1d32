//! What an account answers to its commands.

use super::{Account, AccountAction, AccountEvent, Created, Settings, SettingsChanged};
use crate::{aggregate::Aggregate, order::Order, refusal::Refusal, stream::Category, survey::Publicity, text};

impl Aggregate for Account {
    const CATEGORY: Category = Category::Account;
    type Action = AccountAction;

    fn decide(&self, order: &Order<AccountAction>) -> Result<Vec<AccountEvent>, Refusal> {
        match &order.command {
            AccountAction::Create { store_name, zone, locale, currency } => {
                if self.settings.is_some() {
                    return Err(Refusal::AlreadyExists);
                }
                Ok(vec![AccountEvent::Created(Created {
                    store_name: text::name("/store_name", store_name)?,
                    zone: text::zone("/zone", zone)?,
                    locale: *locale,
                    currency: text::currency("/currency", currency)?,
                })])
            }
            AccountAction::ChangeSettings { store_name, zone, locale, currency } => {
                let now = self.settings.as_ref().ok_or(Refusal::NotFound)?;
                let wanted = SettingsChanged {
                    store_name: text::optional(store_name, |t| text::name("/store_name", t))?.filter(|t| *t != now.store_name),
                    zone: text::optional(zone, |t| text::zone("/zone", t))?.filter(|t| *t != now.zone),
                    locale: locale.filter(|l| *l != now.locale),
                    currency: text::optional(currency, |t| text::currency("/currency", t))?.filter(|t| *t != now.currency),
                    ..SettingsChanged::default()
                };
                Ok(if wanted == SettingsChanged::default() { vec![] } else { vec![AccountEvent::SettingsChanged(wanted)] })
            }
            AccountAction::ChangeRouting(change) => {
                let now = &self.settings.as_ref().ok_or(Refusal::NotFound)?.routing;
                let routing = now.changed(change).map_err(|refusal| refusal.under("/routing"))?;
                let changed = SettingsChanged { routing: Some(routing), ..SettingsChanged::default() };
                Ok(if changed.routing.as_ref() == Some(now) { vec![] } else { vec![AccountEvent::SettingsChanged(changed)] })
            }
            AccountAction::SetConsent(rule) => {
                let now = &self.settings.as_ref().ok_or(Refusal::NotFound)?.consent;
                let consent = rule.checked().map_err(|refusal| refusal.under("/consent"))?;
                let changed = SettingsChanged { consent: Some(consent), ..SettingsChanged::default() };
                Ok(if changed.consent.as_ref() == Some(now) { vec![] } else { vec![AccountEvent::SettingsChanged(changed)] })
            }
            AccountAction::ChangeRecording { mode, retention } => {
                let now = &self.settings.as_ref().ok_or(Refusal::NotFound)?.recording;
                let recording = now.changed(*mode, *retention)?;
                let changed = SettingsChanged { recording: Some(recording), ..SettingsChanged::default() };
                Ok(if changed.recording.as_ref() == Some(now) { vec![] } else { vec![AccountEvent::SettingsChanged(changed)] })
            }
            AccountAction::ChangeAttribution { window_days } => {
                let now = self.settings.as_ref().ok_or(Refusal::NotFound)?.attribution;
                let attribution = now.changed(*window_days)?;
                let changed = SettingsChanged { attribution: Some(attribution), ..SettingsChanged::default() };
                Ok(if attribution == now { vec![] } else { vec![AccountEvent::SettingsChanged(changed)] })
            }
            AccountAction::SetTrials(trials) => {
                let now = self.settings.as_ref().ok_or(Refusal::NotFound)?.trials;
                let changed = || SettingsChanged { trials: Some(*trials), ..SettingsChanged::default() };
                Ok(if *trials == now { vec![] } else { vec![AccountEvent::SettingsChanged(changed())] })
            }
            AccountAction::ChangeRetention(change) => {
                let now = self.settings.as_ref().ok_or(Refusal::NotFound)?.retention;
                let retention = now.changed(change)?;
                let changed = SettingsChanged { retention: Some(retention), ..SettingsChanged::default() };
                Ok(if retention == now { vec![] } else { vec![AccountEvent::SettingsChanged(changed)] })
            }
            AccountAction::ChangeBrand { color } => {
                let now = self.settings.as_ref().ok_or(Refusal::NotFound)?.brand;
                let brand = now.changed(color.as_deref()).map_err(|refusal| refusal.under("/brand"))?;
                let changed = SettingsChanged { brand: Some(brand), ..SettingsChanged::default() };
                Ok(if brand == now { vec![] } else { vec![AccountEvent::SettingsChanged(changed)] })
            }
            AccountAction::ChangeSla(change) => {
                let settings = self.settings.as_ref().ok_or(Refusal::NotFound)?;
                let sla = settings.sla.changed(change)?;
                if !sla.comes_due(settings.business_hours.schedule.as_ref(), order.at) {
                    let expected = "always, until the account has business hours in which what is promised comes due";
                    return Err(Refusal::invalid("/sla/counting", "no_hours", expected));
                }
                let changed = SettingsChanged { sla: Some(Box::new(sla)), ..SettingsChanged::default() };
                Ok(if sla == settings.sla { vec![] } else { vec![AccountEvent::SettingsChanged(changed)] })
            }
            AccountAction::SetBusinessHours(hours) => {
                let Settings { business_hours: now, sla, .. } = self.settings.as_ref().ok_or(Refusal::NotFound)?;
                let wanted = hours.checked()?;
                if !sla.comes_due(wanted.schedule.as_ref(), order.at) {
                    let expected = "hours in which what the account's sla promises comes due, while it counts by them (sla.counting)";
                    return Err(Refusal::invalid("/schedule", "in_use", expected));
                }
                let changed = || SettingsChanged { business_hours: Some(Box::new(wanted.clone())), ..SettingsChanged::default() };
                Ok(if wanted == *now { vec![] } else { vec![AccountEvent::SettingsChanged(changed())] })
            }
            AccountAction::ShowChannel { channel, publicity } => {
                let now = &self.settings.as_ref().ok_or(Refusal::NotFound)?.public_channels;
                let told = if *publicity == Publicity::Public { AccountEvent::ChannelPublished } else { AccountEvent::ChannelUnpublished };
                Ok(now.show(channel, *publicity)?.map(told).into_iter().collect())
            }
            AccountAction::ReportBreach(broken) => {
                self.settings.as_ref().ok_or(Refusal::NotFound)?;
                Ok(vec![AccountEvent::InvariantBroken(broken.clone())])
            }
        }
    }

    fn state_name(&self) -> &'static str {
        if self.settings.is_some() { "active" } else { "absent" }
    }
}
