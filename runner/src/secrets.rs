//! A secret that stands in clear is refused; what tells of it, and every other finding, shows it covered.

use std::collections::BTreeMap;
use std::ops::Range;

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::source::{SourceId, Sources};

/// The same texts with every secret that was found in clear covered by asterisks, byte for byte, so that places stay.
pub fn covered(sources: Sources, diagnostics: &[Diagnostic]) -> Sources {
    let mut places: BTreeMap<SourceId, Vec<Range<usize>>> = BTreeMap::new();
    for finding in diagnostics.iter().filter(|finding| *finding.code == codes::SECRET_IN_CLEAR) {
        if let Some(span) = finding.span {
            places.entry(span.source).or_default().push(span.start as usize..span.end as usize);
        }
    }
    if places.is_empty() {
        return sources;
    }
    let mut shown = Sources::new();
    for source in sources.iter() {
        let places = places.get(&source.id).map(Vec::as_slice).unwrap_or_default();
        shown.add(source.path.as_str(), cover(&source.text, places));
    }
    shown
}

fn cover(text: &str, places: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for place in places.iter().filter(|place| text.get((*place).clone()).is_some()) {
        bytes[place.clone()].fill(b'*');
    }
    // Only whole characters were replaced, so this is text.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ranform_network::source::Span;

    #[test]
    fn a_secret_is_covered_and_every_place_stays() {
        let mut sources = Sources::new();
        let id = sources.add("main.intent", "password \"gehéim\" node x");
        let end = 9 + "\"gehéim\"".len();
        let finding = Diagnostic::error(&codes::SECRET_IN_CLEAR, Span::new(id, 9, end), "it stands in clear");
        let shown = covered(sources.clone(), &[finding]);
        assert_eq!(shown.get(id).map(|source| &*source.text), Some("password ********* node x"));
        assert_eq!(
            covered(sources.clone(), &[]).get(id).map(|source| source.text.clone()),
            sources.get(id).map(|source| source.text.clone())
        );
    }
}
