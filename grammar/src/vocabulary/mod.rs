//! The words of the language as data: every noun, every attribute of every noun, each with what it
//! wants, what it means and an example. Errors, completion, hover and the docs read it; a test holds it
//! against `intent.pest`: each example parses, and each attribute has its rule.

mod nouns;
mod places;
mod plans;
mod policies;
mod reference;
mod rics;
mod shares;
mod ways;

use std::sync::LazyLock;

pub use reference::reference;
pub use ways::{Part, Way};

use crate::ast::{Noun, Unit};
use crate::parse::rules::Rule;

/// An attribute of a noun.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// The noun it is said of.
    pub noun: Noun,
    /// The word or phrase it begins with; [`SELECTION`] for a selection that stands as a statement.
    pub keyword: &'static str,
    /// What follows, in words: `a frequency`.
    pub wants: &'static str,
    /// A whole statement.
    pub example: &'static str,
    /// What it means, one line.
    pub meaning: &'static str,
    /// Whether it may be given several times.
    pub repeats: bool,
    pub(crate) rule: Rule,
}

/// A noun of the language.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The noun.
    pub noun: Noun,
    /// How it is written: `node NAME : KIND { .. }`.
    pub shape: &'static str,
    /// A whole block.
    pub example: &'static str,
    /// What it is, one line.
    pub meaning: &'static str,
    pub(crate) rule: Rule,
    pub(crate) body: Option<Rule>,
}

/// The keyword of a statement that is a selection and nothing else: `cells in site plaza`.
pub const SELECTION: &str = "selection";

/// The nouns that are reserved for a later version at top level.
pub const RESERVED: [&str; 8] = ["telemetry", "gate", "rollout", "window", "outage", "hold", "test", "schedule"];

/// Other ways in which people write units, and the unit.
const OTHER_SPELLINGS: [(&str, &str); 31] = [
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("msec", "ms"),
    ("usec", "us"),
    ("µs", "us"),
    ("μs", "us"),
    ("minute", "min"),
    ("minutes", "min"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("pct", "%"),
    ("percent", "%"),
    ("°", "deg"),
    ("degrees", "deg"),
    ("kbit", "kbps"),
    ("Mbit", "Mbps"),
    ("Gbit", "Gbps"),
    ("kbit/s", "kbps"),
    ("Mbit/s", "Mbps"),
    ("Gbit/s", "Gbps"),
    ("Mb/s", "Mbps"),
    ("Gb/s", "Gbps"),
    ("Tbit/s", "Tbps"),
    ("Ki", "KiB"),
    ("Mi", "MiB"),
    ("Gi", "GiB"),
    ("Ti", "TiB"),
];

/// The node kinds, and what each is.
pub const NODE_KINDS: [(&str, &str); 12] = [
    ("gnb", "a base station of 5G in one box"),
    ("cu", "a central unit"),
    ("cu-cp", "the control plane of a central unit"),
    ("cu-up", "the user plane of a central unit"),
    ("du", "a distributed unit"),
    ("ru", "a radio unit"),
    ("enb", "a base station of LTE"),
    ("ap", "a Wi-Fi access point"),
    ("near-rt-ric", "a near-real-time RIC that is there already"),
    ("non-rt-ric", "the non-real-time RIC"),
    ("compute", "a computer or a cluster"),
    ("switch", "an Ethernet switch"),
];

/// Every noun, in reading order.
pub fn nouns() -> &'static [Entry] {
    nouns::NOUNS
}

/// The entry of a noun.
pub fn entry(noun: Noun) -> Option<&'static Entry> {
    nouns().iter().find(|entry| entry.noun == noun)
}

/// Every attribute of every noun, in reading order.
pub fn attributes() -> impl Iterator<Item = &'static Attribute> {
    [places::ATTRIBUTES, shares::ATTRIBUTES, rics::ATTRIBUTES, policies::ATTRIBUTES, plans::ATTRIBUTES]
        .into_iter()
        .flatten()
}

/// The attributes of one noun, in reading order.
pub fn attributes_of(noun: Noun) -> impl Iterator<Item = &'static Attribute> {
    attributes().filter(move |attribute| attribute.noun == noun)
}

/// The protocols of a `manage` line with their words.
pub fn ways_to_manage() -> impl Iterator<Item = &'static Way> {
    ways::WAYS.iter()
}

/// The attribute of `noun` with this keyword.
pub fn attribute(noun: Noun, keyword: &str) -> Option<&'static Attribute> {
    attributes_of(noun).find(|attribute| attribute.keyword == keyword)
}

