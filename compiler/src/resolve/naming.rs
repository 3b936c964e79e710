//! Which names things can have. A name stands in addresses, plans and reports: what would not be one word there, or what
//! no reader could see, is refused where the name is written, and the thing is left out.

use ranform_grammar::ast::{Block, Broken, File, Item, Noun, Value, Word};
use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, Located, Span};

/// The most characters of a name in quotes, and of one in a table.
const LONGEST: usize = 255;
/// The most characters of a plain name: those of a DNS label (RFC 1123).
const LONGEST_PLAIN: usize = 63;

/// Refuses the names of blocks that no thing can have; the blocks become broken ones.
pub(crate) fn check(file: &mut File) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for block in &mut file.blocks {
        check_inner(block, &mut findings);
    }
    if file.blocks.iter().any(|block| mistakes(block).next().is_some()) {
        let (bad, good) = std::mem::take(&mut file.blocks).into_iter().partition(|one| mistakes(one).next().is_some());
        file.blocks = good;
        let bad: Vec<Block> = bad;
        findings.extend(bad.iter().flat_map(mistakes));
        file.broken.extend(bad.iter().map(broken));
    }
    findings
}

/// What is wrong with a name, in words that follow it, and how to mend it.
pub(crate) fn mistake(name: &str) -> Option<(String, &'static str)> {
    const HELP: &str = "write another name: it stands in addresses, plans and reports";
    if name.is_empty() {
        return Some(("is empty".to_owned(), "write a name such as `plaza`"));
    }
    if let Some(character) = name.chars().find(|character| cannot_stand(*character)) {
        let shown = match character {
            '"' | '\\' => format!("`{character}`"),
            unseen => format!("the character U+{:04X}", u32::from(unseen)),
        };
        return Some((format!("holds {shown}"), HELP));
    }
    let length = name.chars().count();
    (length > LONGEST).then(|| (format!("has {length} characters, {LONGEST} at most"), HELP))
}

/// The finding about a name that no thing can have.
pub(crate) fn refused(noun: &str, name: &str, span: Span) -> Option<Diagnostic> {
    let (what, help) = mistake(name)?;
    Some(Diagnostic::error(&codes::WRONG_VALUE, span, format!("the name of this {noun} {what}")).help(help))
}

/// Marks that end a name in an address, control characters, and those that show nothing or turn what follows around.
fn cannot_stand(character: char) -> bool {
    matches!(
        character,
        '"' | '\\' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    ) || character.is_control()
}

fn check_inner(block: &mut Block, findings: &mut Vec<Diagnostic>) {
    for item in block.body.iter_mut().flat_map(|body| body.items.iter_mut()) {
        let Item::Block(inner) = item else { continue };
        check_inner(inner, findings);
        let first = findings.len();
        findings.extend(mistakes(inner));
        if findings.len() > first {
            *item = Item::Broken(broken(inner));
        }
    }
}

/// What is wrong with the name of a block, or with the names of a link's ends.
fn mistakes(block: &Block) -> impl Iterator<Item = Diagnostic> + '_ {
    let noun = block.noun.value.as_str();
    let ends = block.header.iter().filter(|_| block.noun.value == Noun::Link);
    let ends = ends.filter_map(|value| match &value.value {
        Value::Text(text) => refused("node", text, value.span),
        _ => None,
    });
    block
        .name
        .iter()
        .filter_map(move |name| refused(noun, &name.value, name.span).or_else(|| too_long(noun, name)))
        .chain(ends)
}

fn too_long(noun: &str, name: &Located<Word>) -> Option<Diagnostic> {
    let plain = (name.span.end - name.span.start) as usize == name.value.len();
    if !plain || name.value.len() <= LONGEST_PLAIN {
        return None;
    }
    let message = format!(
        "the name of this {noun} has {} characters, a plain name has {LONGEST_PLAIN} at most",
        name.value.len()
    );
    Some(Diagnostic::error(&codes::WRONG_VALUE, name.span, message).help("shorten it, or write it in quotes"))
}

fn broken(block: &Block) -> Broken {
    let name = block.name.as_ref().map(|name| name.value.clone());
    Broken { keyword: Word::from(block.noun.value.as_str()), name, span: block.span }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_visible_words() {
        for right in ["plaza", "Plaça Nord 1", "cell 7/A", "a.b", "中"] {
            assert_eq!(mistake(right), None, "{right}");
        }
        for wrong in ["", "a\"b", "a\\b", "a\nb", "a\tb", "\u{1b}[31mred", "a\u{202e}b", "a\u{85}b", &"x".repeat(256)] {
            assert!(mistake(wrong).is_some(), "{wrong:?}");
        }
    }
}
