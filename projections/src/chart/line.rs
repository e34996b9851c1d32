//! A line: how a figure moves, such as the NPS over time. Where there is none, the line is broken: nothing is made up between.

use super::{
    Datum, Look, Picture, Shape,
    frame::{height, labels, marks, middle},
    scale::Scale,
};

/// Points up to which each is shown; more would run together.
const DOTS_MAX: usize = 62;

/// The picture, on an axis between these.
pub fn line(data: &[Datum], from: f64, to: f64, look: Look) -> Picture {
    let scale = Scale::between(from, to);
    let place = |(index, datum): (usize, &Datum)| Some([middle(index, data.len()), height(scale, datum.value?)]);
    let points: Vec<Option<[f64; 2]>> = data.iter().enumerate().map(place).collect();
    let runs = points.split(Option::is_none).filter(|run| run.len() > 1);
    let paths = runs.map(|run| Shape::Path(run.iter().flatten().copied().collect()));
    let radius = if data.len() <= DOTS_MAX { 3.5 } else { 1.5 };
    let dots = points.iter().zip(data).filter_map(|(at, datum)| Some(Shape::Dot { at: (*at)?, radius, word: datum.word.clone() }));
    Picture { look, shapes: marks(scale).chain(labels(data)).chain(paths).chain(dots).collect() }
}
