//! Overlays: `overlay staging { set node.gnb-1/cell.nr-1 { power 20dBm } }` changes blocks for one environment, before
//! anything is resolved. What `set` says of an attribute replaces all that the block, or the row of a table, said of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ranform_grammar::ast::{Address, Block, Body, File, Item, Noun, Segment, Value, Word, name_text};
use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, Span};

use super::modules::Loaded;
use crate::resolve::settle::duplicate;
use crate::resolve::suggest;
use crate::tables::{RowNoun, Table};

/// What an overlay says of a thing that no block declares; a row may.
pub(super) struct Unplaced {
    address: Address,
    span: Span,
    set: Block,
}

/// The overlays of a project by name, sorted.
pub(super) fn names(loaded: &Loaded) -> Vec<String> {
    let blocks = loaded.files.first().into_iter().flatten().flat_map(|file| file.blocks.iter());
    let overlays = blocks.filter(|block| block.noun.value == Noun::Overlay);
    let mut names: Vec<String> = overlays.filter_map(|block| Some(block.name.as_ref()?.value.to_string())).collect();
    names.sort();
    names.dedup();
    names
}

/// Reports overlays of one name, and what one overlay sets twice.
pub(super) fn twice(loaded: &Loaded, findings: &mut Vec<Diagnostic>) {
    let blocks = loaded.files.first().into_iter().flatten().flat_map(|file| file.blocks.iter());
    let mut names: BTreeMap<&Word, Span> = BTreeMap::new();
    for overlay in blocks.filter(|block| block.noun.value == Noun::Overlay) {
        let Some(name) = &overlay.name else { continue };
        match names.get(&name.value) {
            Some(first) => findings.push(duplicate(&format!("overlay.{}", name.value), *first, name.span)),
            None => drop(names.insert(&name.value, name.span)),
        }
        let mut seen = BTreeMap::new();
        for (index, set) in overlay.blocks(Noun::Set).enumerate() {
            if let Some((address, _)) = address_of(set) {
                set_twice(&address.to_string(), set.items(), index, &mut seen, findings);
            }
        }
    }
}

/// By the address of a thing and an attribute: the `set` that gave it first, and where.
type Seen = BTreeMap<(String, &'static str), (usize, Span)>;

/// Reports what `items` set of the thing at `address` that an earlier `set` did.
fn set_twice(address: &str, items: &[Item], index: usize, seen: &mut Seen, findings: &mut Vec<Diagnostic>) {
    for item in items {
        match item {
            Item::Statement(statement) => {
                let key = (address.to_owned(), statement.keyword.value);
                let (first, span) = *seen.entry(key).or_insert((index, statement.span));
                if first != index {
                    let message = format!("`{}` of `{address}` is set twice", statement.keyword.value);
                    findings.push(
                        Diagnostic::error(&codes::DUPLICATE_ATTRIBUTE, statement.span, message)
                            .and(span, "first set here")
                            .help("keep one of the two lines"),
                    );
                }
            }
            Item::Block(inner) => {
                let name = inner.name.as_ref().map(|name| name_text(&name.value)).unwrap_or_default();
                let address = format!("{address}/{}.{name}", inner.noun.value.as_str());
                set_twice(&address, inner.items(), index, seen, findings);
            }
            Item::Broken(_) => {}
        }
    }
}

/// Lays the overlay with this name over the blocks of the project; what is left is for [`over_rows`].
pub(super) fn apply(loaded: &mut Loaded, name: &str, findings: &mut Vec<Diagnostic>) -> Vec<Unplaced> {
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
    let mut unplaced = Vec::new();
    for set in chosen.iter().flat_map(|overlay| overlay.blocks(Noun::Set)) {
        if let Some((address, span)) = address_of(set)
            && !change(loaded, &address, set)
        {
            unplaced.push(Unplaced { address, span, set: set.clone() });
        }
    }
    unplaced
}

/// Lays what no block declares over the rows of tables; what is nowhere is an error.
pub(super) fn over_rows(unplaced: &[Unplaced], tables: &mut [Table<'_>], findings: &mut Vec<Diagnostic>) {
    let mut wanted: BTreeMap<(Noun, &Word), Vec<usize>> = BTreeMap::new();
    for (index, one) in unplaced.iter().enumerate() {
        let last = one.address.segments.last().and_then(|last| Some((noun_of(last)?, &last.name)));
        last.into_iter().for_each(|key| wanted.entry(key).or_default().push(index));
    }
    let mut placed = vec![false; unplaced.len()];
    for table in tables {
        let RowNoun::Noun(noun) = table.noun else { continue };
        if wanted.keys().all(|(other, _)| *other != noun) {
            continue;
        }
        for row in 0..table.rows.len() {
            let Some(name) = table.name(row) else { continue };
            for index in wanted.get(&(noun, &name)).into_iter().flatten() {
                let one = &unplaced[*index];
                if is_of(table, row, &one.address) {
                    table.lay_over(row, one.set.items().iter().filter_map(Item::statement).cloned());
                    placed[*index] = true;
                }
            }
        }
    }
    for (one, placed) in unplaced.iter().zip(placed) {
        findings.extend(if placed { inner_block(one) } else { Some(nowhere(one)) });
    }
}

fn noun_of(segment: &Segment) -> Option<Noun> {
    Noun::find(segment.noun.as_ref()?)
}

/// Whether a row with the address's last name has the whole address.
fn is_of(table: &Table<'_>, row: usize, address: &Address) -> bool {
    let above = match address.segments.as_slice() {
        [_] => true,
        [node, _] => noun_of(node) == Some(Noun::Node) && table.node(row) == Some(node.name.as_str()),
        _ => false,
    };
    above && table.scope.modules == address.modules
}

fn nowhere(one: &Unplaced) -> Diagnostic {
    let message = format!("there is no `{}` to lay over", one.address);
    Diagnostic::error(&codes::UNKNOWN_REFERENCE, one.span, message)
        .help("an overlay changes what the project's blocks and tables declare, it adds nothing")
}

/// The error of a block inside what is set of a row.
fn inner_block(one: &Unplaced) -> Option<Diagnostic> {
    let inner = one.set.items().iter().find_map(|item| match item {
        Item::Block(inner) => Some(inner),
        _ => None,
    })?;
    let message = format!("`{}` is a row of a table, which holds no {}", one.address, inner.noun.value.as_str());
    Some(
        Diagnostic::error(&codes::UNKNOWN_REFERENCE, inner.noun.span, message)
            .help("give the inner thing a `set` of its own, with its whole address"),
    )
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
    let matches = |block: &Block, segment: &Segment| {
        noun_of(segment) == Some(block.noun.value) && block.name.as_ref().is_some_and(|name| name.value == segment.name)
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
