//! Puts lines on pages, one under the other, and remembers what each means. Nothing is drawn here.

use crate::typeset::{Face, Laid, Typesetter};
use vitrina_domain::account::Colour;

/// A4 in points.
pub(super) const WIDTH: f32 = 595.28;
/// A4 in points.
pub(super) const HEIGHT: f32 = 841.89;
/// White on all sides.
pub(super) const MARGIN: f32 = 48.0;
/// Where lines end: the foot comes below.
const BOTTOM: f32 = HEIGHT - 60.0;

/// The highest box that is not cut by the end of a page: a third of it.
const WHOLE_MAX: f32 = 240.0;

/// What a piece of a document is, for those who read by ear.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A part of the document.
    Section,
    /// A heading of this level.
    Heading(u16, String),
    /// A sentence, or several.
    Paragraph,
    /// A table.
    Table,
    /// A row of it.
    Row,
    /// A cell above a column.
    HeadCell,
    /// Any other cell.
    Cell,
    /// A list of what is known.
    List,
    /// One of it.
    Item,
    /// What it is.
    Label,
    /// What is known of it.
    Body,
    /// A picture, in words.
    Figure(String),
}

/// A piece of a document, with the pieces inside.
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) children: Vec<NodeId>,
}

/// Which piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NodeId(pub(super) usize);

/// Which text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextId(usize);

/// What is drawn on a page, in order.
pub(super) enum Drawn {
    /// A filled shape with round corners: decoration.
    Shape { at: [f32; 2], size: [f32; 2], radius: f32, fill: Colour },
    /// A line through points: decoration.
    Path { points: Vec<[f32; 2]>, width: f32, ink: Colour },
    /// A line of a text that belongs to a piece, or to none.
    Line { node: Option<NodeId>, text: TextId, line: usize, x: f32, baseline: f32, ink: Colour },
}

/// A bookmark.
pub(super) struct Mark {
    pub(super) level: u16,
    pub(super) title: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

/// A text at its place in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) node: Option<NodeId>,
    pub(super) text: TextId,
    pub(super) x: f32,
    pub(super) ink: Colour,
}

/// Pages that fill up.
pub(super) struct Flow {
    pub(super) pages: Vec<Vec<Drawn>>,
    pub(super) nodes: Vec<Node>,
    pub(super) marks: Vec<Mark>,
    pub(super) roots: Vec<NodeId>,
    texts: Vec<Laid>,
    y: f32,
}

impl Flow {
    pub(super) fn new() -> Self {
        Self { pages: vec![vec![]], nodes: vec![], marks: vec![], roots: vec![], texts: vec![], y: MARGIN }
    }

    /// A new piece within another, or at the top.
    pub(super) fn node(&mut self, within: Option<NodeId>, kind: Kind) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node { kind, children: vec![] });
        match within {
            Some(NodeId(parent)) => self.nodes[parent].children.push(id),
            None => self.roots.push(id),
        }
        id
    }

    /// Takes a text in.
    pub(super) fn text(&mut self, laid: Laid) -> TextId {
        self.texts.push(laid);
        TextId(self.texts.len() - 1)
    }

    /// Sets a text and takes it in.
    pub(super) fn set(&mut self, typesetter: &mut Typesetter, text: &str, face: Face, width: f32) -> TextId {
        self.text(typesetter.set(text, face, width))
    }

    /// A text that was taken in.
    pub(super) fn laid(&self, id: TextId) -> &Laid {
        &self.texts[id.0]
    }

    /// White under what stands.
    pub(super) fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// Goes to the next page unless so much fits on this one.
    pub(super) fn keep(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > MARGIN {
            self.pages.push(vec![]);
            self.y = MARGIN;
        }
    }

    /// Where the next line comes.
    pub(super) fn place(&self) -> (usize, f32) {
        (self.pages.len() - 1, self.y)
    }

    /// Starts below a head that was drawn by hand.
    pub(super) fn start_at(&mut self, y: f32) {
        self.y = y;
    }

    /// Draws on the page as it stands, wherever.
    pub(super) fn draw(&mut self, drawn: Drawn) {
        self.pages.last_mut().expect("there is always a page").push(drawn);
    }

    /// A bookmark to what comes next.
    pub(super) fn mark(&mut self, level: u16, title: &str) {
        let (page, y) = self.place();
        self.marks.push(Mark { level, title: title.to_owned(), page, y });
    }

    /// Cells beside each other, line by line, over as many pages as it takes.
    pub(super) fn row(&mut self, cells: &[Cell]) {
        let lines = cells.iter().map(|cell| self.laid(cell.text).lines()).max().unwrap_or_default();
        for line in 0..lines {
            let here: Vec<Cell> = cells.iter().copied().filter(|cell| line < self.laid(cell.text).lines()).collect();
            let height = here.iter().map(|cell| self.laid(cell.text).line_height).fold(0.0, f32::max);
            self.keep(height);
            for cell in here {
                self.line(cell, line);
            }
            self.y += height;
        }
    }

    /// Paragraphs in a box, which goes on on the next page where it must. Each comes with the white above it.
    pub(super) fn boxed(&mut self, at: f32, width: f32, padding: f32, fill: Colour, paragraphs: &[(f32, Cell)]) {
        let lines = paragraphs.iter().flat_map(|(gap, cell)| (0..self.laid(cell.text).lines()).map(move |line| (*gap, *cell, line)));
        let lines: Vec<(f32, Cell, usize)> = lines.collect();
        // What is short stays on one page. Of what is long the first lines stay together: who, and the first words.
        let height = |lines: &[(f32, Cell, usize)]| lines.iter().map(|(_, cell, _)| self.laid(cell.text).line_height).sum::<f32>();
        let whole = height(&lines);
        let kept = if whole <= WHOLE_MAX { whole } else { height(&lines[..lines.len().min(3)]) };
        self.keep(kept + 2.0 * padding);
        let mut opened = self.open(padding);
        for (gap, cell, line) in lines {
            let gap = if line == 0 { gap } else { 0.0 };
            let height = self.laid(cell.text).line_height;
            if self.y + gap + height + padding > BOTTOM && self.y > opened.1 + padding {
                self.close(opened, at, width, padding, fill);
                self.pages.push(vec![]);
                self.y = MARGIN;
                opened = self.open(padding);
            }
            self.y += gap;
            self.line(cell, line);
            self.y += height;
        }
        self.close(opened, at, width, padding, fill);
    }

    /// Where a box begins: its place among what is drawn, and its top.
    fn open(&mut self, padding: f32) -> (usize, f32) {
        let opened = (self.pages.last().map_or(0, Vec::len), self.y);
        self.y += padding;
        opened
    }

    fn close(&mut self, (index, top): (usize, f32), x: f32, width: f32, padding: f32, fill: Colour) {
        self.y += padding;
        let shape = Drawn::Shape { at: [x, top], size: [width, self.y - top], radius: 7.0, fill };
        self.pages.last_mut().expect("there is always a page").insert(index, shape);
    }

    fn line(&mut self, cell: Cell, line: usize) {
        let laid = self.laid(cell.text);
        let Some(one) = laid.layout.get(line) else { return };
        let metrics = one.metrics();
        let baseline = self.y + metrics.baseline - metrics.block_min_coord;
        self.draw(Drawn::Line { node: cell.node, text: cell.text, line, x: cell.x, baseline, ink: cell.ink });
    }
}
