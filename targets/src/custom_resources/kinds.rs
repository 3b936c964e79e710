//! The kinds of custom resources: what they are called, and what `kubectl get` shows of them.

use super::schema::Shape;
use super::shapes::*;

/// The API group.
pub const GROUP: &str = "ranform.dev";
/// The API version.
pub const VERSION: &str = "v1alpha1";

/// A kind of custom resource.
#[derive(Debug)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// Its plural, in URLs and roles.
    pub plural: &'static str,
    /// Short names for `kubectl`.
    pub short: &'static [&'static str],
    /// The noun of the language.
    pub noun: &'static str,
    /// What it is, one line.
    pub about: &'static str,
    /// What its `spec` says.
    pub spec: &'static Shape,
    /// What its `status` says.
    pub status: &'static Shape,
    /// Its own columns of `kubectl get`, between the name and the conditions.
    pub columns: &'static [Column],
}

/// A column of `kubectl get`.
#[derive(Debug)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// The type of its values.
    pub of: &'static str,
    /// Where its value is.
    pub path: &'static str,
    /// 0 where it is always shown, 1 with `-o wide` only.
    pub priority: u8,
}

const fn column(name: &'static str, of: &'static str, path: &'static str) -> Column {
    Column { name, of, path, priority: 0 }
}

const fn wide(name: &'static str, of: &'static str, path: &'static str) -> Column {
    Column { name, of, path, priority: 1 }
}

/// The columns of every kind.
pub const CONDITIONS: &[Column] = &[
    column("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status"),
    column("Drift", "integer", ".status.driftCount"),
    wide("Why", "string", ".status.conditions[?(@.type==\"Ready\")].reason"),
    column("Age", "date", ".metadata.creationTimestamp"),
];

/// Every kind, in reading order.
pub const KINDS: [Kind; 8] = [
    Kind {
        name: "Chunk",
        plural: "chunks",
        short: &["chunk"],
        noun: "chunk",
        about: "A tenant's group of cells, radios and ports.",
        spec: &CHUNK,
        status: &STATUS,
        columns: &[column("Tenant", "string", ".spec.tenant"), column("Ratio", "string", ".spec.ratio")],
    },
    Kind {
        name: "Service",
        plural: "services",
        short: &["rsvc"],
        noun: "service",
        about: "What is radiated and carried on a chunk.",
        spec: &SERVICE,
        status: &STATUS,
        columns: &[
            column("Chunk", "string", ".spec.chunk"),
            column("SST", "integer", ".spec.slice.sst"),
            column("SD", "string", ".spec.slice.sd"),
            column("SSID", "string", ".spec.ssid"),
            column("VLAN", "integer", ".spec.vlan"),
            wide("MCC", "string", ".spec.plmn.mcc"),
            wide("MNC", "string", ".spec.plmn.mnc"),
        ],
    },
    Kind {
        name: "ServiceSla",
        plural: "serviceslas",
        short: &["sla"],
        noun: "sla",
        about: "The shares promised to tenants over an area.",
        spec: &SERVICE_SLA,
        status: &STATUS,
        columns: &[
            column("Window", "string", ".spec.window"),
            column("Floor", "string", ".spec.floor"),
            wide("Best effort", "boolean", ".spec.bestEffort"),
            wide("Shares", "string", ".spec.shares"),
        ],
    },
    Kind {
        name: "RicDeployment",
        plural: "ricdeployments",
        short: &["ricd"],
        noun: "ric",
        about: "A near-RT RIC to place.",
        spec: &RIC_DEPLOYMENT,
        status: &RIC_STATUS,
        columns: &[
            column("Runs on", "string", ".status.runsOn"),
            wide("Serves at most", "integer", ".spec.servesAtMost"),
            wide("Placement", "string", ".status.placement"),
            wide("Candidates", "string", ".spec.candidates"),
        ],
    },
    Kind {
        name: "ModelRequest",
        plural: "modelrequests",
        short: &["mreq"],
        noun: "request",
        about: "Functions wanted on nodes.",
        spec: &MODEL_REQUEST,
        status: &REQUEST_STATUS,
        columns: &[
            column("Value", "string", ".spec.value"),
            column("Decision", "string", ".status.decision"),
            column("Runs on", "string", ".status.runsOn"),
            wide("Hosts", "string", ".status.hosts"),
            wide("Sharing", "boolean", ".spec.sharing"),
        ],
    },
    Kind {
        name: "GnbNode",
        plural: "gnbnodes",
        short: &["gnb"],
        noun: "node",
        about: "A gNB or a part of one.",
        spec: &GNB_NODE,
        status: &STATUS,
        columns: &[
            column("Function", "string", ".spec.function"),
            column("Site", "string", ".spec.site"),
            column("Profile", "string", ".spec.profile"),
            wide("Endpoint", "string", ".spec.management.endpoint"),
        ],
    },
    Kind {
        name: "EnbNode",
        plural: "enbnodes",
        short: &["enb"],
        noun: "node",
        about: "An LTE base station.",
        spec: &ENB_NODE,
        status: &STATUS,
        columns: &[
            column("Site", "string", ".spec.site"),
            column("Profile", "string", ".spec.profile"),
            wide("Endpoint", "string", ".spec.management.endpoint"),
        ],
    },
    Kind {
        name: "AccessPoint",
        plural: "accesspoints",
        short: &["wap"],
        noun: "node",
        about: "A Wi-Fi access point.",
        spec: &ACCESS_POINT,
        status: &STATUS,
        columns: &[
            column("Site", "string", ".spec.site"),
            column("Profile", "string", ".spec.profile"),
            wide("Endpoint", "string", ".spec.management.endpoint"),
        ],
    },
];

impl Kind {
    /// The kind of this name.
    pub fn find(name: &str) -> Option<&'static Kind> {
        static ALL: &[Kind] = &KINDS;
        ALL.iter().find(|kind| kind.name == name)
    }

    /// Where a node of this kind belongs; none for compute nodes, switches and RICs that are there.
    pub fn of_node(kind: ranform_network::network::NodeKind) -> Option<&'static Kind> {
        use ranform_network::network::NodeKind;
        match kind {
            NodeKind::Enb => Self::find("EnbNode"),
            NodeKind::Ap => Self::find("AccessPoint"),
            NodeKind::Ru => Self::find("GnbNode"),
            _ if kind.is_part_of_gnb() => Self::find("GnbNode"),
            _ => None,
        }
    }
}

/// `ranform.dev/v1alpha1`
pub fn api_version() -> String {
    format!("{GROUP}/{VERSION}")
}
