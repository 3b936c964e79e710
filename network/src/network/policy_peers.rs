//! Whom policies go to: near-RT RICs that are there, or are placed, and how they are reached.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Entity, Management, Name, Network, NodeKind, Policy, Reference};
use crate::a1::{Generation, PolicyKind, PolicyType};
use crate::address::Address;
use crate::ids::*;
use crate::profile::Profile;
use crate::source::Span;

/// A near-RT RIC that takes policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PolicyRic {
    /// One that is there: a node.
    Node(NodeId),
    /// One that is placed: a `ric`.
    Placed(RicId),
}

/// How a placed RIC is reached over A1, once it is placed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RicPeer {
    /// How it is reached.
    pub management: Management,
    /// What it takes, where its `manage` line does not say it.
    pub profile: Arc<Profile>,
    /// Where it says how it is managed.
    pub profile_span: Span,
}

/// A near-RT RIC as policies see it.
#[derive(Clone, Copy, Debug)]
pub struct PolicyPeer<'a> {
    /// Address, span, owner, labels.
    pub entity: &'a Entity,
    /// How it is reached.
    pub management: Option<&'a Management>,
    /// What it takes.
    pub profile: &'a Arc<Profile>,
    /// Where its profile is named.
    pub profile_span: Span,
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
    /// A1-P version 1 of a near-RT RIC: policies have no types there.
    StandardV1,
    /// A1-P of the O-RAN SC near-RT RIC: types are integers.
    Osc,
    /// The A1 policy management service, version 2.
    PmsV2,
    /// The A1 policy management service, version 3.
    PmsV3,
}

impl Dialect {
    /// All dialects with the words of the language.
    pub const ALL: [(Dialect, &'static str); 5] = [
        (Self::Standard, "standard"),
        (Self::StandardV1, "standard-v1"),
        (Self::Osc, "osc"),
        (Self::PmsV2, "pms-v2"),
        (Self::PmsV3, "pms-v3"),
    ];

    /// The word of the language.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(dialect, _)| *dialect == self).map_or("", |(_, word)| word)
    }

    /// Whether it is that of the policy management service.
    pub fn is_service(self) -> bool {
        matches!(self, Self::PmsV2 | Self::PmsV3)
    }
}

