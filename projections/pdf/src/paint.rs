//! Writes the file: pages, the tree of what everything means, bookmarks, and what the document says of itself.

use crate::{
    PrintError,
    flow::{Drawn, Flow, HEIGHT, Kind, Mark, NodeId, WIDTH},
    typeset::Typesetter,
};
use krilla::{
    SerializeSettings,
    color::rgb,
    configure::{Accessibility, Configuration, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{Path, PathBuilder, Point, Rect},
    metadata::Metadata,
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, FillRule, LineCap, LineJoin, Stroke},
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagTree},
};
use std::{collections::HashMap, num::NonZeroU16};
use vitrina_domain::{account::Colour, locale::Locale};
use vitrina_projections::document::Document;

/// How far a round corner's handle stands from its end: a circle, nearly.
const ROUND: f32 = 0.552_285;

/// The file, by the rules for readers by ear (PDF/UA-1). Where a text cannot be brought under them, the same without the promise.
pub(super) fn pdf(document: &Document, flow: &Flow, typesetter: &mut Typesetter) -> Result<Vec<u8>, PrintError> {
    let accessible = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let first =
        accessible.map_err(|error| format!("{error:?}")).and_then(|configuration| written(document, flow, typesetter, configuration));
    first
        .or_else(|reason| {
            tracing::warn!(%reason, "a PDF does not keep all rules of PDF/UA-1");
            written(document, flow, typesetter, Configuration::default())
        })
        .map_err(PrintError::Failed)
}

fn written(document: &Document, flow: &Flow, typesetter: &mut Typesetter, configuration: Configuration) -> Result<Vec<u8>, String> {
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut file = krilla::Document::new_with(settings);
    let mut drawn: HashMap<NodeId, Vec<Identifier>> = HashMap::new();
    for page in &flow.pages {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or("a page has a size")?;
        let mut sheet = file.start_page_with(size);
        let mut surface = sheet.surface();
        paint(&mut surface, page, flow, typesetter, &mut drawn);
        surface.finish();
        sheet.finish();
    }
    let language = language(document.locale);
    let mut tree = TagTree::new();
    tree.lang = Some(language.to_owned());
    for root in &flow.roots {
        if let Some(group) = group(*root, flow, &drawn) {
            tree.push(group);
        }
    }
    file.set_tag_tree(tree);
    file.set_outline(outline(&flow.marks));
    let metadata = Metadata::new().title(document.title.clone()).language(language.to_owned()).authors(vec![document.shop.clone()]);
    file.set_metadata(metadata.creator(String::from("Vitrina")).document_id(document.foot.clone()));
    file.finish().map_err(|error| format!("{error:?}"))
}

const fn language(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "en",
        Locale::Es => "es",
        Locale::Pt => "pt",
        Locale::Ca => "ca",
    }
}

/// Draws a page. What stands together and means the same is marked as one.
fn paint(
    surface: &mut Surface<'_>,
    page: &[Drawn],
    flow: &Flow,
    typesetter: &mut Typesetter,
    drawn: &mut HashMap<NodeId, Vec<Identifier>>,
) {
    for one in page {
        match one {
            Drawn::Shape { at, size, radius, fill } => {
                surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
                surface.set_fill(Some(filled(*fill)));
                if let Some(path) = shape(*at, *size, *radius) {
                    surface.draw_path(&path);
                }
                surface.end_tagged();
            }
            Drawn::Path { points, width, ink } => {
                surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
                surface.set_fill(None);
                surface.set_stroke(Some(stroked(*ink, *width)));
                if let Some(path) = through(points) {
                    surface.draw_path(&path);
                }
                surface.set_stroke(None);
                surface.end_tagged();
            }
            Drawn::Line { node, text, line, x, baseline, ink } => {
                let laid = flow.laid(*text);
                let Some(line) = laid.layout.get(*line) else { continue };
                let tag = match node {
                    Some(_) => ContentTag::Other,
                    None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
                };
                let id = surface.start_tagged(tag);
                surface.set_fill(Some(filled(*ink)));
                typesetter.draw(surface, &line, &laid.text, *x, *baseline);
                surface.end_tagged();
                if let Some(node) = node {
                    drawn.entry(*node).or_default().push(id);
                }
            }
        }
    }
}

