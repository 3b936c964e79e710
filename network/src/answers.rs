//! The optimizers' answers, typed and addressed.

use serde::{Deserialize, Serialize};

use crate::ids::*;
use crate::network::{Direction, Interface, Name};
use crate::units::Nanoseconds;

/// All that the optimizers decided; what a problem was not there for is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Decisions {
    /// Shares of tenants on interfaces.
    pub shares: SliceShares,
    /// Places of the components of near-RT RICs.
    pub placement: RicPlacement,
    /// What the control loops take in that placement, sorted by RIC, E2 node and xApp.
    pub loops: Vec<LoopLatency>,
    /// Models, where they run and whom they serve.
    pub models: ModelMapping,
}

/// The share of each tenant on each interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SliceShares {
    /// One per interface, tenant and direction, sorted so.
    pub shares: Vec<SliceShare>,
}

/// One tenant's share of one interface in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SliceShare {
    /// The cell or radio.
    pub interface: Interface,
    /// The tenant.
    pub tenant: TenantId,
    /// `Dl` or `Ul`.
    pub direction: Direction,
    /// The optimum before rounding, a fraction.
    pub exact: f64,
    /// On the device's grid, in percent.
    pub percent: f64,
    /// Resource blocks by the device's own arithmetic; 0 on Wi-Fi.
    pub prbs: u32,
    /// The most the tenant may use, in percent (100 unless capped).
    pub max_percent: f64,
    /// Whether the device enforces it, or it is only expected (passive).
    pub enforced: bool,
}

/// Where the components of each RIC run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RicPlacement {
    /// One per RIC, E2 node and component or xApp, sorted so.
    pub assignments: Vec<RicAssignment>,
    /// What serves an E2 node when its E2 termination is lost, where that is asked for (`spread e2t`),
    /// likewise. These instances run even where they serve nobody now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standby: Vec<RicAssignment>,
}

/// The instance that serves an E2 node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RicAssignment {
    /// The RIC.
    pub ric: RicId,
    /// `management`, `e2t`, `sdl`, `nib` or an xApp's name.
    pub component: Name,
    /// The E2 node served.
    pub e2_node: NodeId,
    /// The compute node of the instance.
    pub on: NodeId,
}

/// How long the control loop of an xApp takes for one E2 node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LoopLatency {
    /// The RIC.
    pub ric: RicId,
    /// The E2 node.
    pub e2_node: NodeId,
    /// The xApp that heads the loop.
    pub xapp: Name,
    /// There and back, processing included.
    pub round_trip: Nanoseconds,
}

/// Which model serves which target, where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelMapping {
    /// Accepted requests.
    pub accepted: Vec<RequestId>,
    /// One per target of an accepted request.
    pub assignments: Vec<ModelAssignment>,
}

/// The instance that serves a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ModelAssignment {
    /// The request.
    pub request: RequestId,
    /// The index of the target in it.
    pub target: u32,
    /// The model.
    pub model: ModelId,
    /// Where the instance runs.
    pub on: NodeId,
    /// Instance number per (model, node), from 0.
    pub instance: u32,
}
