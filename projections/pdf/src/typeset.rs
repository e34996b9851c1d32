//! Makes lines of texts: shapes them, in whatever script, and breaks them; long words too.

use crate::fonts::{Fonts, TEXT};
use krilla::{
    geom::Point,
    surface::Surface,
    text::{Font, GlyphId, KrillaGlyph},
};
use parley::{
    Alignment, FontContext, FontFamily, FontFamilyName, FontWeight, Layout, LayoutContext, Line, LineHeight, OverflowWrap, StyleProperty,
};
use std::{borrow::Cow, collections::HashMap, ops::Range};
use vitrina_projections::document::{Align, plain};

/// Height of a line beside the size of its letters.
const LEADING: f32 = 1.4;
/// What is drawn for a letter that no face has, as wide as the place that the letter has; the text under it stays what it is.
const UNKNOWN: &str = "\u{fffd}";
/// The smallest that it is drawn, beside the letters around it.
const SMALLEST: f32 = 0.05;

/// Which cut of the letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// For reading.
    Regular,
    /// For headings and names.
    Strong,
}

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Face {
    pub(super) size: f32,
    pub(super) weight: Weight,
    pub(super) align: Align,
}

impl Face {
    pub(super) const fn regular(size: f32) -> Self {
        Self { size, weight: Weight::Regular, align: Align::Start }
    }

    pub(super) const fn strong(size: f32) -> Self {
        Self { size, weight: Weight::Strong, align: Align::Start }
    }

    pub(super) const fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }

    /// Height of one line.
    pub(super) fn line_height(self) -> f32 {
        self.size * LEADING
    }
}

/// A text and its lines.
pub(super) struct Laid {
    pub(super) text: String,
    pub(super) layout: Layout<()>,
    pub(super) line_height: f32,
}

impl Laid {
    pub(super) fn lines(&self) -> usize {
        self.layout.len()
    }
}

/// Sets texts. It remembers what it learnt of the fonts.
pub(super) struct Typesetter {
    fonts: FontContext,
    layouts: LayoutContext<()>,
    families: Vec<String>,
    faces: HashMap<(u64, u32), Font>,
    replacement: Option<Replacement>,
}

/// What is drawn for a letter that no face has.
#[derive(Clone)]
struct Replacement {
    font: Font,
    glyph: GlyphId,
    /// Its width beside its size.
    width: f32,
}

impl Replacement {
    /// The size at which it is no wider than this place, and no larger than the letters around it. What has no width is still there to
    /// be taken back.
    fn size(&self, place: f32, letters: f32) -> f32 {
        (place / self.width).clamp(letters * SMALLEST, letters)
    }
}

impl Typesetter {
    pub(super) fn new(fonts: &Fonts) -> Self {
        let context = FontContext { collection: fonts.collection.clone(), source_cache: Default::default() };
        let mut new = Self {
            fonts: context,
            layouts: LayoutContext::new(),
            families: fonts.families.clone(),
            faces: HashMap::new(),
            replacement: None,
        };
        new.replacement = new.learn_replacement();
        new
    }

    /// The text in lines of at most this width, as far as a page can hold what it says.
    pub(super) fn set(&mut self, text: &str, face: Face, width: f32) -> Laid {
        let text = plain(text);
        let mut layout = self.shaped(&text, face, &[]);
        let room = self.room_for_unknown(&layout, face);
        if !room.is_empty() {
            layout = self.shaped(&text, face, &room);
        }
        layout.break_all_lines(Some(width));
        align(&mut layout, face);
        Laid { text, layout, line_height: face.line_height() }
    }

