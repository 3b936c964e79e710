//! Statements that end before their author meant them to: of `share red 60%, blue 40` the rules read `share red 60%`, and
//! `, blue 40` is left over. What is left over is told as a mistake of that statement, at the place where it stands.

use std::ops::Range;

use pest::Parser;

use super::build::Builder;
use super::mistakes::{LOOK_AHEAD, PIECE_LIMIT, error_at};
use super::rules::Intent;
use super::wrong::wants_unit;
use crate::ast::{Broken, Item, Noun, Statement, Unit, Value, Word};
use crate::vocabulary::{self, Attribute, near_unit};

/// How many beginnings of a statement are tried.
const MOST_BEGINNINGS: usize = 16;

impl Builder<'_> {
    /// Reports what stands in `start..end` as a mistake of the last of `items`, where it is one; that statement is broken then.
    /// Gives what can be read after it on its line.
    pub(super) fn continued(
        &mut self,
        noun: Noun,
        items: &mut Vec<Item>,
        start: usize,
        end: usize,
    ) -> Option<Vec<Item>> {
        let place = (start, end);
        let own = self.misspelt_keyword(noun, items, place).or_else(|| self.continued_manage(noun, items, place));
        if own.is_some() {
            return own;
        }
        let last = last_statement(items)?;
        let adjacent = self.slice(self.extent_of(last).end, start).trim().is_empty();
        if !adjacent || self.diagnostics.len() > PIECE_LIMIT {
            return None;
        }
        let (keyword, span) = (Word::from(last.keyword.value), last.span.to(self.span(start, end)));
        let after = match self.condition(noun, last, start, end) {
            Some((found, after)) => {
                self.report(found);
                after
            }
            None => {
                let attribute = continues(noun, last)?;
                let at = self.mistake(attribute, last, start, end)?;
                self.wrong_at(attribute, at)
            }
        };
        items.pop();
        items.push(Item::Broken(Broken { keyword, name: None, span }));
        Some(self.resume(noun, after.max(start), end))
    }

    /// Reports the misspelt keyword that the last of `items` took for the name of a selection, and reads on after it.
    fn misspelt_keyword(
        &mut self,
        noun: Noun,
        items: &mut Vec<Item>,
        (start, end): (usize, usize),
    ) -> Option<Vec<Item>> {
        let taken = self.taken_for_a_name(noun, last_statement(items)?, start, end)?;
        let word = self.slice(taken.start, taken.end);
        self.report(self.misspelt(noun, word, self.span(taken.start, taken.end))?);
        let broken = Broken { keyword: Word::from(word), name: None, span: self.span(taken.start, end) };
        without_names(items.last_mut());
        items.push(Item::Broken(broken));
        Some(self.resume(noun, start, end))
    }

    /// Where the name of a selection stands that is the misspelt keyword of the next statement: `on cells  garantee dl 20Mbps`.
    fn taken_for_a_name(&self, noun: Noun, last: &Statement, start: usize, end: usize) -> Option<Range<usize>> {
        let Value::Selection(selection) = &last.values.last()?.value else { return None };
        let [name] = &selection.names[..] else { return None };
        let place = name.span.start as usize - self.base..name.span.end as usize - self.base;
        let word = self.slice(place.start, place.end);
        let ends = place.end == self.extent_of(last).end;
        let begins = begins_item(noun, self.slice(start, self.word_end(start, end)));
        (ends && !begins && word.len() > 3 && self.misspelt(noun, word, name.span).is_some()).then_some(place)
    }

    /// Whether the last of `items` is a list that could go on after a comma.
    pub(super) fn after_list(&self, noun: Noun, items: &[Item]) -> bool {
        let list = |last: &Statement| Some(self.list_begins(continues(noun, last)?, &self.extent_of(last)).is_some());
        last_statement(items).and_then(list).unwrap_or(false)
    }

    /// Where the mistake of a statement stands that has left over what begins at `start`.
    fn mistake(&self, attribute: &Attribute, last: &Statement, start: usize, end: usize) -> Option<usize> {
        let extent = self.extent_of(last);
        let value = last.values.last()?;
        let token = value.span.start as usize - self.base;
        let word = self.slice(start, self.word_end(start, end));
        match self.byte(start)? {
            b',' => self.in_list(attribute, extent, self.skip_blanks(start + 1)),
            b';' | b'"' | b'{' | b'}' | b'(' | b')' | b'[' | b']' => None,
            // `pci 1%`: what is left over belongs to the last word.
            _ if start == extent.end => (self.byte(token) != Some(b'"')).then_some(token),
            // `memory 64 GB`
            _ if matches!(value.value, Value::Number(_)) && Unit::find(word).is_some() => {
                wants_unit(attribute).then_some(token)
            }
            // `column carrier "Freq" Mhz`
            _ if attribute.wants.contains("a unit")
                && near_unit(word).is_some()
                && !begins_item(attribute.noun, word) =>
            {
                Some(start)
            }
            _ => self.in_tail(attribute, extent, word, start, end),
        }
    }

    /// Where the element of a list goes wrong that begins at `element`; none where the statement is no list, or the next
    /// attribute begins there.
    fn in_list(&self, attribute: &Attribute, statement: Range<usize>, element: usize) -> Option<usize> {
        let word = self.slice(element, self.word_end(element, self.text.len()));
        if begins_item(attribute.noun, word) {
            return None;
        }
        let beginning = self.list_begins(attribute, &statement)?;
        let look = self.floor_boundary((element + LOOK_AHEAD).min(self.text.len()));
        let text = format!("{beginning} {}", self.slice(element, look));
        match error_at(attribute.rule, &text).saturating_sub(beginning.len() + 1) {
            // Where the list may be left out as a whole, the rules do not say where it goes wrong.
            0 => {
                let elements = self.slice(statement.start + beginning.len(), statement.end);
                Some(self.odd_word(attribute, beginning, elements, element).unwrap_or(element))
            }
            at => Some(self.skip_blanks(element + at)),
        }
    }

    /// The word of an element of a list that is none: with the word in its place of the element before, the list is one.
    fn odd_word(&self, attribute: &Attribute, beginning: &str, elements: &str, element: usize) -> Option<usize> {
        let wanted: Vec<&str> = elements.rsplit(',').next()?.split_whitespace().collect();
        let mut at = element;
        let mut next = || {
            let from = self.skip_blanks(at);
            at = self.found_end(from);
            (from, self.slice(from, at))
        };
        let words: Vec<(usize, &str)> = wanted.iter().take(MOST_BEGINNINGS).map(|_| next()).collect();
        let odd = (0..words.len()).find(|odd| {
            let word = |(index, (_, word)): (usize, &(usize, &str))| {
                format!(" {}", if index == *odd { wanted[index] } else { word })
            };
            let text = format!("{beginning}{}", words.iter().enumerate().map(word).collect::<String>());
            Intent::parse(attribute.rule, &text).is_ok_and(|read| read.as_str().len() == text.len())
        })?;
        words.get(odd).map(|(at, _)| *at)
    }

    /// The part of a statement that stands before its first element, where the statement is a list: what it holds after that
    /// can follow it once more after a comma.
    fn list_begins(&self, attribute: &Attribute, statement: &Range<usize>) -> Option<&str> {
        let text = self.slice(statement.start, statement.end);
        let blanks = text.match_indices(|character: char| character.is_ascii_whitespace());
        blanks.take(MOST_BEGINNINGS).map(|(at, _)| text.split_at(at)).find_map(|(beginning, elements)| {
            let twice = format!("{text},{elements}");
            let read = Intent::parse(attribute.rule, &twice).ok()?;
            (read.as_str().len() == twice.len()).then_some(beginning)
        })
    }

    /// Where a part goes wrong that may follow at the end of a statement, as `every` does in `window 100s every 10s`.
    fn in_tail(
        &self,
        attribute: &Attribute,
        statement: Range<usize>,
        word: &str,
        start: usize,
        end: usize,
    ) -> Option<usize> {
        let in_example = attribute.example.split_whitespace().skip(1).any(|part| part == word);
        let other = begins_item(attribute.noun, word) || self.not_a_kind(attribute.noun, word, start, end).is_some();
        if !in_example || other || self.list_begins(attribute, &statement).is_some() {
            return None;
        }
        // `key env RAN_KEY as "ranform"`: what is written well stands in the wrong place.
        let text = self.slice(statement.start, statement.end);
        let rest = self.slice(start, self.floor_boundary((start + LOOK_AHEAD).min(self.text.len())));
        let elsewhere = |(at, _): (usize, &str)| {
            let joined = format!("{} {rest}", text.get(..at).unwrap_or_default());
            let read = Intent::parse(attribute.rule, &joined).ok();
            read.is_some_and(|read| read.as_str().len() > at + 1 + word.len())
        };
        let blanks = text.match_indices(|character: char| character.is_ascii_whitespace());
        let misplaced = blanks.take(MOST_BEGINNINGS).any(elsewhere);
        Some(if misplaced { start } else { self.skip_blanks(start + word.len()) })
    }

    /// Where a statement stands in the text.
    pub(super) fn extent_of(&self, statement: &Statement) -> Range<usize> {
        statement.span.start as usize - self.base..statement.span.end as usize - self.base
    }
}

/// Takes the names out of the selection that a statement ends with.
fn without_names(item: Option<&mut Item>) {
    if let Some(Item::Statement(statement)) = item
        && let Some(Value::Selection(selection)) = statement.values.last_mut().map(|value| &mut value.value)
    {
        selection.names.clear();
    }
}

pub(super) fn last_statement(items: &[Item]) -> Option<&Statement> {
    match items.last() {
        Some(Item::Statement(last)) => Some(last),
        Some(Item::Block(_) | Item::Broken(_)) | None => None,
    }
}

/// The attribute of a statement that may go on; a selection that stands as a statement is no such one.
fn continues(noun: Noun, statement: &Statement) -> Option<&'static Attribute> {
    let keyword = statement.keyword.value;
    vocabulary::attribute(noun, keyword).filter(|_| keyword != vocabulary::SELECTION)
}

/// Whether an attribute or a nested block of `noun` begins with `word`.
pub(super) fn begins_item(noun: Noun, word: &str) -> bool {
    let first = |phrase: &str| phrase.split(' ').next() == Some(word);
    vocabulary::attributes_of(noun).any(|attribute| first(attribute.keyword))
        || vocabulary::nouns_in(Some(noun)).any(|entry| first(entry.noun.as_str()))
}
