//! The parser that pest derives from `intent.pest`, kept apart because its rules carry no docs.
#![allow(missing_docs)]

use pest_derive::Parser;

/// The derived parser.
#[derive(Parser)]
#[grammar = "intent.pest"]
pub struct Intent;
