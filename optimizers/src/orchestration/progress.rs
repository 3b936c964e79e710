//! What all components together are worth and bounded by, told to the caller while they are solved.

use std::sync::Mutex;

use ranform_network::control::Progress;

use super::limits::Limits;
use super::model::exact;

/// The sums over all components.
pub(crate) struct Board<'a> {
    limits: Limits<'a>,
    /// Value found and bound proven, per component.
    state: Mutex<Vec<(i64, i64)>>,
}

impl<'a> Board<'a> {
    /// A board for components with these values found and bounds; the first is what presolve settled.
    pub(crate) fn new(limits: Limits<'a>, state: Vec<(i64, i64)>) -> Self {
        Self { limits, state: Mutex::new(state) }
    }

    /// The view of one component.
    pub(crate) fn watch(&self, component: usize) -> Watch<'_> {
        Watch { board: self, component }
    }

    fn update(&self, component: usize, change: impl FnOnce(&mut (i64, i64)) -> bool) {
        let Ok(mut state) = self.state.lock() else { return };
        if !state.get_mut(component).is_some_and(change) {
            return;
        }
        let value: i64 = state.iter().map(|part| part.0).sum();
        let bound: i64 = state.iter().map(|part| part.1).sum();
        drop(state);
        self.limits.control.report(Progress {
            stage: "orchestration",
            message: format!("bound {bound}, best {value}"),
            objective: Some(exact(value)),
            bound: Some(exact(bound)),
        });
    }
}

/// One component's view of the [`Board`].
pub(crate) struct Watch<'a> {
    board: &'a Board<'a>,
    component: usize,
}

impl Watch<'_> {
    /// Notes a better bound.
    pub(crate) fn lower_bound(&self, bound: i64) {
        self.board.update(self.component, |part| {
            let better = bound < part.1 && bound >= part.0;
            part.1 = if better { bound } else { part.1 };
            better
        });
    }

    /// Notes a better value.
    pub(crate) fn raise_value(&self, value: i64) {
        self.board.update(self.component, |part| {
            let better = value > part.0;
            part.0 = part.0.max(value);
            better
        });
    }

    /// Whether to stop now.
    pub(crate) fn should_stop(&self) -> bool {
        self.board.limits.control.should_stop() || self.seconds_left().is_some_and(|left| left <= 0.0)
    }

    /// Branch-and-bound nodes allowed, where work is counted.
    pub(crate) fn nodes(&self) -> Option<u64> {
        self.board.limits.nodes
    }

    /// Seconds left, where time is limited.
    pub(crate) fn seconds_left(&self) -> Option<f64> {
        self.board.limits.control.seconds_left()
    }
}
