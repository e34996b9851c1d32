//! A month in words: the one place that decides what is told, in which order, for HTML and PDF alike.

use super::{Month, words};
use crate::{
    chart::Picture,
    document::{Align, Block, Column, Document, Fact, Manner, Section, Table, times, word::Word},
    report::{Figures, Whose},
};
use chrono::TimeDelta;
use vitrina_domain::{
    metrics::{
        minutes::{self, Rounding},
        percentile::Summary,
        share::Share,
        wait::ANSWER_WITHIN_S,
    },
    money::Money,
    report::Measure,
};

/// What stands where there is no figure.
const NONE: &str = "–";

/// The month in words.
pub fn document(month: &Month, manner: Manner) -> Document {
    let say = Say { manner, month };
    let (from, last) = (month.range.from, month.range.to - TimeDelta::seconds(1));
    let covers = [
        ("from", times::day(from, manner.zone, manner.locale)),
        ("to", times::day(last, manner.zone, manner.locale)),
        ("zone", manner.zone.name().to_owned()),
    ];
    Document {
        locale: manner.locale,
        brand: month.brand,
        shop: month.shop.clone(),
        kind: say.word(words::REPORT),
        title: times::month(from, manner.zone, manner.locale),
        subtitle: words::COVERS.filled(manner.locale, &covers),
        foot: words::FOOT.filled(manner.locale, &[("position", month.as_of.to_string())]),
        page: words::PAGE.of(manner.locale),
        sections: vec![
            Section { title: say.word(words::GLANCE), blocks: say.until().into_iter().chain([say.glance()]).collect() },
            say.chart(words::CALLS, &month.calls, None),
            say.chart(words::TIMES, &month.waits, Some(say.times())),
            say.chart(words::OPINION, &month.nps, Some(say.shares())),
            Section { title: say.word(words::SHOPPERS), blocks: vec![say.shoppers()] },
        ],
    }
}

struct Say<'m> {
    manner: Manner,
    month: &'m Month,
}

