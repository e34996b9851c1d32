//! How something was rated, as the filters of lists name it.

use crate::{
    error::{ApiError, Result},
    filters::Filters,
};
use vitrina_projections::ratings::{Presence, Rated};

/// The highest satisfaction.
const CSAT_MAX: u8 = 5;

/// The filter that `rated`, `nps_class`, `csat` and `face` make.
pub(crate) fn filter(filters: &Filters) -> Result<Rated> {
    let satisfaction = |text: &str| {
        let csat = text.parse().ok().filter(|csat| (1..=CSAT_MAX).contains(csat));
        csat.ok_or_else(|| ApiError::parameter("csat", "out_of_range", format!("a number from 1 to {CSAT_MAX}")))
    };
    Ok(Rated {
        presence: filters.flag("rated")?.map(|rated| if rated { Presence::Rated } else { Presence::Unrated }),
        nps: filters.named("nps_class", "promoter, passive, detractor")?,
        csat: filters.get("csat").map(satisfaction).transpose()?,
        face: filters.named("face", "satisfied, neutral, dissatisfied")?,
    })
}
