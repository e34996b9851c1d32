//! Reports: numbers of a period, made of facts that events left, each with its way back to them.
//!
//! All take the same query ([`query`]) and answer with range, zone and position; asked again with that position as `as_of` they
//! give the same bytes. A figure names its measure, and `GET /v1/reports/facts` lists what it is made of.

mod activity;
mod chart;
mod cut;
mod facts;
mod month;
mod nps;
mod occupancy;
mod overview;
mod plan;
mod query;
mod sales;
mod shoppers;
mod source;
mod timed;
mod times;
mod views;
mod waiting;

pub(super) use query::Wanted;
pub(super) use views::Of;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this folder.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(overview::report_overview)
        .service(shoppers::report_shoppers)
        .service(times::report_times)
        .service(activity::report_activity)
        .service(occupancy::report_occupancy)
        .service(nps::report_nps)
        .service(plan::report_plan)
        .service(chart::report_chart)
        .service(facts::report_facts)
        .service(month::report_month)
        .service(waiting::report_waiting);
}
