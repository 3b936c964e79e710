//! Overlays: `overlay staging { set node.gnb-1/cell.nr-1 { power 20dBm } }` changes blocks for one environment, before
//! anything is resolved. What `set` says of an attribute replaces all that the block said of it.

use std::sync::Arc;

use ranform_grammar::ast::{Address, Block, Body, File, Item, Noun, Value};
use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, Span};

use super::modules::Loaded;
use crate::resolve::suggest;

/// The overlays of a project by name, sorted.
pub(super) fn names(loaded: &Loaded) -> Vec<String> {
    let blocks = loaded.files.first().into_iter().flatten().flat_map(|file| file.blocks.iter());
    let overlays = blocks.filter(|block| block.noun.value == Noun::Overlay);
    let mut names: Vec<String> = overlays.filter_map(|block| Some(block.name.as_ref()?.value.to_string())).collect();
    names.sort();
    names.dedup();
    names
}

/// Lays the overlay with this name over the project.
pub(super) fn apply(loaded: &mut Loaded, name: &str, findings: &mut Vec<Diagnostic>) {
    let overlays: Vec<Block> = loaded
        .files
        .first()
        .into_iter()
        .flatten()
        .flat_map(|file| file.blocks.iter())
        .filter(|block| block.noun.value == Noun::Overlay)
        .cloned()
        .collect();
    let known: Vec<&str> = overlays.iter().filter_map(|block| Some(block.name.as_ref()?.value.as_str())).collect();
    let chosen: Vec<&Block> =
        overlays.iter().filter(|block| block.name.as_ref().is_some_and(|other| other.value == *name)).collect();
    if chosen.is_empty() {
        let help = suggest::or_say(suggest::nearest(name, known.iter().copied()), || match known.is_empty() {
            true => "the project has no overlays".to_owned(),
            false => format!("there are {}", known.join(", ")),
        });
        findings.push(
            Diagnostic::error_nowhere(&codes::UNKNOWN_OVERLAY, format!("there is no overlay `{name}`")).help(help),
        );
    }
    for set in chosen.iter().flat_map(|overlay| overlay.blocks(Noun::Set)) {
        if let Some((address, span)) = address_of(set)
            && !change(loaded, &address, set)
        {
            findings.push(
                Diagnostic::error(&codes::UNKNOWN_REFERENCE, span, format!("there is no `{address}` to lay over"))
                    .help("an overlay changes what the project's blocks declare, it adds nothing; table rows are changed in their table"),
            );
        }
    }
}

fn address_of(set: &Block) -> Option<(Address, Span)> {
    set.header.iter().find_map(|value| match &value.value {
        Value::Address(address) => Some(((**address).clone(), value.span)),
        _ => None,
    })
}

/// Changes the block at an address; whether there is one.
fn change(loaded: &mut Loaded, address: &Address, set: &Block) -> bool {
    let scope = loaded.scopes.iter().position(|scope| scope.modules == address.modules);
    let Some((first, rest)) = address.segments.split_first() else { return false };
    let Some(files) = scope.and_then(|scope| loaded.files.get_mut(scope)) else { return false };
    let matches = |block: &Block, segment: &ranform_grammar::ast::Segment| {
        let noun = segment.noun.as_ref().and_then(|noun| Noun::find(noun));
        noun == Some(block.noun.value) && block.name.as_ref().is_some_and(|name| name.value == segment.name)
    };
    let found = files.iter_mut().find_map(|file: &mut Arc<File>| {
        let index = file.blocks.iter().position(|block| matches(block, first))?;
        Arc::make_mut(file).blocks.get_mut(index)
    });
    let Some(mut block) = found else { return false };
    for segment in rest {
        let items = block.body.get_or_insert_default().items.iter_mut();
        let inner = items.filter_map(|item| match item {
            Item::Block(inner) => Some(inner),
            _ => None,
        });
        match inner.into_iter().find(|inner| matches(inner, segment)) {
            Some(inner) => block = inner,
            None => return false,
        }
    }
    merge(block.body.get_or_insert_default(), set.items());
    true
}

/// Replaces what `items` speak of.
fn merge(body: &mut Body, items: &[Item]) {
    body.items.retain(|old| match old {
        Item::Statement(old) => {
            !items.iter().filter_map(Item::statement).any(|new| new.keyword.value == old.keyword.value)
        }
        Item::Block(_) | Item::Broken(_) => true,
    });
    for item in items {
        let Item::Block(new) = item else {
            body.items.push(item.clone());
            continue;
        };
        let same = |old: &Block| {
            old.noun.value == new.noun.value
                && old.name.as_ref().map(|name| &name.value) == new.name.as_ref().map(|name| &name.value)
        };
        let old = body.items.iter_mut().find_map(|old| match old {
            Item::Block(old) if same(old) => Some(old),
            _ => None,
        });
        match old {
            Some(old) => merge(old.body.get_or_insert_default(), new.items()),
            None => body.items.push(item.clone()),
        }
    }
}
