//! What is said of a value that is not what its attribute wants: the place, what was found there, what was probably meant.

use pest::Parser;
use ranform_network::diagnostic::codes;
use ranform_network::{Code, Diagnostic, Span};

use super::build::Builder;
use super::mistakes::{LOOK_AHEAD, error_at};
use super::phrases::{bad_slice, kind_of_unit, measures};
use super::rules::Intent;
use crate::ast::{Noun, Number, Unit};
use crate::vocabulary::{self, Attribute, near_miss, near_unit, near_unit_of};

impl Builder<'_> {
    /// Reports an attribute whose value does not parse; gives where the mistake ends.
    pub(super) fn wrong_value(&mut self, noun: Noun, word: &str, start: usize, end: usize) -> usize {
        let begins = |attribute: &&Attribute| attribute.keyword.split(' ').next() == Some(word);
        let candidates: Vec<_> = vocabulary::attributes_of(noun).filter(begins).collect();
        let look = self.floor_boundary((end + LOOK_AHEAD).min(self.text.len()));
        let text = self.slice(start, look);
        // Of several attributes that begin with one word, the one that got furthest is meant.
        let furthest = candidates.iter().map(|attribute| (error_at(attribute.rule, text), *attribute));
        let Some((at, attribute)) = furthest.max_by_key(|(at, _)| *at) else { return start };
        let keyword_end = self.phrase_end(start, attribute.keyword);
        let at = self.skip_blanks((start + at).max(keyword_end));
        let at = self.joining_word(attribute, start, at, look).unwrap_or(at);
        if attribute.keyword == "manage" {
            let managed = self.as_managed(attribute, self.skip_blanks(keyword_end));
            return self.wrong_at(&managed, at);
        }
        self.wrong_at(attribute, at)
    }

    /// The word after what stands at `at`, where it is the wrong one: the statement is one with a word of the example there, as
    /// with `on` in `pin e2t to edge`.
    fn joining_word(&self, attribute: &Attribute, start: usize, at: usize, look: usize) -> Option<usize> {
        let before = self.slice(start, self.found_end(at));
        let odd = self.skip_blanks(start + before.len());
        let after = self.slice(self.found_end(odd), look);
        let words = attribute.example.split_whitespace().skip(1);
        let mut words = words.filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
        let fits = |word: &str| {
            let joined = format!("{before} {word}");
            let text = format!("{joined}{after}");
            Intent::parse(attribute.rule, &text).is_ok_and(|read| read.as_str().len() > joined.len())
        };
        words.any(fits).then_some(odd)
    }

    /// Reports that what stands at `at` is not what the attribute wants; gives where the mistake ends.
    pub(super) fn wrong_at(&mut self, attribute: &Attribute, at: usize) -> usize {
        let (found, span) = self.found(at);
        let end = span.end as usize - self.base;
        if let Some(bad) = self.bad_escape(at, end) {
            self.report(bad);
            return end;
        }
        let value_example = attribute.example.strip_prefix(attribute.keyword).unwrap_or(attribute.example).trim_start();
        // Words that are listed need no example.
        let listed = value_example.is_empty() || attribute.wants.contains(&format!("`{value_example}`"));
        let such_as = if listed { String::new() } else { format!(" such as `{value_example}`") };
        let message = format!("`{}` wants {}{such_as}, found {found}", attribute.keyword, attribute.wants);
        let text = self.slice(at, end);
        if attribute.keyword == "slice" && text.split_once(':').is_some_and(|(sst, _)| is_whole(sst)) {
            self.report(bad_slice(text, span));
            return end;
        }
        let (code, help) = self.mend(text, span, attribute);
        self.report(Diagnostic::error(code, span, message).maybe_help(help));
        end
    }

    /// Which code a wrong value has, and the advice that goes with it.
    fn mend(&self, text: &str, span: Span, attribute: &Attribute) -> (&'static Code, Option<String>) {
        let unit_at = text.find(|character: char| !character.is_ascii_digit() && !matches!(character, '-' | '.'));
        let (number, unit) = text.split_at(unit_at.unwrap_or(text.len()));
        let is_number = Number::new(number).is_some();
        let wants_unit = wants_unit(attribute);
        if is_number && unit.is_empty() && wants_unit {
            let after = self.skip_blanks(span.end as usize - self.base);
            let next = self.slice(after, self.found_end(after));
            if Unit::find(next).is_some() {
                return (&codes::WRONG_VALUE, Some(format!("write the number and the unit together: `{text}{next}`")));
            }
            return (&codes::WRONG_VALUE, Some("a number needs its unit here, without a blank between".to_owned()));
        }
        if let Some(near) = near_unit(text).filter(|_| attribute.wants.contains("a unit")) {
            return (&codes::UNKNOWN_UNIT, Some(format!("there is no unit `{text}`: did you mean `{near}`?")));
        }
        let is_known = Unit::find(unit).is_some();
        if is_number && is_known && (wants_unit || attribute.wants.contains("number")) {
            return (&codes::WRONG_DIMENSION, Some(measures(unit, attribute)));
        }
        let looks_like_unit = |character: char| character.is_alphabetic() || matches!(character, '%' | '°' | '/');
        if is_number && !is_known && wants_unit && !unit.is_empty() && unit.chars().all(looks_like_unit) {
            let resource = self.slice(0, span.start as usize - self.base).split_whitespace().next_back();
            return (&codes::UNKNOWN_UNIT, Some(no_unit(number, unit, attribute, resource == Some("cpu"))));
        }
        let names = ["name", "tenants", "cells"].iter().any(|word| attribute.wants.contains(word));
        if names && text.starts_with(|character: char| character.is_ascii_uppercase()) {
            let help = "a name is written in lower case letters, digits and `-`; any other name in quotes";
            return (&codes::WRONG_VALUE, Some(help.to_owned()));
        }
        if let Some((country, network)) = text.split_at_checked(3).filter(|_| attribute.keyword == "plmn")
            && is_whole(text)
            && matches!(network.len(), 2 | 3)
        {
            return (&codes::WRONG_VALUE, Some(format!("`-` stands after the country code: `{country}-{network}`")));
        }
        let choices = attribute.wants.split('`').skip(1).step_by(2);
        let selects = attribute.wants.contains("selection");
        let choices = choices.chain(vocabulary::selection_words().iter().copied().filter(|_| selects));
        if let Some(near) = near_miss(text, choices).filter(|near| *near != text) {
            return (&codes::WRONG_VALUE, Some(format!("did you mean `{near}`?")));
        }
        (
            &codes::WRONG_VALUE,
            (!is_word_of(attribute.wants, text)).then(|| format!("write for example `{}`", attribute.example)),
        )
    }
}

