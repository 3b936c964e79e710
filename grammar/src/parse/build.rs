//! pest's pairs to the tree. Everything here is generic: which rule is which keyword and which noun is
//! the vocabulary's knowledge, so a new construct needs no arm here.

use pest::iterators::{Pair, Pairs};
use ranform_network::{Diagnostic, Located, SourceId, Span};

use super::rules::Rule;
use super::trivia::Between;
use crate::ast::{Block, Body, Broken, Comment, Comments, Item, Language, Noun, Number, Statement, Trivia, Value};
use crate::vocabulary;

/// Turns the pairs of one piece of a file into tree.
pub(super) struct Builder<'a> {
    pub(super) source: SourceId,
    /// The text that was given to pest.
    pub(super) text: &'a str,
    /// Where it begins in the file; one less than nothing where a brace was put before it.
    pub(super) base: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Comments met inside a statement, which move before it.
    pub(super) inner_comments: Vec<Comment>,
    /// How often a line was taken up again after an error in it.
    pub(super) resumed: usize,
}

/// What a piece of a file holds.
#[derive(Debug, Default)]
pub(super) struct Built {
    pub(super) language: Option<Language>,
    pub(super) blocks: Vec<Block>,
    pub(super) broken: Vec<Broken>,
    pub(super) trailing: Vec<Comment>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Built {
    /// Makes `comment` the one at the end of the last thing's line; gives it back where that has one.
    fn end_with(&mut self, comment: Comment) -> Option<Comment> {
        match (self.blocks.last_mut(), &mut self.language) {
            (Some(block), _) => block.trivia.end_with(comment),
            (None, Some(language)) => language.trivia.end_with(comment),
            (None, None) => Some(comment),
        }
    }
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: SourceId, text: &'a str, base: usize) -> Self {
        Self { source, text, base, diagnostics: Vec::new(), inner_comments: Vec::new(), resumed: 0 }
    }

    /// Builds the blocks that `pairs` cover, which end at `end`.
    pub(super) fn blocks(&mut self, pairs: Pairs<'_, Rule>, end: usize) -> Built {
        let mut built = Built::default();
        let mut at = 0;
        for pair in pairs.filter(|pair| pair.as_rule() != Rule::EOI) {
            let (start, stop) = extent(&pair);
            let mut trivia = self.trivia(at, start, |comment| built.end_with(comment));
            if let Some(noun) = vocabulary::noun_of(pair.as_rule()) {
                let mut block = self.block(pair, noun);
                trivia.add(std::mem::take(&mut self.inner_comments));
                block.hash = hash(self.slice(start, stop));
                block.trivia = trivia;
                built.blocks.push(block);
            } else {
                let version = pair.into_inner().next().and_then(|number| self.number(&number)).unwrap_or_default();
                built.language = Some(Language { version, trivia });
            }
            at = stop;
        }
        let rest = self.trivia(at, end, |comment| built.end_with(comment));
        built.trailing = rest.comments.map(|comments| comments.leading).unwrap_or_default();
        built
    }

    /// Builds one block.
    pub(super) fn block(&mut self, pair: Pair<'_, Rule>, noun: Noun) -> Block {
        let (start, end) = extent(&pair);
        let noun_end = self.phrase(start, noun.as_str());
        let mut values = Vec::new();
        let mut body = None;
        let mut at = noun_end;
        for child in pair.into_inner() {
            let (from, to) = extent(&child);
            self.literals(at, from, &mut values);
            if is_body(child.as_rule()) {
                body = Some(self.body(child, noun, &values));
            } else {
                let value = self.value(child);
                values.push(value);
            }
            at = to;
        }
        self.literals(at, end, &mut values);
        let name = if noun.has_name() && !values.is_empty() {
            let first = values.remove(0);
            first.value.name().cloned().map(|name| Located::new(name, first.span))
        } else {
            None
        };
        let noun = Located::new(noun, self.span(start, noun_end));
        Block { noun, name, header: values, body, span: self.span(start, end), hash: 0, trivia: Trivia::default() }
    }

    /// Builds what stands in braces; `header` tells what an overlay sets.
    pub(super) fn body(&mut self, pair: Pair<'_, Rule>, noun: Noun, header: &[Located<Value>]) -> Body {
        let (start, end) = extent(&pair);
        let noun = if noun == Noun::Set { noun_set(header) } else { noun };
        let one_line = !self.slice(start, end).contains('\n');
        // The braces themselves are not between items.
        let (items, trailing) = self.items(pair.into_inner(), noun, start + 1, end - 1);
        Body { items, trailing, one_line }
    }

