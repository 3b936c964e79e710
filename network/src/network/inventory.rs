//! The inventory: sites, areas, nodes, cells, radios, ports, links.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Entity, Management, Name, OnUnreachable, Toleration};
use crate::ids::*;
use crate::profile::Profile;
use crate::radio::{Band, GnbId, Plmn, WifiBand};
use crate::source::{Located, Span};
use crate::units::*;

/// A location where nodes stand.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Site {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// The region it belongs to.
    pub region: Option<Name>,
    /// Its tier in the transport network, 1 nearest to the core.
    pub tier: Option<u32>,
    /// Latitude and longitude in degrees (WGS 84).
    pub location: Option<(f64, f64)>,
}

/// A named selection of nodes and interfaces.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Area {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// The interfaces selected, sorted, each once.
    pub interfaces: Vec<Interface>,
    /// The nodes selected, sorted, each once.
    pub nodes: Vec<NodeId>,
}

/// A cell, a Wi-Fi radio or a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Interface {
    /// An NR or LTE cell.
    Cell(CellId),
    /// A Wi-Fi radio.
    Radio(RadioId),
    /// An Ethernet port.
    Port(PortId),
}

/// The kind of a node, as in O-RAN.WG1 architecture and TS 38.401.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// A monolithic gNB.
    Gnb,
    /// A central unit (control and user plane).
    Cu,
    /// A central unit's control plane.
    CuCp,
    /// A central unit's user plane.
    CuUp,
    /// A distributed unit.
    Du,
    /// A radio unit.
    Ru,
    /// An LTE base station.
    Enb,
    /// A Wi-Fi access point.
    Ap,
    /// A running near-RT RIC.
    NearRtRic,
    /// A non-RT RIC, the root of a domain.
    NonRtRic,
    /// A compute node of an O-Cloud.
    Compute,
    /// An Ethernet switch or router.
    Switch,
}

impl NodeKind {
    /// All kinds with the words of the language.
    pub const ALL: [(NodeKind, &'static str); 12] = [
        (Self::Gnb, "gnb"),
        (Self::Cu, "cu"),
        (Self::CuCp, "cu-cp"),
        (Self::CuUp, "cu-up"),
        (Self::Du, "du"),
        (Self::Ru, "ru"),
        (Self::Enb, "enb"),
        (Self::Ap, "ap"),
        (Self::NearRtRic, "near-rt-ric"),
        (Self::NonRtRic, "non-rt-ric"),
        (Self::Compute, "compute"),
        (Self::Switch, "switch"),
    ];

    /// The word of the language for this kind.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, text)| *text == word).map(|(kind, _)| *kind)
    }

    /// Whether nodes of this kind are a gNB or a part of one (TS 38.401 6.1).
    pub fn is_part_of_gnb(self) -> bool {
        matches!(self, Self::Gnb | Self::Cu | Self::CuCp | Self::CuUp | Self::Du)
    }

    /// Whether nodes of this kind terminate E2 (O-RAN.WG3 E2GAP): gnb, cu-cp, cu-up, du and enb.
    pub fn is_e2_node(self) -> bool {
        matches!(self, Self::Gnb | Self::CuCp | Self::CuUp | Self::Du | Self::Enb | Self::Cu)
    }
}

