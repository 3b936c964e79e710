//! What is said of a `manage` line: its words are those of its protocol, and each mistake in it is told.

use std::ops::Range;

use pest::Parser;
use ranform_network::Diagnostic;
use ranform_network::diagnostic::codes;

use super::build::Builder;
use super::continued::{begins_item, last_statement};
use super::mistakes::LOOK_AHEAD;
use super::phrases::listed;
use super::rules::Intent;
use crate::ast::{Broken, Item, Noun, Statement, Word};
use crate::vocabulary::{self, Attribute, Part, Way, near_miss};

/// How many mistakes of one line are told.
const MOST_MISTAKES: usize = 8;

impl Builder<'_> {
    /// The attribute with the example of the protocol that is meant at `at`.
    pub(super) fn as_managed(&self, attribute: &Attribute, at: usize) -> Attribute {
        let word = self.slice(at, self.word_end(at, self.text.len()));
        let near = near_miss(word, vocabulary::ways_to_manage().map(|way| way.protocol));
        let way = vocabulary::ways_to_manage().find(|way| Some(way.protocol) == near);
        Attribute { example: way.map_or(attribute.example, |way| way.example), ..*attribute }
    }

    /// Reports what stands in `start..end` as mistakes of the last of `items` where that is a `manage` line, which is broken then.
    /// Gives what can be read after it on its line.
    pub(super) fn continued_manage(
        &mut self,
        noun: Noun,
        items: &mut Vec<Item>,
        (start, end): (usize, usize),
    ) -> Option<Vec<Item>> {
        let last = last_statement(items).filter(|last| last.keyword.value == "manage")?;
        let span = last.span.to(self.span(start, end));
        let after = self.rest_of_manage(noun, last, (start, end))?;
        items.pop();
        items.push(Item::Broken(Broken { keyword: Word::from("manage"), name: None, span }));
        let word = self.slice(after, self.word_end(after, end));
        let misspelt = word.len() > 3 && self.misspelt(noun, word, span).is_some();
        Some(match misspelt && !begins_item(noun, word) {
            true => self.unknown(noun, after, end, false),
            false => self.resume(noun, after, end),
        })
    }

    /// Tells the mistakes of a `manage` line that leaves over what stands in `start..end`; gives where the line ends. None
    /// where what is left over is no part of it.
    fn rest_of_manage(&mut self, noun: Noun, last: &Statement, (start, end): (usize, usize)) -> Option<usize> {
        let attribute = vocabulary::attribute(noun, "manage")?;
        let protocol = last.values.first()?;
        let word = protocol.value.name()?;
        let way = vocabulary::ways_to_manage().find(|way| **word == *way.protocol)?;
        let place = if way.protocol == "kubernetes" { protocol } else { last.values.get(1)? };
        let extent = self.extent_of(last);
        if !self.slice(extent.end, start).trim().is_empty() {
            return None;
        }
        let head = self.slice(extent.start, place.span.end as usize - self.base).to_owned();
        let mut at = start;
        let mut told = 0;
        while at < end && told < MOST_MISTAKES {
            let Some((found, mistake_end)) = self.in_manage(noun, way, extent.end, at..end) else { break };
            self.report(found);
            told += 1;
            let Some(next) = self.next_part(noun, way, mistake_end, end) else { return Some(end) };
            at = next;
            if part_of(way, self.slice(next, self.word_end(next, end))).is_some() {
                let joined = format!("{head} {}", self.slice(next, end));
                let read = Intent::parse(attribute.rule, &joined).map_or(0, |read| read.as_str().len());
                at = self.skip_blanks(next + read.saturating_sub(head.len() + 1));
            }
        }
        (told > 0).then_some(at.min(end))
    }

    /// The mistake at the beginning of `rest`, and where it ends; none where something else begins there.
    fn in_manage(&self, noun: Noun, way: &Way, line_end: usize, rest: Range<usize>) -> Option<(Diagnostic, usize)> {
        let word = self.slice(rest.start, self.word_end(rest.start, rest.end));
        let word_end = rest.start + word.len();
        if word.is_empty() {
            return None;
        }
        if let Some(part) = part_of(way, word) {
            return Some(self.wrong_part(way, part, word_end));
        }
        if begins_item(noun, word) || word.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let span = self.span(rest.start, word_end);
        let found = Diagnostic::error(
            &codes::UNKNOWN_ATTRIBUTE,
            span,
            format!("`manage {}` has no word `{word}`", way.protocol),
        );
        let words: Vec<&str> = way.words.iter().map(|part| part.word).collect();
        let of_noun = vocabulary::attributes_of(noun).map(|attribute| attribute.keyword);
        let near = near_miss(word, words.iter().copied().chain(of_noun));
        if let Some(near) = near {
            return words.contains(&near).then(|| (found.help(format!("did you mean `{near}`?")), word_end));
        }
        let elsewhere = vocabulary::ways_to_manage().find(|other| part_of(other, word).is_some());
        let same_line = !self.slice(line_end, rest.start).contains('\n');
        let help = match elsewhere {
            Some(other) => format!("`{word}` is a word of `manage {}`; {}", other.protocol, has(way, &words)),
            None if same_line && words.len() > 1 => has(way, &words),
            None => return None,
        };
        Some((found.help(help), word_end))
    }

    /// That what follows a word of the line is not what it wants.
    fn wrong_part(&self, way: &Way, part: &Part, word_end: usize) -> (Diagnostic, usize) {
        let mut at = self.skip_blanks(word_end);
        let first = self.slice(at, self.found_end(at));
        // After `env`, `file` or `secret` it is what these name.
        let place = ["env", "file", "secret"].contains(&first) && part.wants.contains(&format!("`{first}`"));
        if place {
            at = self.skip_blanks(at + first.len());
        }
        let (text, span) = self.found(at);
        let message = format!("`{}` wants {} such as `{}`, found {text}", part.word, part.wants, part.example);
        let choices = part.wants.split('`').skip(1).step_by(2).filter(|_| !place);
        let help = match near_miss(self.slice(at, self.found_end(at)), choices) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write for example `{}`", way.example),
        };
        let found = Diagnostic::error(&codes::WRONG_VALUE, span, message).help(help);
        (found, self.found_end(at))
    }

    /// Where the next word of the line or the next item of `noun` stands, outside texts; one that is misspelt is one.
    fn next_part(&self, noun: Noun, way: &Way, start: usize, end: usize) -> Option<usize> {
        let mut at = self.skip_blanks(start);
        while at < end.min(start + LOOK_AHEAD) {
            let to = self.found_end(at).max(at + 1);
            let word = self.slice(at, to);
            let near = near_miss(word, way.words.iter().map(|part| part.word)).is_some();
            let misspelt = word.len() > 3 && (near || self.misspelt(noun, word, self.span(at, to)).is_some());
            if part_of(way, word).is_some() || begins_item(noun, word) || misspelt {
                return Some(at);
            }
            at = self.skip_blanks(to);
        }
        None
    }
}

fn part_of<'w>(way: &'w Way, word: &str) -> Option<&'w Part> {
    way.words.iter().find(|part| part.word == word)
}

/// The words of a protocol in a sentence.
fn has(way: &Way, words: &[&str]) -> String {
    format!("`manage {}` has {}", way.protocol, listed(words))
}
