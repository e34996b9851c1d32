//! What was sold, as reports show it: one row for each currency, each figure with the measure whose facts it is made of.

use super::{source::Source, views::Of};
use serde::Serialize;
use utoipa::ToSchema;
use vitrina_domain::{call::Device, report::Measure};
use vitrina_projections::report::{Figures, Whose};

/// A sum.
#[derive(Serialize, ToSchema)]
pub(crate) struct Total {
    /// The sum.
    total: i64,
}

impl Total {
    pub(super) fn of(total: i64) -> Self {
        Self { total }
    }
}

/// Final totals of orders, less what was given back.
#[derive(Serialize, ToSchema)]
pub(crate) struct Net {
    /// What is left.
    total: i64,
    /// Final totals of the orders that were placed in the period.
    placed: i64,
    /// What was given back in the period, below zero.
    refunded: i64,
    /// What was cancelled in the period, below zero.
    cancelled: i64,
}

/// The same by the customer's device. Tablets count as mobile; what was not told is shown apart.
#[derive(Serialize, ToSchema)]
pub(crate) struct NetByDevice {
    /// On phones and tablets.
    mobile: i64,
    /// Of that, on tablets.
    tablet: i64,
    /// On desktops and laptops.
    desktop: i64,
    /// Of which nobody knows.
    unknown: i64,
    /// In percent; the three together are 100.0. `null` where nothing was sold, or more was given back than sold.
    mobile_percent: Option<f64>,
    /// In percent.
    desktop_percent: Option<f64>,
    /// In percent.
    unknown_percent: Option<f64>,
}

/// What was sold in one currency. All amounts are its minor units.
#[derive(Serialize, ToSchema)]
pub(crate) struct SalesView {
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: String,
    /// Sales: when they were placed, and given back.
    sales: Of<Net>,
    /// Sales by the customer's device.
    devices: Of<NetByDevice>,
    /// Of the lines, the pieces that were put into a cart in the call.
    lines_added: Of<Total>,
    /// Of the lines, further pieces of what was shown in the call.
    lines_shown: Of<Total>,
    /// Of the lines, the other pieces.
    other_lines: Of<Total>,
    /// Shipping.
    shipping: Of<Total>,
    /// Taxes that were added.
    tax: Of<Total>,
    /// What was taken off. Lines + shipping + tax - discounts are what was placed.
    discounts: Of<Total>,
    /// Lines of collections of whom they are credited to, less pieces given back.
    collection_sales: Of<Total>,
}

impl SalesView {
    /// Of everybody's, or of somebody's.
    pub(super) fn of(source: Source<'_>, currency: String) -> Self {
        let Source { figures, whose, .. } = source;
        let so = [("currency", currency.as_str())];
        let total = |measure| source.narrowed(measure, &so, Total { total: figures.amount(measure, whose, &currency) });
        let net = |detail| figures.amount_detailed(Measure::Sales, whose, &currency, detail);
        let sales = Net {
            total: figures.amount(Measure::Sales, whose, &currency),
            placed: net("placed"),
            refunded: net("refunded"),
            cancelled: net("cancelled"),
        };
        Self {
            sales: source.narrowed(Measure::Sales, &so, sales),
            devices: source.narrowed(Measure::Sales, &so, NetByDevice::of(figures, whose, &currency)),
            lines_added: total(Measure::SalesLinesAdded),
            lines_shown: total(Measure::SalesLinesShown),
            other_lines: total(Measure::SalesOtherLines),
            shipping: total(Measure::Shipping),
            tax: total(Measure::Tax),
            discounts: total(Measure::Discounts),
            collection_sales: total(Measure::CollectionSales),
            currency,
        }
    }
}

impl NetByDevice {
    fn of(figures: &Figures, whose: Whose, currency: &str) -> Self {
        let amount = |device| figures.amount_of_device(Measure::Sales, whose, currency, device);
        let (tablet, desktop, unknown) = (amount(Device::Tablet), amount(Device::Desktop), amount(Device::Unknown));
        let mobile = amount(Device::Mobile) + tablet;
        let counted = figures.sold_by_device(whose, currency);
        let percent = |index: usize| counted.map(|parts| parts[index].percent());
        Self { mobile, tablet, desktop, unknown, mobile_percent: percent(0), desktop_percent: percent(1), unknown_percent: percent(2) }
    }
}
