//! A question that is understood: its answer is the same bytes for ever, so a file that broke off is made anew.

use super::{Asked, Checked, Manifest, Table, asked::SEARCHES};
use crate::{
    error::{ApiError, Result},
    filters::Filters,
    period, reading,
    texts::Locale,
    wiring::State,
    writing,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;
use vitrina_commands::CommandMeta;
use vitrina_domain::{
    export::{self, ExportAction},
    ids::{AccountId, CommandId, ExportId},
    locale,
    metrics::range::{self, Range},
    personal::Personal,
};
use vitrina_eventlog::Position;
use vitrina_projections::export::{Export, Filter, Form, Profile};

use crate::auth::caller::Giver;

/// A question.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    account: AccountId,
    table: Table,
    /// Of the columns, when it was asked.
    version: u32,
    filters: Filters,
    filter: Filter,
    range: Range,
    zone: Tz,
    form: export::Form,
    locale: locale::Locale,
    since: Option<Position>,
    /// The position that the answer is of.
    pub(crate) position: Position,
}

impl Question {
    /// What was asked means this, once the read models are there.
    pub(crate) async fn of(state: &State, account: AccountId, table: Table, asked: Asked) -> Result<Self> {
        let position = asked.at.position(state).await?;
        let since = asked.since.map(|since| within(since, position)).transpose()?;
        let said = range::Asked { from: asked.from.as_deref(), to: asked.to.as_deref(), tz: asked.tz.as_deref() };
        let (range, zone) = period::or(state, account, position, said, table.unsaid(&asked.filters)).await?;
        let (form, locale) = form(&asked)?;
        let mut filters = asked.filters;
        filters.must_be_findable()?;
        let closed = range::Asked { from: filters.get("closed_from"), to: filters.get("closed_to"), tz: asked.tz.as_deref() };
        filters.pin_closed(period::open(state, account, position, closed).await?);
        let filter = table.filter(&filters, range)?;
        let version = table.definition().version;
        Ok(Self { account, table, version, filters, filter, range, zone, form, locale, since, position })
    }

    /// What is in the log means this; `None` when there is no such table any more.
    pub(crate) fn from_log(account: AccountId, logged: &export::Question) -> Option<Self> {
        let table = Table::of(&logged.definition).ok()?;
        let mut filters = Filters(logged.filters.clone());
        if let Some(text) = logged.search.as_ref().and_then(Personal::get) {
            let name = if table == Table::Shoppers { "search" } else { "q" };
            filters.add(name, Some(text));
        }
        let range = Range { from: logged.from, to: logged.to };
        Some(Self {
            account,
            table,
            version: logged.version,
            filter: table.filter(&filters, range).ok()?,
            filters,
            range,
            zone: logged.zone.parse().ok()?,
            form: logged.form,
            locale: logged.locale,
            since: logged.since.map(Position),
            position: Position(logged.position),
        })
    }

    /// Whether the table has the columns that it had.
    pub(crate) fn is_current(&self) -> bool {
        self.version == self.table.definition().version
    }

    /// As it goes into the log.
    pub(crate) fn logged(&self, export: ExportId) -> export::Question {
        let (mut filters, mut search) = (self.filters.0.clone(), None);
        for name in SEARCHES {
            search = filters.remove(name).map(|text| Personal::known(export, text)).or(search);
        }
        let definition = self.table.definition();
        export::Question {
            definition: definition.name.to_owned(),
            version: self.version,
            form: self.form,
            locale: self.locale,
            from: self.range.from,
            to: self.range.to,
            zone: self.zone.name().to_owned(),
            filters,
            search,
            since: self.since.map(|since| since.0),
            position: self.position.0,
        }
    }

    /// Writes down who takes it away over the wire.
    pub(crate) async fn tell_streamed(&self, state: &State, giver: &Giver) -> Result<()> {
        let export = ExportId(Uuid::now_v7());
        let meta = CommandMeta::new(giver.account, CommandId(Uuid::now_v7()), giver.actor.clone(), Utc::now());
        let question = self.logged(export);
        let stream = |unit: &mut vitrina_commands::Unit<'_>| unit.open::<export::Export>(export, ExportAction::Stream(question.clone()));
        state.commands.execute(&meta, Vec::new(), stream).await.map_err(writing::refused)?;
        Ok(())
    }

