//! Text to tree. [`parse`] cuts a file into pieces of whole blocks, gives each to the parser that pest
//! derives from `intent.pest`, and builds the tree; what does not parse becomes findings.
//!
//! | module | does |
//! |---|---|
//! | `split` | pieces, by braces, quotes and comments alone |
//! | `direct` | the plain shapes of large networks, without the parser |
//! | `rules` | the derived parser |
//! | `build`, `value`, `trivia` | pairs to tree |
//! | `mistakes`, `wrong`, `continued`, `conditions`, `slips` | what is said of text that does not parse |
//! | `decode` | bytes to text |

mod build;
mod conditions;
mod continued;
mod decode;
mod direct;
mod manage;
mod mistakes;
mod phrases;
pub(crate) mod rules;
mod slips;
mod split;
mod trivia;
mod value;
mod wrong;

use pest::Parser;
use ranform_network::diagnostic::codes;
use ranform_network::{Diagnostic, SourceId, Span};
use rayon::prelude::*;

pub use decode::{SIZE_LIMIT, decode, not_utf8};
pub use split::DEPTH_LIMIT;

use crate::ast::{Broken, File, Language, Word};
use build::{Builder, Built};
use rules::{Intent, Rule};
use split::Piece;

/// How many findings a file may have before the rest of it is left unread, which bounds memory and time on
/// any text.
const FINDINGS_LIMIT: usize = 5_000;
/// How many pieces are parsed before that limit is looked at; the answer does not depend on the threads.
const BATCH: usize = 8_192;

/// What became of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// Everything in it that could be read.
    pub file: File,
    /// Everything that could not, sorted by place. Empty: the whole text is in `file`.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file. Every independent mistake is a finding; what can be read around it is in the tree.
/// Never fails, on any text, and takes time in proportion to its length.
pub fn parse(source: SourceId, text: &str) -> Parsed {
    parse_with(source, text, direct::read)
}

/// The same by the rules of `intent.pest` alone, which are the specification: slower, and what [`parse`] is held against.
pub fn parse_by_rules(source: SourceId, text: &str) -> Parsed {
    parse_with(source, text, |_, _, _| None)
}

/// Reads a piece of a source that begins there, or leaves it to the rules.
type ReadPiece = fn(SourceId, &str, usize) -> Option<Built>;

fn parse_with(source: SourceId, text: &str, read: ReadPiece) -> Parsed {
    let (pieces, mut diagnostics) = split::split(source, text);
    diagnostics.extend(decode::check(source, text));
    let built = parse_pieces(source, text, &pieces, read, &mut diagnostics);
    let mut file = File { source, ..File::default() };
    file.blocks.reserve(built.iter().map(|built| built.blocks.len()).sum());
    let mut carried = Vec::new();
    for mut piece in built {
        if let Some(language) = piece.language {
            diagnostics.extend(check_language(&file, &language));
            file.language.get_or_insert(language);
        }
        if let (Some(first), false) = (piece.blocks.first_mut(), carried.is_empty()) {
            first.trivia.comments.get_or_insert_default().leading.splice(0..0, carried.drain(..));
        }
        carried.append(&mut piece.trailing);
        file.blocks.append(&mut piece.blocks);
        file.broken.append(&mut piece.broken);
        diagnostics.append(&mut piece.diagnostics);
    }
    file.trailing = carried;
    ranform_network::diagnostic::sort(&mut diagnostics);
    Parsed { file, diagnostics }
}

/// Parses all pieces, or those up to the limit of findings.
fn parse_pieces(
    source: SourceId,
    text: &str,
    pieces: &[Piece],
    read: ReadPiece,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Built> {
    let mut built: Vec<Built> = Vec::with_capacity(pieces.len());
    let mut findings = diagnostics.len();
    for batch in pieces.chunks(BATCH) {
        if findings >= FINDINGS_LIMIT {
            let start = batch.first().map_or(0, |piece| piece.range.start);
            let message = format!("more than {FINDINGS_LIMIT} findings: the rest of the file was not read");
            diagnostics.push(Diagnostic::error(&codes::TOO_MANY_ERRORS, Span::new(source, start, start), message));
            break;
        }
        // Small pieces are cheaper than handing them out, so threads take many at a time.
        let parsed = batch.par_iter().with_min_len(32).map(|piece| parse_piece(source, text, piece, read));
        let first = built.len();
        built.par_extend(parsed);
        findings += built.iter().skip(first).map(|built| built.diagnostics.len()).sum::<usize>();
    }
    built
}

fn parse_piece(source: SourceId, text: &str, piece: &Piece, read: ReadPiece) -> Built {
    let slice = text.get(piece.range.clone()).unwrap_or_default();
    let mut builder = Builder::new(source, slice, piece.range.start);
    if !piece.sound {
        let mut words = slice.split_whitespace();
        let keyword = words.next().map(Word::from).unwrap_or_default();
        let name = words.next().map(Word::from).filter(Word::is_label);
        let span = builder.span(0, slice.len());
        return Built { broken: vec![Broken { keyword, name, span }], ..Built::default() };
    }
    if let Some(built) = read(source, slice, piece.range.start) {
        return built;
    }
    let mut built = match Intent::parse(Rule::chunk_of_file, slice) {
        Ok(mut pairs) => {
            let inner = pairs.next().map(|chunk| chunk.into_inner());
            inner.map(|pairs| builder.blocks(pairs, slice.len())).unwrap_or_default()
        }
        Err(_) => parse_broken(&mut builder, slice),
    };
    built.diagnostics.append(&mut builder.diagnostics);
    built
}

/// Keeps the good blocks at the beginning of a piece and reports the one that follows them.
fn parse_broken(builder: &mut Builder<'_>, slice: &str) -> Built {
    let Ok(mut pairs) = Intent::parse(Rule::blocks_at_start, slice) else { return Built::default() };
    let Some(start) = pairs.next() else { return Built::default() };
    let end = start.as_span().end();
    let mut built = builder.blocks(start.into_inner(), end);
    builder.broken_block(end, &mut built);
    built
}

fn check_language(file: &File, language: &Language) -> Option<Diagnostic> {
    let span = language.version.span;
    if file.language.is_some() || !file.blocks.is_empty() {
        let found = Diagnostic::error(&codes::SYNTAX, span, "`language` is said once, before all blocks");
        return Some(found.help("move the line to the beginning of the file"));
    }
    if language.version.as_str() == "1" {
        return None;
    }
    let message = format!("this program does not know version {} of the language", language.version.as_str());
    Some(
        Diagnostic::error(&codes::UNSUPPORTED_LANGUAGE, span, message)
            .help("write `language 1`, or use a newer program"),
    )
}
