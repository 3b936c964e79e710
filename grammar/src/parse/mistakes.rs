//! What is said of text that does not follow the grammar: one finding per mistake, in the words of the
//! vocabulary, with the place, what was wanted there and what was probably meant.

use pest::Parser;
use pest::error::InputLocation;
use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, Span};

use super::build::{Builder, Built};
use super::phrases::{has, listed, shortened};
use super::rules::{Intent, Rule};
use super::slips::kinds;
use crate::ast::{Broken, Item, Noun, Word};
use crate::vocabulary::{self, Entry, RESERVED, near_miss};

/// How often one line is taken up again after an error in it.
const RESUME_LIMIT: usize = 16;
/// How many findings one piece of a file may have, which bounds memory on any text.
pub(super) const PIECE_LIMIT: usize = 100;
/// How much text after a mistake is looked at to say what was found.
pub(super) const LOOK_AHEAD: usize = 512;

impl Builder<'_> {
    /// Takes a finding, up to the limit for one piece.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        match self.diagnostics.len() {
            fewer if fewer < PIECE_LIMIT => self.diagnostics.push(finding),
            PIECE_LIMIT => {
                let message = format!("more than {PIECE_LIMIT} mistakes in one block: the rest of them is not told");
                let marker = Diagnostic { code: &codes::TOO_MANY_ERRORS, message, label: String::new(), ..finding };
                self.diagnostics.push(Diagnostic { labels: Vec::new(), help: Vec::new(), ..marker });
            }
            _ => {}
        }
    }

    /// Reports the text of a piece that does not parse from `start` on.
    pub(super) fn broken_block(&mut self, start: usize, built: &mut Built) {
        let word = self.slice(start, self.word_end(start, self.text.len()));
        let entry = vocabulary::nouns().iter().find(|entry| entry.noun.as_str().split(' ').next() == Some(word));
        let name = self.name_after(start + word.len());
        let end = self.text.trim_end().len().max(start);
        let slip = self.default_without_mark(start, built).or_else(|| self.list_of_addresses(start, built));
        if let Some(found) = slip {
            return self.report(found);
        }
        built.broken.push(Broken { keyword: Word::from(word), name, span: self.span(start, end) });
        match entry {
            Some(entry) if entry.noun.parent().is_none() => {
                self.broken_header(entry, start);
                self.check_body(entry, start, self.text.len());
            }
            _ => {
                let found = self.unknown_noun(start, word, entry);
                self.report(found);
            }
        }
    }

    /// Reports an item of a body that does not parse, and gives what can be read after it on its line; `after_list` where the
    /// statement before it is a list.
    pub(super) fn unknown(&mut self, noun: Noun, start: usize, end: usize, after_list: bool) -> Vec<Item> {
        let end = start + self.slice(start, end).trim_end().len();
        let word = self.slice(start, self.word_end(start, end));
        if self.diagnostics.len() > PIECE_LIMIT {
            return vec![Item::Broken(Broken { keyword: Word::from(word), name: None, span: self.span(start, end) })];
        }
        let keyword = |text: &str| text.split(' ').next() == Some(word);
        let nested = vocabulary::nouns_in(Some(noun)).find(|entry| entry.noun.as_str() == word);
        let attribute = vocabulary::attributes_of(noun).find(|attribute| keyword(attribute.keyword));
        let mut resume_after = start + word.len().max(1);
        match (nested, attribute) {
            (Some(entry), _) => {
                self.broken_header(entry, start);
                self.check_body(entry, start, end);
                resume_after = end;
            }
            (None, Some(_)) => resume_after = self.wrong_value(noun, word, start, end).max(resume_after),
            (None, None) => {
                let found = self.unknown_attribute(noun, word, (start, end), after_list);
                self.report(found);
            }
        }
        let name = nested.and_then(|_| self.name_after(start + word.len()));
        let mut items = vec![Item::Broken(Broken { keyword: Word::from(word), name, span: self.span(start, end) })];
        items.extend(self.resume(noun, resume_after, end));
        items
    }

    /// Reads on at the next attribute of `noun` in `start..end`, if there is one.
    pub(super) fn resume(&mut self, noun: Noun, start: usize, end: usize) -> Vec<Item> {
        let Some(body) = vocabulary::entry(noun).and_then(|entry| entry.body) else { return Vec::new() };
        let Some(at) = self.next_attribute(noun, start, end) else { return Vec::new() };
        if self.resumed >= RESUME_LIMIT {
            return Vec::new();
        }
        let text = format!("{{{}}}", self.slice(at, end));
        let mut builder = Builder::new(self.source, &text, self.base + at - 1);
        builder.resumed = self.resumed + 1;
        let items = match Intent::parse(body, &text) {
            Ok(mut pairs) => pairs.next().map(|pair| builder.body(pair, noun, &[]).items).unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        builder.diagnostics.into_iter().for_each(|finding| self.report(finding));
        items
    }

    /// Where the next word in `start..end` stands, outside texts, that is an attribute of `noun`.
    fn next_attribute(&self, noun: Noun, start: usize, end: usize) -> Option<usize> {
        let is_attribute = |word: &str| {
            vocabulary::attributes_of(noun).any(|attribute| attribute.keyword.split(' ').next() == Some(word))
        };
        let mut at = start;
        let mut quoted = false;
        while at < end {
            let byte = self.byte(at)?;
            let word_end = self.word_end(at, end);
            let blank_before = at > 0 && self.byte(at - 1).is_some_and(|byte| byte.is_ascii_whitespace());
            if byte == b'"' {
                quoted = !quoted;
            } else if !quoted && word_end > at {
                let blank_after = word_end == end || self.byte(word_end).is_some_and(|byte| byte.is_ascii_whitespace());
                if blank_before && blank_after && is_attribute(self.slice(at, word_end)) {
                    return Some(at);
                }
                at = word_end;
                continue;
            }
            at += 1;
        }
        None
    }

    fn unknown_noun(&self, start: usize, word: &str, entry: Option<&Entry>) -> Diagnostic {
        if word.is_empty() {
            let (found, span) = self.found(start);
            let found = Diagnostic::error(&codes::SYNTAX, span, format!("a block begins with a noun, found {found}"));
            return found.help("write for example `tenant red { plmn 001-01 }`");
        }
        let span = self.span(start, start + word.len());
        if RESERVED.contains(&word) {
            let message = format!("`{word}` is reserved for a later version of the language");
            return Diagnostic::error(&codes::RESERVED_NOUN, span, message)
                .help("remove the block: it could have no effect");
        }
        let found = Diagnostic::error(&codes::UNKNOWN_NOUN, span, format!("unknown noun `{word}`"));
        let parent = entry.and_then(|entry| entry.noun.parent());
        if let (Some(entry), Some(parent)) = (entry, parent) {
            let message = format!("`{word}` stands inside `{parent}`, not at top level");
            return Diagnostic::error(&codes::UNKNOWN_NOUN, span, message)
                .help(format!("write `{parent} .. {{ {} }}`", entry.shape));
        }
        if let Some(near) = near_miss(word, vocabulary::nouns_in(None).map(|entry| entry.noun.as_str())) {
            return found.help(format!("did you mean `{near}`?"));
        }
        let homes: Vec<_> = vocabulary::attributes().filter(|attribute| attribute.keyword == word).collect();
        match homes.first() {
            Some(home) => {
                found.help(format!("`{word}` is an attribute of `{}`: is a `}}` too early before it?", home.noun))
            }
            None => {
                let nouns: Vec<_> = vocabulary::nouns_in(None).map(|entry| entry.noun.as_str()).collect();
                found.help(format!("the nouns are {}", listed(&nouns)))
            }
        }
    }

    /// That a word is the misspelt keyword of an attribute or a block of `noun`; none where it is near to none.
    pub(super) fn misspelt(&self, noun: Noun, word: &str, span: Span) -> Option<Diagnostic> {
        let known = vocabulary::attributes_of(noun).filter(|attribute| attribute.keyword != vocabulary::SELECTION);
        let nested = vocabulary::nouns_in(Some(noun)).map(|entry| entry.noun.as_str());
        let near = near_miss(word, known.map(|attribute| attribute.keyword).chain(nested))?;
        let found = Diagnostic::error(&codes::UNKNOWN_ATTRIBUTE, span, format!("`{noun}` has no attribute `{word}`"));
        Some(found.help(format!("did you mean `{near}`?")))
    }

    fn unknown_attribute(&self, noun: Noun, word: &str, (start, end): (usize, usize), after_list: bool) -> Diagnostic {
        if word.is_empty() {
            let (found, span) = self.found(start);
            let separator = matches!(self.byte(start), Some(b';' | b','));
            let comment = self.slice(start, start + 2) == "/*";
            let found = Diagnostic::error(
                &codes::SYNTAX,
                span,
                format!("an attribute of `{noun}` is wanted here, found {found}"),
            );
            return match (separator, comment) {
                (true, _) => found.help("remove it: statements need no separator"),
                (_, true) => found.help("a comment begins with `#` or `//` and goes to the end of its line"),
                _ => found,
            };
        }
        let span = self.span(start, start + word.len());
        if let Some(found) = self.not_a_kind(noun, word, start, end) {
            return found;
        }
        if let Some(found) = self.misspelt(noun, word, span) {
            return found;
        }
        let found = Diagnostic::error(&codes::UNKNOWN_ATTRIBUTE, span, format!("`{noun}` has no attribute `{word}`"));
        if after_list && self.follows_a_pair(start, start + word.len()) {
            return found.help(format!("is a comma missing before it? pairs are parted by commas: `, {word} ..`"));
        }
        let elsewhere = vocabulary::attributes().find(|attribute| attribute.keyword == word);
        let is_noun = vocabulary::nouns().iter().find(|entry| entry.noun.as_str() == word);
        match (is_noun, elsewhere) {
            (Some(entry), _) => match entry.noun.parent() {
                Some(parent) => found.help(format!("`{word}` stands inside `{parent}`")),
                None => found.help(format!("`{word}` is a noun of the top level: is a `}}` missing before it?")),
            },
            (None, Some(attribute)) => found.help(format!("`{word}` is an attribute of `{}`", attribute.noun)),
            (None, None) => match inside(noun, word) {
                Some((near, home)) => found.help(format!("did you mean `{near}`, an attribute of `{home}`?")),
                None => found.help(has(noun, self.slice(start, end).contains('{'))),
            },
        }
    }

    fn broken_header(&mut self, entry: &Entry, start: usize) {
        let header_end = self.body_start(start).unwrap_or(self.text.len());
        if let Some(found) = self.bad_escape(start, header_end) {
            return self.report(found);
        }
        let look = self.floor_boundary((start + LOOK_AHEAD).min(self.text.len()));
        let at = start + error_at(entry.rule, self.slice(start, look));
        let noun_end = self.shape_end(start, entry);
        let kind = self.skip_blanks(noun_end);
        let is_kind = entry.noun == Noun::Node && self.slice(start, noun_end).ends_with(':');
        let at = if is_kind { kind } else { self.skip_blanks(at.max(noun_end)).min(self.skip_blanks(header_end)) };
        let (found, span) = self.found(at);
        let message = format!("`{}` is written `{}`, found {found}", entry.noun, entry.shape);
        let mut finding = Diagnostic::error(&codes::SYNTAX, span, message);
        let name = self.slice(at, at + (span.end - span.start) as usize);
        if is_kind && name.starts_with(|first: char| first.is_alphanumeric()) {
            finding = finding.help(kinds(name));
        } else if name.starts_with(|first: char| first.is_alphanumeric()) && !Word::from(name).is_label() {
            finding = finding.help("a name is written in lower case letters, digits and `-`; any other name in quotes");
        }
        let choices = entry.shape.split(' ').filter(|part| part.contains('|')).flat_map(|part| part.split('|'));
        let help = match near_miss(name, choices).filter(|near| *near != name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write for example `{}`", entry.example),
        };
        self.report(finding.help(help));
    }

    /// How far the text at `start` follows the shape of a noun's first line, as far as that is words,
    /// names and marks.
    fn shape_end(&self, start: usize, entry: &Entry) -> usize {
        let mut at = start;
        for wanted in entry.shape.split(' ') {
            let from = self.skip_blanks(at);
            let to = match self.byte(from) {
                Some(b'"') => from + quoted_length(self.slice(from, self.text.len())),
                Some(b'-') if self.slice(from, from + 2) == "--" => from + 2,
                Some(b'{') | None => break,
                Some(_) => self.word_end(from, self.text.len()).max(from + 1),
            };
            let text = self.slice(from, to);
            let fits = match wanted {
                "KIND" => vocabulary::NODE_KINDS.iter().any(|(kind, _)| *kind == text),
                "NAME" | "TENANT" | "CHUNK" | "NODE" => Word::from(text).is_label() || text.starts_with('"'),
                quoted if quoted.starts_with('"') => text.starts_with('"'),
                choice => choice.split('|').any(|word| word == text),
            };
            if !fits {
                break;
            }
            at = to;
        }
        at
    }

    /// Reads the body of a block whose first line is broken, for the errors in it.
    fn check_body(&mut self, entry: &Entry, start: usize, end: usize) {
        let (Some(rule), Some(brace)) = (entry.body, self.body_start(start)) else { return };
        if self.resumed >= RESUME_LIMIT {
            return;
        }
        let text = self.slice(brace, end);
        let mut builder = Builder::new(self.source, text, self.base + brace);
        builder.resumed = self.resumed + 1;
        if let Some(pair) = Intent::parse(rule, text).ok().and_then(|mut pairs| pairs.next()) {
            builder.body(pair, entry.noun, &[]);
        }
        builder.diagnostics.into_iter().for_each(|finding| self.report(finding));
    }

    /// Where the first `{` after `start` stands, outside texts and comments.
    fn body_start(&self, start: usize) -> Option<usize> {
        let mut at = start;
        loop {
            match self.byte(at)? {
                b'{' => return Some(at),
                b'}' => return None,
                b'"' => at += quoted_length(self.slice(at, self.text.len())),
                b'#' => at += self.slice(at, self.text.len()).find('\n')?,
                b'/' if self.byte(at + 1) == Some(b'/') => at += self.slice(at, self.text.len()).find('\n')?,
                _ => at += 1,
            }
        }
    }

    /// The name that follows a noun at `at`.
    fn name_after(&self, at: usize) -> Option<Word> {
        let start = self.skip_blanks(at);
        let name = Word::from(self.slice(start, self.word_end(start, self.text.len())));
        name.is_label().then_some(name)
    }

    /// Where the phrase `words` ends that begins at `start`, as far as it is there.
    pub(super) fn phrase_end(&self, start: usize, words: &str) -> usize {
        let mut at = start;
        for word in words.split(' ') {
            let from = self.skip_blanks(at);
            let to = self.word_end(from, self.text.len());
            if self.slice(from, to) != word {
                break;
            }
            at = to;
        }
        at
    }

    pub(super) fn skip_blanks(&self, from: usize) -> usize {
        let rest = self.slice(from, self.text.len());
        from + (rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len())
    }

    pub(super) fn floor_boundary(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// What stands at `at`, in words, and where.
    pub(super) fn found(&self, at: usize) -> (String, Span) {
        let end = self.found_end(at);
        let text = self.slice(at, end);
        let words = if text.is_empty() { "the end of the text".to_owned() } else { format!("`{}`", shortened(text)) };
        (words, self.span(at, end))
    }

    pub(super) fn found_end(&self, at: usize) -> usize {
        let rest = self.slice(at, self.text.len());
        let stops = |character: char| character.is_whitespace() || "{}()[],;".contains(character);
        match rest.chars().next() {
            None => at,
            Some('"') => at + quoted_length(rest),
            Some(first) if stops(first) => at + first.len_utf8(),
            Some(_) => at + rest.find(stops).unwrap_or(rest.len()),
        }
    }
}

/// The attribute of a block inside `noun` that `word` was probably meant to be, and that block's noun.
fn inside(noun: Noun, word: &str) -> Option<(&'static str, Noun)> {
    vocabulary::nouns_in(Some(noun)).find_map(|entry| {
        let known = vocabulary::attributes_of(entry.noun).map(|attribute| attribute.keyword);
        Some((near_miss(word, known)?, entry.noun))
    })
}

/// How far `rule` gets in `text`.
pub(super) fn error_at(rule: Rule, text: &str) -> usize {
    match Intent::parse(rule, text) {
        Ok(_) => 0,
        Err(error) => match error.location {
            InputLocation::Pos(at) => at,
            InputLocation::Span((at, _)) => at,
        },
    }
}

/// The length of the text in quotes at the beginning of `rest`, to its end or that of the line.
fn quoted_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            b'\n' => return at,
            b'"' if !escaped => return at + 1,
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    rest.len()
}
