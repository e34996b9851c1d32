//! Bodies that several resources share. Each refuses unknown fields and turns into what the domain understands.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ArrayBuilder, ObjectBuilder, Type},
    },
};
use vitrina_domain::{
    account::Trials,
    call::{CancelReason, Device, EndReason, Platform, Side},
    cart::CartLine,
    conversation, customer,
    environment::Environment,
    locale,
    module::Module,
    money, product, routing, schedule, shopper, survey,
};

/// An amount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Money {
    /// In minor units of the currency: cents.
    #[schema(example = 4990)]
    pub amount: i64,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    pub currency: String,
}

/// A product of the shop, as it is now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Product {
    /// The shop's id of the stock-keeping unit.
    #[schema(example = "boot-41")]
    pub sku: String,
    /// Its name.
    #[schema(example = "Walking boots, 41")]
    pub name: String,
    /// Where its picture is.
    pub image_url: Option<String>,
    /// Its page in the shop.
    pub url: Option<String>,
    /// Its price.
    pub price: Option<Money>,
    /// The collections that it is in.
    #[serde(default)]
    #[schema(required = false)]
    pub collections: Vec<String>,
    /// What of it can be bought, where that is not the product itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 100)]
    pub variants: Vec<Variant>,
}

/// One of several things that a product is sold as: a size, a colour.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variant {
    /// The shop's id of the stock-keeping unit that goes into the cart.
    #[schema(example = "boot-42")]
    pub sku: String,
    /// What tells it from the others.
    #[schema(example = "42")]
    pub name: String,
    /// Its price, where it is not the product's.
    pub price: Option<Money>,
}

/// A line that goes into a cart.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCartLine {
    /// The shop's id of the cart.
    #[schema(example = "cart-1")]
    pub cart_id: String,
    /// The shop's id of the stock-keeping unit.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// How many come in.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 9999, default = 1, required = false)]
    pub quantity: u32,
    /// The price of one.
    pub unit_price: Money,
    /// The collections that it is in.
    #[serde(default)]
    #[schema(required = false)]
    pub collections: Vec<String>,
}

fn one() -> u32 {
    1
}

/// What is known of a customer; absent fields stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerDetails {
    /// The shop's own id of the customer, unique in the account. Only staff may give it.
    pub external_id: Option<String>,
    /// Name.
    #[schema(example = "Ana")]
    pub name: Option<String>,
    /// E-mail address.
    #[schema(example = "ana@example.com")]
    pub email: Option<String>,
    /// Telephone, E.164.
    #[schema(example = "+34600000000")]
    pub phone: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// BCP 47 tag.
    #[schema(example = "es-ES")]
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "ES")]
    pub country: Option<String>,
    /// The shop's segment. Only staff may give it.
    pub segment: Option<String>,
    /// The company that a B2B customer buys for.
    pub company: Option<String>,
}

impl CustomerDetails {
    /// Language and country of a visit: as was said of it, or else of who comes.
    pub(crate) fn background(who: Option<&Self>, [language, country]: [Option<String>; 2]) -> [Option<String>; 2] {
        let own = |detail: fn(&Self) -> &Option<String>| who.and_then(|who| detail(who).clone());
        [language.or_else(|| own(|who| &who.language)), country.or_else(|| own(|who| &who.country))]
    }
}

/// Begin and end of an appointment.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Appointment {
    /// Begin.
    pub starts_at: DateTime<Utc>,
    /// End.
    pub ends_at: DateTime<Utc>,
    /// IANA zone that it is agreed in.
    #[schema(example = "Europe/Madrid")]
    pub zone: String,
}

/// Weekly hours on the wall clock of a zone.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schedule {
    /// IANA zone.
    #[schema(example = "Europe/Madrid")]
    pub zone: String,
    /// The week.
    pub windows: Vec<Window>,
    /// Days that differ.
    #[serde(default)]
    #[schema(required = false)]
    pub exceptions: Vec<Exception>,
}

/// Hours of one weekday.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    /// 1 is Monday, 7 is Sunday.
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: u8,
    /// First moment inside.
    #[schema(value_type = String, example = "09:00:00")]
    pub from: NaiveTime,
    /// First moment outside.
    #[schema(value_type = String, example = "18:00:00")]
    pub to: NaiveTime,
}

/// A day that differs from the week: closed when it has no window.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    /// The day.
    pub date: NaiveDate,
    /// Its hours, as pairs of begin and end.
    #[serde(default)]
    #[schema(schema_with = hours, required = false)]
    pub windows: Vec<(NaiveTime, NaiveTime)>,
    /// Whether it comes back every year.
    #[serde(default)]
    #[schema(required = false)]
    pub yearly: bool,
}

/// A customer's rating; at least one of the three scores.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ballot {
    /// How likely a recommendation is.
    #[serde(default, deserialize_with = "score")]
    #[schema(minimum = 0, maximum = 10)]
    pub nps: Option<u8>,
    /// One of three faces.
    #[schema(schema_with = face)]
    pub face: Option<survey::Face>,
    /// Satisfaction.
    #[serde(default, deserialize_with = "score")]
    #[schema(minimum = 1, maximum = 5)]
    pub csat: Option<u8>,
    /// In the customer's words.
    #[schema(max_length = 2000)]
    pub comment: Option<String>,
    /// What the customer was asked, in the words that they read.
    #[schema(example = "How likely are you to recommend us?")]
    pub question: Option<String>,
}

/// A number of a scale. What is on no scale is refused by what knows the scale, in its words, and so is everything beyond a byte.
fn score<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<u8>, D::Error> {
    Ok(Option::<i64>::deserialize(input)?.map(|number| u8::try_from(number).unwrap_or(u8::MAX)))
}

