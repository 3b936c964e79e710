//! Policies for near-RT RICs (A1), and how their RICs are reached.

use serde::{Deserialize, Serialize};

use super::{Direction, Entity, Name, Network, NodeKind, Reference};
use crate::a1::{Generation, PolicyKind, PolicyType};
use crate::address::Address;
use crate::ids::*;
use crate::source::{Located, Span};
use crate::units::*;

/// What a near-RT RIC should do for somebody on some cells.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Policy {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// Whom it is for.
    pub subject: Subject,
    /// The cells it speaks of, in order of ids; none where it says nothing: all that its RICs see.
    pub cells: Option<Vec<CellId>>,
    /// Where they are selected; the policy's span where they are not.
    pub cells_span: Span,
    /// The RICs it goes to; empty where it says nothing: all that serve one of its cells.
    pub through: Vec<Located<NodeId>>,
    /// Cells to prefer, avoid, require or forbid, the strongest first.
    pub steering: Vec<Steering>,
    /// Guaranteed throughput.
    pub guarantee: Rates,
    /// Throughput never exceeded.
    pub at_most: Rates,
    /// Throughput of one user equipment never exceeded.
    pub at_most_per_ue: Rates,
    /// The most user equipments.
    pub ues: Option<Located<u32>>,
    /// The most PDU sessions.
    pub sessions: Option<Located<u32>>,
    /// Packet delay budget.
    pub delay: Delays,
    /// Priority, 1 the highest.
    pub priority: Option<Located<u32>>,
    /// What a user should experience.
    pub quality: Quality,
    /// How full the cells should be.
    pub balance: Option<Balance>,
    /// Energy to save.
    pub save_energy: Option<Located<Share>>,
    /// Whether a RIC that does not report `ENFORCED` in time fails the apply.
    pub require_enforced: bool,
    /// Whether the policy may vanish with a restart of the RIC or of the management service.
    pub transient: bool,
}

/// Whom a policy is for; what is not said does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Subject {
    /// A tenant: its slice.
    pub tenant: Option<Located<TenantId>>,
    /// A kind of QoS flow.
    pub flow: Option<Located<QosId>>,
    /// One user equipment: 16 upper-case hexadecimal digits.
    pub ue: Option<Located<Name>>,
    /// A group of user equipments.
    pub group: Option<Located<GroupId>>,
}

/// A QoS identifier (TS 23.501 5.7.2.1, TS 23.203 6.1.7), 1..=256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QosId {
    /// A 5QI.
    #[serde(rename = "5qi")]
    FiveQi(u16),
    /// A QCI.
    Qci(u16),
}

/// A group of user equipments, 1..=256 (TS 36.413 9.2.1.39).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupId {
    /// A subscriber profile id.
    Spid(u16),
    /// An index to a RAT and frequency selection priority.
    Rfsp(u16),
}

/// How strongly cells are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Preference {
    /// Only these.
    Shall,
    /// These rather than others; the first most.
    Prefer,
    /// Others rather than these; the first most.
    Avoid,
    /// None of these.
    Forbid,
}

impl Preference {
    /// All, each with its word in the language.
    pub const ALL: [(Preference, &'static str); 4] =
        [(Self::Shall, "require"), (Self::Prefer, "prefer"), (Self::Avoid, "avoid"), (Self::Forbid, "forbid")];

    /// The word of the language.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(preference, _)| *preference == self).map_or("", |(_, word)| word)
    }

    /// Whether it draws towards its cells.
    pub fn attracts(self) -> bool {
        matches!(self, Self::Shall | Self::Prefer)
    }
}

/// One line about cells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Steering {
    /// How strongly.
    pub preference: Preference,
    /// The cells, the strongest first.
    pub cells: Vec<CellId>,
    /// Whether it speaks of primary cells only.
    pub primary: bool,
    /// Where it is written.
    pub span: Span,
}

/// A rate per direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rates {
    /// Downlink.
    pub dl: Option<Located<BitsPerSecond>>,
    /// Uplink.
    pub ul: Option<Located<BitsPerSecond>>,
}

impl Rates {
    /// The rate of a direction.
    pub fn of(&self, direction: Direction) -> Option<Located<BitsPerSecond>> {
        if direction == Direction::Ul { self.ul } else { self.dl }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.dl.is_none() && self.ul.is_none()
    }

    /// The first that is said.
    pub fn first(&self) -> Option<Located<BitsPerSecond>> {
        self.dl.or(self.ul)
    }
}

/// A delay, for both directions or for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Delays {
    /// Both directions.
    pub both: Option<Located<Nanoseconds>>,
    /// Downlink.
    pub dl: Option<Located<Nanoseconds>>,
    /// Uplink.
    pub ul: Option<Located<Nanoseconds>>,
}

impl Delays {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.first().is_none()
    }

    /// The first that is said.
    pub fn first(&self) -> Option<Located<Nanoseconds>> {
        self.both.or(self.dl).or(self.ul)
    }
}

