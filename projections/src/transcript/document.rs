//! A transcript in words: the one place that decides what is told, in which order, for HTML and PDF alike.

use super::{Entry, Part, Person, Transcript, What, Who, words};
use crate::document::{Align, Block, Column, Document, Fact, Manner, Section, Speech, Table, Voice, times, word::Word};
use chrono::{DateTime, Utc};
use vitrina_domain::money::Money;

/// The transcript in words.
pub fn document(transcript: &Transcript, manner: Manner) -> Document {
    let say = Say { manner };
    let sections = [
        Some(say.details(transcript)),
        Some(say.people(transcript)),
        Some(say.talk(transcript)),
        say.products(transcript),
        say.cart(transcript),
        say.files(transcript),
        say.rating(transcript),
    ];
    let title = if transcript.call.is_some() { words::CALL_WITH } else { words::CONVERSATION_WITH };
    let customer = transcript.people.first().map(|person| say.name(&person.who)).unwrap_or_default();
    let subtitle = say.filled(
        words::TIMES_IN,
        &[("day", times::day(transcript.opened_at, manner.zone, manner.locale)), ("zone", times::zone(transcript.opened_at, manner.zone))],
    );
    let foot = [
        ("id", transcript.conversation_id.to_string()),
        ("position", transcript.recorded_to.to_string()),
        ("at", say.moment(transcript.recorded_at)),
    ];
    Document {
        locale: manner.locale,
        brand: transcript.shop.brand(),
        shop: transcript.shop.name.clone(),
        kind: say.word(words::TRANSCRIPT),
        title: say.filled(title, &[("who", customer)]),
        subtitle,
        foot: say.filled(words::FOOT, &foot),
        page: words::PAGE.of(manner.locale),
        sections: sections.into_iter().flatten().collect(),
    }
}

struct Say {
    manner: Manner,
}

impl Say {
    fn word(&self, word: Word) -> String {
        word.of(self.manner.locale).to_owned()
    }

    fn filled(&self, word: Word, blanks: &[(&str, String)]) -> String {
        word.filled(self.manner.locale, blanks)
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        times::moment(at, self.manner.zone, self.manner.locale)
    }

    fn amount(&self, money: &Money) -> String {
        times::amount(money, self.manner.locale)
    }

    fn part(&self, part: Part) -> String {
        self.word(match part {
            Part::Customer => words::CUSTOMER,
            Part::Shopper => words::SHOPPER,
            Part::Staff => words::STAFF,
            Part::Bot => words::BOT,
            Part::Program => words::PROGRAM,
            Part::System => words::SYSTEM,
        })
    }

    /// The name, or else the part.
    fn name(&self, who: &Who) -> String {
        who.name.clone().unwrap_or_else(|| self.part(who.part))
    }

    fn facts(&self, facts: impl IntoIterator<Item = (Word, Option<String>)>) -> Block {
        let known = facts.into_iter().filter_map(|(label, value)| Some(Fact { label: self.word(label), value: value? }));
        Block::Facts(known.collect())
    }

    fn details(&self, transcript: &Transcript) -> Section {
        let call = transcript.call.as_ref();
        let ended = transcript.closed_at.map_or_else(|| self.word(words::STILL_OPEN), |at| self.moment(at));
        let facts = self.facts([
            (words::CALL, call.map(|call| call.call_id.to_string())),
            (words::CONVERSATION, Some(transcript.conversation_id.to_string())),
            (words::BEGAN, Some(self.moment(transcript.opened_at))),
            (words::ENDED_AT, Some(ended)),
            (words::WAITED, call.map(|call| times::duration(call.waited_s))),
            (words::DURATION, call.map(|call| times::duration(call.live_s))),
            (words::MESSAGES, Some(transcript.messages.to_string())),
            (words::CHANNEL, Some(transcript.channel.clone())),
            (words::DEVICE, call.and_then(|call| words::device(call.device)).map(|word| self.word(word))),
            (words::LANGUAGE, transcript.language.clone()),
            (words::COUNTRY, transcript.country.clone()),
            (words::DEPARTMENT, transcript.department.clone()),
            (words::OUTCOME, transcript.outcome.map(|outcome| self.word(words::outcome(outcome)))),
            (words::TAGS, Some(transcript.tags.join(", ")).filter(|tags| !tags.is_empty())),
            (words::NOTE, transcript.note.clone()),
        ]);
        Section { title: self.word(words::DETAILS), blocks: vec![facts] }
    }

