//! How each part of a document looks on paper.

use crate::{
    flow::{Cell, Drawn, Flow, HEIGHT, Kind, MARGIN, NodeId, WIDTH},
    typeset::{Face, Typesetter},
};
use vitrina_domain::account::Colour;
use vitrina_projections::{
    chart::{Anchor, LETTERS, Palette, Picture, SIZE, Shape},
    document::{Align, Block, Document, Fact, Section, Speech, Voice},
};

pub(super) const INK: Colour = Colour::new(0x16, 0x19, 0x1d);
pub(super) const QUIET: Colour = Colour::new(0x5a, 0x62, 0x6b);
const WHITE: Colour = Colour::new(0xff, 0xff, 0xff);
pub(super) const RULE: Colour = Colour::new(0xd9, 0xdd, 0xe1);
const CUSTOMER: Colour = Colour::new(0xf0, 0xf1, 0xf3);
const PRIVATE: Colour = Colour::new(0xff, 0xf4, 0xd6);
const SYSTEM: Colour = Colour::new(0xf8, 0xf8, 0xf9);

/// Width of the text.
pub(super) const MEASURE: f32 = WIDTH - 2.0 * MARGIN;
/// Share of the width that words take at most: the rest shows whose they are.
const SPEECH_SHARE: f32 = 0.8;
/// Height of a picture as wide as the text.
const CHART_HEIGHT: f32 = SIZE[1] as f32 * CHART_SCALE;
/// From a picture's units to points.
const CHART_SCALE: f32 = MEASURE / SIZE[0] as f32;
/// White inside a box.
const PADDING: f32 = 7.0;
/// White between columns.
pub(super) const GUTTER: f32 = 9.0;
/// Size of the letters at the foot.
const FOOT_SIZE: f32 = 7.5;
/// Where the foot's first line stands.
const FOOT_BASELINE: f32 = HEIGHT - 34.0;
/// Lines of the foot that the edge leaves room for.
const FOOT_LINES_MAX: usize = 3;
/// Contrast that text needs (WCAG 2.2, 1.4.3).
const READABLE: f32 = 4.5;

/// The pages of the document.
pub(super) fn pages(document: &Document, typesetter: &mut Typesetter) -> Flow {
    let mut composer = Composer { flow: Flow::new(), typesetter, brand: document.brand.color };
    composer.head(document);
    document.sections.iter().for_each(|section| composer.section(section));
    composer.feet(document);
    composer.flow
}

pub(super) struct Composer<'t> {
    pub(super) flow: Flow,
    pub(super) typesetter: &'t mut Typesetter,
    brand: Colour,
}

