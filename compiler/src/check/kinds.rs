//! Kinds of resources that no compute node has, and what was probably meant by them.

use std::collections::BTreeSet;

use ranform_network::network::NodeKind;

use super::Context;
use crate::resolve::node::RESOURCES;
use crate::resolve::suggest;

/// Other words for the kinds that are known everywhere.
const OTHER_WORDS: [(&str, &str); 6] = [
    ("ram", "memory"),
    ("core", "cpu"),
    ("cores", "cpu"),
    ("processor", "cpu"),
    ("processors", "cpu"),
    ("disk", "storage"),
];

/// The advice about a kind that no compute node has, where another is near: a known one, or one that some node has.
pub(super) fn meant(context: &Context<'_>, kind: &str) -> Option<String> {
    let nodes = context.network.nodes.iter().map(|(_, node)| node).filter(|node| node.kind == NodeKind::Compute);
    let declared: BTreeSet<&str> = nodes.flat_map(|node| node.capacity.iter().map(|(name, _)| &**name)).collect();
    if declared.contains(kind) || RESOURCES.contains(&kind) {
        return None;
    }
    let known = || declared.iter().copied().chain(RESOURCES);
    let other = OTHER_WORDS.iter().find(|(word, _)| *word == kind).map(|(_, meant)| *meant);
    let begun = || known().find(|known| kind.len() >= 3 && known.starts_with(kind));
    let near = other.or_else(begun).or_else(|| suggest::nearest(kind, known()).filter(|near| is_slip(kind, near)))?;
    Some(format!("no compute node has `{kind}` in its `capacity`: did you mean `{near}`?"))
}

/// Short words are slips of each other where their letters are the same or one is missing: `gpu` is none of `cpu`.
fn is_slip(kind: &str, near: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    kind.len() > 3 || kind.len() != near.len() || sorted(kind) == sorted(near)
}
