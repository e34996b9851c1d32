//! Limits and shapes of texts that come from outside.
//!
//! Each function trims, checks and normalises one kind of text and answers with the value to store, or with a
//! [`Refusal::Invalid`] that carries the JSON pointer it was given. Aggregates give pointers relative to their own
//! command; whoever nests a command deeper in a body adds the prefix with [`Refusal::under`].

use crate::{codes, refusal::Refusal};
use chrono_tz::Tz;

/// Characters of a name: of a person, a shop, a product.
pub const NAME_CHARS_MAX: usize = 200;
/// Characters of one chat message: longer ones are files.
pub const MESSAGE_CHARS_MAX: usize = 10_000;
/// Characters of the note for hand-over.
pub const NOTE_CHARS_MAX: usize = 10_000;
/// Characters of a survey's comment (PRODUCT.md 5.2).
pub const COMMENT_CHARS_MAX: usize = 2_000;
/// Characters of the question that a survey asked.
pub const QUESTION_CHARS_MAX: usize = 500;
/// Characters of a postal address.
pub const ADDRESS_CHARS_MAX: usize = 500;
/// Characters of a tag, a field of expertise, a segment, a channel.
pub const LABEL_CHARS_MAX: usize = 64;
/// Characters of an id that belongs to the shop: SKU, cart, collection, customer.
pub const FOREIGN_ID_CHARS_MAX: usize = 128;
/// Characters of a URL: what common browsers and proxies take.
pub const URL_CHARS_MAX: usize = 2_048;
/// Characters of an e-mail address (RFC 5321 section 4.5.3.1).
pub const EMAIL_CHARS_MAX: usize = 254;
/// Characters before its `@` (RFC 5321 section 4.5.3.1).
const EMAIL_LOCAL_CHARS_MAX: usize = 64;
/// Characters of a language tag (RFC 5646 section 4.4.1).
pub const LANGUAGE_CHARS_MAX: usize = 35;
/// Entries of a list of labels or of foreign ids.
pub const LIST_ENTRIES_MAX: usize = 200;

/// A line that is not empty: no line break, at most `chars_max` characters.
///
/// # Errors
/// `required`, `too_long` or `control_character`.
pub fn line(field: &'static str, text: &str, chars_max: usize) -> Result<String, Refusal> {
    let text = filled(field, text, chars_max)?;
    if text.chars().any(char::is_control) {
        return Err(Refusal::invalid(field, "control_character", "one line without control characters"));
    }
    Ok(text.to_owned())
}

/// A text of several lines that is not empty: no control characters but newline and tab.
///
/// # Errors
/// `required`, `too_long` or `control_character`.
pub fn block(field: &'static str, text: &str, chars_max: usize) -> Result<String, Refusal> {
    let text = filled(field, text, chars_max)?.replace("\r\n", "\n");
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Refusal::invalid(field, "control_character", "no control characters but newline and tab"));
    }
    Ok(text)
}

/// A name of a person, a shop or a product.
///
/// # Errors
/// As [`line()`].
pub fn name(field: &'static str, text: &str) -> Result<String, Refusal> {
    line(field, text, NAME_CHARS_MAX)
}

/// A tag, a field of expertise, a segment, a channel.
///
/// # Errors
/// As [`line()`].
pub fn label(field: &'static str, text: &str) -> Result<String, Refusal> {
    line(field, text, LABEL_CHARS_MAX)
}

/// An id that belongs to the shop: SKU, cart, collection, customer.
///
/// # Errors
/// As [`line()`].
pub fn foreign_id(field: &'static str, text: &str) -> Result<String, Refusal> {
    line(field, text, FOREIGN_ID_CHARS_MAX)
}

/// A set of texts, each checked by `one`: sorted, without doubles.
///
/// # Errors
/// `too_many`, or the first refusal of an entry.
pub fn set(field: &'static str, texts: &[String], one: fn(&'static str, &str) -> Result<String, Refusal>) -> Result<Vec<String>, Refusal> {
    if texts.len() > LIST_ENTRIES_MAX {
        return Err(Refusal::invalid(field, "too_many", format!("at most {LIST_ENTRIES_MAX} entries")));
    }
    let entry = |(i, text): (usize, &String)| one("", text).map_err(|refusal| refusal.under(&format!("{field}/{i}")));
    let mut set = texts.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>()?;
    set.sort();
    set.dedup();
    Ok(set)
}

/// Checks what is there and leaves what is not.
///
/// # Errors
/// What `check` says.
pub fn optional<T>(text: &Option<String>, check: impl FnOnce(&str) -> Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    text.as_deref().map(check).transpose()
}

