//! Texts of others on a terminal: characters that steer it are shown, never sent. Names, texts of devices and of files
//! may hold any; what is ours is our line breaks and our colours.

use std::borrow::Cow;

/// One line of a report: every control character in it is shown, line breaks included, so that no name makes a line.
pub fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, steers)
}

/// A text of several lines: line breaks and tabs stay.
pub fn several_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| steers(character) && !matches!(character, '\n' | '\t'))
}

/// A text of several lines with our colours in it (`ESC [ 1;31 m`), which stay; whatever else steers is shown.
pub fn coloured(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut out = several_lines(parts.next().unwrap_or_default()).into_owned();
    for part in parts {
        let digits = part.find(|character: char| !(character.is_ascii_digit() || character == ';'));
        match digits.filter(|at| part[*at..].starts_with('m')) {
            Some(at) => {
                out.push_str("\x1b[");
                out.push_str(&part[..=at]);
                out.push_str(&several_lines(&part[at + 1..]));
            }
            None => {
                out.push_str("\\u{1b}[");
                out.push_str(&several_lines(part));
            }
        }
    }
    out
}

/// Controls of ASCII and Latin-1, line and paragraph separators, and what turns the direction of text around.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, unwanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&unwanted) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match unwanted(character) {
            true => out.extend(character.escape_default()),
            false => out.push(character),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown() {
        assert_eq!(one_line("gnb\u{1b}[2J\r\n+ \u{9b}x\u{202e}"), "gnb\\u{1b}[2J\\r\\n+ \\u{9b}x\\u{202e}");
        assert_eq!(several_lines("a\n\tb\u{7}"), "a\n\tb\\u{7}");
        assert!(matches!(one_line("Zürich, 4 %"), Cow::Borrowed(_)));
    }

    #[test]
    fn our_colours_stay() {
        let ours = "\x1b[0m\x1b[1;38;5;9merror\x1b[0m: x\n";
        assert_eq!(coloured(ours), ours);
        assert_eq!(coloured("\x1b[2Jx\x1b]0;t\u{7}\x1b[31my"), "\\u{1b}[2Jx\\u{1b}]0;t\\u{7}\x1b[31my");
    }
}
