//! Placement of the components of a near-RT RIC on compute nodes, at least cost within loop budgets.
//!
//! # Formulation (RIC-O, section IV, read as the design page says)
//!
//! Sets: E2 nodes `i`, compute nodes `m`, slots `c`: management R, E2 termination T, shared data layer
//! S, database D and the xApps `a`. Each E2 node is served by one instance of every slot. An instance
//! costs and demands once, however many E2 nodes it serves.
//!
//! ```text
//! minimize   Σ_m fixed[m]·used[m] + Σ_(c,m) cost[c][m]·open[c,m]                                       (5)
//! subject to 2·L(i,a) + processing(a) <= budget[a]                    for each i, each a with a loop    (7)
//!            Σ_c demand[c][q]·open[c,m] + per_e2[c][q]·served[c,m] <= capacity[m][q]
//!                                                                     for each m, each resource q    (8-10)
//!            served[c,m] <= serves_at_most[c];  no two instances of a spread component in one place;
//!            each i has a second E2T in another place with its loops in time, where that is asked for
//! L(i,a) = lat(i,T) + Σ over visits b of a's loop: lat(before,b) + sdl(b)·(lat(b,S) + lat(S,D))
//! ```
//!
//! # Where to read
//!
//! [`problem`] numbers and checks; [`format`](mod@format) the exchange format; [`loops`] radii of E2Ts; [`reach`]
//! reductions; [`cover`] from open places to a placement; [`exact`] the proven strategy; [`heuristic`]
//! ours; `paper` Algorithm 1; `textbook` the full model; [`verify`] the independent check;
//! [`explain`] why nothing fits; [`mod@curve`] what stability costs. All arithmetic on problem data is in whole numbers.

pub mod bits;
mod check;
pub mod cover;
pub mod curve;
pub mod cuts;
mod document;
pub mod exact;
pub mod explain;
pub mod format;
mod from_network;
pub mod heuristic;
mod limited;
pub mod loops;
pub mod master;
mod options;
mod paper;
pub mod problem;
pub(crate) mod random;
pub mod reach;
pub mod relax;
mod seats;
mod serving;
mod stage_a;
mod stage_b;
mod taken;
mod textbook;
pub mod verify;

use ranform_network::AnswerStatus;

pub use curve::{Point, curve};
pub use document::{solve, solve_document};
pub(crate) use format::shape;
pub use from_network::RicProblem;
pub use problem::Problem;

pub use crate::strategy::Strategy;
pub use taken::Taken;

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// The compute node, by slot and E2 node.
    pub places: Vec<Vec<usize>>,
    /// Where each E2 node needs a second E2 termination: the compute nodes that would serve it then, by
    /// slot and E2 node, all of them instances of `places`. Empty otherwise.
    pub standby: Vec<Vec<usize>>,
    /// The cost, moves included.
    pub cost: i64,
    /// How many instances start where none runs now; none without a placement in force.
    pub moves: Option<i64>,
}

/// What a strategy found and proved.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What is claimed.
    pub status: AnswerStatus,
    /// The best placement found.
    pub placement: Option<Placement>,
    /// No placement costs less than this.
    pub bound: Option<i64>,
    /// Counted work: branch-and-bound nodes and cut rounds.
    pub steps: u64,
    /// What proves the claim.
    pub proved_by: String,
    /// Where there is no placement: what cannot hold together, if that was asked for.
    pub conflict: Option<explain::Conflict>,
}

impl Answer {
    /// `(cost - bound) / max(1, cost)`.
    pub fn gap(&self) -> Option<f64> {
        let (cost, bound) = (self.placement.as_ref()?.cost, self.bound?);
        Some((cost - bound) as f64 / cost.max(1) as f64)
    }
}
