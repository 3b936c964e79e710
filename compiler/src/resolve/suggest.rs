//! "did you mean": the name nearest to one that does not exist.

/// How many names are compared at most; beyond, a suggestion is not worth the wait.
const COMPARED: usize = 20_000;

/// The nearest of `known` to `name`, if it is near enough to be a slip; ties go to the first.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = (name.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .take(COMPARED)
        .filter(|other| other.len().abs_diff(name.len()) <= 4 && *other != name)
        .map(|other| (strsim::damerau_levenshtein(&name.to_lowercase(), &other.to_lowercase()), other))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// The suggestion as a sentence, or else what `otherwise` says.
pub(crate) fn or_say(near: Option<&str>, otherwise: impl FnOnce() -> String) -> String {
    near.map_or_else(otherwise, |near| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognized_and_strangers_are_not() {
        assert_eq!(nearest("plzaa", ["harbour", "plaza"]), Some("plaza"));
        assert_eq!(nearest("gnb-11", ["gnb-1", "gnb-2"]), Some("gnb-1"));
        assert_eq!(nearest("x", ["harbour", "plaza"]), None);
    }
}