impl Composer<'_> {
    /// The shop's name on its colour, the title, and what it covers.
    fn head(&mut self, document: &Document) {
        let height = 62.0;
        let ink = if self.brand.contrast(WHITE) >= READABLE { WHITE } else { INK };
        self.flow.draw(Drawn::Shape { at: [0.0, 0.0], size: [WIDTH, height], radius: 0.0, fill: self.brand });
        let node = self.flow.node(None, Kind::Paragraph);
        let shop = self.flow.set(self.typesetter, &document.shop, Face::strong(15.0), MEASURE * 0.66);
        let kind = self.flow.set(self.typesetter, &document.kind, Face::regular(10.0).aligned(Align::End), MEASURE * 0.32);
        self.flow.start_at(21.0);
        let second = self.flow.node(None, Kind::Paragraph);
        let right = Cell { node: Some(second), text: kind, x: MARGIN + MEASURE * 0.68, ink };
        self.flow.row(&[Cell { node: Some(node), text: shop, x: MARGIN, ink }, right]);
        self.flow.start_at(self.flow.place().1.max(height) + 24.0);
        self.flow.mark(1, &document.title);
        let title = self.flow.node(None, Kind::Heading(1, document.title.clone()));
        self.text(title, &document.title, Face::strong(19.0), INK);
        self.flow.gap(2.0);
        let subtitle = self.flow.node(None, Kind::Paragraph);
        self.text(subtitle, &document.subtitle, Face::regular(9.5), QUIET);
    }

    /// What stands at the foot of every page: known only when all pages are. What is too long for a line goes on under it.
    fn feet(&mut self, document: &Document) {
        let count = self.flow.pages.len();
        let face = Face::regular(FOOT_SIZE);
        let number = |page: usize| format!("{} {page} / {count}", document.page);
        // All digits are of one width, so the last number is as wide as any.
        let width = self.typesetter.set(&number(count), face, MEASURE).layout.width().ceil() + 1.0;
        let foot = self.flow.set(self.typesetter, &document.foot, face, MEASURE - width - GUTTER);
        let lines = self.flow.laid(foot).lines().min(FOOT_LINES_MAX);
        for page in 0..count {
            let number = self.flow.set(self.typesetter, &number(page + 1), face.aligned(Align::End), width);
            let rule = Drawn::Shape { at: [MARGIN, HEIGHT - 47.0], size: [MEASURE, 0.6], radius: 0.0, fill: RULE };
            let left = (0..lines).map(|line| {
                let baseline = FOOT_BASELINE + line as f32 * face.line_height();
                Drawn::Line { node: None, text: foot, line, x: MARGIN, baseline, ink: QUIET }
            });
            let x = MARGIN + MEASURE - width;
            let right = Drawn::Line { node: None, text: number, line: 0, x, baseline: FOOT_BASELINE, ink: QUIET };
            self.flow.pages[page].extend([rule].into_iter().chain(left).chain([right]));
            if page > 0 {
                let band = Drawn::Shape { at: [0.0, 0.0], size: [WIDTH, 9.0], radius: 0.0, fill: self.brand };
                self.flow.pages[page].insert(0, band);
            }
        }
    }

    fn section(&mut self, section: &Section) {
        let face = Face::strong(12.5);
        self.flow.gap(18.0);
        // A heading stays with what it is of: a picture is never cut.
        let first = if let Some(Block::Chart(_)) = section.blocks.first() { CHART_HEIGHT } else { 40.0 };
        self.flow.keep(face.line_height() + 20.0 + first);
        let node = self.flow.node(None, Kind::Section);
        self.flow.mark(2, &section.title);
        let heading = self.flow.node(Some(node), Kind::Heading(2, section.title.clone()));
        self.text(heading, &section.title, face, INK);
        let (_, y) = self.flow.place();
        self.flow.draw(Drawn::Shape { at: [MARGIN, y + 1.0], size: [MEASURE, 1.4], radius: 0.0, fill: self.brand });
        self.flow.gap(8.0);
        for block in &section.blocks {
            match block {
                Block::Facts(facts) => self.facts(node, facts),
                Block::Table(table) => self.table(node, table),
                Block::Heading(text) => self.heading(node, text),
                Block::Speech(speech) => self.speech(node, speech),
                Block::Event { at, text } => self.event(node, at, text),
                Block::Chart(picture) => self.chart(node, picture),
                Block::Text(text) => {
                    let node = self.flow.node(Some(node), Kind::Paragraph);
                    self.text(node, text, Face::regular(9.5), INK);
                    self.flow.gap(4.0);
                }
            }
        }
    }

    fn text(&mut self, node: NodeId, text: &str, face: Face, ink: Colour) {
        let text = self.flow.set(self.typesetter, text, face, MEASURE);
        self.flow.row(&[Cell { node: Some(node), text, x: MARGIN, ink }]);
    }

    fn heading(&mut self, within: NodeId, text: &str) {
        let face = Face::strong(9.0);
        self.flow.gap(7.0);
        self.flow.keep(face.line_height() + 50.0);
        self.flow.mark(3, text);
        let node = self.flow.node(Some(within), Kind::Heading(3, text.to_owned()));
        self.centred(node, text, face);
        self.flow.gap(5.0);
    }

    /// A line or more in the middle.
    fn centred(&mut self, node: NodeId, text: &str, face: Face) {
        let laid = self.typesetter.set(text, face, MEASURE * SPEECH_SHARE);
        let width = laid.layout.width().ceil() + 0.5;
        let laid = self.typesetter.narrowed(laid, face, width);
        let x = MARGIN + (MEASURE - laid.layout.width()) / 2.0;
        let text = self.flow.text(laid);
        self.flow.row(&[Cell { node: Some(node), text, x, ink: QUIET }]);
    }

    fn facts(&mut self, within: NodeId, facts: &[Fact]) {
        let list = self.flow.node(Some(within), Kind::List);
        let label_width = 120.0;
        for fact in facts {
            let item = self.flow.node(Some(list), Kind::Item);
            let label = self.flow.node(Some(item), Kind::Label);
            let value = self.flow.node(Some(item), Kind::Body);
            let face = Face::regular(9.5);
            let left = self.flow.set(self.typesetter, &fact.label, face, label_width - GUTTER);
            let right = self.flow.set(self.typesetter, &fact.value, face, MEASURE - label_width);
            self.flow.row(&[
                Cell { node: Some(label), text: left, x: MARGIN, ink: QUIET },
                Cell { node: Some(value), text: right, x: MARGIN + label_width, ink: INK },
            ]);
            self.flow.gap(2.0);
        }
    }

    /// The same shapes as on the page, drawn to the width of the text; never over two pages.
    fn chart(&mut self, within: NodeId, picture: &Picture) {
        let scale = CHART_SCALE;
        self.flow.gap(6.0);
        self.flow.keep(CHART_HEIGHT);
        let (_, top) = self.flow.place();
        let place = |[x, y]: [f64; 2]| [MARGIN + x as f32 * scale, top + y as f32 * scale];
        let palette = Palette::light(picture.look.brand);
        let figure = self.flow.node(Some(within), Kind::Figure(format!("{}. {}", picture.look.title, picture.look.description)));
        let title = self.flow.set(self.typesetter, &picture.look.title, Face::strong(10.0), MEASURE);
        let [_, baseline] = place([0.0, 28.0]);
        self.flow.draw(Drawn::Line { node: Some(figure), text: title, line: 0, x: MARGIN, baseline, ink: palette.ink });
        for shape in &picture.shapes {
            let drawn = match shape {
                Shape::Rule { from, to, y, paint } => {
                    let ([x, y], width) = (place([*from, *y]), (to - from) as f32 * scale);
                    Drawn::Shape { at: [x, y - 0.3], size: [width, 0.6], radius: 0.0, fill: palette.of(*paint) }
                }
                Shape::Bar { at, size: [width, height], radius, .. } => {
                    let size = [*width as f32 * scale, *height as f32 * scale];
                    Drawn::Shape { at: place(*at), size, radius: *radius as f32 * scale, fill: palette.figure }
                }
                Shape::Dot { at: [x, y], radius, .. } => {
                    let size = 2.0 * *radius as f32 * scale;
                    Drawn::Shape { at: place([x - radius, y - radius]), size: [size, size], radius: size / 2.0, fill: palette.figure }
                }
                Shape::Path(points) => {
                    Drawn::Path { points: points.iter().copied().map(place).collect(), width: 2.0 * scale, ink: palette.figure }
                }
                Shape::Text { at, text, anchor } => {
                    let laid = self.typesetter.set(text, Face::regular(LETTERS as f32 * scale), MEASURE);
                    let ([x, baseline], width) = (place(*at), laid.layout.width());
                    let x = match anchor {
                        Anchor::Middle => x - width / 2.0,
                        Anchor::End => x - width,
                    };
                    Drawn::Line { node: Some(figure), text: self.flow.text(laid), line: 0, x, baseline, ink: palette.quiet }
                }
            };
            self.flow.draw(drawn);
        }
        self.flow.gap(CHART_HEIGHT);
    }

    fn event(&mut self, within: NodeId, at: &str, text: &str) {
        let node = self.flow.node(Some(within), Kind::Paragraph);
        self.flow.gap(3.0);
        self.centred(node, &format!("{at}  {text}"), Face::regular(8.0));
        self.flow.gap(3.0);
    }

    fn speech(&mut self, within: NodeId, speech: &Speech) {
        let (face, small) = (Face::regular(9.5), Face::regular(7.5));
        let width = MEASURE * SPEECH_SHARE - 2.0 * PADDING;
        let who = self.typesetter.set(&format!("{}  {}", speech.who, speech.at), Face::strong(8.0), width);
        let words = self.typesetter.set(&speech.text, face, width);
        let details: Vec<_> = speech.details.iter().map(|detail| self.typesetter.set(detail, small, width)).collect();
        let widths = [&who, &words].into_iter().chain(&details).map(|laid| laid.layout.width().ceil() + 0.5);
        let inner = widths.fold(0.0, f32::max).min(width);
        // Right-to-left words begin at the right end of their box, so they are broken again to its final width.
        let words = self.typesetter.narrowed(words, face, inner);
        let (fill, ink_of_who) = match speech.voice {
            Voice::Customer => (CUSTOMER, QUIET),
            Voice::House => (self.brand.mixed(WHITE, 0.9), QUIET),
            Voice::Private => (PRIVATE, QUIET),
            Voice::System => (SYSTEM, QUIET),
        };
        let outer = inner + 2.0 * PADDING;
        let x = match speech.voice {
            Voice::Customer => MARGIN,
            Voice::House | Voice::Private => WIDTH - MARGIN - outer,
            Voice::System => MARGIN + (MEASURE - outer) / 2.0,
        };
        let part = self.flow.node(Some(within), Kind::Section);
        let mut paragraphs = Vec::with_capacity(2 + details.len());
        let texts = [(0.0, who, ink_of_who), (1.0, words, INK)].into_iter().chain(details.into_iter().map(|laid| (1.0, laid, QUIET)));
        for (gap, laid, ink) in texts {
            let node = self.flow.node(Some(part), Kind::Paragraph);
            let text = self.flow.text(laid);
            paragraphs.push((gap, Cell { node: Some(node), text, x: x + PADDING, ink }));
        }
        self.flow.gap(3.0);
        self.flow.boxed(x, outer, PADDING, fill, &paragraphs);
        self.flow.gap(3.0);
    }
}