/// A device or function that carries interfaces or runs software.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// Its kind.
    pub kind: NodeKind,
    /// Where it stands.
    pub site: Option<SiteId>,
    /// The node above it in the tree.
    pub parent: Option<Located<NodeId>>,
    /// The device type and software version; decides formats and knobs.
    pub profile: Arc<Profile>,
    /// Where its profile is named; the node's span where it is the default of its kind.
    pub profile_span: Span,
    /// The software that runs on it, as the operator calls it; for selections and guards.
    pub version: Option<Name>,
    /// Its tier in the transport network, where it differs from its site's.
    pub tier: Option<u32>,
    /// Whether xApps may run on it (compute nodes).
    pub runs_xapps: bool,
    /// How it is reached; none for a node that is only modelled.
    pub management: Option<Management>,
    /// The compute node that runs its software, where that is reached otherwise than what is configured here: a CU or DU on
    /// a node of an O-Cloud (O-RAN.WG6 CADS), a RIC that is managed over A1. Its capacity is set aside there.
    pub hosted_on: Option<Located<NodeId>>,
    /// The taints of the node of a cluster that its pods bear, sorted.
    pub tolerates: Vec<Toleration>,
    /// What to do when it cannot be reached while planning.
    pub on_unreachable: OnUnreachable,
    /// The operator's own PLMN, always first in a cell's list.
    pub host_plmn: Option<Located<Plmn>>,
    /// gNB identity.
    pub gnb_id: Option<Located<GnbId>>,
    /// Identity of a DU within its gNB (TS 38.473 9.3.1.9), 36 bits.
    pub gnb_du_id: Option<Located<u64>>,
    /// Name of a DU, 1 to 150 characters (TS 38.473 9.2.1.4).
    pub gnb_du_name: Option<Located<Name>>,
    /// eNB identity (20 bits, home eNB 28).
    pub enb_id: Option<Located<u32>>,
    /// Whether the eNB is a home eNB.
    pub home: bool,
    /// Resources it offers, by name, sorted (`cpu` in cores, `memory` and `storage` in bytes).
    pub capacity: Vec<(Name, Located<f64>)>,
    /// Cost of using it at all.
    pub fixed_cost: Option<f64>,
    /// Cost per component kind (management, e2t, sdl, nib, xapp), sorted.
    pub component_cost: Vec<(Name, f64)>,
    /// Address and port where its E2 termination is to be found or offered.
    pub e2_endpoint: Option<Name>,
    /// Where that is said; the node's span where it is not.
    pub e2_endpoint_span: Span,
    /// Latitude and longitude in degrees, where it differs from the site's.
    pub location: Option<(f64, f64)>,
    /// Its cells, in order of declaration.
    pub cells: Vec<CellId>,
    /// Its Wi-Fi radios.
    pub radios: Vec<RadioId>,
    /// Its ports.
    pub ports: Vec<PortId>,
}

impl Node {
    /// A node of which nothing more is said.
    pub fn new(kind: NodeKind, entity: Entity, profile: Arc<Profile>) -> Self {
        Self {
            profile_span: entity.span,
            e2_endpoint_span: entity.span,
            entity,
            kind,
            site: None,
            parent: None,
            profile,
            version: None,
            tier: None,
            runs_xapps: true,
            management: None,
            hosted_on: None,
            tolerates: Vec::new(),
            on_unreachable: OnUnreachable::Stop,
            host_plmn: None,
            gnb_id: None,
            gnb_du_id: None,
            gnb_du_name: None,
            enb_id: None,
            home: false,
            capacity: Vec::new(),
            fixed_cost: None,
            component_cost: Vec::new(),
            e2_endpoint: None,
            location: None,
            cells: Vec::new(),
            radios: Vec::new(),
            ports: Vec::new(),
        }
    }
}

/// Radio technology of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Technology {
    /// 5G New Radio.
    Nr,
    /// LTE.
    Lte,
    /// Wi-Fi.
    Wifi,
}

/// Duplex mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplex {
    /// Frequency division.
    Fdd,
    /// Time division.
    Tdd,
    /// Supplementary downlink.
    Sdl,
    /// Supplementary uplink.
    Sul,
}

/// Who shares what of a cell between operators (TS 23.251).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkSharing {
    /// Multi-operator core network: one carrier, several PLMNs.
    Mocn,
    /// Multi-operator RAN: a carrier per operator.
    Moran,
}

/// An NR or LTE cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// The node it is on.
    pub node: NodeId,
    /// The operating band; its kind gives the technology.
    pub band: Located<Band>,
    /// Downlink (or TDD) carrier centre.
    pub carrier: Located<Hertz>,
    /// Uplink carrier centre: as written, else carrier minus the band's duplex distance; the carrier itself with TDD.
    pub uplink_carrier: Option<Located<Hertz>>,
    /// Channel bandwidth.
    pub bandwidth: Located<Hertz>,
    /// Subcarrier spacing.
    pub scs: Located<Hertz>,
    /// Duplex mode.
    pub duplex: Located<Duplex>,
    /// Slots or subframes as D, S, U.
    pub tdd_pattern: Option<Located<Name>>,
    /// Frame offset of the TDD pattern.
    pub tdd_offset: Nanoseconds,
    /// Resource blocks of the bandwidth (TS 38.101-1 5.3.2-1, TS 36.104 5.6-1).
    pub prbs: Prb,
    /// Where they are stated, if they are.
    pub prbs_span: Option<Span>,
    /// Cell local identity.
    pub local_id: Option<Located<u32>>,
    /// Physical cell identity.
    pub pci: Option<Located<u32>>,
    /// Tracking area code.
    pub tac: Option<Located<u32>>,
    /// Transmit power.
    pub power: Option<Located<Dbm>>,
    /// SSB frequency.
    pub ssb: Option<Located<Hertz>>,
    /// Downlink channel number: NR-ARFCN (TS 38.104 5.4.2.1) or EARFCN (TS 36.104 5.7.3).
    pub arfcn_dl: u32,
    /// Uplink channel number; the downlink's with TDD.
    pub arfcn_ul: u32,
    /// SSB frequency as NR-ARFCN.
    pub ssb_arfcn: Option<u32>,
    /// Azimuth of the sector.
    pub azimuth: Option<Degrees>,
    /// Down-tilt of the sector.
    pub tilt: Option<Degrees>,
    /// Spatial layers.
    pub layers: Option<u32>,
    /// Highest modulation, e.g. `256qam`.
    pub modulation: Option<Name>,
    /// Spectral efficiency in bit/s/Hz: the basis of every Mbps printed, labelled estimated.
    pub efficiency: Option<f64>,
    /// Neighbour cells.
    pub neighbours: Vec<Located<CellId>>,
    /// Carrier aggregation partners.
    pub aggregates_with: Vec<Located<CellId>>,
    /// The LTE anchor of a non-standalone NR cell.
    pub anchor: Option<Located<CellId>>,
    /// MOCN or MORAN.
    pub network_sharing: Option<NetworkSharing>,
    /// Whether it is in service.
    pub unlocked: bool,
    /// How its resource is shared.
    pub sharing: Sharing,
}

