//! From declarations of one noun to a column: read in parallel, sorted by address, each address once.
//!
//! The order of declaration changes nothing in the result: ids follow the order of addresses.

use ranform_grammar::ast::Block;
use ranform_network::diagnostic::codes;
use ranform_network::ids::{Column, Id, NodeId};
use ranform_network::network::{Entity, NodeKind};
use ranform_network::{Diagnostic, Span};
use rayon::prelude::*;

use super::body::Body;
use super::scope::Scope;
use crate::tables::Table;

/// A declaration: where it is written, and where its names are looked up.
#[derive(Clone, Copy)]
pub(crate) struct Declared<'a> {
    /// Where its names and parameters are looked up.
    pub scope: &'a Scope,
    /// Where it is written.
    pub origin: Origin<'a>,
    /// The node it is on, for the interfaces of a node; none where that node could not be resolved.
    pub node: Option<NodeId>,
}

/// Where a declaration is written.
#[derive(Clone, Copy)]
pub(crate) enum Origin<'a> {
    /// A block of an intent file.
    Block(&'a Block),
    /// A row of a table.
    Row(&'a Table<'a>, u32),
}

impl<'a> Declared<'a> {
    /// A block at top level.
    pub fn block(block: &'a Block, scope: &'a Scope) -> Self {
        Self { scope, origin: Origin::Block(block), node: None }
    }

    /// What it says; none for a row without a name, which is reported.
    pub fn body(&self, findings: &mut Vec<Diagnostic>) -> Option<Body<'a>> {
        match self.origin {
            Origin::Block(block) => Some(Body::of_block(block, self.scope)),
            Origin::Row(table, row) => table.body(row as usize, findings),
        }
    }

    /// The name of its row, where it is one and has one.
    fn row_name(&self) -> Option<String> {
        match self.origin {
            Origin::Block(_) => None,
            Origin::Row(table, row) => table.name(row as usize).map(|name| name.to_string()),
        }
    }

    /// Whether it says anything of these attributes, without reading it all.
    pub fn may_say(&self, keywords: &[&str]) -> bool {
        match self.origin {
            Origin::Block(block) => keywords.iter().any(|keyword| block.statement(keyword).is_some()),
            Origin::Row(table, _) => table.maps(keywords),
        }
    }

    /// Its block, where it is one.
    pub fn as_block(&self) -> Option<&'a Block> {
        match self.origin {
            Origin::Block(block) => Some(block),
            Origin::Row(..) => None,
        }
    }

    /// The node kind that it is declared with: in its header, by its table, or by the row's own field.
    pub fn node_kind(&self, body: &Body<'_>) -> Option<NodeKind> {
        match self.origin {
            Origin::Block(block) => NodeKind::parse(block.after(":")?.value.name()?.as_str()),
            Origin::Row(table, _) => match table.kind {
                Some(kind) => Some(kind),
                None => body.required("kind", "gnb")?.choice(&NodeKind::ALL).map(|kind| kind.value),
            },
        }
    }
}

/// The outcome for one noun.
pub(crate) struct Settled<'a, T> {
    /// What could be read, sorted by address, with where it was declared.
    pub items: Vec<T>,
    /// Where each of `items` was declared.
    pub declared: Vec<Declared<'a>>,
    /// The scopes and names of what could not be read: references to them are no second error.
    pub broken: Vec<(u32, String)>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
}

/// How many declarations one task reads.
const BATCH: usize = 512;

/// Reads all declarations of a noun.
pub(crate) fn settle<'a, T: Send + Sync>(
    declared: &[Declared<'a>],
    make: impl Fn(&Body<'a>, &Declared<'a>) -> Option<T> + Sync,
    entity: impl Fn(&T) -> &Entity + Sync,
) -> Settled<'a, T> {
    let batches: Vec<_> = declared.par_chunks(BATCH).map(|batch| read_batch(batch, &make)).collect();
    let total = batches.iter().map(|batch| batch.items.len()).sum();
    let mut settled = Settled {
        items: Vec::with_capacity(total),
        declared: Vec::with_capacity(total),
        broken: Vec::new(),
        findings: Vec::new(),
    };
    for batch in batches {
        settled.items.extend(batch.items);
        settled.declared.extend(batch.declared);
        settled.broken.extend(batch.broken);
        settled.findings.extend(batch.findings);
    }
    sort(&mut settled, &entity);
    drop_repeated(&mut settled, &entity);
    settled
}

