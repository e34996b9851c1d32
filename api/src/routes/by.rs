//! `by`: how a report is cut, and to which instants its calls and scores belong where there are two readings (PRODUCT.md 5.1).

use crate::error::{ApiError, Result};
use vitrina_domain::report::Anchors;

/// What `by` says, parts of it between commas.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct By<'q> {
    /// Into what the report is cut; `None` when it was not said.
    pub cut: Option<&'q str>,
    /// To which instants calls and scores belong.
    pub anchors: Anchors,
}

impl<'q> By<'q> {
    /// Reads it where these cuts and these readings are known.
    ///
    /// # Errors
    /// For a part that is none of them, or a second cut.
    pub(crate) fn parse(by: Option<&'q str>, cuts: &[&str], readings: &[&str]) -> Result<Self> {
        let mut said = Self { cut: None, anchors: Anchors::default() };
        for part in by.into_iter().flat_map(|by| by.split(',')).map(str::trim) {
            let reading = readings.contains(&part).then(|| said.anchors.with(part)).flatten();
            match reading {
                Some(anchors) => said.anchors = anchors,
                None if !cuts.contains(&part) => {
                    let known = [cuts, readings].concat().join(", ");
                    return Err(ApiError::parameter("by", "unknown_value", format!("one of {known}")));
                }
                None if said.cut.is_some() => {
                    return Err(ApiError::parameter("by", "too_many", format!("one of {} at most", cuts.join(", "))));
                }
                None => said.cut = Some(part),
            }
        }
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_and_a_reading_are_told_apart() {
        let parse = |by| By::parse(Some(by), &["day", "week"], &["ended_at", "call"]).ok();
        let ended = Anchors::default().with("ended_at").unwrap();
        assert_eq!(parse("week"), Some(By { cut: Some("week"), anchors: Anchors::default() }));
        assert_eq!(parse("ended_at"), Some(By { cut: None, anchors: ended }));
        assert_eq!(parse("call, day,ended_at"), Some(By { cut: Some("day"), anchors: ended.with("call").unwrap() }));
        assert_eq!(["day,week", "year", "", "day,"].map(parse), [None, None, None, None]);
        assert!(By::parse(Some("call"), &["day"], &["ended_at"]).is_err(), "a reading that this report has not");
        assert_eq!(By::parse(None, &[], &[]).ok(), Some(By { cut: None, anchors: Anchors::default() }));
    }
}