    /// Builds the items of a body that lie in `start..end`.
    fn items(&mut self, pairs: Pairs<'_, Rule>, noun: Noun, start: usize, end: usize) -> (Vec<Item>, Vec<Comment>) {
        let outer_comments = std::mem::take(&mut self.inner_comments);
        let mut items: Vec<Item> = Vec::with_capacity(pairs.len());
        let mut at = start;
        for pair in pairs {
            let (from, to) = extent(&pair);
            let mut trivia = self.trivia(at, from, |comment| end_with(items.last_mut(), comment));
            let rule = pair.as_rule();
            if let Some(keyword) = vocabulary::keyword_of(rule) {
                let mut statement = self.statement(pair, keyword);
                trivia.add(std::mem::take(&mut self.inner_comments));
                statement.trivia = trivia;
                items.push(Item::Statement(statement));
            } else if let Some(noun) = vocabulary::noun_of(rule) {
                let mut block = self.block(pair, noun);
                trivia.add(std::mem::take(&mut self.inner_comments));
                block.trivia = trivia;
                items.push(Item::Block(Box::new(block)));
            } else {
                let after = match self.continued(noun, &mut items, from, to) {
                    Some(after) => after,
                    None => self.unknown(noun, from, to, self.after_list(noun, &items)),
                };
                items.extend(after);
            }
            at = to;
        }
        let rest = self.trivia(at, end, |comment| end_with(items.last_mut(), comment));
        self.inner_comments = outer_comments;
        (items, rest.comments.map(|comments| comments.leading).unwrap_or_default())
    }

    fn statement(&mut self, pair: Pair<'_, Rule>, keyword: &'static str) -> Statement {
        let (start, end) = extent(&pair);
        let keyword_end = if keyword == vocabulary::SELECTION { start } else { self.phrase(start, keyword) };
        let pair = pair.into_inner();
        let mut values = Vec::with_capacity(pair.len());
        let mut at = keyword_end;
        for child in pair {
            let (from, to) = extent(&child);
            self.literals(at, from, &mut values);
            let value = self.value(child);
            values.push(value);
            at = to;
        }
        self.literals(at, end, &mut values);
        let keyword = Located::new(keyword, self.span(start, keyword_end));
        Statement { keyword, values, span: self.span(start, end), trivia: Trivia::default() }
    }

    /// The trivia of `start..end`: the comment on the line of the thing before goes to `previous`, which
    /// gives it back where there is no such thing.
    fn trivia(&self, start: usize, end: usize, mut previous: impl FnMut(Comment) -> Option<Comment>) -> Trivia {
        // Most things have one blank, or a line end and blanks, before them.
        let Between { comments, blank_at_end, same_line } = self.between(start, end);
        let mut trivia = Trivia { blank_before: blank_at_end, same_line, comments: None };
        let mut leading = Vec::new();
        for (index, found) in comments.into_iter().enumerate() {
            if index == 0 && !found.own_line {
                leading.extend(previous(found.comment));
            } else {
                leading.push(found.comment);
            }
        }
        trivia.add(leading);
        trivia
    }

    fn number(&self, pair: &Pair<'_, Rule>) -> Option<Located<Number>> {
        let (start, end) = extent(pair);
        Number::new(pair.as_str()).map(|number| Located::new(number, self.span(start, end)))
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, self.base + start, self.base + end)
    }
}

impl Trivia {
    /// Adds comments to those before the item.
    pub(crate) fn add(&mut self, comments: Vec<Comment>) {
        if !comments.is_empty() {
            self.comments.get_or_insert_default().leading.extend(comments);
        }
    }

    /// Makes `comment` the one at the end of the item's last line; gives it back where there is one.
    fn end_with(&mut self, comment: Comment) -> Option<Comment> {
        let comments: &mut Comments = self.comments.get_or_insert_default();
        if comments.trailing.is_some() {
            return Some(comment);
        }
        comments.trailing = Some(comment);
        None
    }
}

fn end_with(item: Option<&mut Item>, comment: Comment) -> Option<Comment> {
    match item {
        Some(Item::Statement(statement)) => statement.trivia.end_with(comment),
        Some(Item::Block(block)) => block.trivia.end_with(comment),
        Some(Item::Broken(_)) | None => Some(comment),
    }
}

/// The noun whose attributes an overlay's `set` speaks of: that of the last step of the address.
pub(super) fn noun_set(header: &[Located<Value>]) -> Noun {
    let address = header.iter().find_map(|value| match &value.value {
        Value::Address(address) => address.segments.last().and_then(|segment| segment.noun.as_deref()),
        _ => None,
    });
    address.and_then(Noun::find).unwrap_or(Noun::Set)
}

pub(super) fn extent(pair: &Pair<'_, Rule>) -> (usize, usize) {
    let span = pair.as_span();
    (span.start(), span.end())
}

fn is_body(rule: Rule) -> bool {
    vocabulary::nouns().iter().any(|entry| entry.body == Some(rule))
}

/// FNV-1a over eight bytes at a time: fast, and the same on every machine.
pub(super) fn hash(text: &str) -> u64 {
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
    let mut chunks = text.as_bytes().chunks_exact(8);
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for chunk in &mut chunks {
        hash = mix(hash, chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
    }
    chunks.remainder().iter().fold(mix(hash, text.len() as u64), |hash, byte| mix(hash, u64::from(*byte)))
}
