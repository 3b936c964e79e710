//! The strategies of placement and orchestration, and how any strategy is found by its name.

use crate::exchange::{DocumentCode, DocumentError};

/// How to look for a placement or an orchestration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Proven optimal: presolve, decomposition, and a bound; our heuristic beside.
    #[default]
    Exact,
    /// Our heuristic alone, without a solver: fast, with a weak bound or none.
    Heuristic,
    /// The algorithm of the paper (RIC-O's Algorithm 1; OrchestRAN's branching by near-RT RIC): fast, no proof.
    Paper,
    /// The paper's full model, pruned as it says: small instances only.
    Textbook,
}

impl Strategy {
    /// All strategies with their names in commands and documents, the default first.
    pub const ALL: [(&'static str, Self); 4] =
        [("exact", Self::Exact), ("heuristic", Self::Heuristic), ("paper", Self::Paper), ("textbook", Self::Textbook)];

    /// The strategy asked for; none asks for the default.
    ///
    /// # Errors
    /// There is none of this name.
    pub(crate) fn from_option(name: Option<&str>, kind: &str) -> Result<Self, DocumentError> {
        named(&Self::ALL, name, kind)
    }
}

/// The strategy of this name among those of a kind of problem.
///
/// # Errors
/// There is none of this name: the error lists those there are.
pub(crate) fn named<S: Copy + Default>(
    all: &[(&'static str, S)],
    name: Option<&str>,
    kind: &str,
) -> Result<S, DocumentError> {
    let Some(name) = name else { return Ok(S::default()) };
    all.iter().find(|(known, _)| *known == name).map(|(_, strategy)| *strategy).ok_or_else(|| {
        let shown: String = name.chars().take(80).collect();
        let known: Vec<String> = all.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = format!("there is no strategy `{shown}` for {kind}, there are {}", known.join(", "));
        DocumentError::new(DocumentCode::UnknownStrategy, message)
    })
}
