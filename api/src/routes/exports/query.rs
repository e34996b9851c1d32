//! What every table is asked with.

/// Declares the query of a table: its own filters, and what every table takes.
macro_rules! export_query {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$field_doc])* $field: Option<$type>,)*
            /// csv, jsonl or xlsx.
            #[param(default = "csv")]
            format: Option<String>,
            /// How a CSV is written: rfc4180 for programs, excel for people with a spreadsheet.
            #[param(default = "rfc4180")]
            profile: Option<String>,
            /// The language of headings for people: en, es, pt or ca; that of `Accept-Language` when left out.
            locale: Option<String>,
            /// From this date or instant on. Where no period is given, it is that of the list: everything, of ratings the last seven days (but
            /// everything of one call or conversation), of shoppers, as of reports, this month. The first of this month when only `to` is given.
            #[param(example = "2026-03-01")]
            from: Option<String>,
            /// Before this instant, or on this date at the latest.
            #[param(example = "2026-03-31")]
            to: Option<String>,
            /// IANA zone of dates, and of the times in a CSV or a workbook; the account's when left out.
            tz: Option<String>,
            /// Only what has changed after this position: a first column says `set` or `gone`. Keep `from` and the filters as they were.
            since: Option<i64>,
            /// Wait until this position is in the answer.
            at_least: Option<i64>,
            /// Answer as it was at this position or RFC 3339 instant.
            as_of: Option<String>,
        }

        impl $name {
            fn asked(self, request: &actix_web::HttpRequest) -> $crate::exporting::Asked {
                let mut filters = $crate::filters::Filters::default();
                $(filters.add(stringify!($field), self.$field);)*
                $crate::exporting::Asked {
                    format: self.format,
                    profile: self.profile,
                    locale: self.locale,
                    accepted: $crate::routes::exports::query::accepted(request),
                    from: self.from,
                    to: self.to,
                    tz: self.tz,
                    since: self.since,
                    at: $crate::reading::ReadAt { at_least: self.at_least, as_of: self.as_of },
                    filters,
                }
            }
        }
    };
}
pub(super) use export_query;

use actix_web::{HttpRequest, http::header};

/// The languages that a client takes.
pub(crate) fn accepted(request: &HttpRequest) -> String {
    request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
