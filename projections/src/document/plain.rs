//! What a text may hold and a page must not: control characters, which no font draws; overrides of the direction, which let a text
//! pass for another; stacks of marks, which run over their neighbours.

/// Marks on one letter at most: what written languages need.
const MARKS_MAX: usize = 2;

/// The text as a page can hold it. Tabs become spaces, unknown controls the replacement character.
pub fn plain(text: &str) -> String {
    let (mut out, mut marks) = (String::with_capacity(text.len()), 0);
    for c in text.chars() {
        if is_mark(c) {
            marks += 1;
            if marks <= MARKS_MAX {
                out.push(c);
            }
            continue;
        }
        marks = 0;
        match c {
            '\n' => out.push('\n'),
            '\t' => out.push_str("    "),
            '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\r' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => out.push('\u{fffd}'),
            // Private use: no two fonts agree on it.
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20df}' | '\u{20e1}'..='\u{20e2}' | '\u{20e4}'..='\u{20ff}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn controls_overrides_and_stacks_of_marks_are_taken_out_and_the_rest_stays() {
        assert_eq!(plain("a\tb\r\nc\u{0}\u{7}"), "a    b\nc\u{fffd}\u{fffd}");
        assert_eq!(plain("\u{202e}txet\u{202c}"), "txet");
        assert_eq!(plain("e\u{301}\u{301}\u{301}\u{301}x\u{301}"), "e\u{301}\u{301}x\u{301}");
        for kept in ["¡Hola! l'índex del col·lega", "👩‍👩‍👧‍👦 🇪🇸 1️⃣", "你好 こんにちは مرحبا שלום", "<b>&amp;"]
        {
            assert_eq!(plain(kept), kept);
        }
    }
}
