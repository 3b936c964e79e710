//! Policies for near-RT RICs (A1): what is meant. Whom it goes to is in `policy_peers`.

use serde::{Deserialize, Serialize};

use super::{Direction, Entity, Name, PolicyRic};
use crate::a1::PolicyKind;
use crate::ids::*;
use crate::radio::Plmn;
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
    /// Whether the tracking areas of those cells are meant, whole, not the cells.
    pub by_tracking_area: bool,
    /// Where they are selected; the policy's span where they are not.
    pub cells_span: Span,
    /// The RICs it goes to; empty where it says nothing: all that serve one of its cells.
    pub through: Vec<Located<PolicyRic>>,
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
    /// The largest part of packets that may be lost.
    pub loss: Directed<Share>,
    /// How far packets may come from their time.
    pub jitter: Directed<Nanoseconds>,
    /// Which part of packets of a size arrives within a time.
    pub reliability: Directed<Reliability>,
    /// The largest packet.
    pub packet: Directed<Bytes>,
    /// Priority, 1 the highest.
    pub priority: Option<Located<u32>>,
    /// What a user should experience.
    pub quality: Quality,
    /// How full the cells should be.
    pub balance: Option<Balance>,
    /// Energy to save.
    pub energy: Option<Energy>,
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
    /// One user equipment.
    pub ue: Option<Located<UserEquipment>>,
    /// A group of user equipments.
    pub group: Option<Located<GroupId>>,
}

/// A user equipment, as one of those who serve it numbers it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UserEquipment {
    /// Its RAN UE id (16 upper-case hexadecimal digits), and the gNB that gave it where that is said.
    Ran(Name, Option<NodeId>),
    /// At an access and mobility management function (NGAP, TS 38.413 9.3.3.1).
    Amf(Guami, u64),
    /// At a mobility management entity (S1AP, TS 36.413 9.2.3.3).
    Mme(Gummei, u32),
    /// At a gNB, for one of its interfaces.
    Gnb(UeInterface, NodeId, u32),
    /// At an eNB (X2AP, TS 36.423 9.2.24), 0..=4095.
    Enb(NodeId, u32),
}

/// The interfaces on which a gNB numbers user equipments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UeInterface {
    /// gNB-CU to gNB-DU (TS 38.473 9.3.1.4).
    F1ap,
    /// gNB-CU-CP to gNB-CU-UP (TS 37.483 9.3.1.4).
    E1ap,
    /// Between NG-RAN nodes (TS 38.423 9.2.3.16).
    Xnap,
}

impl UeInterface {
    /// All, with the words of the language.
    pub const ALL: [(UeInterface, &'static str); 3] =
        [(Self::F1ap, "f1ap"), (Self::E1ap, "e1ap"), (Self::Xnap, "xnap")];
}

/// An access and mobility management function (TS 38.413 9.3.3.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Guami {
    /// Its network.
    pub plmn: Plmn,
    /// Region, 8 bits.
    pub region: u8,
    /// Set in the region, 10 bits.
    pub set: u16,
    /// Pointer in the set, 6 bits.
    pub pointer: u8,
}

/// A mobility management entity (TS 36.413 9.2.3.9).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gummei {
    /// Its network.
    pub plmn: Plmn,
    /// Group, 16 bits.
    pub group: u16,
    /// Code in the group, 8 bits.
    pub code: u8,
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

/// Something per direction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Directed<T> {
    /// Downlink.
    pub dl: Option<Located<T>>,
    /// Uplink.
    pub ul: Option<Located<T>>,
}

impl<T> Default for Directed<T> {
    fn default() -> Self {
        Self { dl: None, ul: None }
    }
}

impl<T> Directed<T> {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.dl.is_none() && self.ul.is_none()
    }
}

/// Which part of packets of a size arrives within a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reliability {
    /// The part that arrives.
    pub success: Share,
    /// The size of a packet.
    pub packet: Bytes,
    /// The time over the radio interface.
    pub within: Nanoseconds,
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

/// Energy to save, and what saving it must not do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Energy {
    /// How much.
    pub aim: Option<Located<EnergyAim>>,
    /// Cells save only while this part of their downlink resource blocks, or less, is used.
    pub while_dl: Option<Located<Share>>,
    /// The same, uplink.
    pub while_ul: Option<Located<Share>>,
    /// What saving must not do.
    pub spares: Vec<Spares>,
    /// Where it is written.
    pub span: Span,
}

/// How much energy to save; both are whole numbers at the RIC.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnergyAim {
    /// This part of it.
    Less(Share),
    /// Down to this, in kWh, on average over the cells.
    DownTo(f64),
}

/// Cells that saving energy leaves as they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spares {
    /// What of them.
    pub what: Spared,
    /// Whether in any case; where it can be avoided otherwise.
    pub forbidden: bool,
    /// The cells, those to spare most first.
    pub cells: Vec<CellId>,
    /// Where it is written.
    pub span: Span,
}

/// What of a cell is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spared {
    /// It stays on.
    Operation,
    /// It covers what it covers.
    Coverage,
}