/// The one whom a command is about, where it is not the caller.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    /// The shopper; may be left out by a shopper, who is meant then.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub shopper_id: Option<vitrina_domain::ids::ShopperId>,
}

impl From<Money> for money::Money {
    fn from(from: Money) -> Self {
        Self { amount: from.amount, currency: from.currency }
    }
}

impl From<money::Money> for Money {
    fn from(from: money::Money) -> Self {
        Self { amount: from.amount, currency: from.currency }
    }
}

impl From<Product> for product::Product {
    fn from(from: Product) -> Self {
        Self {
            sku: from.sku,
            name: from.name,
            image_url: from.image_url,
            url: from.url,
            price: from.price.map(Into::into),
            collections: from.collections,
            variants: from.variants.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<product::Product> for Product {
    fn from(from: product::Product) -> Self {
        Self {
            sku: from.sku,
            name: from.name,
            image_url: from.image_url,
            url: from.url,
            price: from.price.map(Into::into),
            collections: from.collections,
            variants: from.variants.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Variant> for product::Variant {
    fn from(from: Variant) -> Self {
        Self { sku: from.sku, name: from.name, price: from.price.map(Into::into) }
    }
}

impl From<product::Variant> for Variant {
    fn from(from: product::Variant) -> Self {
        Self { sku: from.sku, name: from.name, price: from.price.map(Into::into) }
    }
}

impl NewCartLine {
    /// The cart's id and the line.
    pub(crate) fn split(self) -> (String, CartLine) {
        let line = CartLine {
            sku: self.sku,
            name: self.name,
            quantity: self.quantity,
            unit_price: self.unit_price.into(),
            collections: self.collections,
        };
        (self.cart_id, line)
    }
}

impl From<CustomerDetails> for customer::Details {
    fn from(from: CustomerDetails) -> Self {
        let CustomerDetails { external_id, name, email, phone, address, language, country, segment, company } = from;
        Self { external_id, name, email, phone, address, language, country, segment, company, cleared: Vec::new() }
    }
}

impl From<Schedule> for schedule::Schedule {
    fn from(from: Schedule) -> Self {
        let windows = from.windows.into_iter().map(|w| schedule::Window { weekday: w.weekday, from: w.from, to: w.to });
        let exceptions = from.exceptions.into_iter().map(|e| schedule::Exception { date: e.date, windows: e.windows, yearly: e.yearly });
        Self { zone: from.zone, windows: windows.collect(), exceptions: exceptions.collect() }
    }
}

impl From<Ballot> for survey::Ballot {
    fn from(from: Ballot) -> Self {
        Self { nps: from.nps, face: from.face, csat: from.csat, comment: from.comment, question: from.question }
    }
}

/// Pairs of begin and end, each a time of the day.
fn hours() -> Schema {
    let time = ObjectBuilder::new().schema_type(Type::String).examples(["09:00:00"]);
    let pair = ArrayBuilder::new().items(time).min_items(Some(2)).max_items(Some(2));
    ArrayBuilder::new().items(pair).into()
}

/// A schema of the values that these have as JSON.
fn one_of<T: Serialize>(values: &[T]) -> Schema {
    let texts = values.iter().map(|value| serde_json::to_value(value).expect("a unit variant is a text"));
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts)).into()
}

macro_rules! values {
    ($($(#[$doc:meta])* $name:ident: $($value:path),*;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name() -> Schema {
            one_of(&[$($value),*])
        }
    )*};
}

values! {
    /// The three faces.
    face: survey::Face::Satisfied, survey::Face::Neutral, survey::Face::Dissatisfied;
    /// Why the live part of a call ended.
    end_reason: EndReason::CustomerHangup, EndReason::ShopperHangup, EndReason::LinkLost, EndReason::Limit;
    /// Why a call does not take place.
    cancel_reason: CancelReason::ByCustomer, CancelReason::ByShopper, CancelReason::ByAdmin, CancelReason::NoShowCustomer,
        CancelReason::NoShowShopper, CancelReason::Expired, CancelReason::AbandonedInQueue, CancelReason::NoAgent, CancelReason::System;
    /// Where the customer's shop runs.
    platform: Platform::Web, Platform::VtexIo, Platform::VtexPortal;
    /// The customer's device.
    device: Device::Mobile, Device::Tablet, Device::Desktop, Device::Unknown;
    /// Whether real customers are concerned.
    environment: Environment::Production, Environment::Test;
    /// Who may open a trial.
    trials: Trials::Staff, Trials::Anyone;
    /// Whether a shopper can be given work.
    shopper_status: shopper::Status::Available, shopper::Status::Busy, shopper::Status::Away, shopper::Status::Offline;
    /// Where an open conversation stands.
    conversation_status: conversation::Status::InProgress, conversation::Status::WaitingCustomer, conversation::Status::NeedHelp;
    /// Who may read a message.
    visibility: conversation::Visibility::Public, conversation::Visibility::Internal;
    /// The sides of a call.
    side: Side::Customer, Side::Shopper;
    /// A language of the product.
    locale: locale::Locale::En, locale::Locale::Es, locale::Locale::Pt, locale::Locale::Ca;
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $($value:path),*;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                RefOr::T(one_of(&[$($value),*]))
            }
        }

        impl ToSchema for $name {}
    )*};
}

names! {
    /// A module, as a type of the description that may be in a list or absent.
    ModuleName: Module::Calls, Module::Analytics, Module::Settings;
    /// How work finds a shopper, likewise.
    ModeName: routing::Mode::Pull, routing::Mode::Push;
    /// What a wish of the customer counts, likewise.
    WishName: routing::Wish::Preferred, routing::Wish::Required;
}
