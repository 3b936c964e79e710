//! From a [`Deployment`](ranform_network::Deployment) and its changes to the bytes that devices take, and back.
//!
//! Targets decide nothing and touch nothing: [`Target::render`] and [`Target::read`] are pure functions of their
//! arguments. What a device can do is data (`network/profiles`); which formats there are is [`TARGETS`].
//!
//! | folder | formats |
//! |---|---|
//! | `json` | the embedded default: a JSON document per resource |
//! | `kubernetes` | objects of a cluster: near-RT RIC components, xApps, rApps, models |
//! | `netconf` | edit-config bodies: 3GPP NRM, our LTE module, OpenConfig access points, VLAN sub-interfaces |
//! | `scheduler` | srsRAN, FlexRAN, FlexRIC, hostapd |
//! | `a1` | policies for near-RT RICs |
//! | `custom_resources` | what users of a cluster act on, as objects of its API server; no device takes them |
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod a1;
pub mod custom_resources;
pub mod json;
pub mod kubernetes;
pub mod netconf;
pub mod scheduler;
mod target;
mod view;
pub mod xml;

pub use target::*;
pub use view::{Branch, CellBranch, Entry, PortBranch, RadioBranch, View};

/// Every format there is; adding one is a folder and a line here.
pub const TARGETS: &[&dyn Target] = &[
    &json::Json,
    &kubernetes::Kubernetes,
    &netconf::Netconf { name: "netconf-3gpp", part: &netconf::gpp::Gpp },
    &netconf::Netconf { name: "netconf-lte", part: &netconf::lte::Lte },
    &netconf::Netconf { name: "netconf-openconfig-ap", part: &netconf::access_point::AccessPoint },
    &netconf::Netconf { name: "netconf-o-ran-vlan", part: &netconf::vlan::O_RAN },
    &netconf::Netconf { name: "netconf-ietf-vlan", part: &netconf::vlan::IETF },
    &netconf::Netconf { name: "netconf-openconfig-vlan", part: &netconf::vlan::OPENCONFIG },
    &scheduler::srsran::SrsRan,
    &scheduler::flexran::FlexRan,
    &scheduler::flexric::FlexRic,
    &scheduler::hostapd::Hostapd,
    &a1::A1,
];

/// The target with this name, as a profile gives it.
pub fn find(name: &str) -> Option<&'static dyn Target> {
    TARGETS.iter().copied().find(|target| target.name() == name)
}

/// Renders the changes of one device in the format of its profile; nothing where its format is `none`.
pub fn render(job: &Job) -> Result<Vec<ranform_network::Artifact>, RenderError> {
    match find(&job.profile.target) {
        Some(target) => target.render(job),
        None => Ok(Vec::new()),
    }
}