    /// The text in one line, with so much white more after the letters of these ranges.
    fn shaped(&mut self, text: &str, face: Face, room: &[(Range<usize>, f32)]) -> Layout<()> {
        let families = self.families.iter().map(|family| FontFamilyName::Named(Cow::Borrowed(family.as_str()))).collect();
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, text, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Owned(families))));
        builder.push_default(StyleProperty::FontSize(face.size));
        builder.push_default(StyleProperty::LineHeight(LineHeight::Absolute(face.line_height())));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        if face.weight == Weight::Strong {
            builder.push_default(StyleProperty::FontWeight(FontWeight::SEMI_BOLD));
        }
        for (range, more) in room {
            builder.push(StyleProperty::LetterSpacing(*more), range.clone());
        }
        let mut layout = builder.build(text);
        layout.break_all_lines(None);
        layout
    }

    /// What letters that no face has lack of the width of what is drawn for them.
    fn room_for_unknown(&self, layout: &Layout<()>, face: Face) -> Vec<(Range<usize>, f32)> {
        let Some(unknown) = &self.replacement else { return Vec::new() };
        let lines: Vec<_> = layout.lines().collect();
        let clusters = lines.iter().flat_map(|line| line.runs()).flat_map(|run| run.clusters().collect::<Vec<_>>());
        let unknown = clusters.filter(|cluster| cluster.glyphs().any(|glyph| glyph.id == 0)).map(|cluster| {
            let lacks = unknown.width * face.size - cluster.advance();
            (cluster.text_range(), lacks.max(0.0))
        });
        unknown.collect()
    }

    /// The same text in lines of at most this width: what is shaped is shaped once.
    pub(super) fn narrowed(&self, mut laid: Laid, face: Face, width: f32) -> Laid {
        laid.layout.break_all_lines(Some(width));
        align(&mut laid.layout, face);
        laid
    }

    /// Draws a line with its begin at `x` and its letters standing on `baseline`.
    pub(super) fn draw(&mut self, surface: &mut Surface<'_>, line: &Line<'_, ()>, text: &str, x: f32, baseline: f32) {
        let mut x = x + line.metrics().offset;
        for run in line.runs() {
            let (data, size) = (run.font().clone(), run.font_size());
            let (bytes, id) = data.data.into_raw_parts();
            let Some(font) = face(&mut self.faces, id, data.index, bytes) else { continue };
            let mut glyphs: Vec<KrillaGlyph> = Vec::new();
            let mut start = x;
            for cluster in run.visual_clusters() {
                let range = cluster.text_range();
                if cluster.is_ligature_continuation() {
                    if let Some(last) = glyphs.last_mut() {
                        last.text_range = last.text_range.start.min(range.start)..last.text_range.end.max(range.end);
                    }
                    continue;
                }
                if let (Some(unknown), true) = (&self.replacement, cluster.glyphs().any(|glyph| glyph.id == 0)) {
                    if !glyphs.is_empty() {
                        surface.draw_glyphs(Point::from_xy(start, baseline), &glyphs, font.clone(), text, size, false);
                        glyphs.clear();
                    }
                    let smaller = unknown.size(cluster.advance(), size);
                    let one = KrillaGlyph::new(unknown.glyph, cluster.advance() / smaller, 0.0, 0.0, 0.0, range, None);
                    surface.draw_glyphs(Point::from_xy(x, baseline), &[one], unknown.font.clone(), text, smaller, false);
                    x += cluster.advance();
                    start = x;
                    continue;
                }
                for glyph in cluster.glyphs() {
                    let (advance, dx, dy) = (glyph.advance / size, glyph.x / size, glyph.y / size);
                    glyphs.push(KrillaGlyph::new(GlyphId::new(glyph.id), advance, dx, dy, 0.0, range.clone(), None));
                    x += glyph.advance;
                }
            }
            if !glyphs.is_empty() {
                surface.draw_glyphs(Point::from_xy(start, baseline), &glyphs, font, text, size, false);
            }
        }
    }

    /// The letters of these that no face has.
    pub(super) fn missing(&mut self, text: &str) -> usize {
        let laid = self.set(text, Face::regular(10.0), f32::MAX);
        let clusters = laid.layout.lines().flat_map(|line| line.runs()).flat_map(|run| run.clusters());
        clusters.flat_map(|cluster| cluster.glyphs()).filter(|glyph| glyph.id == 0).count()
    }

    fn learn_replacement(&mut self) -> Option<Replacement> {
        self.families.iter().any(|family| family == TEXT).then_some(())?;
        let laid = self.set(UNKNOWN, Face::regular(1.0), f32::MAX);
        let run = laid.layout.get(0)?.runs().next()?;
        let data = run.font().clone();
        let (bytes, id) = data.data.into_raw_parts();
        let glyph = run.clusters().next()?.glyphs().next()?;
        let font = face(&mut self.faces, id, data.index, bytes)?;
        Some(Replacement { font, glyph: GlyphId::new(glyph.id), width: glyph.advance }).filter(|replacement| replacement.width > 0.0)
    }
}

fn align(layout: &mut Layout<()>, face: Face) {
    let alignment = match face.align {
        Align::Start => Alignment::Start,
        Align::End => Alignment::End,
    };
    layout.align(alignment, Default::default());
}

fn face(known: &mut HashMap<(u64, u32), Font>, id: u64, index: u32, bytes: std::sync::Arc<dyn AsRef<[u8]> + Send + Sync>) -> Option<Font> {
    if let Some(font) = known.get(&(id, index)) {
        return Some(font.clone());
    }
    let font = Font::new(bytes.into(), index)?;
    known.insert((id, index), font.clone());
    Some(font)
}

#[cfg(test)]
mod tests {
    use super::{Fonts, Typesetter};

    #[test]
    fn the_signs_of_the_products_own_words_are_in_the_fonts_that_it_brings() {
        assert_eq!(Typesetter::new(&Fonts::load(&[])).missing("aÀñçŀŸ –—’…·«»−×€%+&/<>"), 0);
    }
}