/// Whether a quantity stands in what an attribute wants.
pub(super) fn wants_unit(attribute: &Attribute) -> bool {
    // Of resources some have units and some have none.
    let any = attribute.wants.contains("amounts");
    any || attribute.example.split_whitespace().skip(1).any(|word| quantity_unit(word).is_some())
}

/// That there is no such unit, and which was probably meant of those that measure what is wanted.
fn no_unit(number: &str, unit: &str, attribute: &Attribute, of_cpu: bool) -> String {
    let told = format!("there is no unit `{unit}`");
    if of_cpu {
        return match thousandths(number).filter(|_| unit == "m") {
            Some(cores) => format!("{told}: did you mean `{cores}`?"),
            None => format!("{told}: processors are counted in whole ones and parts, `2` or `0.5`"),
        };
    }
    let wanted: Vec<&str> = match attribute.wants.contains("amounts") {
        true => vec![kind_of_unit("GB")],
        false => attribute
            .example
            .split_whitespace()
            .skip(1)
            .filter_map(quantity_unit)
            .map(|u| kind_of_unit(u.as_str()))
            .collect(),
    };
    let units = Unit::ALL.iter().map(|unit| unit.as_str());
    match near_unit_of(unit, units.filter(|unit| wanted.contains(&kind_of_unit(unit)))) {
        Some(near) => format!("{told}: did you mean `{number}{near}`?"),
        None => told,
    }
}

/// `500` thousandths as a plain number: `0.5`.
fn thousandths(number: &str) -> Option<String> {
    let digits = format!("{number:0>4}");
    let (whole, part) = digits.split_at_checked(digits.len() - 3).filter(|_| is_whole(number))?;
    let whole = whole.trim_start_matches('0');
    let text = format!("{}.{part}", if whole.is_empty() { "0" } else { whole });
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// The unit of a quantity such as `10ms`.
fn quantity_unit(word: &str) -> Option<Unit> {
    let word = word.trim_end_matches(',');
    let digits = word.trim_start_matches(|character: char| character.is_ascii_digit() || character == '.');
    (digits.len() < word.len()).then(|| Unit::find(digits)).flatten()
}

fn is_word_of(sentence: &str, word: &str) -> bool {
    sentence.split(|character: char| !character.is_alphanumeric() && character != '-').any(|part| part == word)
}

fn is_whole(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