fn filled(colour: Colour) -> Fill {
    let [red, green, blue] = colour.rgb;
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: FillRule::default() }
}

fn stroked(colour: Colour, width: f32) -> Stroke {
    let [red, green, blue] = colour.rgb;
    let paint = rgb::Color::new(red, green, blue).into();
    Stroke { paint, width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() }
}

fn through(points: &[[f32; 2]]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (index, [x, y]) in points.iter().enumerate() {
        match index {
            0 => path.move_to(*x, *y),
            _ => path.line_to(*x, *y),
        }
    }
    path.finish()
}

fn shape([x, y]: [f32; 2], [width, height]: [f32; 2], radius: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    let radius = radius.min(width / 2.0).min(height / 2.0);
    if radius <= 0.0 {
        path.push_rect(Rect::from_xywh(x, y, width, height)?);
        return path.finish();
    }
    let (right, bottom, handle) = (x + width, y + height, radius * (1.0 - ROUND));
    path.move_to(x + radius, y);
    path.line_to(right - radius, y);
    path.cubic_to(right - handle, y, right, y + handle, right, y + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - handle, right - handle, bottom, right - radius, bottom);
    path.line_to(x + radius, bottom);
    path.cubic_to(x + handle, bottom, x, bottom - handle, x, bottom - radius);
    path.line_to(x, y + radius);
    path.cubic_to(x, y + handle, x + handle, y, x + radius, y);
    path.close();
    path.finish()
}

/// The piece with all in it; `None` where nothing of it was drawn. Cells count also when they are empty: a row has as many as another.
fn group(id: NodeId, flow: &Flow, drawn: &HashMap<NodeId, Vec<Identifier>>) -> Option<TagGroup> {
    let node = &flow.nodes[id.0];
    let mut group = match &node.kind {
        Kind::Section => TagGroup::new(Tag::Section),
        Kind::Heading(level, title) => TagGroup::new(Tag::Hn(NonZeroU16::new(*level)?, Some(title.clone()))),
        Kind::Paragraph => TagGroup::new(Tag::P),
        Kind::Table => TagGroup::new(Tag::Table),
        Kind::Row => TagGroup::new(Tag::TR),
        Kind::HeadCell => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Kind::Cell => TagGroup::new(Tag::TD),
        Kind::List => TagGroup::new(Tag::L(ListNumbering::None)),
        Kind::Item => TagGroup::new(Tag::LI),
        Kind::Label => TagGroup::new(Tag::Lbl),
        Kind::Body => TagGroup::new(Tag::LBody),
        Kind::Figure(words) => TagGroup::new(Tag::Figure(Some(words.clone()))),
    };
    for id in drawn.get(&id).into_iter().flatten() {
        group.push(Node::Leaf(*id));
    }
    for child in &node.children {
        if let Some(child) = self::group(*child, flow, drawn) {
            group.push(child);
        }
    }
    let is_cell = matches!(node.kind, Kind::Cell | Kind::HeadCell);
    (is_cell || !group.children.is_empty()).then_some(group)
}

/// Bookmarks within bookmarks, by their level.
fn outline(marks: &[Mark]) -> Outline {
    let mut outline = Outline::new();
    let mut at = 0;
    while at < marks.len() {
        let (node, next) = bookmark(marks, at);
        outline.push_child(node);
        at = next;
    }
    outline
}

fn bookmark(marks: &[Mark], at: usize) -> (OutlineNode, usize) {
    let mark = &marks[at];
    let to = XyzDestination::new(mark.page, Point::from_xy(0.0, (mark.y - 8.0).max(0.0)));
    let mut node = OutlineNode::new(mark.title.clone(), to).with_open(mark.level < 2);
    let mut next = at + 1;
    while next < marks.len() && marks[next].level > mark.level {
        let (child, after) = bookmark(marks, next);
        node.push_child(child);
        next = after;
    }
    (node, next)
}