    fn people(&self, transcript: &Transcript) -> Section {
        let column = |title: Word, width| Column { title: self.word(title), width, align: Align::Start };
        let row = |person: &Person| {
            let contact = [&person.email, &person.phone, &person.address, &person.company, &person.external_id];
            let contact: Vec<&str> = contact.into_iter().flatten().map(String::as_str).collect();
            vec![
                self.name(&person.who),
                self.part(person.who.part),
                contact.join("\n"),
                self.moment(person.from),
                person.to.map(|to| self.moment(to)).unwrap_or_default(),
            ]
        };
        let columns = vec![
            column(words::NAME, 2.4),
            column(words::PART, 1.3),
            column(words::CONTACT, 2.8),
            column(words::FROM, 2.0),
            column(words::UNTIL, 2.0),
        ];
        let table = Table { columns, rows: transcript.people.iter().map(row).collect() };
        Section { title: self.word(words::PEOPLE), blocks: vec![Block::Table(table)] }
    }

    fn talk(&self, transcript: &Transcript) -> Section {
        let mut blocks = Vec::with_capacity(transcript.entries.len() + 4);
        let mut today = String::new();
        for entry in &transcript.entries {
            let day = times::day(entry.at, self.manner.zone, self.manner.locale);
            if day != today {
                blocks.push(Block::Heading(day.clone()));
                today = day;
            }
            blocks.push(self.entry(entry));
        }
        Section { title: self.word(words::TALK), blocks }
    }

    fn entry(&self, entry: &Entry) -> Block {
        let at = times::time(entry.at, self.manner.zone);
        let voice = match entry.who.part {
            Part::Customer => Voice::Customer,
            Part::System => Voice::System,
            Part::Shopper | Part::Bot | Part::Staff | Part::Program => Voice::House,
        };
        let known = |text: &Option<String>| text.clone().unwrap_or_else(|| self.word(words::ERASED));
        let speech = |voice, text, details| Block::Speech(Speech { voice, who: self.name(&entry.who), at: at.clone(), text, details });
        match &entry.what {
            What::Message { text, private: false, template, .. } => {
                let details = template.iter().map(|name| format!("{}: {name}", self.word(words::TEMPLATE)));
                speech(voice, known(text), details.collect())
            }
            What::Message { text, private: true, .. } | What::HandOverNote { text } => {
                speech(Voice::Private, known(text), vec![self.word(words::PRIVATE)])
            }
            What::File { name, media_type, bytes, sha256, .. } => {
                let size = times::size(*bytes, self.manner.locale);
                let details = vec![format!("{media_type} · {size}"), format!("SHA-256 {sha256}")];
                speech(voice, format!("{}: {}", self.word(words::FILE), known(name)), details)
            }
            what => Block::Event { at: at.clone(), text: self.event(entry, what) },
        }
    }

