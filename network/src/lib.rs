//! The shared nouns of ranform: what every other crate points at and nothing else.
//!
//! No parser, no solver, no I/O lives here. Start with [`network`] (what an operator meant), then
//! [`deployment`] (every decision made for it) and [`diagnostic`] (what a user is told).

pub mod certificate;
pub mod control;
pub mod diagnostic;
pub mod source;

pub use certificate::{AnswerKind, AnswerStatus, Certificate, Residual};
pub use control::{Control, NoControl};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use source::{Located, Source, SourceId, Sources, Span};