impl Spared {
    /// All, with the words of the language for what is not to be done.
    pub const ALL: [(Spared, &'static str); 2] = [(Self::Operation, "switching-off"), (Self::Coverage, "shrinking")];

    /// The word of the language.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(spared, _)| *spared == self).map_or("", |(_, word)| word)
    }
}

impl Policy {
    /// The policy type that says all this; none where no type does.
    pub fn kind(&self) -> Option<PolicyKind> {
        let says = Says::of(self);
        let subject = &self.subject;
        let group = subject.group.is_some();
        if self.balance.is_some() || self.energy.is_some() {
            let narrowed = subject.flow.is_some() || subject.ue.is_some() || group;
            let alone = !says.anything() && !narrowed;
            return match (self.balance.is_some(), self.energy.is_some()) {
                (true, false) if alone && !self.by_tracking_area => Some(PolicyKind::LoadBalancing),
                (false, true) if alone && subject.tenant.is_none() => Some(PolicyKind::EnergySaving),
                _ => None,
            };
        }
        let user = subject.ue.is_some() || subject.tenant.is_some();
        let kind = match (says.objectives, says.quality, says.steering) {
            (false, false, true) => (user && !group).then_some(PolicyKind::TrafficSteeringPreference),
            (false, true, true) => {
                let who = user && (subject.flow.is_some() || subject.tenant.is_some());
                (who && !group).then_some(PolicyKind::QoEandTSP)
            }
            (false, true, false) => {
                let who = subject.flow.is_some() || subject.tenant.is_some();
                (who && !group).then_some(PolicyKind::QoETarget)
            }
            (true, false, _) => self.objective_kind(&says),
            _ => None,
        };
        kind.filter(|kind| !self.by_tracking_area || *kind == PolicyKind::SliceSLATarget)
    }

    fn objective_kind(&self, says: &Says) -> Option<PolicyKind> {
        let Subject { tenant, flow, ue, group } = &self.subject;
        let (tenant, group) = (tenant.is_some(), group.is_some());
        let of_flow = !says.counts && !says.directions && !says.packets;
        match (flow.is_some(), ue.is_some()) {
            (true, ue) if says.steering => (of_flow && !group && (ue || tenant)).then_some(PolicyKind::QoSandTSP),
            _ if says.steering => None,
            // A flow of a group is one of a user equipment, or of all; never of a slice too.
            (true, _) if of_flow => (!(tenant && group)).then_some(PolicyKind::QoSTarget),
            (_, true) => {
                let says_so = !says.counts && self.at_most.is_empty() && self.priority.is_none();
                let slice_only = !self.jitter.is_empty() || !self.packet.is_empty();
                (says_so && !slice_only).then_some(PolicyKind::UELevelTarget)
            }
            (false, false) => (tenant && !group).then_some(PolicyKind::SliceSLATarget),
            (true, false) => None,
        }
    }

    /// Whether it needs what only the current generation of its type says.
    pub fn needs_current(&self) -> bool {
        let slice = self.kind() == Some(PolicyKind::SliceSLATarget);
        let later = !self.delay.is_empty() || self.priority.is_some() || Says::of(self).packets;
        let numbered = self.subject.ue.as_ref().is_some_and(|ue| !matches!(ue.value, UserEquipment::Ran(..)));
        slice && later || numbered
    }

    /// Whether it names a user equipment as only generation 2.0.0 does: without who numbers it.
    pub fn needs_second(&self) -> bool {
        self.subject.ue.as_ref().is_some_and(|ue| matches!(ue.value, UserEquipment::Ran(_, None)))
    }
}

/// What a policy speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Says {
    /// Rates, numbers, delays, priorities or what happens to packets.
    pub objectives: bool,
    /// What a user should experience.
    pub quality: bool,
    /// Cells to be served by.
    pub steering: bool,
    /// Numbers of user equipments or sessions, or rates of one user equipment.
    pub counts: bool,
    /// Uplink, or one direction's delay: what a flow's targets do not tell apart.
    pub directions: bool,
    /// Loss, jitter, reliability, sizes.
    pub packets: bool,
}

impl Says {
    /// What this policy speaks of.
    pub fn of(policy: &Policy) -> Self {
        let counts = policy.ues.is_some() || policy.sessions.is_some() || !policy.at_most_per_ue.is_empty();
        let rates = !policy.guarantee.is_empty() || !policy.at_most.is_empty();
        let (delay, uplink) = (&policy.delay, policy.guarantee.ul.is_some() || policy.at_most.ul.is_some());
        let arrive = !policy.loss.is_empty() || !policy.reliability.is_empty();
        let packets = arrive || !policy.jitter.is_empty() || !policy.packet.is_empty();
        Self {
            objectives: rates || counts || packets || !delay.is_empty() || policy.priority.is_some(),
            quality: policy.quality.span().is_some(),
            steering: !policy.steering.is_empty(),
            counts,
            directions: uplink || delay.dl.is_some() || delay.ul.is_some(),
            packets,
        }
    }

    /// Whether it speaks of any of it.
    pub fn anything(&self) -> bool {
        self.objectives || self.quality || self.steering
    }
}
