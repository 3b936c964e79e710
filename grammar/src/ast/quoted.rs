//! Texts and names as they are written.

use super::value::Word;

/// A name as it is written: bare where it is a DNS label, else in quotes.
pub fn name_text(name: &Word) -> String {
    if name.is_label() { name.to_string() } else { quoted(name) }
}

/// `text` in quotes, with what cannot stand there escaped.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // What a reader cannot see, or what turns the direction of what follows, is written as a number.
            control if control.is_control() || is_invisible(control) => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(control)));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
    out
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
