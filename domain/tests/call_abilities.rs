//! The two sides of a call, and what each may do.

use crate::{call::action, given::*};
use std::collections::BTreeSet;
use vitrina_domain::{call::*, refusal::Refusal, survey::Ballot};

#[test]
fn every_ability_is_in_the_table_once() {
    let abilities: BTreeSet<_> = TABLE.iter().map(|(ability, _)| *ability).collect();
    assert_eq!(abilities.len(), TABLE.len());
}

#[test]
fn the_matrix_is_that_of_the_product() {
    let only = |side, other| move |ability| Side::may(side, ability) && !Side::may(other, ability);
    let (shoppers, customers) = (only(Side::Shopper, Side::Customer), only(Side::Customer, Side::Shopper));
    assert!([Ability::ShareScreen, Ability::SearchProducts, Ability::ShowProducts].into_iter().all(shoppers));
    assert!([Ability::Rate, Ability::BuyFromHighlight, Ability::PictureInPicture].into_iter().all(customers));
    for ability in [Ability::Camera, Ability::Microphone, Ability::CopyLink, Ability::Chat, Ability::ShareFiles] {
        assert!(Side::Customer.may(ability) && Side::Shopper.may(ability));
    }
}

#[test]
fn a_customer_shows_no_product_and_nobody_of_the_house_rates() {
    let live = after::<Call>(&[], ["request", "queue"].map(|name| (BY_CUSTOMER, action(name))));
    let live = after::<Call>(&live, ["claim", "start"].map(|name| (BY_ANA, action(name))));
    let show = when::<Call>(&live, BY_CUSTOMER, action("show_product"));
    assert_eq!(show, Err(Refusal::NotAllowed("only the side of the shopper may do this in a call")));
    assert!(when::<Call>(&live, BY_ANA, action("show_product")).is_ok());
    for by in [BY_ANA, BY_OWNER] {
        let rate = CallAction::Rate { answer_id: answer(1), ballot: Ballot { nps: Some(9), ..Ballot::default() } };
        assert_eq!(when::<Call>(&live, by, rate), Err(Refusal::NotAllowed("only the customer may do this in a call")));
    }
}
