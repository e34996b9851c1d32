//! A document as one HTML page: nothing in it comes from elsewhere, nothing in it runs, every text is escaped, and it prints well.

use super::{Align, Block, Document, Section, Speech, Table, Voice};
use crate::document::plain;
use std::fmt::Write;
use vitrina_domain::{account::Colour, locale::Locale};

/// The page's look. The shop's colours come before it, as variables.
const STYLE: &str = include_str!("page.css");

/// The page.
pub fn html(document: &Document) -> String {
    let mut page = String::with_capacity(16 * 1024);
    let colour = document.brand.color;
    let white = Colour::new(0xff, 0xff, 0xff);
    let ink = if colour.contrast(white) >= 4.5 { "#ffffff" } else { "#16191d" };
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>\n<style>:root{{--brand:{colour};--ink-on-brand:{ink};--tint:{}}}\n{STYLE}</style>\n</head>\n<body>\n",
        tag(document.locale),
        escaped(&document.title),
        colour.mixed(white, 0.9),
    );
    let _ = write!(
        page,
        "<header><p class=\"shop\" dir=\"auto\">{}</p><p class=\"kind\">{}</p></header>\n<main>\n<h1 dir=\"auto\">{}</h1>\n<p class=\"subtitle\">{}</p>\n",
        escaped(&document.shop),
        escaped(&document.kind),
        escaped(&document.title),
        escaped(&document.subtitle),
    );
    document.sections.iter().for_each(|one| section(&mut page, one));
    let _ = write!(page, "</main>\n<footer>{}</footer>\n</body>\n</html>\n", escaped(&document.foot));
    page
}

/// BCP 47 tag of a language of the product.
pub(crate) const fn tag(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "en",
        Locale::Es => "es",
        Locale::Pt => "pt",
        Locale::Ca => "ca",
    }
}

fn section(page: &mut String, section: &Section) {
    let _ = write!(page, "<section>\n<h2>{}</h2>\n", escaped(&section.title));
    for block in &section.blocks {
        match block {
            Block::Facts(facts) => {
                page.push_str("<dl>\n");
                for fact in facts {
                    let _ = writeln!(page, "<dt>{}</dt><dd dir=\"auto\">{}</dd>", escaped(&fact.label), escaped(&fact.value));
                }
                page.push_str("</dl>\n");
            }
            Block::Table(one) => table(page, one),
            Block::Chart(picture) => {
                let _ = writeln!(page, "<figure>{}</figure>", picture.svg());
            }
            Block::Heading(text) => {
                let _ = writeln!(page, "<h3>{}</h3>", escaped(text));
            }
            Block::Speech(one) => speech(page, one),
            Block::Event { at, text } => {
                let _ = writeln!(page, "<p class=\"event\"><time>{}</time> <span dir=\"auto\">{}</span></p>", escaped(at), escaped(text));
            }
            Block::Text(text) => {
                let _ = writeln!(page, "<p dir=\"auto\">{}</p>", escaped(text));
            }
        }
    }
    page.push_str("</section>\n");
}

fn table(page: &mut String, table: &Table) {
    let class = |index: usize| match table.columns.get(index).map(|column| column.align) {
        Some(Align::End) => " class=\"figure\"",
        _ => "",
    };
    page.push_str("<table>\n<thead><tr>");
    for (index, column) in table.columns.iter().enumerate() {
        let _ = write!(page, "<th scope=\"col\"{}>{}</th>", class(index), escaped(&column.title));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        page.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            let _ = write!(page, "<td dir=\"auto\"{}>{}</td>", class(index), escaped(cell));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n");
}

fn speech(page: &mut String, speech: &Speech) {
    let class = match speech.voice {
        Voice::Customer => "customer",
        Voice::House => "house",
        Voice::Private => "private",
        Voice::System => "system",
    };
    let _ = write!(
        page,
        "<article class=\"{class}\"><p class=\"head\"><b dir=\"auto\">{}</b> <time>{}</time></p><p class=\"words\" dir=\"auto\">{}</p>",
        escaped(&speech.who),
        escaped(&speech.at),
        escaped(&speech.text),
    );
    for detail in &speech.details {
        let _ = write!(page, "<p class=\"detail\">{}</p>", escaped(detail));
    }
    page.push_str("</article>\n");
}

/// The text as it stands in HTML, in content and in attributes alike.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(escaped("<script>'\"&\u{0}"), "&lt;script&gt;&#39;&quot;&amp;\u{fffd}");
    }
}
