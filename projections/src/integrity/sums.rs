//! What reports credit to the shoppers, and to nobody, comes to what the lists have: no call, conversation or answer is counted
//! twice or for no one.

use super::Breach;
use crate::{
    asked::Period,
    error::Result,
    ratings::{self, RatingFilter},
    report::{Figures, Selection, Whose},
    sql::{Store, Value, sql},
    table::{Field, take},
};
use vitrina_domain::{account::Invariant, ids::AccountId, metrics::range::Range, report::Measure};
use vitrina_eventlog::Position;

/// $1 account, $2 and $3 period, $4 position.
macro_rules! half_of {
    ($table:literal, $at:literal, $($which:literal),+) => {
        sql!(
            "SELECT from_position FROM ",
            $table,
            " WHERE account_id = $1 AND ",
            $($which,)+
            " AND ",
            $at,
            " >= $2 AND ",
            $at,
            " < $3 AND from_position <= $4"
        )
    };
}

/// How many rows a list has of a period: those that are open from the index over just those, and those that have ended since the
/// position, as the list itself finds them.
macro_rules! rows_of {
    ($table:literal, $active:literal, $at:literal) => {
        sql!(
            "SELECT COUNT(*) FROM (",
            half_of!($table, $at, "to_position = 9223372036854775807"),
            " UNION ALL ",
            half_of!($table, $at, $active, " = 1 AND to_position > $4 AND to_position < 9223372036854775807"),
            " UNION ALL ",
            half_of!($table, $at, $active, " = 0 AND to_position > $4 AND to_position < 9223372036854775807"),
            ") AS valid"
        )
    };
}

const CALLS: &str = rows_of!("calls", "active", "created_at");
const CONVERSATIONS: &str = rows_of!("conversations", "open", "opened_at");

pub(super) const STATEMENTS: &[&str] = &[CALLS, CONVERSATIONS];

/// The sums of this period that do not agree, as of this position.
///
/// # Errors
/// When the database is away.
pub async fn shopper_sums(store: &Store, account: AccountId, range: Range, as_of: Position) -> Result<Vec<Breach>> {
    let selection = Selection::of(range, None, as_of);
    let summed = [Measure::CallCreated, Measure::ConversationOpened, Measure::Answered, Measure::Csat];
    let figures = Figures::of(store, account, &selection, &summed, &[Measure::Nps]).await?;
    let shoppers = figures.credited();
    let credited = |measure| shoppers.iter().map(|shopper| figures.count(measure, Whose::Of(*shopper))).sum::<i64>();
    let classes = shoppers.iter().map(|shopper| figures.nps(Whose::Of(*shopper)));
    let (promoters, passives, detractors) = classes.fold((0, 0, 0), |(promoters, passives, detractors), of| {
        (promoters + of.promoters, passives + of.passives, detractors + of.detractors)
    });
    let answers = Period { from: Some(range.from), to: Some(range.to) };
    let rated = ratings::summary(store, account, &RatingFilter { answered: answers, ..RatingFilter::default() }, as_of).await?;
    let natural = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let compared = [
        ("call_created", rows(store, CALLS, account, range, as_of).await?, credited(Measure::CallCreated)),
        ("conversation_opened", rows(store, CONVERSATIONS, account, range, as_of).await?, credited(Measure::ConversationOpened)),
        ("answered", rated.answers, credited(Measure::Answered)),
        ("csat", rated.csat.iter().sum(), credited(Measure::Csat)),
        ("nps_promoters", rated.promoters, natural(promoters)),
        ("nps_passives", rated.passives, natural(passives)),
        ("nps_detractors", rated.detractors, natural(detractors)),
    ];
    let differing = compared.into_iter().filter(|(_, expected, found)| expected != found);
    Ok(differing
        .map(|(subject, expected, found)| Breach { invariant: Invariant::ShopperSums, subject: subject.to_owned(), expected, found })
        .collect())
}

async fn rows(store: &Store, statement: &'static str, account: AccountId, range: Range, as_of: Position) -> Result<i64> {
    let args = vec![account.to_value(), range.from.to_value(), range.to.to_value(), Value::Int(as_of.0)];
    take(&mut store.query(statement, args).await?.into_iter().flatten(), "calls", "count")
}