/// What a user should experience.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Quality {
    /// The score wanted, in the RIC's own scale.
    pub score: Option<Located<f64>>,
    /// The longest wait before the first picture.
    pub buffering: Option<Located<Nanoseconds>>,
    /// The most waits after it, in the RIC's own unit.
    pub rebuffering: Option<Located<f64>>,
    /// The largest part of the time that playing stands still.
    pub stalls: Option<Located<Share>>,
}

impl Quality {
    /// The place of the first thing said; none where nothing is.
    pub fn span(&self) -> Option<Span> {
        let score = self.score.or(self.rebuffering).map(|value| value.span);
        score.or(self.buffering.map(|value| value.span)).or(self.stalls.map(|value| value.span))
    }
}

/// How full cells should be, and where load may go.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Balance {
    /// Wanted use of downlink resource blocks.
    pub dl: Option<Located<Share>>,
    /// Wanted use of uplink resource blocks.
    pub ul: Option<Located<Share>>,
    /// Whether the peak is meant, not the mean.
    pub peak: bool,
    /// Where load may go, in order of ids.
    pub onto: Vec<CellId>,
    /// Where it is written.
    pub span: Span,
}

/// How an A1 peer is spoken to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct A1Access {
    /// Which interface it has.
    pub dialect: Dialect,
    /// The RIC's id at the policy management service.
    pub ric: Option<Name>,
    /// Where the client certificate is found (PEM).
    pub certificate: Option<Reference>,
    /// Where its private key is found (PEM).
    pub key: Option<Reference>,
    /// Where the bearer token is found.
    pub token: Option<Reference>,
    /// The certificates that the server's is verified against (PEM, a file of the project); the system's where none.
    pub authority: Option<Name>,
    /// The policy types the RIC lists, each with its integer id where it has one; the profile's where none.
    pub types: Vec<(PolicyType, Option<u32>)>,
}

/// The interfaces of A1 peers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// A1-P version 2 of a near-RT RIC.
    #[default]
    Standard,
    /// A1-P of the O-RAN SC near-RT RIC: types are integers.
    Osc,
    /// The A1 policy management service, version 2.
    PmsV2,
    /// The A1 policy management service, version 3.
    PmsV3,
}

impl Dialect {
    /// All dialects with the words of the language.
    pub const ALL: [(Dialect, &'static str); 4] =
        [(Self::Standard, "standard"), (Self::Osc, "osc"), (Self::PmsV2, "pms-v2"), (Self::PmsV3, "pms-v3")];

    /// The word of the language.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(dialect, _)| *dialect == self).map_or("", |(_, word)| word)
    }

    /// Whether it is that of the policy management service.
    pub fn is_service(self) -> bool {
        matches!(self, Self::PmsV2 | Self::PmsV3)
    }
}

impl Policy {
    /// The policy type that says all this; none where no type does.
    pub fn kind(&self) -> Option<PolicyKind> {
        let rates = !self.guarantee.is_empty() || !self.at_most.is_empty();
        let counts = self.ues.is_some() || self.sessions.is_some() || !self.at_most_per_ue.is_empty();
        let objectives = rates || counts || !self.delay.is_empty() || self.priority.is_some();
        let quality = self.quality.span().is_some();
        let steering = !self.steering.is_empty();
        let subject = &self.subject;
        let alone = |own: bool| own && !objectives && !quality && !steering;
        if self.balance.is_some() || self.save_energy.is_some() {
            let narrowed = subject.flow.is_some() || subject.ue.is_some() || subject.group.is_some();
            return match (self.balance.is_some(), self.save_energy.is_some()) {
                (true, false) if alone(!narrowed) => Some(PolicyKind::LoadBalancing),
                (false, true) if alone(!narrowed && subject.tenant.is_none()) => Some(PolicyKind::EnergySaving),
                _ => None,
            };
        }
        let user = subject.ue.is_some() || subject.tenant.is_some();
        match (objectives, quality, steering) {
            (false, false, true) => (user && subject.group.is_none()).then_some(PolicyKind::TrafficSteeringPreference),
            (false, true, true) => {
                (subject.group.is_none() && user && (subject.flow.is_some() || subject.tenant.is_some()))
                    .then_some(PolicyKind::QoEandTSP)
            }
            (false, true, false) => {
                let who = subject.flow.is_some() || subject.tenant.is_some();
                (subject.group.is_none() && who).then_some(PolicyKind::QoETarget)
            }
            (true, false, steering) => self.objective_kind(steering, counts),
            _ => None,
        }
    }

