//! Lists: a page at a time, all pages of one position.

use crate::{
    cursor,
    error::{ApiError, Code, Result},
    reading::{self, ReadAt},
    wiring::State,
    writing::POSITION,
};
use actix_web::{HttpRequest, HttpResponse, http::header};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;
use vitrina_eventlog::Position;
use vitrina_projections::asked::{Listed, Newest, Page};

/// Rows of a page when the caller says nothing.
const LIMIT: u32 = 50;
/// Rows of a page at most.
const LIMIT_MAX: u32 = 200;
/// Query parameters that do not narrow a list, and so may differ between its pages.
const NOT_FILTERS: [&str; 4] = ["cursor", "limit", "at_least", "as_of"];

/// Declares the query of a list: its own filters and what every list takes; after the word `now` without `as_of`, for what is
/// kept as it is now only.
macro_rules! list_query {
    ($(#[$doc:meta])* now $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        list_query! { @declare |_| None, [] $(#[$doc])* $name { $($(#[$field_doc])* $field: $type,)* } }
    };
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        list_query! {
            @declare |query| query.as_of.clone(),
            [
                /// Answer as it was at this position or RFC 3339 instant.
                pub as_of: Option<String>,
            ]
            $(#[$doc])* $name { $($(#[$field_doc])* $field: $type,)* }
        }
    };
    (@declare $past:expr, [$($past_field:tt)*]
        $(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// Rows at most.
            #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
            pub limit: Option<i64>,
            /// `next` of the page before; keep the filters as they were.
            pub cursor: Option<String>,
            /// Wait until this position is in the answer.
            pub at_least: Option<i64>,
            $($past_field)*
        }

        impl $name {
            /// Which page is asked for, at which position.
            pub(crate) async fn page<K: serde::de::DeserializeOwned>(
                &self,
                state: &$crate::wiring::State,
                request: &actix_web::HttpRequest,
            ) -> $crate::error::Result<$crate::page::Asked<K>> {
                let past: fn(&Self) -> Option<String> = $past;
                let at = $crate::reading::ReadAt { at_least: self.at_least, as_of: past(self) };
                $crate::page::asked(state, request, self.limit, self.cursor.as_deref(), &at).await
            }
        }
    };
}
pub(crate) use list_query;

/// A page that is asked for.
pub(crate) struct Asked<K> {
    /// The position that it is of.
    pub position: Position,
    /// The key of the last row of the page before.
    pub after: Option<K>,
    /// Rows at most.
    pub limit: u32,
    filters: String,
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Paged<T> {
    /// The rows.
    items: Vec<T>,
    /// The position that this is of.
    position: i64,
    /// Give it as `cursor` for the next page; `null` when this is the last one.
    next: Option<String>,
}

impl<K> Asked<K> {
    /// As the queries take it: one row more than wanted, which tells whether another page follows.
    pub(crate) fn page(&self) -> Page<K>
    where
        K: Clone,
    {
        Page { as_of: self.position, after: self.after.clone(), limit: self.limit + 1 }
    }

    /// The answer with these rows, of which there may be one more than wanted; `key` is a row's place in the order.
    pub(crate) fn answer<R, T: Serialize>(
        &self,
        request: &HttpRequest,
        rows: Vec<R>,
        key: impl Fn(&R) -> K,
        mut view: impl FnMut(R) -> T,
    ) -> HttpResponse
    where
        K: Serialize,
    {
        self.answer_some(request, rows, key, |row| Some(view(row)))
    }

    /// The same where not every row is shown: a page may have fewer rows than there are after it.
    pub(crate) fn answer_some<R, T: Serialize>(
        &self,
        request: &HttpRequest,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> K,
        view: impl FnMut(R) -> Option<T>,
    ) -> HttpResponse
    where
        K: Serialize,
    {
        let limit = self.limit as usize;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(key);
        self.answer_page(request, rows, next, view)
    }

    /// The answer with these rows, after which the list goes on behind `next`.
    pub(crate) fn answer_page<R, T: Serialize>(
        &self,
        request: &HttpRequest,
        rows: Vec<R>,
        next: Option<K>,
        view: impl FnMut(R) -> Option<T>,
    ) -> HttpResponse
    where
        K: Serialize,
    {
        let next = next.map(|key| cursor::write(self.position.0, &key, &self.filters));
        let mut response = HttpResponse::Ok();
        response.insert_header((POSITION, self.position.0));
        if let Some(next) = &next {
            response.insert_header((header::LINK, format!("<{}>; rel=\"next\"", address(request, next))));
        }
        response.json(Paged { items: rows.into_iter().filter_map(view).collect(), position: self.position.0, next })
    }
}

impl Asked<Newest> {
    /// The answer with what was found, which may be less than there is: the next page goes on where looking for it has ended.
    pub(crate) fn answer_found<R, T: Serialize>(
        &self,
        request: &HttpRequest,
        found: Listed<R>,
        key: impl Fn(&R) -> Newest,
        mut view: impl FnMut(R) -> T,
    ) -> HttpResponse {
        let Listed { mut rows, goes_on } = found;
        let limit = self.limit as usize;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(key).or(goes_on);
        self.answer_page(request, rows, next, |row| Some(view(row)))
    }
}

/// Which page a request asks for. A cursor brings its own position.
pub(crate) async fn asked<K: DeserializeOwned>(
    state: &State,
    request: &HttpRequest,
    limit: Option<i64>,
    cursor: Option<&str>,
    at: &ReadAt,
) -> Result<Asked<K>> {
    let limit = limit.map_or(Ok(LIMIT), u32::try_from).ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    let limit = limit.ok_or_else(|| ApiError::parameter("limit", "out_of_range", format!("a number from 1 to {LIMIT_MAX}")))?;
    let filters = filters(request);
    let Some(cursor) = cursor else {
        return Ok(Asked { position: at.position(state).await?, after: None, limit, filters });
    };
    let (position, after) = cursor::read(cursor, &filters)?;
    if !reading::is_within_log(state, position).await? {
        return Err(ApiError::of_field(Code::InvalidCursor, "cursor", "unusable", "this cursor is not of this log; begin without it"));
    }
    reading::wait_for(state, Position(position)).await?;
    Ok(Asked { position: Position(position), after: Some(after), limit, filters })
}

/// The list and its filters, in one order.
fn filters(request: &HttpRequest) -> String {
    let mut pairs: Vec<_> =
        form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| !NOT_FILTERS.contains(&&**name)).collect();
    pairs.sort();
    form_urlencoded::Serializer::new(format!("{}?", request.path())).extend_pairs(pairs).finish()
}

/// The address of the page after this one.
fn address(request: &HttpRequest, next: &str) -> String {
    let kept = form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| *name != "cursor");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).append_pair("cursor", next).finish();
    format!("{}?{query}", request.path())
}
