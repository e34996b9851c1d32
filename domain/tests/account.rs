//! The account and its settings.

use crate::given::*;
use vitrina_domain::{account::*, locale::Locale, refusal::Refusal};

fn create() -> AccountAction {
    AccountAction::Create { store_name: "La Lámpara".into(), zone: "Europe/Madrid".into(), locale: Locale::Es, currency: "eur".into() }
}

fn change(store_name: Option<&str>, zone: Option<&str>) -> AccountAction {
    let text = |text: Option<&str>| text.map(str::to_owned);
    AccountAction::ChangeSettings { store_name: text(store_name), zone: text(zone), locale: None, currency: None }
}

fn created() -> Vec<AccountEvent> {
    after::<Account>(&[], [(by_timer(), create())])
}

#[test]
fn an_account_is_set_up_once() {
    let expected = Created { store_name: "La Lámpara".into(), zone: "Europe/Madrid".into(), locale: Locale::Es, currency: "EUR".into() };
    assert_eq!(created(), [AccountEvent::Created(expected)]);
    assert_eq!(when::<Account>(&created(), by_timer(), create()), Err(Refusal::AlreadyExists));
    assert_eq!(when::<Account>(&[], BY_OWNER, change(None, None)), Err(Refusal::NotFound));
}

#[test]
fn only_what_differs_is_recorded() {
    let changed = SettingsChanged { store_name: Some("La Luz".into()), ..SettingsChanged::default() };
    let answer = when::<Account>(&created(), BY_OWNER, change(Some("La Luz"), Some("Europe/Madrid")));
    assert_eq!(answer, Ok(vec![AccountEvent::SettingsChanged(changed)]));
    assert_eq!(when::<Account>(&created(), BY_OWNER, change(None, Some("Europe/Madrid"))), Ok(vec![]));
}

#[test]
fn settings_stand_as_they_were_changed_last() {
    let past = after::<Account>(&created(), [(BY_OWNER, change(Some("La Luz"), Some("America/Lima")))]);
    let mut state = Account::default();
    past.into_iter().for_each(|event| cqrs_es::Aggregate::apply(&mut state, event));
    let settings = state.settings().unwrap();
    assert_eq!((settings.store_name.as_str(), settings.zone.as_str()), ("La Luz", "America/Lima"));
    assert_eq!((settings.locale, settings.currency.as_str()), (Locale::Es, "EUR"));
}

#[test]
fn an_unknown_zone_is_refused() {
    assert_eq!(refused_field(when::<Account>(&created(), BY_OWNER, change(None, Some("Madrid")))), ("/zone".into(), "zone"));
}

#[test]
fn what_customers_consent_to_is_checked_and_set_once() {
    let terms = |privacy_url: &str| {
        AccountAction::SetConsent(ConsentRule::Required(Terms {
            text_version: " 2 ".into(),
            privacy_url: Some(privacy_url.into()),
            terms_url: None,
            texts: [].into(),
        }))
    };
    assert_eq!(refused_field(when::<Account>(&created(), BY_OWNER, terms("privacy"))).0, "/consent/privacy_url");
    let set = when::<Account>(&created(), BY_OWNER, terms("https://shop.example/privacy")).unwrap();
    assert_eq!(set.len(), 1);
    assert_eq!(when::<Account>(&[created(), set].concat(), BY_OWNER, terms("https://shop.example/privacy")), Ok(vec![]));
}
