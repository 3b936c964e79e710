//! What mistakes are told in: lists of words, what a unit measures, what stands inside a block.

use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, Span};

use crate::ast::Noun;
use crate::vocabulary::{self, Attribute};

/// What a unit measures, and what is wanted instead.
pub(super) fn measures(unit: &str, attribute: &Attribute) -> String {
    let what = kind_of_unit(unit);
    let help = format!("`{unit}` is {what}: write for example `{}`", attribute.example);
    match (what, attribute.wants.contains("percentage")) {
        ("a bit rate", true) => format!(
            "{help}; `plan` prints what a share is worth in Mbps, and a wanted rate is the `throughput` of a service"
        ),
        _ => help,
    }
}

/// What a unit measures.
pub(super) fn kind_of_unit(unit: &str) -> &'static str {
    match unit {
        "Hz" | "kHz" | "MHz" | "GHz" => "a frequency",
        "ns" | "us" | "ms" | "s" | "min" | "h" | "d" => "a duration",
        "%" => "a percentage",
        "dBm" => "a power",
        "dB" => "a gain",
        "deg" => "an angle",
        "kWh" => "an amount of energy",
        "cores" => "a number of processor cores",
        "PRB" => "a number of resource blocks",
        _ if unit.ends_with("bps") => "a bit rate",
        _ => "an amount of data",
    }
}

/// What stands inside a block of this noun; `nests` where what was found there looks like a block.
pub(super) fn has(noun: Noun, nests: bool) -> String {
    let words: Vec<_> = vocabulary::attributes_of(noun).map(|attribute| attribute.keyword).collect();
    let more = if nests { " (and no nested block of that name)" } else { "" };
    let nested: Vec<_> = vocabulary::nouns_in(Some(noun)).collect();
    match nested.first() {
        Some(first) if words.is_empty() => {
            let nouns: Vec<_> = nested.iter().map(|entry| entry.noun.as_str()).collect();
            format!("blocks of {} stand inside it, for example `{}`", listed(&nouns), first.example)
        }
        _ => format!("it has {}{more}", listed(&words)),
    }
}

/// What is no slice, and how one is written.
pub(super) fn bad_slice(text: &str, span: Span) -> Diagnostic {
    Diagnostic::error(&codes::BAD_SLICE, span, format!("`{text}` is no slice"))
        .help("a slice is a slice type, and after `:` a slice differentiator in hexadecimal digits: `1:000001`")
}

/// The beginning of a text that may be long.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}..", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Words as code, with commas.
pub(super) fn listed(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}