/// Keeps the first of those with one address, and reports the others.
fn drop_repeated<T>(settled: &mut Settled<'_, T>, entity: impl Fn(&T) -> &Entity) {
    let mut repeated = Vec::new();
    let mut first = 0;
    for index in 1..settled.items.len() {
        let (kept, other) = (entity(&settled.items[first]), entity(&settled.items[index]));
        if kept.address == other.address {
            settled.findings.push(duplicate(kept.address.as_str(), kept.span, other.span));
            repeated.push(index);
        } else {
            first = index;
        }
    }
    if repeated.is_empty() {
        return;
    }
    let keeper = || {
        let (mut index, repeated) = (0, &repeated);
        move || {
            index += 1;
            repeated.binary_search(&(index - 1)).is_err()
        }
    };
    let (mut keeps_item, mut keeps_declaration) = (keeper(), keeper());
    settled.items.retain(|_| keeps_item());
    settled.declared.retain(|_| keeps_declaration());
}

/// The finding about a second declaration of an address.
pub(crate) fn duplicate(address: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(&codes::DUPLICATE_NAME, second, format!("`{address}` is declared twice"))
        .and(first, "first declared here")
        .help("give one of them another name, or remove it")
}

struct Batch<'a, T> {
    items: Vec<T>,
    declared: Vec<Declared<'a>>,
    broken: Vec<(u32, String)>,
    findings: Vec<Diagnostic>,
}

fn read_batch<'a, T>(declared: &[Declared<'a>], make: impl Fn(&Body<'a>, &Declared<'a>) -> Option<T>) -> Batch<'a, T> {
    let room = declared.len();
    let mut batch = Batch {
        items: Vec::with_capacity(room),
        declared: Vec::with_capacity(room),
        broken: Vec::new(),
        findings: Vec::new(),
    };
    for declaration in declared {
        let Some(body) = declaration.body(&mut batch.findings) else {
            batch.broken.extend(declaration.row_name().map(|name| (declaration.scope.id, name)));
            continue;
        };
        match make(&body, declaration) {
            Some(item) => {
                batch.items.push(item);
                batch.declared.push(*declaration);
            }
            None => batch.broken.push((declaration.scope.id, body.name.to_string())),
        }
        batch.findings.extend(body.into_findings());
    }
    batch
}

/// Sorts by address, then by place. Entities are large: their numbers are sorted, then each is moved into its place, so
/// that no second copy of them all is made.
fn sort<T: Sync>(settled: &mut Settled<'_, T>, entity: impl Fn(&T) -> &Entity + Sync) {
    let items = &settled.items;
    let key = |index: &u32| {
        let entity = entity(&items[*index as usize]);
        (&entity.address, entity.span)
    };
    let mut order: Vec<u32> = (0..items.len() as u32).collect();
    if order.is_sorted_by_key(&key) {
        return;
    }
    order.par_sort_by(|a, b| key(a).cmp(&key(b)));
    for start in 0..order.len() {
        // `order[at]` says whose turn it is at `at`; a chain of turns ends where it began.
        let mut at = start;
        while order[at] as usize != start {
            let from = order[at] as usize;
            order[at] = at as u32;
            settled.items.swap(at, from);
            settled.declared.swap(at, from);
            at = from;
        }
        order[at] = at as u32;
    }
}

/// The column of these items.
pub(crate) fn column<I: Id, T>(items: Vec<T>) -> Column<I, T> {
    items.into_iter().collect()
}
