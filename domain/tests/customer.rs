//! A customer of the shop.

use crate::given::*;
use vitrina_domain::{customer::*, personal::Personal, refusal::Refusal};

fn create(details: Details) -> CustomerAction {
    CustomerAction::Create { customer_id: CUSTOMER, details }
}

fn update(details: Details) -> CustomerAction {
    CustomerAction::Update { customer_id: CUSTOMER, details }
}

fn created() -> Vec<CustomerEvent> {
    after::<Customer>(&[], [(BY_CUSTOMER, create(Details::default()))])
}

#[test]
fn a_customer_of_whom_nothing_is_known_is_a_customer() {
    assert_eq!(created(), [CustomerEvent::Created(Profile::default())]);
}

#[test]
fn details_are_normalised_and_personal_ones_belong_to_the_customer() {
    let details = Details {
        external_id: Some(" 4711 ".into()),
        email: Some("Luz@Tienda.ES".into()),
        phone: Some("+34 (600) 11-12-13".into()),
        address: Some(" Carrer de Mallorca 401\r\n08013 Barcelona ".into()),
        country: Some("es".into()),
        language: Some("ca".into()),
        ..Details::default()
    };
    let profile = Profile {
        external_id: Some("4711".into()),
        email: Some(Personal::known(CUSTOMER, "luz@tienda.es".to_owned())),
        phone: Some(Personal::known(CUSTOMER, "+34600111213".to_owned())),
        address: Some(Personal::known(CUSTOMER, "Carrer de Mallorca 401\n08013 Barcelona".to_owned())),
        country: Some("ES".into()),
        language: Some("ca".into()),
        ..Profile::default()
    };
    assert_eq!(when::<Customer>(&[], BY_CUSTOMER, create(details)), Ok(vec![CustomerEvent::Created(profile)]));
}

#[test]
fn an_update_with_nothing_in_it_changes_nothing() {
    assert_eq!(when::<Customer>(&created(), BY_OWNER, update(Details::default())), Ok(vec![]));
}

#[test]
fn a_customer_is_created_once_and_before_any_update() {
    assert_eq!(when::<Customer>(&created(), BY_OWNER, create(Details::default())), Err(Refusal::AlreadyExists));
    assert_eq!(when::<Customer>(&[], BY_OWNER, update(Details::default())), Err(Refusal::NotFound));
}

#[test]
fn each_field_is_refused_under_its_own_pointer() {
    let with = |details| refused_field(when::<Customer>(&[], BY_OWNER, create(details)));
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(with(Details { email: text("luz"), ..Details::default() }), ("/email".into(), "email"));
    assert_eq!(with(Details { phone: text("600111222"), ..Details::default() }), ("/phone".into(), "phone"));
    assert_eq!(with(Details { name: text("a\tb"), ..Details::default() }), ("/name".into(), "control_character"));
    assert_eq!(with(Details { segment: Some("x".repeat(65)), ..Details::default() }), ("/segment".into(), "too_long"));
    assert_eq!(with(Details { company: text(""), ..Details::default() }), ("/company".into(), "required"));
}

#[test]
fn what_is_cleared_is_said_once_each() {
    let details = Details { cleared: vec![Detail::Phone, Detail::Email, Detail::Phone], ..Details::default() };
    let profile = Profile { cleared: vec![Detail::Email, Detail::Phone], ..Profile::default() };
    assert_eq!(when::<Customer>(&created(), BY_OWNER, update(details)), Ok(vec![CustomerEvent::Updated(profile)]));
}
