//! Rating, which calls and conversations share: scores, and changing one's mind.

use crate::{call::past, given::*};
use vitrina_domain::{
    call::{Call, CallAction, CallEvent},
    personal::Personal,
    refusal::Refusal,
    survey::{Ballot, Face, SUPERSEDE_DAYS_MAX, Superseded},
};

fn rate(n: u128, ballot: Ballot) -> CallAction {
    CallAction::Rate { answer_id: answer(n), ballot }
}

fn nps(nps: u8) -> Ballot {
    Ballot { nps: Some(nps), ..Ballot::default() }
}

fn rated(ballot: Ballot) -> Result<Vec<CallEvent>, Refusal> {
    when::<Call>(&past("finished"), BY_CUSTOMER, rate(1, ballot))
}

#[test]
fn each_score_alone_is_a_rating() {
    for ballot in [
        nps(0),
        nps(10),
        Ballot { face: Some(Face::Neutral), ..Ballot::default() },
        Ballot { csat: Some(1), ..Ballot::default() },
        Ballot { csat: Some(5), ..Ballot::default() },
    ] {
        assert!(rated(ballot.clone()).is_ok(), "{ballot:?}");
    }
}

#[test]
fn a_rating_without_a_score_or_off_the_scale_is_refused() {
    let comment_only = Ballot { comment: Some("fine".into()), ..Ballot::default() };
    assert_eq!(refused_field(rated(comment_only)), ("".into(), "required"));
    assert_eq!(refused_field(rated(nps(11))), ("/nps".into(), "out_of_range"));
    for csat in [0, 6] {
        assert_eq!(refused_field(rated(Ballot { csat: Some(csat), ..nps(9) })), ("/csat".into(), "out_of_range"));
    }
}

#[test]
fn a_comment_is_the_customers_and_has_a_length() {
    let events = rated(Ballot { comment: Some(" muy bien \r\n¡gracias! ".into()), ..nps(9) }).unwrap();
    let CallEvent::SurveyAnswered(answered) = &events[0] else { panic!("{events:?}") };
    assert_eq!(answered.comment, Some(Personal::known(CUSTOMER, "muy bien \n¡gracias!".to_owned())));
    let long = Ballot { comment: Some("ñ".repeat(2_001)), ..nps(9) };
    assert_eq!(refused_field(rated(long)), ("/comment".into(), "too_long"));
    assert!(rated(Ballot { comment: Some("ñ".repeat(2_000)), ..nps(9) }).is_ok());
}

#[test]
fn a_newer_answer_within_the_window_supersedes() {
    let once = after::<Call>(&past("finished"), [(BY_CUSTOMER, rate(1, nps(3)))]);
    let again = when_at::<Call>(&once, in_days(SUPERSEDE_DAYS_MAX), BY_CUSTOMER, rate(2, nps(9))).unwrap();
    assert!(matches!(&again[0], CallEvent::SurveyAnswered(answered) if answered.answer_id == answer(2)));
    assert_eq!(again[1], CallEvent::SurveySuperseded(Superseded { answer_id: answer(1), by: answer(2) }));
    assert_eq!(again.len(), 2);
}

#[test]
fn the_answer_that_counts_is_the_one_that_is_superseded_next() {
    let twice = after::<Call>(&past("finished"), [(BY_CUSTOMER, rate(1, nps(3))), (BY_CUSTOMER, rate(2, nps(5)))]);
    let third = when::<Call>(&twice, BY_CUSTOMER, rate(3, nps(9))).unwrap();
    assert_eq!(third[1], CallEvent::SurveySuperseded(Superseded { answer_id: answer(2), by: answer(3) }));
}

#[test]
fn after_the_window_a_newer_answer_is_refused() {
    let once = after::<Call>(&past("finished"), [(BY_CUSTOMER, rate(1, nps(3)))]);
    assert!(is_not_allowed(&when_at::<Call>(&once, in_days(SUPERSEDE_DAYS_MAX + 1), BY_CUSTOMER, rate(2, nps(9)))));
}

#[test]
fn nobody_of_the_house_rates_in_the_customers_name() {
    for actor in [BY_ANA, BY_OWNER, BY_STRANGER] {
        assert!(is_not_allowed(&when::<Call>(&past("finished"), actor, rate(1, nps(10)))));
    }
}