impl Cell {
    /// NR or LTE, by its band.
    pub fn technology(&self) -> Technology {
        match self.band.value {
            Band::Nr(_) => Technology::Nr,
            Band::Lte(_) => Technology::Lte,
        }
    }
}

/// A Wi-Fi radio.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Radio {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// The access point it is on.
    pub node: NodeId,
    /// IEEE 802.11 channel number.
    pub channel: Located<u32>,
    /// Channel width.
    pub width: Located<Hertz>,
    /// `802.11n`, `802.11ac`, `802.11ax`, `802.11be` ...
    pub standard: Located<Name>,
    /// Transmit power.
    pub power: Option<Located<Dbm>>,
    /// ISO 3166-1 country.
    pub country: Option<Located<Name>>,
    /// The band that the channel number is of, where it is stated.
    pub band: Option<Located<WifiBand>>,
    /// The interface's name on the device.
    pub interface: Option<Located<Name>>,
    /// Whether it is in service, where that is stated.
    pub unlocked: Option<bool>,
    /// Spectral efficiency in bit/s/Hz, as of a cell.
    pub efficiency: Option<f64>,
    /// How its airtime is shared.
    pub sharing: Sharing,
}

/// An Ethernet port.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Port {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// The node it is on.
    pub node: NodeId,
    /// The interface's name on the device.
    pub interface: Located<Name>,
    /// Its rate.
    pub rate: Option<BitsPerSecond>,
    /// Maximum transmission unit in bytes.
    pub mtu: Option<Located<u32>>,
    /// Whether it is in service, where that is stated.
    pub unlocked: Option<bool>,
}

/// How a cell's or radio's resource is shared between tenants (slicing.md, "From a share to a device's knobs").
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sharing {
    /// Which knobs.
    pub mode: SharingMode,
    /// Where it is stated; the interface's span where it is the profile's default.
    pub span: Span,
    /// The directions it controls.
    pub direction: Direction,
    /// The grid of shares, where it differs from the profile's.
    pub grid: Option<Share>,
    /// The smallest share that the device enforces, where it differs from the profile's.
    pub smallest: Option<Share>,
    /// What a passive interface is assumed to do: tenant and share.
    pub expect: Vec<(TenantId, Located<Share>)>,
}

/// The kind of sharing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SharingMode {
    /// Static PRB quotas: dedicated = min = max = share.
    Prb,
    /// RRM policy ratios: min = share, max = cap.
    PrbPolicy,
    /// Wi-Fi airtime weights.
    Airtime,
    /// Not controllable.
    Passive,
}

impl SharingMode {
    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prb => "prb",
            Self::PrbPolicy => "prb-policy",
            Self::Airtime => "airtime",
            Self::Passive => "passive",
        }
    }
}

/// Downlink, uplink or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Downlink.
    Dl,
    /// Uplink.
    Ul,
    /// Both.
    #[default]
    Both,
}

impl Direction {
    /// Whether `self` includes `other` (a single direction).
    pub fn covers(self, other: Direction) -> bool {
        self == Self::Both || self == other
    }
}

/// A link between two nodes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// One end.
    pub from: Located<NodeId>,
    /// The other end.
    pub to: Located<NodeId>,
    /// One-way latency.
    pub latency: Nanoseconds,
    /// Its rate.
    pub rate: Option<BitsPerSecond>,
}

/// An imported one-way latency between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Latency {
    /// From this node.
    pub from: NodeId,
    /// To this node.
    pub to: NodeId,
    /// One way.
    pub latency: Nanoseconds,
    /// The table row.
    pub span: Span,
}