/// The nouns that may stand inside `noun`, or at top level for none.
pub fn nouns_in(parent: Option<Noun>) -> impl Iterator<Item = &'static Entry> {
    nouns().iter().filter(move |entry| entry.noun.parent() == parent)
}

/// The word of `candidates` that `word` was probably meant to be.
pub fn near_miss<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let allowed = (lower.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The quantity that a number with an unknown unit was probably meant to be: `3GHz` for `3Ghz`.
pub fn meant_quantity(word: &str) -> Option<String> {
    let unit_at = word.find(|character: char| !character.is_ascii_digit() && character != '.')?;
    let (number, unit) = word.split_at(unit_at);
    let near = near_unit(unit).filter(|_| !number.is_empty())?;
    Some(format!("{number}{near}"))
}

/// The unit that a word was probably meant to be.
pub fn near_unit(word: &str) -> Option<&'static str> {
    near_unit_of(word, Unit::ALL.iter().map(|unit| unit.as_str()))
}

/// The one of some units that a word was probably meant to be: another spelling, its beginning, or a slip.
pub(crate) fn near_unit_of(word: &str, units: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let units: Vec<&'static str> = units.collect();
    let spelled = |(other, meant): &&(&str, &str)| other.eq_ignore_ascii_case(word) && units.contains(meant);
    let meant = OTHER_SPELLINGS.iter().find(spelled).map(|(_, meant)| *meant);
    let begins = |unit: &str, word: &str| !word.is_empty() && unit.starts_with(word);
    let begun = || units.iter().find(|unit| begins(unit, word)).copied();
    let lower = word.to_lowercase();
    let begun_otherwise = || units.iter().find(|unit| begins(&unit.to_lowercase(), &lower)).copied();
    // One letter is no slip of another.
    let slip = || near_miss(word, units.iter().copied()).filter(|_| word.chars().count() > 1);
    meant.or_else(begun).or_else(begun_otherwise).or_else(slip)
}

/// Whether `word` ends the names of a selection, because it begins what may follow: the rule
/// `after_selection` of the grammar. A thing of that name is written in quotes there.
pub fn ends_selection(word: &str) -> bool {
    static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let grammar = include_str!("../intent.pest");
        let rules = ["after_selection = _{", "whole = @{", "among = @{"]
            .into_iter()
            .filter_map(|rule| grammar.split(rule).nth(1));
        let texts = rules.filter_map(|rest| rest.split('}').next()).flat_map(|rule| rule.split('"').skip(1).step_by(2));
        let mut words: Vec<_> = texts.chain(NODE_KINDS.iter().map(|(kind, _)| *kind)).collect();
        words.sort_unstable();
        words
    });
    WORDS.binary_search(&word).is_ok()
}

/// The words that a selection may begin with: `cells`, `site`, `gnb`.
pub(crate) fn selection_words() -> &'static [&'static str] {
    static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let grammar = include_str!("../intent.pest");
        let rules = ["among = @{", "whole = @{"].into_iter().filter_map(|rule| grammar.split(rule).nth(1));
        let texts = rules.filter_map(|rest| rest.split('}').next()).flat_map(|rule| rule.split('"').skip(1).step_by(2));
        texts.chain(NODE_KINDS.iter().map(|(kind, _)| *kind)).collect()
    });
    &WORDS
}

/// The keyword of the statement that `rule` parses, if it parses one.
pub(crate) fn keyword_of(rule: Rule) -> Option<&'static str> {
    static KEYWORDS: LazyLock<Vec<Option<&'static str>>> = LazyLock::new(|| {
        let size = attributes().map(|attribute| attribute.rule as usize).max().map_or(0, |last| last + 1);
        let mut keywords = vec![None; size];
        for attribute in attributes() {
            if let Some(slot) = keywords.get_mut(attribute.rule as usize) {
                *slot = Some(attribute.keyword);
            }
        }
        keywords
    });
    KEYWORDS.get(rule as usize).copied().flatten()
}

/// The noun of the block that `rule` parses, if it parses one.
pub(crate) fn noun_of(rule: Rule) -> Option<Noun> {
    nouns().iter().find(|entry| entry.rule == rule).map(|entry| entry.noun)
}

const fn once(
    noun: Noun,
    keyword: &'static str,
    rule: Rule,
    wants: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> Attribute {
    Attribute { noun, keyword, wants, example, meaning, repeats: false, rule }
}

const fn many(
    noun: Noun,
    keyword: &'static str,
    rule: Rule,
    wants: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> Attribute {
    Attribute { noun, keyword, wants, example, meaning, repeats: true, rule }
}
