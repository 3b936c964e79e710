//! The language: text to a tree ([`parse()`]) and a tree to text ([`print()`]).
//!
//! `intent.pest` is the specification, one rule per construct. Nothing here resolves a name or checks a
//! range; that is `ranform-compiler`. Only this crate names pest.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod ast;
mod parse;
mod print;
pub mod vocabulary;

pub use ast::File;
pub use parse::{DEPTH_LIMIT, Parsed, SIZE_LIMIT, decode, not_utf8, parse, parse_by_rules};
pub use print::{WIDTH, print, print_block};