    fn event(&self, entry: &Entry, what: &What) -> String {
        let Some(sentence) = words::sentence(what) else { return String::new() };
        let mut blanks = vec![("who", self.name(&entry.who))];
        match what {
            What::Invited { to } | What::Transferred { to, .. } => blanks.push(("to", self.name(to))),
            What::HandedToDepartment { department } => blanks.push(("department", department.clone())),
            What::StatusChanged { status } => blanks.push(("status", self.word(words::status(*status)))),
            What::Scheduled { starts_at, ends_at } => {
                blanks.extend([("from", self.moment(*starts_at)), ("until", times::time(*ends_at, self.manner.zone))]);
            }
            What::ProductShown { name, .. } => blanks.push(("product", name.clone())),
            What::CartAdded { name, quantity, .. } => blanks.extend([("product", name.clone()), ("quantity", quantity.to_string())]),
            What::CartChanged { sku, from, to } => {
                blanks.extend([("product", sku.clone()), ("from", from.to_string()), ("until", to.to_string())]);
            }
            What::CartRemoved { sku, quantity } => blanks.extend([("product", sku.clone()), ("quantity", quantity.to_string())]),
            What::ConsentGiven { kind, text_version } => {
                blanks.extend([("kind", self.word(words::consent(*kind))), ("version", text_version.clone())]);
            }
            What::ConsentWithdrawn { kind } => blanks.push(("kind", self.word(words::consent(*kind)))),
            What::Rated { nps, csat, face } => {
                let parts = [
                    nps.map(|n| self.filled(words::OF_TEN, &[("n", n.to_string())])),
                    csat.map(|n| self.filled(words::OF_FIVE, &[("n", n.to_string())])),
                    face.map(|face| self.word(words::face(face))),
                ];
                blanks.push(("score", parts.into_iter().flatten().collect::<Vec<_>>().join(", ")));
            }
            What::Continued { conversation_id } => blanks.push(("conversation", conversation_id.to_string())),
            _ => {}
        }
        self.filled(sentence, &blanks)
    }

    fn products(&self, transcript: &Transcript) -> Option<Section> {
        if transcript.products.is_empty() {
            return None;
        }
        let start = |title: Word, width| Column { title: self.word(title), width, align: Align::Start };
        let price = Column { title: self.word(words::PRICE), width: 1.6, align: Align::End };
        let columns = vec![start(words::TIME, 1.2), start(words::REFERENCE, 2.0), start(words::PRODUCT, 4.0), price];
        let rows = transcript.products.iter().map(|shown| {
            let price = shown.price.as_ref().map(|price| self.amount(price)).unwrap_or_default();
            vec![times::time(shown.at, self.manner.zone), shown.sku.clone(), shown.name.clone(), price]
        });
        let table = Table { columns, rows: rows.collect() };
        Some(Section { title: self.word(words::PRODUCTS), blocks: vec![Block::Table(table)] })
    }

    fn cart(&self, transcript: &Transcript) -> Option<Section> {
        if transcript.cart.is_empty() {
            return None;
        }
        let column = |title: Word, width, align| Column { title: self.word(title), width, align };
        let columns = vec![
            column(words::REFERENCE, 2.0, Align::Start),
            column(words::PRODUCT, 3.4, Align::Start),
            column(words::QUANTITY, 1.1, Align::End),
            column(words::PRICE, 1.7, Align::End),
            column(words::AMOUNT, 1.7, Align::End),
        ];
        let mut rows: Vec<Vec<String>> = Vec::new();
        for item in &transcript.cart {
            let sum = item.unit_price.amount.saturating_mul(item.quantity.into());
            let sum = Money { amount: sum, currency: item.unit_price.currency.clone() };
            let quantity = item.quantity.to_string();
            rows.push(vec![item.sku.clone(), item.name.clone(), quantity, self.amount(&item.unit_price), self.amount(&sum)]);
        }
        for total in &transcript.cart_totals {
            rows.push(vec![self.word(words::TOTAL), String::new(), String::new(), String::new(), self.amount(total)]);
        }
        Some(Section { title: self.word(words::CART), blocks: vec![Block::Table(Table { columns, rows })] })
    }

    fn files(&self, transcript: &Transcript) -> Option<Section> {
        let row = |entry: &Entry| match &entry.what {
            What::File { name, bytes, sha256, .. } => {
                let name = name.clone().unwrap_or_else(|| self.word(words::ERASED));
                Some(vec![name, times::size(*bytes, self.manner.locale), sha256.clone()])
            }
            _ => None,
        };
        let rows: Vec<_> = transcript.entries.iter().filter_map(row).collect();
        if rows.is_empty() {
            return None;
        }
        let columns = vec![
            Column { title: self.word(words::FILE), width: 3.0, align: Align::Start },
            Column { title: String::from("Bytes"), width: 1.2, align: Align::End },
            Column { title: String::from("SHA-256"), width: 5.0, align: Align::Start },
        ];
        Some(Section { title: self.word(words::FILES), blocks: vec![Block::Table(Table { columns, rows })] })
    }