/// An e-mail address, in lower case, so that the same mailbox is one claim and one search key.
///
/// # Errors
/// As [`line()`], or `email`.
pub fn email(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = line(field, text, EMAIL_CHARS_MAX)?.to_lowercase();
    let shaped = text.rsplit_once('@').is_some_and(|(local, domain)| {
        let local_ok = !local.is_empty()
            && local.chars().count() <= EMAIL_LOCAL_CHARS_MAX
            && !local.chars().any(|c| c.is_whitespace() || "@,;:<>()[]\\\"".contains(c));
        local_ok && !local.starts_with('.') && !local.ends_with('.') && !local.contains("..") && is_domain(domain)
    });
    if shaped { Ok(text) } else { Err(Refusal::invalid(field, "email", "an e-mail address such as ana@example.com")) }
}

fn is_domain(domain: &str) -> bool {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    domain.contains('.') && domain.split('.').all(label_ok)
}

/// A telephone number as E.164: `+`, then 8 to 15 digits. Spaces, dots, dashes and brackets are taken out.
///
/// # Errors
/// As [`line()`], or `phone`.
pub fn phone(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text: String = line(field, text, LABEL_CHARS_MAX)?.chars().filter(|c| !" .-()/".contains(*c)).collect();
    let digits = text.strip_prefix('+').unwrap_or_default();
    let shaped = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if shaped { Ok(text) } else { Err(Refusal::invalid(field, "phone", "an E.164 number such as +34600111222")) }
}

/// An ISO 4217 code, in upper case.
///
/// # Errors
/// As [`line()`], or `currency`.
pub fn currency(field: &'static str, text: &str) -> Result<String, Refusal> {
    letters(field, text, 3)
        .filter(|code| codes::is_currency(code))
        .ok_or_else(|| Refusal::invalid(field, "currency", "an ISO 4217 code such as EUR"))
}

/// An ISO 3166-1 alpha-2 code, in upper case.
///
/// # Errors
/// `country`.
pub fn country(field: &'static str, text: &str) -> Result<String, Refusal> {
    letters(field, text, 2)
        .filter(|code| codes::is_country(code))
        .ok_or_else(|| Refusal::invalid(field, "country", "an ISO 3166-1 code of two letters such as ES"))
}

fn letters(field: &'static str, text: &str, count: usize) -> Option<String> {
    let code = line(field, text, count).ok()?;
    (code.len() == count && code.bytes().all(|b| b.is_ascii_alphabetic())).then(|| code.to_ascii_uppercase())
}

/// A BCP 47 language tag, such as `pt-BR`.
///
/// # Errors
/// As [`line()`], or `language`.
pub fn language(field: &'static str, text: &str) -> Result<String, Refusal> {
    let tag = line(field, text, LANGUAGE_CHARS_MAX)?;
    let mut parts = tag.split('-');
    let primary = parts.next().is_some_and(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest = parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    if primary && rest { Ok(tag) } else { Err(Refusal::invalid(field, "language", "a BCP 47 tag such as es or pt-BR")) }
}

/// An IANA zone, such as `Europe/Madrid`.
///
/// # Errors
/// `zone`.
pub fn zone(field: &'static str, text: &str) -> Result<String, Refusal> {
    parse_zone(field, text).map(|zone| zone.name().to_owned())
}

/// An IANA zone, ready to compute with.
///
/// # Errors
/// `zone`.
pub fn parse_zone(field: &'static str, text: &str) -> Result<Tz, Refusal> {
    text.trim().parse().map_err(|_| Refusal::invalid(field, "zone", "an IANA time zone such as Europe/Madrid"))
}

/// An absolute `http` or `https` URL.
///
/// # Errors
/// As [`line()`], or `url`.
pub fn url(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = line(field, text, URL_CHARS_MAX)?;
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let shaped = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/') && !host.contains(char::is_whitespace));
    if shaped { Ok(text) } else { Err(Refusal::invalid(field, "url", "an absolute http or https URL")) }
}

fn filled<'t>(field: &'static str, text: &'t str, chars_max: usize) -> Result<&'t str, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::invalid(field, "required", "a text that is not empty"));
    }
    // The length in bytes bounds the one in characters: only long texts are counted.
    if text.len() > chars_max && text.chars().count() > chars_max {
        return Err(Refusal::invalid(field, "too_long", format!("at most {chars_max} characters")));
    }
    Ok(text)
}
