//! The state machine of a call as one table: every state, every action (PRODUCT.md 5.4).

use crate::{
    call::{PAST, action, past},
    given::{by_timer, when},
};
use vitrina_domain::{call::Call, refusal::Refusal};

/// `+` possible, `.` illegal transition, `0` there is no call yet, `=` there is one already.
const TABLE: &str = "
state               request create schedule queue claim release start invite transfer end finish cancel archive unarchive show_product add_to_cart update_cart_item remove_cart_item rate decide fail_routing offer accept decline connect disconnect
absent              +       +      0        0     0     0       0     0      0        0   0      0      0       0         0            0           0                0                0    0      0            0     0      0       0       0
requested           =       =      +        +     .     .       .     .      .        .   .      +      .       .         .            .           .                .                .    .      .            .     .      .       +       +
created             =       =      +        +     +     .       .     .      .        .   .      +      .       .         .            .           .                .                .    .      .            .     .      .       +       +
scheduled           =       =      +        +     +     .       .     .      .        .   .      +      .       .         .            .           .                .                .    .      .            .     .      .       +       +
waiting             =       =      .        .     +     .       .     .      .        .   .      +      .       .         .            .           .                .                .    +      +            +     .      .       +       +
offered             =       =      .        .     +     .       .     .      .        .   .      +      .       .         .            .           .                .                .    +      +            .     +      +       +       +
claimed             =       =      .        .     .     +       +     +      +        .   .      +      .       .         .            .           .                .                .    .      .            .     .      .       +       +
live                =       =      .        .     .     .       .     +      +        +   .      +      .       .         +            +           +                +                +    .      .            .     .      .       +       +
wrap_up             =       =      .        .     .     .       .     .      .        .   +      +      .       .         +            +           +                +                +    .      .            .     .      .       +       +
finished            =       =      .        .     .     .       .     .      .        .   .      .      +       +         .            .           .                .                +    .      .            .     .      .       .       .
cancelled           =       =      .        .     .     .       .     .      .        .   .      .      +       +         .            .           .                .                .    .      .            .     .      .       .       .
cancelled_when_live =       =      .        .     .     .       .     .      .        .   .      .      +       +         .            .           .                .                +    .      .            .     .      .       .       .
archived            =       =      .        .     .     .       .     .      .        .   .      .      +       +         .            .           .                .                +    .      .            .     .      .       .       .
";

#[test]
fn every_action_in_every_state_answers_as_the_table_says() {
    let mut rows = TABLE.trim().lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    let actions = rows.next().expect("the table has a head");
    let mut cells = 0;
    for row in rows {
        for (name, expected) in actions.iter().zip(&row).skip(1) {
            let answer = when::<Call>(&past(row[0]), by_timer(), action(name));
            let got = match &answer {
                Ok(_) => "+",
                Err(Refusal::NotFound) => "0",
                Err(Refusal::AlreadyExists) => "=",
                Err(Refusal::IllegalTransition { action, .. }) if action == name => ".",
                Err(other) => panic!("{name} in state {}: {other:?}", row[0]),
            };
            assert_eq!(got, *expected, "{name} in state {}: {answer:?}", row[0]);
            cells += 1;
        }
    }
    assert_eq!(cells, PAST.len() * 26, "every state is in the table");
}

#[test]
fn an_illegal_transition_names_state_and_action() {
    let answer = when::<Call>(&past("finished"), by_timer(), action("start"));
    assert_eq!(answer, Err(Refusal::IllegalTransition { state: "finished", action: "start" }));
}