    fn rating(&self, transcript: &Transcript) -> Option<Section> {
        let rating = transcript.rating.as_ref()?;
        let facts = self.facts([
            (words::TIME, Some(self.moment(rating.at))),
            (words::RECOMMENDS, rating.nps.map(|n| self.filled(words::OF_TEN, &[("n", n.to_string())]))),
            (words::SATISFACTION, rating.csat.map(|n| self.filled(words::OF_FIVE, &[("n", n.to_string())]))),
            (words::FACE, rating.face.map(|face| self.word(words::face(face)))),
            (words::COMMENT, rating.comment.clone()),
            (words::QUESTION, rating.question.clone()),
        ]);
        Some(Section { title: self.word(words::RATING), blocks: vec![facts] })
    }
}

#[cfg(test)]
mod tests {
    use super::{Manner, document};
    use crate::{
        calls::CallStatus,
        document::{
            html,
            word::{is_on_every_paper, portuguese_is_of_brazil},
        },
        transcript::{Call, CartItem, Entry, Part, Person, Rating, Shop, Shown, Transcript, What, Who},
    };
    use chrono::{DateTime, TimeDelta, Utc};
    use chrono_tz::Tz;
    use uuid::Uuid;
    use vitrina_domain::{
        account::Brand,
        call::{CancelReason, Device, EndReason, QueueReason, media::ConsentKind, recording::Switch},
        conversation::{Audience, CloseReason, Outcome, Status},
        locale::Locale,
        money::Money,
        survey::Face,
    };

    fn money(amount: i64) -> Money {
        Money { amount, currency: "EUR".into() }
    }

    fn who(part: Part, name: Option<&str>) -> Who {
        Who { part, id: Some(Uuid::from_u128(part as u128)), name: name.map(str::to_owned) }
    }

    /// One of everything that can be told.
    fn everything(at: DateTime<Utc>) -> Vec<What> {
        let to = who(Part::Shopper, Some("Bruno {to}"));
        vec![
            What::Opened,
            What::Scheduled { starts_at: at, ends_at: at + TimeDelta::minutes(30) },
            What::Queued { reason: QueueReason::ShopperLost },
            What::Joined,
            What::Claimed,
            What::Started,
            What::Message {
                id: Uuid::nil(), text: Some("<i>Què val?</i>".into()), private: false, template: Some("back_in_stock".into())
            },
            What::Message { id: Uuid::nil(), text: None, private: false, template: None },
            What::Message { id: Uuid::nil(), text: Some("vol llautó".into()), private: true, template: None },
            What::File {
                id: Uuid::nil(),
                name: Some("llum.png".into()),
                media_type: "image/png".into(),
                bytes: 7,
                sha256: "ab".repeat(32),
            },
            What::Invited { to: to.clone() },
            What::Transferred { from: None, to },
            What::HandedToDepartment { department: "returns".into() },
            What::HandOverNote { text: Some("compte".into()) },
            What::ProductShown { sku: "A".into(), name: "Làmpada".into(), price: Some(money(100)) },
            What::CartAdded { sku: "A".into(), name: "Làmpada".into(), quantity: 2, unit_price: money(100) },
            What::CartChanged { sku: "A".into(), from: 2, to: 3 },
            What::CartRemoved { sku: "A".into(), quantity: 3 },
            What::ConsentGiven { kind: ConsentKind::Recording, text_version: "v1".into() },
            What::ConsentWithdrawn { kind: ConsentKind::Terms },
            What::Recording { state: Switch::On },
            What::Recording { state: Switch::Off },
            What::StatusChanged { status: Status::NeedHelp },
            What::Ended { reason: EndReason::ShopperHangup },
            What::Cancelled { reason: CancelReason::NoAgent },
            What::Left,
            What::Closed { reason: CloseReason::Inactivity },
            What::Continued { conversation_id: Uuid::from_u128(9) },
            What::Rated { nps: Some(9), csat: Some(4), face: Some(Face::Neutral) },
        ]
    }

