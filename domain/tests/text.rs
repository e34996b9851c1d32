//! Texts from outside.

use crate::given::refused_field;
use proptest::prelude::*;
use vitrina_domain::text;

#[test]
fn addresses_that_can_be_written_to_pass() {
    for address in ["ana@example.com", "a.b+c@sub.example.co", "o'hara@example.ie", "josé@españa.es", "x@1.com"] {
        assert_eq!(text::email("/email", address).as_deref(), Ok(address));
    }
}

#[test]
fn what_is_no_address_is_refused() {
    let long_label = format!("a@{}.com", "x".repeat(64));
    let wrong = [
        "ana",
        "@example.com",
        "ana@",
        "ana@example",
        "a b@example.com",
        "a@@example.com",
        "a@b@example.com",
        "a@-example.com",
        "a@example..com",
        ".a@example.com",
        "a..b@example.com",
        "a.@example.com",
        "<a@example.com>",
        "a,b@example.com",
        &long_label,
    ];
    for address in wrong {
        assert_eq!(refused_field(text::email("/email", address)), ("/email".into(), "email"), "{address}");
    }
}

#[test]
fn telephone_numbers_are_kept_as_e164() {
    assert_eq!(text::phone("/phone", "+34 600-11.12(13)").as_deref(), Ok("+34600111213"));
    for number in ["600111222", "+3460011", "+0600111222", "+346001112223334445", "+34abc111222", "0034600111222"] {
        assert_eq!(refused_field(text::phone("/phone", number)).1, "phone", "{number}");
    }
}

#[test]
fn codes_are_kept_in_upper_case() {
    assert_eq!(text::currency("/c", "eur").as_deref(), Ok("EUR"));
    assert_eq!(text::country("/c", "es").as_deref(), Ok("ES"));
    for code in ["", "EU", "EURO", "E1R", "XXZ", "XXX"] {
        assert_eq!(refused_field(text::currency("/c", code)).1, "currency", "{code}");
    }
    for code in ["", "ESP", "XX", "E1"] {
        assert_eq!(refused_field(text::country("/c", code)).1, "country", "{code}");
    }
}

#[test]
fn language_tags_have_the_shape_of_bcp_47() {
    for tag in ["es", "pt-BR", "ca-ES-valencia", "zh-Hans-CN", "gsw"] {
        assert_eq!(text::language("/l", tag).as_deref(), Ok(tag));
    }
    for tag in ["e", "es_ES", "es-", "español", "es-toolonglong"] {
        assert_eq!(refused_field(text::language("/l", tag)).1, "language", "{tag}");
    }
}

#[test]
fn zones_are_those_of_iana() {
    assert_eq!(text::zone("/tz", "Europe/Madrid").as_deref(), Ok("Europe/Madrid"));
    for zone in ["Madrid", "+02:00", "europe/madrid", ""] {
        assert_eq!(refused_field(text::zone("/tz", zone)).1, "zone", "{zone}");
    }
}

#[test]
fn lengths_are_counted_in_characters_and_not_in_bytes() {
    assert!(text::line("/t", &"ñ".repeat(64), 64).is_ok());
    assert_eq!(refused_field(text::line("/t", &"ñ".repeat(65), 64)).1, "too_long");
}

proptest! {
    #[test]
    fn what_passes_passes_again_unchanged(any in "\\PC{0,40}|[ -~\\t\\n]{0,40}|[a-z]{1,8}@[a-z]{1,8}\\.[a-z]{2,4}|\\+?[0-9 ]{6,20}") {
        type Check = fn(&'static str, &str) -> Result<String, vitrina_domain::refusal::Refusal>;
        let block: Check = |field, t| text::block(field, t, 30);
        for check in [block, text::label, text::email, text::phone, text::currency, text::country, text::language, text::zone, text::url] {
            if let Ok(once) = check("/t", &any) {
                prop_assert_eq!(check("/t", &once), Ok(once));
            }
        }
    }

    #[test]
    fn no_control_character_passes_but_newline_and_tab(any in "[\\x00-\\x1f\\x7fab]{1,10}") {
        if let Ok(passed) = text::block("/t", &any, 10) {
            prop_assert!(passed.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
        }
    }
}
