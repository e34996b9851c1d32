//! JSON Lines: the form in which nothing is lost. Texts are as they are, instants to the microsecond in UTC, amounts in minor units.

use super::{
    cell::Cell,
    definition::{Column, Definition},
};
use chrono::SecondsFormat;
use serde::{
    Serializer,
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::value::RawValue;

/// Writes a row as one line, with the columns' names as keys. What is empty is `null`.
pub fn row(columns: &[Column], cells: &[Cell<'_>], out: &mut Vec<u8>) {
    let mut writer = serde_json::Serializer::new(&mut *out);
    let line = (&mut writer).serialize_map(Some(cells.len())).and_then(|mut map| {
        columns.iter().zip(cells).try_for_each(|(column, cell)| map.serialize_entry(column.name, &Plain(cell)))?;
        SerializeMap::end(map)
    });
    line.expect("cells are plain data, and a buffer takes them all");
    out.push(b'\n');
}

/// A row as a value by itself: the line of the file.
pub(super) fn value(definition: &Definition, cells: &[Cell<'_>]) -> Box<RawValue> {
    let mut line = Vec::new();
    row(definition.columns, cells, &mut line);
    String::from_utf8(line).ok().and_then(|line| RawValue::from_string(line).ok()).expect("a line is JSON")
}

struct Plain<'c>(&'c Cell<'c>);

impl serde::Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Cell::Empty => to.serialize_none(),
            Cell::Text(text) => to.serialize_str(text),
            Cell::Name(name) => to.serialize_str(name),
            Cell::Id(id) => to.collect_str(id),
            Cell::Int(number) | Cell::Amount { minor: number, .. } => to.serialize_i64(*number),
            #[allow(clippy::cast_precision_loss, reason = "a tenth of what is far below 2^53")]
            Cell::Tenths(tenths) => to.serialize_f64(*tenths as f64 / 10.0),
            Cell::Instant(at) => to.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true)),
            Cell::Bool(yes) => to.serialize_bool(*yes),
            Cell::List(texts) => {
                let mut list = to.serialize_seq(Some(texts.len()))?;
                texts.iter().try_for_each(|text| list.serialize_element(text))?;
                list.end()
            }
            Cell::Each(cells) => {
                let mut list = to.serialize_seq(Some(cells.len()))?;
                cells.iter().try_for_each(|cell| list.serialize_element(&Plain(cell)))?;
                list.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_nothing_is_guarded() {
        let columns = ["text", "at", "amount", "list", "none"].map(|name| Column { name, headings: [""; 4] });
        let cells = [
            Cell::Text("=1+2\n".into()),
            Cell::Instant("2026-03-29T01:00:00.000001Z".parse().unwrap()),
            Cell::Amount { minor: -5, currency: "EUR" },
            Cell::List(vec!["a|b".into()]),
            Cell::Empty,
        ];
        let mut out = Vec::new();
        row(&columns, &cells, &mut out);
        let expected = "{\"text\":\"=1+2\\n\",\"at\":\"2026-03-29T01:00:00.000001Z\",\"amount\":-5,\"list\":[\"a|b\"],\"none\":null}\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