    fn transcript() -> Transcript {
        let at: DateTime<Utc> = "2026-11-22T22:59:00Z".parse().expect("an instant");
        let shopper = who(Part::Shopper, Some("Ana {who}"));
        let entries = everything(at).into_iter().enumerate().map(|(index, what)| Entry {
            position: index as i64 + 1,
            at: at + TimeDelta::seconds(index as i64 * 7),
            who: shopper.clone(),
            what,
        });
        let person = |who| Person {
            who,
            email: Some("a@example.com".into()),
            phone: None,
            address: Some("Carrer de Mallorca 401\n08013 Barcelona".into()),
            company: None,
            external_id: None,
            from: at,
            to: Some(at),
        };
        Transcript {
            conversation_id: Uuid::from_u128(1),
            shop: Shop { name: "La Làmpada & Cia".into(), color: Brand::default().color },
            audience: Audience::Staff,
            recorded_to: 28,
            recorded_at: at,
            call: Some(Call {
                call_id: Uuid::from_u128(2),
                status: CallStatus::Finished,
                device: Device::Mobile,
                created_at: at,
                waited_s: 61,
                started_at: Some(at),
                ended_at: Some(at),
                live_s: 3_725,
            }),
            channel: "web".into(),
            language: Some("ca".into()),
            country: Some("ES".into()),
            department: Some("sales".into()),
            opened_at: at,
            closed_at: None,
            outcome: Some(Outcome::Escalated),
            tags: vec!["vip".into(), "gift".into()],
            note: Some("nota".into()),
            messages: 4,
            people: vec![person(who(Part::Customer, None)), person(shopper.clone())],
            entries: entries.collect(),
            products: vec![Shown { at, sku: "A".into(), name: "Làmpada".into(), price: None }],
            cart: vec![CartItem { cart_id: "c".into(), sku: "A".into(), name: "Làmpada".into(), quantity: 2, unit_price: money(123_450) }],
            cart_totals: vec![money(246_900)],
            rating: Some(Rating {
                at,
                nps: Some(9),
                csat: Some(4),
                face: Some(Face::Neutral),
                comment: Some("molt amable".into()),
                question: Some("Com ha anat?".into()),
            }),
        }
    }

    #[test]
    fn every_language_tells_everything_and_the_page_holds_every_text() {
        let transcript = transcript();
        let mut told = Vec::new();
        for locale in [Locale::En, Locale::Es, Locale::Pt, Locale::Ca] {
            let document = document(&transcript, Manner { locale, zone: Tz::Europe__Madrid });
            let page = html(&document);
            let texts = document.texts();
            for text in &texts {
                let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;");
                assert!(page.contains(&escaped), "{text:?} is not on the page");
                assert!(!text.contains("{}"), "{text}");
            }
            let all = texts.join("\n");
            for known in [
                "<i>Què val?</i>",
                "vol llautó",
                "back_in_stock",
                "llum.png",
                &"ab".repeat(32),
                "compte",
                "Ana {who}",
                "Bruno {to}",
                "returns",
                "vip, gift",
                "nota",
                "molt amable",
                "1 h 02 min 05 s",
                "a@example.com",
            ] {
                assert!(all.contains(known), "{known} is not told: {all}");
            }
            // Only names have braces left: every blank was filled.
            let rest = all.replace("{who}", "").replace("{to}", "");
            assert!(!rest.contains('{'), "{rest}");
            assert!(all.contains("23:59:00") && all.contains("00:00:10"), "two days, at midnight in the zone: {all}");
            assert!(rest.chars().all(is_on_every_paper), "{rest}");
            if locale == Locale::Pt {
                portuguese_is_of_brazil(&rest);
            }
            told.push(texts.len());
        }
        assert!(told.iter().all(|count| *count == told[0]), "every language tells as much: {told:?}");
    }

    #[test]
    fn a_customer_without_a_name_and_erased_words_are_told_as_such() {
        let told = document(&transcript(), Manner { locale: Locale::Es, zone: Tz::UTC });
        assert_eq!(told.title, "Videollamada con Cliente");
        assert!(told.texts().contains(&"(borrado)"));
    }
}
