//! What a project's errors leave untold of: the blocks and table rows in which something is wrong, and the nouns of those.
//!
//! The rules of [`mod@crate::check`] are judged beside other errors, so that a misspelt word in one block hides nothing of the
//! next. What follows only from an error (an SLA whose shares do not add up since one of them does not read) is not told: a
//! family of rules is left out where a noun it speaks of is damaged, and a finding where its block is.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use ranform_grammar::ast::{Block, File, Item, Noun};
use ranform_network::diagnostic::codes;
use ranform_network::network::Entity;
use ranform_network::{Diagnostic, Network, Severity, SourceId, Sources, Span};

/// Where a project is in error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Whether an error may be felt anywhere: one without a place, or in what other blocks are made with.
    everywhere: bool,
    /// Whether a text of unknown meaning could not be read.
    unread: bool,
    /// What the damaged blocks and rows declare.
    nouns: BTreeSet<Noun>,
    /// What of it has other errors than numbers out of range, which leave the rest of a thing as it was meant.
    lost: BTreeSet<Noun>,
    /// What has a number out of range, and the block or row.
    out_of_range: Vec<(Noun, Span)>,
    /// Where they stand.
    places: Vec<Span>,
}

/// A source that a table reads, and what its rows become, where that is known.
pub(crate) type TableSource = (SourceId, Option<Noun>);

impl Damage {
    /// What the errors among `findings` damage.
    pub(crate) fn of<'a>(
        findings: &[Diagnostic],
        files: impl Iterator<Item = &'a File>,
        tables: &[TableSource],
        sources: &Sources,
    ) -> Self {
        let mut files: Vec<&File> = files.collect();
        files.sort_by_key(|file| file.source);
        let mut damage = Damage::default();
        for finding in findings.iter().filter(|finding| finding.severity == Severity::Error) {
            damage.add(finding, &files, tables, sources);
        }
        // Blocks lie apart or one inside the other: the outer ones are enough.
        damage.places.sort_unstable_by_key(|place| (place.source, place.start, Reverse(place.end)));
        damage.places.dedup_by(|later, kept| later.source == kept.source && later.end <= kept.end);
        damage
    }

    /// That an error may be felt anywhere.
    pub(crate) fn everywhere() -> Self {
        Self { everywhere: true, ..Self::default() }
    }

    /// Whether rules that speak of `nouns` can be judged; those that speak of none look at one thing at a time.
    pub(crate) fn spares(&self, nouns: &[Noun]) -> bool {
        let touched = self.unread || nouns.iter().any(|noun| self.nouns.contains(noun));
        !self.everywhere && (nouns.is_empty() || !touched)
    }

    /// The nouns of which `network` lacks something, or has it otherwise than it was meant: all but those where numbers are
    /// out of range and the thing is there.
    pub(crate) fn lost(&self, network: &Network) -> BTreeSet<Noun> {
        let absent = self.out_of_range.iter().filter(|(noun, place)| !is_there(network, *noun, *place));
        let absent = absent.map(|(noun, _)| *noun);
        let unread: &[Noun] = if self.unread || self.everywhere { &Noun::ALL } else { &[] };
        self.lost.iter().copied().chain(absent).chain(unread.iter().copied()).collect()
    }

    /// Whether a finding speaks of a place that is damaged.
    pub(crate) fn explains(&self, finding: &Diagnostic) -> bool {
        finding.span.is_some_and(|span| self.holds(span)) || finding.labels.iter().any(|label| self.holds(label.span))
    }

    /// Whether a place is damaged.
    pub(crate) fn holds(&self, span: Span) -> bool {
        let after = self.places.partition_point(|place| (place.source, place.start) <= (span.source, span.start));
        let place = after.checked_sub(1).and_then(|before| self.places.get(before));
        place.is_some_and(|place| place.source == span.source && place.end >= span.end)
    }

    fn add(&mut self, finding: &Diagnostic, files: &[&File], tables: &[TableSource], sources: &Sources) {
        // After these everything is read all the same.
        if [&codes::BYTE_ORDER_MARK, &codes::CARRIAGE_RETURN].contains(&finding.code) {
            return;
        }
        let Some(span) = finding.span else {
            let of_file = [
                &codes::FILE_MISSING,
                &codes::FILE_OUTSIDE,
                &codes::FILE_TOO_LARGE,
                &codes::NOT_UTF8,
                &codes::FILE_UNREADABLE,
            ];
            match of_file.contains(&finding.code) {
                true => self.unread = true,
                false => self.everywhere = true,
            }
            return;
        };
        let of_rows = tables.iter().filter(|(source, _)| *source == span.source);
        let rows: Vec<Noun> = of_rows.flat_map(|(_, noun)| noun.iter().copied().chain([Noun::Table])).collect();
        if let Some(noun) = rows.first() {
            let row = row_at(span, sources);
            self.thing(finding, *noun, row);
            self.nouns.extend(rows);
            return;
        }
        let first = files.partition_point(|file| file.source < span.source);
        let of_source = files.get(first..).unwrap_or_default().iter().take_while(|file| file.source == span.source);
        match of_source.into_iter().find_map(|file| block_at(&file.blocks, span)) {
            Some(block) if MAKES_OTHERS.contains(&block.noun.value) => self.everywhere = true,
            Some(block) => {
                let block = innermost(block, span);
                self.thing(finding, block.noun.value, block.span);
            }
            None => self.unread = true,
        }
    }

    /// A block or row that has an error.
    fn thing(&mut self, finding: &Diagnostic, noun: Noun, place: Span) {
        self.nouns.insert(noun);
        self.places.push(place);
        if finding.code == &codes::OUT_OF_RANGE {
            self.out_of_range.push((noun, place));
        } else {
            self.lost.insert(noun);
        }
    }
}

