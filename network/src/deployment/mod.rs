//! Every decision made, addressed, and what differs from what is there.
//!
//! [`Deployment`] is made once from a network and the optimizers' answers; after it nobody chooses anything.
//! [`diff`] compares typed [`Resource`]s, never text.

mod access;
mod assemble;
mod attribute;
mod cluster;
mod decided;
mod diff;
mod identity;
mod kept;
mod names;
mod object_names;
mod peers;
mod place_policies;
mod place_software;
mod policy;
mod resource;
mod rollout;
mod settings;
mod software;

pub use access::{E2NodeName, LoginReference, ReachedNode, SecretReference, folders};
pub use attribute::{attributes_at, attributes_of_leaf, deciding_attributes};
pub use cluster::{
    Needs, cluster_node, has_state, is_huge_pages, is_told_live, loop_budget_ns, node_of, played_node, stored_bytes,
};
pub use decided::may_be_decided;
pub use diff::*;
pub use identity::*;
pub use names::Former;
pub use object_names::{DENY_ALL, known_as, object_label, object_name, osc_word};
pub use place_software::{
    component_of, hosted_address, model_instance_address, ric_instance_address, ric_instance_noun,
};
pub use policy::*;
pub use resource::*;
pub use rollout::{add_amounts, beside_old, is_made_anew, moves, pods_of};
pub use settings::{Annotation, ContainerArguments, PodSettings, VariableValue, settings_of};
pub use software::*;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::profile::Profile;
use crate::source::{Located, Span};

/// Every thing decided, by address.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Deployment {
    /// The things, in address order.
    pub placed: BTreeMap<Address, Placed>,
    /// The devices they are on, by node address.
    pub devices: BTreeMap<Address, Device>,
    /// Software decided for nodes that this version does not deploy to: shown, never changed or applied.
    pub undeployed: BTreeMap<Address, Undeployed>,
}

/// A decided thing that is not deployed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Undeployed {
    /// The thing.
    pub placed: Placed,
    /// Why it is not deployed.
    pub because: NotDeployed,
}

/// Why software that is decided for a node is not deployed to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotDeployed {
    /// Nothing says how the node is reached.
    NoManagement,
    /// Its profile has no place for software.
    NoKnob,
}

/// One decided thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placed {
    /// What it is.
    pub resource: Resource,
    /// The node that carries it.
    pub device: Address,
    /// The id it has on the device, derived once and kept in state.
    pub device_id: String,
    /// The intent line it comes from.
    #[serde(skip)]
    pub span: Span,
    /// The tenant it is for, where it is for one.
    pub tenant: Option<String>,
    /// The team that owns it.
    pub owner: Option<String>,
}

impl Placed {
    /// As it is recorded once it is there.
    pub fn recorded(&self) -> Recorded {
        Recorded {
            resource: self.resource.clone(),
            device: self.device.clone(),
            device_id: self.device_id.clone(),
            tenant: self.tenant.clone(),
            owner: self.owner.clone(),
            former: Former::new(),
        }
    }
}

/// A device to configure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// Its profile, whole: a bundle applies with the profile it was made with.
    pub profile: Arc<Profile>,
    /// How it is reached.
    pub management: Option<crate::network::Management>,
    /// The node's own name.
    pub name: String,
    /// What it has for software, by resource; empty where nobody says, or it runs none.
    #[serde(default, skip_serializing_if = "Amounts::is_empty")]
    pub capacity: Amounts,
}

impl Device {
    /// Which device it is, in the words of its `manage` line: two nodes with one place are one device. None where it is
    /// not managed.
    pub fn place(&self, address: &Address) -> Option<String> {
        let way = self.management.as_ref()?;
        let at = match cluster_node(address, Some(way)) {
            Some(name) => format!("node \"{name}\" of {}", way.cluster_words()),
            None => match played_node(address, &self.profile, Some(way)) {
                Some(name) => format!("\"{}\" node \"{name}\"", way.endpoint.value),
                None => format!("\"{}\"", way.endpoint.value),
            },
        };
        // One management service speaks for many RICs.
        let ric = way.a1.as_ref().and_then(|access| access.ric.as_deref());
        let ric = ric.map(|ric| format!(" ric \"{ric}\"")).unwrap_or_default();
        Some(format!("{} {at}{ric}", way.protocol.word()))
    }

    /// The same, to stand under another address: a cluster goes on calling the node what it is called at `address`, where
    /// its `manage` line left that to the intents.
    #[must_use]
    pub fn leaving(&self, address: &Address) -> Self {
        let mut device = self.clone();
        let Some(name) = cluster_node(address, self.management.as_ref()) else { return device };
        if let Some(access) = device.management.as_mut().map(|way| way.cluster.get_or_insert_default()) {
            access.node.get_or_insert_with(|| Located::new(name.into(), Span::default()));
        }
        device
    }

    /// Its place, and the format that is spoken there: what is known of a device holds only for these.
    pub fn reach(&self, address: &Address) -> Option<String> {
        Some(format!("{}, {}", self.place(address)?, self.profile.name))
    }
}