impl Network {
    /// A near-RT RIC as policies see it; none for a `ric` without a way to it.
    pub fn policy_peer(&self, ric: PolicyRic) -> Option<PolicyPeer<'_>> {
        match ric {
            PolicyRic::Node(node) => {
                let node = &self.nodes[node];
                let (entity, management) = (&node.entity, node.management.as_ref());
                Some(PolicyPeer { entity, management, profile: &node.profile, profile_span: node.profile_span })
            }
            PolicyRic::Placed(ric) => {
                let ric = &self.rics[ric];
                let RicPeer { management, profile, profile_span } = ric.peer.as_ref()?;
                let (entity, management) = (&ric.entity, Some(management));
                Some(PolicyPeer { entity, management, profile, profile_span: *profile_span })
            }
        }
    }

    /// The entity of a near-RT RIC.
    pub fn ric_entity(&self, ric: PolicyRic) -> &Entity {
        match ric {
            PolicyRic::Node(node) => &self.nodes[node].entity,
            PolicyRic::Placed(ric) => &self.rics[ric].entity,
        }
    }

    /// The near-RT RIC that serves a node: of those that it and the nodes above it are E2 nodes of, or that stand above
    /// it, the first; none where there is none.
    pub fn ric_above(&self, node: NodeId) -> Option<PolicyRic> {
        let mut at = Some(node);
        // A tree is no deeper than it has nodes; a cycle is another check's finding.
        for _ in 0..=self.nodes.len() {
            let id = at?;
            let serves = |ric: &super::Ric| ric.peer.is_some() && ric.e2_nodes.binary_search(&id).is_ok();
            if let Some((ric, _)) = self.rics.iter().find(|(_, ric)| serves(ric)) {
                return Some(PolicyRic::Placed(ric));
            }
            let node = &self.nodes[id];
            if node.kind == NodeKind::NearRtRic {
                return Some(PolicyRic::Node(id));
            }
            at = node.parent.map(|parent| parent.value);
        }
        None
    }

    /// Whether A1 policies are written to a RIC.
    pub fn takes_policies(&self, ric: PolicyRic) -> bool {
        let near = match ric {
            PolicyRic::Node(node) => self.nodes[node].kind == NodeKind::NearRtRic,
            PolicyRic::Placed(_) => true,
        };
        near && self.policy_peer(ric).is_some_and(|peer| peer.management.is_some() && peer.profile.target == "a1")
    }

    /// All near-RT RICs that policies are written to, in order.
    pub fn policy_rics(&self) -> impl Iterator<Item = PolicyRic> + '_ {
        let nodes = self.nodes.ids().map(PolicyRic::Node);
        nodes.chain(self.rics.ids().map(PolicyRic::Placed)).filter(|ric| self.takes_policies(*ric))
    }

    /// The RICs that a policy goes to, in order: those named, else those that serve its cells, else all.
    pub fn rics_of(&self, policy: &Policy) -> Vec<PolicyRic> {
        let serving = |cells: &mut dyn Iterator<Item = CellId>| {
            cells.filter_map(|cell| self.ric_above(self.cells[cell].node)).collect()
        };
        let mut rics: Vec<PolicyRic> = match (policy.through.is_empty(), &policy.cells) {
            (false, _) => policy.through.iter().map(|ric| ric.value).collect(),
            (true, Some(cells)) => serving(&mut cells.iter().copied()),
            (true, None) => match policy.kind() {
                // Nothing else names cells, so where they are decides.
                Some(PolicyKind::TrafficSteeringPreference) if !policy.steering.is_empty() => {
                    serving(&mut policy.steering.iter().flat_map(|line| line.cells.iter().copied()))
                }
                _ => self.policy_rics().collect(),
            },
        };
        rics.retain(|ric| self.takes_policies(*ric));
        rics.sort_unstable();
        rics.dedup();
        rics
    }

    /// The cells of `cells` that a RIC serves, in their order.
    pub fn cells_under(&self, ric: PolicyRic, cells: &[CellId]) -> Vec<CellId> {
        cells.iter().copied().filter(|cell| self.ric_above(self.cells[*cell].node) == Some(ric)).collect()
    }

    /// The type, with its integer id, that a RIC has for policies of this kind: the newest it lists that says all that
    /// is wanted.
    pub fn policy_type(&self, ric: PolicyRic, policy: &Policy) -> Option<(PolicyType, Option<u32>)> {
        let kind = policy.kind()?;
        let fits = |kind_of: &PolicyType| {
            let generation = kind_of.generation();
            kind_of.kind == kind
                && (!policy.needs_current() || generation == Generation::Current)
                && (!policy.needs_second() || generation == Generation::Second)
        };
        self.policy_types(ric)
            .into_iter()
            .filter(|(kind_of, _)| fits(kind_of))
            .max_by_key(|(kind_of, _)| kind_of.version)
    }

    /// The types that a RIC lists: as its `manage` line says, else as its profile does.
    pub fn policy_types(&self, ric: PolicyRic) -> Vec<(PolicyType, Option<u32>)> {
        let Some(peer) = self.policy_peer(ric) else { return Vec::new() };
        match peer.management.and_then(|management| management.a1.as_ref()) {
            Some(access) if !access.types.is_empty() => access.types.clone(),
            _ => {
                let listed = peer.profile.options.get("types").map_or("", String::as_str);
                listed.split_whitespace().filter_map(PolicyType::parse).map(|kind| (kind, None)).collect()
            }
        }
    }

    /// The address of what a policy is on a RIC, and of its part for one cell.
    pub fn policy_address(&self, ric: PolicyRic, policy: &Policy, cell: Option<CellId>) -> Address {
        let cell = cell.map(|cell| &self.cells[cell].entity.address);
        policy_address(&self.ric_entity(ric).address, &policy.entity.address, cell)
    }
}

/// The address of what a policy is on a RIC, and of its part for one cell.
pub fn policy_address(ric: &Address, policy: &Address, cell: Option<&Address>) -> Address {
    let text = policy.as_str();
    let name = text.strip_prefix("policy.").filter(|name| !name.contains('/')).unwrap_or(text).trim_matches('"');
    let address = ric.child("policy", name);
    match cell {
        None => address,
        Some(cell) => address.child("cell", cell.as_str()),
    }
}
