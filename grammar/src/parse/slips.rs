//! Slips that are known by name: a default without its mark, a comma left out, an escape or a node kind that does not exist.

use ranform_network::Diagnostic;
use ranform_network::diagnostic::codes;

use super::build::{Builder, Built};
use super::phrases::listed;
use crate::ast::{Broken, Noun, Word};
use crate::vocabulary::{self, near_miss};

impl Builder<'_> {
    /// `parameter floor 4%`: the default of the last block without the mark before it; that block is broken then.
    pub(super) fn default_without_mark(&self, start: usize, built: &mut Built) -> Option<Diagnostic> {
        let last = built.blocks.last()?;
        let adjacent = !self.slice(last.span.end as usize - self.base, start).contains('\n');
        if last.noun.value != Noun::Parameter || !last.header.is_empty() || !adjacent {
            return None;
        }
        let name = last.name.as_ref()?.value.clone();
        let (found, span) = self.found(start);
        let message = format!("the default of a parameter stands after `=`, found {found}");
        let value = self.slice(start, start + (span.end - span.start) as usize);
        let help = format!("write `parameter {name} = {value}`");
        built.broken.push(Broken { keyword: Word::from("parameter"), name: Some(name), span: last.span.to(span) });
        built.blocks.pop();
        Some(Diagnostic::error(&codes::SYNTAX, span, message).help(help))
    }

    /// `, Node.b` after `protect node.a`: an element of the last block's list that is none; that block is broken then.
    pub(super) fn list_of_addresses(&self, start: usize, built: &mut Built) -> Option<Diagnostic> {
        let last = built.blocks.last().filter(|last| matches!(last.noun.value, Noun::Protect | Noun::Forget))?;
        let entry = vocabulary::entry(last.noun.value).filter(|_| self.byte(start) == Some(b','))?;
        let (found, span) = self.found(self.skip_blanks(start + 1));
        let message = format!("`{}` is written `{}`, found {found}", entry.noun, entry.shape);
        built.broken.push(Broken { keyword: Word::from(entry.noun.as_str()), name: None, span: last.span.to(span) });
        built.blocks.pop();
        let found = Diagnostic::error(&codes::SYNTAX, span, message);
        Some(found.help("write each step with its noun: `node.gnb-1/cell.nr-1`"))
    }

    /// `on toaster` after `runs 1ms`: a node kind that does not exist ends the statement before it.
    pub(super) fn not_a_kind(&self, noun: Noun, word: &str, start: usize, end: usize) -> Option<Diagnostic> {
        if noun != Noun::Model || word != "on" {
            return None;
        }
        let at = self.skip_blanks(start + word.len());
        let kind = self.slice(at, self.word_end(at, end));
        let message = format!("`{kind}` is no kind of node");
        let found = Diagnostic::error(&codes::WRONG_VALUE, self.span(at, at + kind.len()), message);
        Some(found.help(kinds(kind)))
    }

    /// Whether an amount stands before `start` and after `end`: `red 60% blue 40%`.
    pub(super) fn follows_a_pair(&self, start: usize, end: usize) -> bool {
        let other = |character: char| !character.is_ascii_alphanumeric() && !matches!(character, '.' | '%');
        let amount = |text: &str| {
            text.starts_with('$') || text.starts_with(|first: char| first.is_ascii_digit()) && !text.contains(other)
        };
        let before = self.slice(0, start).trim_end();
        let last = before.rsplit([' ', '\t', '\n', '{', ',']).next().unwrap_or_default();
        let after = self.skip_blanks(end);
        amount(last) && amount(self.slice(after, self.found_end(after)))
    }

    /// The first escape in the texts of `start..end` that does not exist.
    pub(super) fn bad_escape(&self, start: usize, end: usize) -> Option<Diagnostic> {
        let text = self.slice(start, end);
        let mut quoted = false;
        let mut bytes = text.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'"' => quoted = !quoted,
                b'\\' if quoted => {
                    let (_, next) = bytes.next()?;
                    if matches!(next, b'"' | b'\\' | b'n' | b't' | b'u') {
                        continue;
                    }
                    let length = text.get(at + 1..)?.chars().next()?.len_utf8();
                    let message = format!("there is no escape `{}`", self.slice(start + at, start + at + 1 + length));
                    let span = self.span(start + at, start + at + 1 + length);
                    let found = Diagnostic::error(&codes::WRONG_VALUE, span, message);
                    return Some(
                        found.help("a backslash is written `\\\\`; escapes are `\\\"`, `\\n`, `\\t` and `\\u{e9}`"),
                    );
                }
                _ => {}
            }
        }
        None
    }
}

/// What a node kind that does not exist was meant to be, or the kinds there are.
pub(super) fn kinds(word: &str) -> String {
    let known = vocabulary::NODE_KINDS.map(|(kind, _)| kind);
    match near_miss(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the kinds are {}", listed(&known)),
    }
}
