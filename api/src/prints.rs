//! Printing: documents as PDF, off the threads that serve HTTP, so many at once. Fonts are read once, at the start.

use crate::{
    error::{ApiError, Code, RETRY_SOON_S, Result},
    wiring::State,
};
use actix_web::web;
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};
use tokio::sync::Semaphore;
use vitrina_pdf::Printer;
use vitrina_projections::document::Document;

/// Documents printed at once: each keeps a core busy, and calls want the others.
const AT_ONCE: usize = 2;
/// Documents that wait for their turn at most: ten seconds of work on a small machine.
const WAITING_MAX: usize = 64;

/// Who prints.
pub(crate) struct Prints {
    printer: Arc<OnceLock<Printer>>,
    folders: Vec<PathBuf>,
    turns: Semaphore,
    places: Semaphore,
}

impl Prints {
    /// With the fonts of these folders, besides those of the product.
    pub(crate) fn new(folders: Vec<PathBuf>) -> Self {
        Self { printer: Arc::default(), folders, turns: Semaphore::new(AT_ONCE), places: Semaphore::new(AT_ONCE + WAITING_MAX) }
    }

    /// Reads the fonts beside everything else, so that a server says at its start what it cannot draw, and its first document waits for
    /// nothing.
    pub(crate) fn prepare(&self) {
        let (printer, folders) = (self.printer.clone(), self.folders.clone());
        tokio::task::spawn_blocking(move || {
            printer.get_or_init(|| Printer::new(&folders));
        });
    }
}

/// The document as PDF.
pub(crate) async fn pdf(state: &State, document: Document) -> Result<Vec<u8>> {
    let prints = &state.prints;
    let busy = |_| ApiError::new(Code::Busy, "many documents are being printed; repeat the request").retry_after_s(RETRY_SOON_S);
    let _place = prints.places.try_acquire().map_err(busy)?;
    let _turn = prints.turns.acquire().await.map_err(ApiError::internal)?;
    let (printer, folders) = (prints.printer.clone(), prints.folders.clone());
    let printed = web::block(move || printer.get_or_init(|| Printer::new(&folders)).print(&document)).await;
    printed.map_err(ApiError::internal)?.map_err(ApiError::internal)
}
