//! Taints of the nodes of a cluster that pods bear.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::{is_label_value, is_subdomain};

/// A taint that pods bear, as `kubectl taint` writes it: `team=ran:NoSchedule`. Without a value every value is meant, without
/// an effect every effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Toleration {
    /// The key of the taint, a qualified name.
    pub key: String,
    /// The value; any where there is none.
    pub value: Option<String>,
    /// The effect; all where there is none.
    pub effect: Option<String>,
}

/// What a taint does to pods that do not bear it.
pub const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

impl Toleration {
    /// From its text; why not, in words, where it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (taint, effect) = text.split_once(':').map_or((text, None), |(taint, effect)| (taint, Some(effect)));
        let (key, value) = taint.split_once('=').map_or((taint, None), |(key, value)| (key, Some(value)));
        if let Some(effect) = effect.filter(|effect| !EFFECTS.contains(effect)) {
            return Err(format!("`{effect}` is no effect: {}, {} and {} are", EFFECTS[0], EFFECTS[1], EFFECTS[2]));
        }
        let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
        if !is_label_value(name) || name.is_empty() || prefix.is_some_and(|prefix| !is_subdomain(prefix)) {
            return Err(format!("`{key}` is no key: `team` and `example.com/team` are"));
        }
        if let Some(value) = value.filter(|value| !is_label_value(value)) {
            return Err(format!("`{value}` is no value: letters, digits, `-`, `_` and `.` make one, at most 63"));
        }
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Self { key: key.to_owned(), value: owned(value), effect: owned(effect) })
    }
}

impl TryFrom<String> for Toleration {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Toleration> for String {
    fn from(toleration: Toleration) -> Self {
        toleration.to_string()
    }
}

impl fmt::Display for Toleration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        self.value.iter().try_for_each(|value| write!(f, "={value}"))?;
        self.effect.iter().try_for_each(|effect| write!(f, ":{effect}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_was_read_from() {
        for text in ["team", "team=ran", "example.com/team=ran:NoExecute", "team:NoSchedule", "team="] {
            assert_eq!(Toleration::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "=ran",
            "team:Never",
            "te am",
            "-team",
            "Example.com/team",
            "/team",
            "team=a b",
            "team:NoSchedule:NoExecute",
        ] {
            assert!(Toleration::parse(text).is_err(), "{text}");
        }
    }
}