    fn objective_kind(&self, steering: bool, counts: bool) -> Option<PolicyKind> {
        let Subject { tenant, flow, ue, group } = &self.subject;
        let only_downlink = self.guarantee.ul.is_none() && self.at_most.ul.is_none();
        let flow_objectives = !counts && only_downlink && self.delay.dl.is_none() && self.delay.ul.is_none();
        match (flow.is_some(), ue.is_some(), tenant.is_some(), group.is_some()) {
            (true, ue, tenant, false) if steering => {
                (flow_objectives && (ue || tenant)).then_some(PolicyKind::QoSandTSP)
            }
            _ if steering => None,
            // A flow of a group is one of a user equipment, or of all; never of a slice too.
            (true, _, true, true) => None,
            (true, ..) => flow_objectives.then_some(PolicyKind::QoSTarget),
            (false, true, ..) => {
                let says = !counts && self.at_most.is_empty() && self.priority.is_none();
                says.then_some(PolicyKind::UELevelTarget)
            }
            (false, false, true, false) => Some(PolicyKind::SliceSLATarget),
            _ => None,
        }
    }

    /// Whether it needs what only the current generation of its type says.
    pub fn needs_current(&self) -> bool {
        let slice = self.kind() == Some(PolicyKind::SliceSLATarget);
        slice && (!self.delay.is_empty() || self.priority.is_some())
    }
}

impl Network {
    /// The near-RT RIC above a node, itself included; none where there is none.
    pub fn ric_above(&self, node: NodeId) -> Option<NodeId> {
        let mut at = Some(node);
        // A tree is no deeper than it has nodes; a cycle is another check's finding.
        for _ in 0..=self.nodes.len() {
            let id = at?;
            let node = &self.nodes[id];
            if node.kind == NodeKind::NearRtRic {
                return Some(id);
            }
            at = node.parent.map(|parent| parent.value);
        }
        None
    }

    /// Whether A1 policies are written to a node.
    pub fn takes_policies(&self, node: NodeId) -> bool {
        let node = &self.nodes[node];
        node.kind == NodeKind::NearRtRic && node.management.is_some() && node.profile.target == "a1"
    }

    /// The RICs that a policy goes to, in order of ids: those named, else those above its cells, else all.
    pub fn rics_of(&self, policy: &Policy) -> Vec<NodeId> {
        let all = || self.nodes.ids().filter(|id| self.takes_policies(*id)).collect();
        let mut rics: Vec<NodeId> = match (policy.through.is_empty(), &policy.cells) {
            (false, _) => policy.through.iter().map(|ric| ric.value).collect(),
            (true, Some(cells)) => cells.iter().filter_map(|cell| self.ric_above(self.cells[*cell].node)).collect(),
            (true, None) => match policy.kind() {
                // Nothing else names cells, so where they are decides.
                Some(PolicyKind::TrafficSteeringPreference) if !policy.steering.is_empty() => {
                    let cells = policy.steering.iter().flat_map(|line| &line.cells);
                    cells.filter_map(|cell| self.ric_above(self.cells[*cell].node)).collect()
                }
                _ => all(),
            },
        };
        rics.retain(|ric| self.takes_policies(*ric));
        rics.sort_unstable();
        rics.dedup();
        rics
    }

    /// The cells of `cells` that a RIC serves, in their order.
    pub fn cells_under(&self, ric: NodeId, cells: &[CellId]) -> Vec<CellId> {
        cells.iter().copied().filter(|cell| self.ric_above(self.cells[*cell].node) == Some(ric)).collect()
    }

    /// The type, with its integer id, that a RIC has for policies of this kind: the newest it lists that says all that
    /// is wanted.
    pub fn policy_type(&self, ric: NodeId, policy: &Policy) -> Option<(PolicyType, Option<u32>)> {
        let kind = policy.kind()?;
        let fits = |kind_of: &PolicyType| {
            kind_of.kind == kind
                && (!policy.needs_current() || kind_of.generation() == Generation::Current)
                // Only generation 2.0.0 names a user equipment by its 16 digits alone.
                && (policy.subject.ue.is_none() || kind_of.generation() == Generation::Second)
        };
        self.policy_types(ric)
            .into_iter()
            .filter(|(kind_of, _)| fits(kind_of))
            .max_by_key(|(kind_of, _)| kind_of.version)
    }

    /// The types that a RIC lists: as its `manage` line says, else as its profile does.
    pub fn policy_types(&self, ric: NodeId) -> Vec<(PolicyType, Option<u32>)> {
        let node = &self.nodes[ric];
        let written = node.management.as_ref().and_then(|management| management.a1.as_ref());
        match written {
            Some(access) if !access.types.is_empty() => access.types.clone(),
            _ => {
                let listed = node.profile.options.get("types").map_or("", String::as_str);
                listed.split_whitespace().filter_map(PolicyType::parse).map(|kind| (kind, None)).collect()
            }
        }
    }

    /// The address of what a policy is on a RIC, and of its part for one cell.
    pub fn policy_address(&self, ric: NodeId, policy: &Policy, cell: Option<CellId>) -> Address {
        let text = policy.entity.address.as_str();
        let name = text.strip_prefix("policy.").filter(|name| !name.contains('/')).unwrap_or(text).trim_matches('"');
        let address = self.nodes[ric].entity.address.child("policy", name);
        match cell {
            None => address,
            Some(cell) => address.child("cell", self.cells[cell].entity.address.as_str()),
        }
    }
}
