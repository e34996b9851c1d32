//! Documents as PDF: tagged for those who read by ear, with bookmarks, text that can be selected and searched, and fonts embedded.
//!
//! [`fonts`] knows which faces there are, [`typeset`] makes lines of texts, [`flow`] puts lines on pages, [`compose`] says how each
//! part of a document looks, [`table`] how tables do, [`paint`] writes the file. The same document gives the same bytes, since nothing here reads a clock or
//! draws a random number. The crate stands alone, so that only the binary waits for its dependencies to compile.

mod compose;
mod flow;
mod fonts;
mod paint;
mod table;
mod typeset;

use std::{path::PathBuf, sync::Mutex};
use typeset::Typesetter;
use vitrina_projections::document::Document;

/// Typesetters kept for the next document: each holds the fonts it has used.
const KEPT_MAX: usize = 4;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The file could not be written.
    #[error("the PDF could not be written: {0}")]
    Failed(String),
}

/// Prints documents. It reads the fonts once.
pub struct Printer {
    fonts: fonts::Fonts,
    unknown: Vec<&'static str>,
    idle: Mutex<Vec<Typesetter>>,
}

impl Printer {
    /// With the faces that the product brings, and all that are in these folders. It warns of the scripts that it cannot draw.
    pub fn new(folders: &[PathBuf]) -> Self {
        let fonts = fonts::Fonts::load(folders);
        let mut first = Typesetter::new(&fonts);
        let unknown = fonts::SAMPLES.iter().filter(|(_, letters)| first.missing(letters) > 0).map(|(script, _)| *script);
        let unknown: Vec<&str> = unknown.collect();
        if !unknown.is_empty() {
            tracing::warn!(
                scripts = unknown.join(", "),
                "no font for some scripts: a mark stands for their letters in PDFs, until fonts with them are in the folders of \
                 VITRINA_PDF_FONT_DIRS (Debian: fonts-noto-cjk, fonts-noto-core)"
            );
        }
        Self { fonts, unknown, idle: Mutex::new(vec![first]) }
    }

    /// The scripts of customers for which there is no font.
    pub fn unknown_scripts(&self) -> &[&'static str] {
        &self.unknown
    }

    /// The document as PDF. It keeps a core busy for as long as that takes: tens of milliseconds for a conversation.
    ///
    /// # Errors
    /// [`PrintError`] when the file cannot be written.
    pub fn print(&self, document: &Document) -> Result<Vec<u8>, PrintError> {
        let kept = self.idle.lock().expect("no holder panics").pop();
        let mut typesetter = kept.unwrap_or_else(|| Typesetter::new(&self.fonts));
        let pages = compose::pages(document, &mut typesetter);
        let printed = paint::pdf(document, &pages, &mut typesetter);
        let mut idle = self.idle.lock().expect("no holder panics");
        if idle.len() < KEPT_MAX {
            idle.push(typesetter);
        }
        printed
    }
}