/// Whether a network has what a block or row declares.
fn is_there(network: &Network, noun: Noun, place: Span) -> bool {
    let within = |entity: &Entity| {
        let span = entity.span;
        span.source == place.source && place.start <= span.start && span.end <= place.end
    };
    match noun {
        Noun::Tenant => network.tenants.iter().any(|(_, tenant)| within(&tenant.entity)),
        Noun::Site => network.sites.iter().any(|(_, site)| within(&site.entity)),
        Noun::Node => network.nodes.iter().any(|(_, node)| within(&node.entity)),
        Noun::Cell => network.cells.iter().any(|(_, cell)| within(&cell.entity)),
        Noun::Ric => network.rics.iter().any(|(_, ric)| within(&ric.entity)),
        _ => false,
    }
}

/// Blocks that other blocks are made with.
const MAKES_OTHERS: [Noun; 4] = [Noun::Table, Noun::Module, Noun::Parameter, Noun::Overlay];

/// The block among `blocks`, which are in the order of the text, that holds a place.
fn block_at(blocks: &[Block], span: Span) -> Option<&Block> {
    let after = blocks.partition_point(|block| block.span.start <= span.start);
    let block = blocks.get(after.checked_sub(1)?)?;
    (block.span.end >= span.end).then_some(block)
}

/// The innermost block that holds a place.
fn innermost(block: &Block, span: Span) -> &Block {
    let inner = block.items().iter().find_map(|item| match item {
        Item::Block(inner) if inner.span.start <= span.start && span.end <= inner.span.end => Some(inner),
        Item::Block(_) | Item::Statement(_) | Item::Broken(_) => None,
    });
    inner.map_or(block, |inner| innermost(inner, span))
}

/// The row of a table's file that holds a place: its line in a CSV file. Rows of other files have no lines of their own, and
/// all of them count as one.
fn row_at(span: Span, sources: &Sources) -> Span {
    let Some(source) = sources.get(span.source) else { return span };
    let text = source.text.as_bytes();
    if [".json", ".yaml", ".yml"].iter().any(|ending| source.path.ends_with(ending)) {
        return Span::new(span.source, 0, text.len());
    }
    let (before, after) = (text.get(..span.start as usize), text.get(span.end as usize..));
    let start = before.and_then(|before| before.iter().rposition(|byte| *byte == b'\n')).map_or(0, |at| at + 1);
    let length = after.and_then(|after| after.iter().position(|byte| *byte == b'\n'));
    Span::new(span.source, start, length.map_or(text.len(), |length| span.end as usize + length))
}
