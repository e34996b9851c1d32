//! Tables on paper: columns under their headings, which stand again on every page that a table goes on to.

use crate::{
    compose::{Composer, GUTTER, INK, MEASURE, QUIET, RULE},
    flow::{Cell, Drawn, Kind, MARGIN, NodeId},
    typeset::Face,
};
use vitrina_projections::document::{Align, Table};

/// White above and below a row.
const AIR: f32 = 2.5;
/// The highest row that is not cut by the end of a page.
const WHOLE_MAX: f32 = 240.0;

/// A column's place: where it begins, its width and how its cells stand.
type Place = (f32, f32, Align);

impl Composer<'_> {
    pub(super) fn table(&mut self, within: NodeId, table: &Table) {
        let node = self.flow.node(Some(within), Kind::Table);
        let shares: f32 = table.columns.iter().map(|column| column.width).sum();
        let room = MEASURE - GUTTER * table.columns.len().saturating_sub(1) as f32;
        let mut x = MARGIN;
        let mut places = Vec::with_capacity(table.columns.len());
        for column in &table.columns {
            let width = room * column.width / shares;
            places.push((x, width, column.align));
            x += width + GUTTER;
        }
        let titles: Vec<&str> = table.columns.iter().map(|column| column.title.as_str()).collect();
        let heads = self.cells(node, Kind::HeadCell, &places, &titles);
        self.row(&heads, None);
        // Who reads by ear has heard the headings once, and is told them with each cell.
        let again: Vec<Cell> = heads.iter().map(|cell| Cell { node: None, ..*cell }).collect();
        for row in &table.rows {
            let texts: Vec<&str> = row.iter().map(String::as_str).collect();
            let cells = self.cells(node, Kind::Cell, &places, &texts);
            self.row(&cells, Some(&again));
        }
    }

    fn cells(&mut self, within: NodeId, kind: Kind, places: &[Place], texts: &[&str]) -> Vec<Cell> {
        let row = self.flow.node(Some(within), Kind::Row);
        let (face, ink) = if kind == Kind::HeadCell { (Face::strong(8.5), QUIET) } else { (Face::regular(9.0), INK) };
        let set = |((x, width, align), text): (&Place, &&str)| {
            let node = self.flow.node(Some(row), kind.clone());
            let text = self.flow.set(self.typesetter, text, face.aligned(*align), *width);
            Cell { node: Some(node), text, x: *x, ink }
        };
        places.iter().zip(texts).map(set).collect()
    }

    /// A row, and above it the headings where a page begins with it.
    fn row(&mut self, cells: &[Cell], heads: Option<&[Cell]>) {
        let heights =
            cells.iter().map(|cell| self.flow.laid(cell.text)).map(|laid| (laid.lines() as f32 * laid.line_height, laid.line_height));
        let (whole, line) = heights.fold((0.0, 0.0), |(whole, line): (f32, f32), one| (whole.max(one.0), line.max(one.1)));
        let (page, _) = self.flow.place();
        self.flow.keep(2.0 * AIR + if whole <= WHOLE_MAX { whole.max(line) } else { 2.0 * line });
        if let Some(heads) = heads.filter(|_| self.flow.place().0 > page) {
            self.ruled(heads);
        }
        self.ruled(cells);
    }

    fn ruled(&mut self, cells: &[Cell]) {
        self.flow.gap(AIR);
        self.flow.row(cells);
        let (_, y) = self.flow.place();
        self.flow.draw(Drawn::Shape { at: [MARGIN, y + 1.5], size: [MEASURE, 0.6], radius: 0.0, fill: RULE });
        self.flow.gap(AIR);
    }
}