    /// The answer, from its begin.
    pub(crate) async fn answer(&self, state: &State) -> Result<Export, vitrina_projections::Error> {
        let form = match self.form {
            export::Form::Csv => Form::Csv(Profile::Rfc4180, self.zone, self.locale),
            export::Form::CsvExcel => Form::Csv(Profile::Excel, self.zone, self.locale),
            export::Form::Jsonl => Form::JsonLines,
            export::Form::Xlsx => Form::Xlsx(self.zone, self.locale),
        };
        Export::open(&state.store, self.account, &self.filter, self.since, self.position, form).await
    }

    /// Which rows.
    pub(super) fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn media_type(&self) -> &'static str {
        match self.form {
            export::Form::Csv | export::Form::CsvExcel => "text/csv; charset=utf-8; header=present",
            export::Form::Jsonl => "application/jsonl; charset=utf-8",
            export::Form::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The format's name in the API, and so the end of the file's name.
    fn format(&self) -> &'static str {
        match self.form {
            export::Form::Csv | export::Form::CsvExcel => "csv",
            export::Form::Jsonl => "jsonl",
            export::Form::Xlsx => "xlsx",
        }
    }

    /// Of the days that it is of, where it is not of all, and of the position: two that differ never have one name.
    pub(crate) fn file_name(&self) -> String {
        let day = |at: DateTime<Utc>| at.with_timezone(&self.zone).format("%Y-%m-%d");
        let last = self.range.to - TimeDelta::microseconds(1);
        let days = if self.range == Range::ever() { String::new() } else { format!("{}_{}_", day(self.range.from), day(last)) };
        let since = self.since.map(|since| format!("{since}-")).unwrap_or_default();
        format!("{}_{days}{since}{}.{}", self.table.definition().name, self.position, self.format())
    }

    /// What the file is.
    pub(crate) fn manifest(&self, checked: Checked) -> Manifest {
        let definition = self.table.definition();
        let change = self.since.map(|_| "change");
        let profile = match self.form {
            export::Form::Csv => Some("rfc4180"),
            export::Form::CsvExcel => Some("excel"),
            export::Form::Jsonl | export::Form::Xlsx => None,
        };
        Manifest {
            definition: definition.name.to_owned(),
            version: self.version,
            columns: change.into_iter().chain(definition.columns.iter().map(|column| column.name)).map(str::to_owned).collect(),
            format: self.format().to_owned(),
            profile: profile.map(str::to_owned),
            formula_guard: profile.is_some(),
            from: self.range.from,
            to: self.range.to,
            zone: self.zone.name().to_owned(),
            locale: self.form.has_language().then(|| Locale::from(self.locale).tag().to_owned()),
            filters: self.filters.0.clone(),
            rows: checked.rows,
            bytes: checked.bytes,
            sha256: checked.sha256,
            from_position: self.since.map(|since| since.0),
            position: self.position.0,
            generated_at: checked.generated_at,
        }
    }

    /// The whole of it, counted and thrown away.
    pub(crate) async fn check(&self, state: &State) -> Result<Manifest> {
        let mut export = self.answer(state).await.map_err(reading::problem)?;
        let mut checked = Checked::begin();
        while let Some(bytes) = export.next().await.map_err(reading::problem)? {
            checked.add(&bytes);
        }
        Ok(self.manifest(checked.end(export.rows(), Utc::now())))
    }
}

fn within(since: i64, position: Position) -> Result<Position> {
    match since {
        0.. if since <= position.0 => Ok(Position(since)),
        _ => Err(ApiError::parameter("since", "out_of_range", format!("a position from 0 to {position}, which the answer is of"))),
    }
}

fn form(asked: &Asked) -> Result<(export::Form, locale::Locale)> {
    let format = asked.format.as_deref().unwrap_or("csv");
    let form = match (format, asked.profile.as_deref()) {
        ("csv", None | Some("rfc4180")) => export::Form::Csv,
        ("csv", Some("excel")) => export::Form::CsvExcel,
        ("csv", Some(_)) => return Err(ApiError::parameter("profile", "unknown_value", "one of rfc4180, excel")),
        ("jsonl", None) => export::Form::Jsonl,
        ("xlsx", None) => export::Form::Xlsx,
        ("jsonl" | "xlsx", Some(_)) => {
            return Err(ApiError::parameter("profile", "not_of_this_format", format!("no profile: {format} has but one form")));
        }
        _ => return Err(ApiError::parameter("format", "unknown_value", "one of csv, jsonl, xlsx")),
    };
    let locale = match asked.locale.as_deref() {
        None => Locale::negotiate(&asked.accepted).into(),
        Some(tag) => locale::Locale::of(tag).ok_or_else(|| ApiError::parameter("locale", "unknown_value", "one of en, es, pt, ca"))?,
    };
    Ok((form, if form.has_language() { locale } else { locale::Locale::En }))
}
