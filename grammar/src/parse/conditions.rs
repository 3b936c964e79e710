//! What is said of selections and conditions that end too early, since what follows is not written so: `where band == n77`,
//! `band in (n77, n78)`, `cells in plaza`.

use ranform_network::Diagnostic;
use ranform_network::diagnostic::codes;

use super::build::Builder;
use super::continued::begins_item;
use crate::ast::{Noun, Selection, Statement, Unit, Value};

/// Operators of other languages, and how they are written here.
const OTHER_OPERATORS: [(&str, &str); 9] = [
    ("==", "="),
    ("<>", "!="),
    ("&&", "and"),
    ("||", "or"),
    ("=~", "matches"),
    ("=>", ">="),
    ("=<", "<="),
    ("~", "matches"),
    ("!", "not"),
];

impl Builder<'_> {
    /// The finding about what is left over at `start` after a selection or a condition, and where the mistake ends.
    pub(super) fn condition(
        &self,
        noun: Noun,
        last: &Statement,
        start: usize,
        end: usize,
    ) -> Option<(Diagnostic, usize)> {
        let value = last.values.last()?;
        let selection = match &value.value {
            Value::Selection(selection) => Some(&**selection),
            Value::Expression(_) => None,
            // `require power` is a word to the rules, until an operator follows.
            Value::Word(_) | Value::Address(_) if last.keyword.value == "require" => None,
            _ => return None,
        };
        let rest = self.slice(start, end);
        let operator = OTHER_OPERATORS.iter().find(|(other, _)| rest.starts_with(other));
        if let Some((other, here)) = operator.filter(|_| selection.is_none_or(|one| one.condition.is_some())) {
            let span = self.span(start, start + other.len());
            let found = Diagnostic::error(&codes::SYNTAX, span, format!("there is no operator `{other}`"));
            return Some((found.help(format!("write `{here}`")), start + other.len()));
        }
        let word = self.slice(start, self.word_end(start, end));
        if begins_item(noun, word) {
            return None;
        }
        let at = self.skip_blanks(start + word.len());
        let (found, span) = self.found(at);
        let wanted =
            |what: &str| Diagnostic::error(&codes::SYNTAX, span, format!("{what} after `{word}`, found {found}"));
        let told = match word {
            "in" | "on" if selection.is_some_and(|one| one.condition.is_none()) => self.place(word, at, &wanted),
            "in" => wanted("a list in brackets stands").help("values are parted by commas: `band in [n77, n78]`"),
            "and" | "or" => wanted("a condition stands").help(format!("write for example `{word} band = n77`")),
            "matches" => wanted("a text with `*` stands").help("write for example `name matches \"gnb-*\"`"),
            "where" if selection.is_some_and(bare) => {
                wanted("a condition stands").help("write for example `where band = n77`; each `(` has its `)`")
            }
            _ => return self.parted(last, start, word),
        };
        Some((told, span.end as usize - self.base))
    }

    /// `cells in plaza`: what kind of place is left out.
    fn place(&self, word: &str, at: usize, wanted: &dyn Fn(&str) -> Diagnostic) -> Diagnostic {
        let name = self.slice(at, self.word_end(at, self.text.len()));
        match word {
            "in" => wanted("`site` or `area` and a name stand").help(format!("write for example `in site {name}`")),
            _ => wanted("`node` and a name stand").help(format!("write for example `on node {name}`")),
        }
    }

    /// `power > 30 dBm`: a number and the unit after it.
    fn parted(&self, last: &Statement, start: usize, word: &str) -> Option<(Diagnostic, usize)> {
        let unit = Unit::find(word)?;
        let extent = self.extent_of(last);
        let text = self.slice(extent.start, extent.end);
        let is_number = |character: char| character.is_ascii_digit() || character == '.';
        let number = text.get(text.trim_end_matches(is_number).len()..).filter(|number| !number.is_empty())?;
        let span = self.span(extent.end - number.len(), start + word.len());
        let message = format!("a number and its unit stand together, found `{number} {unit}`");
        let found = Diagnostic::error(&codes::WRONG_VALUE, span, message);
        Some((found.help(format!("write `{number}{unit}`")), start + word.len()))
    }
}

/// Whether a selection has no condition yet.
fn bare(selection: &Selection) -> bool {
    selection.condition.is_none()
}
