//! Orchestration: which model serves which request, and where it runs.
//!
//! Source: OrchestRAN (D'Oro, Bonati, Polese, Melodia, INFOCOM 2022), eqs. 1-14. The way of a problem:
//! [`problem`] (the format) -> [`validate`] -> `options` (conditions (2)-(5), decided in integers) ->
//! `core` (the projection, with the formulation) -> `presolve` -> `solve` with a proof per component ->
//! `fewest` (of equal answers the one that starts least) -> `verify` -> [`Answer`]. [`orchestrate`] is the whole way from a network; [`explain_rejections`] and
//! [`shadow_price`] ask what a change would bring by solving again.

mod answer;
mod assemble;
mod branching;
mod classes;
mod component;
mod conflicts;
mod construct;
mod core;
mod document;
mod dominance;
mod explain;
mod fewest;
mod flow;
pub mod from_network;
mod heuristic;
mod impossible;
mod limits;
mod model;
mod options;
mod paths;
mod presolve;
pub mod problem;
mod progress;
mod shelf;
mod size;
mod solve;
mod stay;
mod strategy;
mod textbook;
mod tree;
mod unshared;
pub mod validate;
mod verify;

pub use answer::{ANSWER_FORMAT, Answer, Started};
pub(crate) use document::shape;
pub use document::solve_document;
pub use explain::{
    Rejection, Remedy, ShadowPrice, admits, bottlenecks, explain_rejection, explain_rejections, shadow_price,
};
pub use from_network::NetworkProblem;
pub use impossible::conflict;
pub use limits::Limits;
pub use options::Reason;
pub use problem::Problem;
pub use size::{Sizes, sizes};
pub use strategy::{Orchestration, orchestrate, solve, solve_within};
pub use verify::verify;

pub use crate::strategy::Strategy;