impl Say<'_> {
    fn word(&self, word: Word) -> String {
        word.of(self.manner.locale).to_owned()
    }

    fn column(&self, title: Word, width: f32, align: Align) -> Column {
        Column { title: self.word(title), width, align }
    }

    fn chart(&self, title: Word, picture: &Picture, more: Option<Block>) -> Section {
        Section { title: self.word(title), blocks: [Block::Chart(picture.clone())].into_iter().chain(more).collect() }
    }

    /// How much of the month before stands beside this one, where that is not all of it.
    fn until(&self) -> Option<Block> {
        let at = times::moment(self.month.before_until?, self.manner.zone, self.manner.locale);
        Some(Block::Text(words::BEFORE_UNTIL.filled(self.manner.locale, &[("at", at)])))
    }

    /// The month beside the one before.
    fn glance(&self) -> Block {
        let title = |word: Word| self.word(word);
        let in_time = words::IN_TIME.filled(self.manner.locale, &[("n", ANSWER_WITHIN_S.to_string())]);
        let count = |measure| move |figures: &Figures| figures.count(measure, Whose::All).to_string();
        let row = |title: String, shown: &dyn Fn(&Figures) -> String| vec![title, shown(&self.month.now), shown(&self.month.before)];
        let plan = row(title(words::PLAN_MINUTES), &|figures| {
            minutes::minutes([figures.sum(Measure::CallSeconds, Whose::All)], Rounding::PerPeriod).to_string()
        });
        // A month of another zone is no billing period: its minutes would be on no bill.
        let plan = Some(plan).filter(|_| self.month.billed_in.as_deref() == Some(self.manner.zone.name()));
        let before = [
            row(title(words::REQUESTED), &count(Measure::CallCreated)),
            row(title(words::FINISHED), &count(Measure::CallFinished)),
            row(title(words::CANCELLED), &count(Measure::CallCancelled)),
            row(title(words::TALKED), &|figures| times::duration(figures.sum(Measure::CallSeconds, Whose::All))),
        ];
        let after = [
            row(title(words::CHATS), &|figures| {
                let by = figures.by_detail(Measure::ConversationOpened, Whose::All);
                by.get("chat").map_or(0, |(count, _)| *count).to_string()
            }),
            row(title(words::UNANSWERED_CHATS), &count(Measure::UnansweredByAgent)),
            row(title(words::CARTS), &count(Measure::Cart)),
            row(title(words::ORDERS), &count(Measure::Order)),
            row(title(words::SALES), &|figures| self.amounts(figures, Measure::Sales, Whose::All)),
            row(title(words::COLLECTION_SALES), &|figures| self.amounts(figures, Measure::CollectionSales, Whose::All)),
            row(title(words::COLLECTION_UNITS), &|figures| figures.sum(Measure::CollectionUnits, Whose::All).to_string()),
            row(title(words::ANSWERS), &count(Measure::Answered)),
            row(title(words::NPS), &|figures| self.score(figures, Whose::All)),
            row(title(words::SATISFIED), &|figures| self.percent(figures.csat(Whose::All).satisfied())),
            row(title(words::ABANDONED), &|figures| self.percent(figures.abandonment(Whose::All))),
            row(in_time, &|figures| self.percent(figures.service_level(ANSWER_WITHIN_S, Whose::All))),
        ];
        let rows = before.into_iter().chain(plan).chain(after).collect();
        let this = times::month(self.month.range.from, self.manner.zone, self.manner.locale);
        let columns = vec![
            self.column(words::FIGURE, 3.0, Align::Start),
            Column { title: this, width: 1.4, align: Align::End },
            self.column(words::BEFORE, 1.4, Align::End),
        ];
        Block::Table(Table { columns, rows })
    }

    /// How long things took, and beside it how many never came (PRODUCT.md 5.7).
    fn times(&self) -> Block {
        let row = |title: Word, measure, missing: Option<Measure>| {
            let summary = self.month.now.summary(measure, Whose::All);
            let shown = |pick: fn(&Summary) -> u64| {
                summary.as_ref().map_or_else(|| NONE.to_owned(), |s| times::duration(i64::try_from(pick(s)).unwrap_or(i64::MAX)))
            };
            let n = summary.as_ref().map_or(0, |s| s.n).to_string();
            let missing = missing.map_or_else(|| NONE.to_owned(), |measure| self.month.now.count(measure, Whose::All).to_string());
            vec![self.word(title), n, missing, shown(|s| s.p50), shown(|s| s.p90), shown(|s| s.max)]
        };
        let columns = vec![
            self.column(words::FIGURE, 3.0, Align::Start),
            self.column(words::NUMBER, 1.0, Align::End),
            self.column(words::UNANSWERED, 1.3, Align::End),
            self.column(words::HALF, 1.4, Align::End),
            self.column(words::NINE_TENTHS, 1.4, Align::End),
            self.column(words::LONGEST, 1.6, Align::End),
        ];
        let rows = vec![
            row(words::WAIT, Measure::WaitServed, None),
            row(words::GAVE_UP, Measure::WaitAbandoned, None),
            row(words::FIRST_RESPONSE, Measure::FirstResponse, Some(Measure::FirstResponseMissing)),
            row(words::REPLY, Measure::Reply, Some(Measure::ReplyMissing)),
            row(words::REACTION, Measure::Reaction, Some(Measure::ReactionMissing)),
            row(words::LASTED, Measure::CallDuration, None),
        ];
        Block::Table(Table { columns, rows })
    }

    fn shares(&self) -> Block {
        let tally = self.month.now.nps(Whose::All);
        let shares = tally.shares();
        let fact = |label: Word, count: u64, share: Option<Share>| Fact {
            label: self.word(label),
            value: format!("{count} · {}", self.percent(share)),
        };
        Block::Facts(vec![
            fact(words::PROMOTERS, tally.promoters, shares.map(|s| s.promoters)),
            fact(words::PASSIVES, tally.passives, shares.map(|s| s.passives)),
            fact(words::DETRACTORS, tally.detractors, shares.map(|s| s.detractors)),
        ])
    }

    fn shoppers(&self) -> Block {
        let figures = &self.month.now;
        let row = |(shopper, name): &(_, Option<String>)| {
            let whose = Whose::Of(*shopper);
            let count = |measure| figures.count(measure, whose).to_string();
            let unnamed = if shopper.is_some() { words::ERASED } else { words::NOBODY };
            vec![
                name.clone().unwrap_or_else(|| self.word(unnamed)),
                count(Measure::CallCreated),
                times::duration(figures.sum(Measure::CallSeconds, whose)),
                count(Measure::Cart),
                self.amounts(figures, Measure::Sales, whose),
                count(Measure::Answered),
                self.score(figures, whose),
            ]
        };
        let columns = vec![
            self.column(words::NAME, 2.6, Align::Start),
            self.column(words::CALLS_SHORT, 1.1, Align::End),
            self.column(words::TALKED, 2.0, Align::End),
            self.column(words::CARTS_SHORT, 1.1, Align::End),
            self.column(words::SALES, 2.0, Align::End),
            self.column(words::ANSWERS_SHORT, 1.3, Align::End),
            Column { title: "NPS".to_owned(), width: 1.1, align: Align::End },
        ];
        Block::Table(Table { columns, rows: self.month.shoppers.iter().map(row).collect() })
    }

    /// A line for each currency: amounts of two are never added.
    fn amounts(&self, figures: &Figures, measure: Measure, whose: Whose) -> String {
        let amount = |currency: String| Money { amount: figures.amount(measure, whose, &currency), currency };
        let lines: Vec<String> = figures.currencies(whose).into_iter().map(|c| times::amount(&amount(c), self.manner.locale)).collect();
        if lines.is_empty() { NONE.to_owned() } else { lines.join("\n") }
    }

    fn percent(&self, share: Option<Share>) -> String {
        share.map_or_else(|| NONE.to_owned(), |share| times::percent(share, self.manner.locale))
    }

    fn score(&self, figures: &Figures, whose: Whose) -> String {
        figures.nps(whose).score().map_or_else(|| NONE.to_owned(), |score| times::signed(score, self.manner.locale))
    }
}
