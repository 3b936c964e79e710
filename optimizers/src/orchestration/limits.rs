//! How far a search may go: as long as its control allows, or counted work, which repeats.

use ranform_network::Control;

/// Branch-and-bound nodes that a plan spends on each part of a problem, and on each question asked of it.
const COUNTED: u64 = 2_000;

/// The end of a search that has not proved its answer.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// When to stop by the clock, and whom to tell.
    pub control: &'a dyn Control,
    /// Branch-and-bound nodes for each component, where they are limited: same input, same answer.
    pub nodes: Option<u64>,
}

impl<'a> Limits<'a> {
    /// As long as the control allows.
    pub fn of(control: &'a dyn Control) -> Self {
        Self { control, nodes: None }
    }

    /// The counted work of a plan.
    pub fn counted(control: &'a dyn Control) -> Self {
        Self { control, nodes: Some(COUNTED) }
    }
}
