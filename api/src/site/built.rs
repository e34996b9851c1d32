//! The files of `web/dist`: in the binary of a release build, read from the folder by a debug build, so that a page that is
//! being worked on needs no compiling.

use rust_embed::RustEmbed;
use std::borrow::Cow;

/// What a page says that has not been built.
pub(super) const MISSING: &str = include_str!("missing.html");

#[derive(RustEmbed)]
#[folder = "../web/dist/"]
#[allow_missing = true]
struct Dist;

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// Who waits, and one's own calls.
    Floor,
    /// A call.
    Call,
    /// A call's recording.
    Recording,
    /// What everybody may see of how customers liked the shop.
    Ratings,
}

/// A file of the build.
#[derive(Debug)]
pub(super) struct File {
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type.
    pub media_type: &'static str,
    /// A strong entity tag: the digest of its content, quoted.
    pub tag: String,
}

/// The page, when `web` was built.
pub(super) fn page(page: Page) -> Option<File> {
    file(match page {
        Page::Floor => "index.html",
        Page::Call => "call.html",
        Page::Recording => "recording.html",
        Page::Ratings => "ratings.html",
    })
}

/// A file that a page loads.
pub(super) fn asset(name: &str) -> Option<File> {
    // One name, no path: nothing outside the folder can be meant, also where it is read from the disk.
    let is_a_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) && !name.contains("..");
    is_a_name.then(|| file(&format!("assets/{name}"))).flatten()
}

fn file(path: &str) -> Option<File> {
    let found = Dist::get(path)?;
    let digest = found.metadata.sha256_hash();
    let tag = format!("\"{}\"", digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    Some(File { bytes: found.data, media_type: media_type(path), tag })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for name in ["../call.html", "..", "a/b.js", "%2e%2e", "a\\b.js", ""] {
            assert!(asset(name).is_none(), "{name}");
        }
    }

    #[test]
    fn the_page_without_a_build_names_the_command() {
        assert!(MISSING.contains("npm --prefix web ci"));
    }
}
