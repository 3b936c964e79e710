//! Small networks as deployments, and bundles made from them, without intents and solvers.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ranform::apply::{Event, Events, Options, pack};
use ranform::drivers::{self, Observed};
use ranform::patience::Patience;
use ranform::state::State;
use ranform_network::bundle::Bundle;
use ranform_network::deployment::*;
use ranform_network::network::{Duplex, HostKey, Management, Protocol, Reference, SharingMode, Technology};
use ranform_network::profile::PROFILES;
use ranform_network::radio::Plmn;
use ranform_network::{Address, Change, Located};
use ranform_targets::Job;

use super::{Rig, user};

/// The device number `index`.
pub fn device(index: usize) -> Address {
    Address::new("node", &format!("enb-{index}"))
}

/// Its cell.
pub fn cell(index: usize) -> Address {
    device(index).child("cell", "lte-1")
}

/// A tenant on its cell.
pub fn tenant(index: usize, name: &str) -> Address {
    cell(index).child("tenant", name)
}

/// A way to a device over NETCONF.
pub fn netconf(rig: &Rig) -> Management {
    Management {
        protocol: Protocol::Netconf,
        endpoint: located(&format!("127.0.0.1:{}", rig.port)),
        user: Some(user().into()),
        credential: Some(Reference::File(rig.key_file().display().to_string().into())),
        host_key: Some(HostKey::Fingerprint(rig.fingerprint().into())),
        a1: None,
        cluster: None,
    }
}

/// A way to a device that is a folder of the project.
pub fn folder(name: &str) -> Management {
    Management {
        protocol: Protocol::Directory,
        endpoint: located(name),
        user: None,
        credential: None,
        host_key: None,
        a1: None,
        cluster: None,
    }
}

fn located(text: &str) -> Located<Arc<str>> {
    Located::new(text.into(), Default::default())
}

/// A base station per way, each with one cell and these tenants and percentages.
pub fn network(ways: &[Management], shares: &[(&str, u32)]) -> Deployment {
    let mut deployment = Deployment::default();
    for (index, way) in ways.iter().enumerate() {
        let name = format!("enb-{index}");
        let profile = PROFILES["ranform-lte"].clone();
        let node = NodeResource { id: Some(100 + index as u32), ..NodeResource::default() };
        let entry = Device { profile, management: Some(way.clone()), name: name.clone(), capacity: Amounts::new() };
        deployment.devices.insert(device(index), entry);
        place(&mut deployment, index, device(index), &name, None, Resource::Node(node));
        place(&mut deployment, index, cell(index), "lte-1", None, Resource::Cell(lte_cell()));
        for (order, (name, percent)) in (1..).zip(shares) {
            let resource = Resource::CellTenant(lte_tenant(order, *percent));
            place(&mut deployment, index, tenant(index, name), name, Some(name), resource);
        }
    }
    deployment
}

fn place(to: &mut Deployment, index: usize, address: Address, id: &str, tenant: Option<&str>, resource: Resource) {
    let placed = Placed {
        resource,
        device: device(index),
        device_id: id.to_owned(),
        span: Default::default(),
        tenant: tenant.map(str::to_owned),
        owner: None,
    };
    to.placed.insert(address, placed);
}

fn lte_cell() -> CellResource {
    CellResource {
        technology: Technology::Lte,
        local_id: Some(1),
        band: 7,
        carrier_hz: 2_680_000_000,
        uplink_carrier_hz: 2_560_000_000,
        arfcn_dl: 3350,
        arfcn_ul: 21350,
        bandwidth_hz: 20_000_000,
        scs_hz: 15_000,
        prbs: 100,
        duplex: Duplex::Fdd,
        tdd_pattern: None,
        pci: Some(7),
        tac: Some(9),
        ssb_arfcn: None,
        power_dbm: Some(30.0),
        azimuth_deg: None,
        tilt_deg: None,
        unlocked: true,
        host_plmn: Plmn::parse("001-01"),
        sharing: SharingMode::Prb,
    }
}

fn lte_tenant(order: u32, percent: u32) -> CellTenantResource {
    let share = f64::from(percent);
    let both = Quota { dedicated: 0.0, min: share, max: share, prbs: percent };
    CellTenantResource {
        plmn: Plmn::new("214", &format!("{order:02}")).expect("a PLMN"),
        snssai: None,
        quota: Some(Quotas::Both { both }),
        order,
        priority: None,
    }
}

/// What leads from recorded state to `wanted`.
pub fn plan(state: &State, wanted: &Deployment) -> Bundle {
    let recorded = state.recorded().expect("state reads");
    let changes = diff(&recorded, wanted, |_, _| Cause::Intent { at: "network.intent:1".to_owned() });
    let mut devices = state.devices().expect("state reads");
    devices.extend(wanted.devices.clone());
    let mut artifacts = Vec::new();
    let mut deployment = wanted.clone();
    deployment.devices = devices.clone();
    for (address, device) in &devices {
        let changes: Vec<Change> = changes.iter().filter(|change| change.device == *address).cloned().collect();
        let job = Job {
            deployment: &deployment,
            changes: &changes,
            device: address,
            profile: &device.profile,
            present: &[],
            folder: None,
        };
        artifacts.extend(ranform_targets::render(&job).expect("it renders"));
    }
    let mut bundle = Bundle {
        inverse: changes.iter().map(Change::inverse).collect(),
        artifacts: pack(&artifacts),
        devices,
        changes,
        ..Bundle::default()
    };
    bundle.origin.state_serial = state.serial().expect("state reads");
    // Through the file, as a user would.
    Bundle::decode(&bundle.encode().0).expect("a bundle reads back").0
}

/// Options with limits that suit a test.
pub fn options(root: &Path) -> Options {
    let mut options = Options::new(root, "apply test.ranplan");
    options.limit_devices(std::time::Duration::from_secs(20));
    // Tests that set another limit mean it for clusters too.
    options.software_limit = std::time::Duration::ZERO;
    options
}

/// What the devices hold, by reading only.
pub async fn look(state: &State, wanted: &Deployment, root: &Path) -> Observed {
    let recorded: BTreeMap<Address, Recorded> = match state.recorded().expect("state reads") {
        recorded if !recorded.is_empty() => recorded,
        _ => wanted.placed.iter().map(|(address, placed)| (address.clone(), recorded_of(placed))).collect(),
    };
    let limit = std::time::Duration::from_secs(20);
    let patience = Patience::seconds(60 + wanted.devices.len() as u64);
    let seen = drivers::observe(&wanted.devices, &recorded, root, 8, limit, &patience).await;
    for (address, reason) in seen.iter().filter_map(|(address, found)| Some((address, found.as_ref().err()?))) {
        eprintln!("{address} is not read: {reason}");
    }
    seen
}

pub fn recorded_of(placed: &Placed) -> Recorded {
    placed.recorded()
}

/// The percentage that a tenant has on each device; none where it has nothing.
pub async fn shares(state: &State, wanted: &Deployment, root: &Path, name: &str) -> Vec<Option<u32>> {
    let seen = look(state, wanted, root).await;
    let share = |index: usize| match seen[&device(index)].as_ref().ok()?.reading.resources.get(&tenant(index, name)) {
        Some(Resource::CellTenant(CellTenantResource { quota: Some(Quotas::Both { both }), .. })) => {
            Some(both.min as u32)
        }
        _ => None,
    };
    (0..wanted.devices.len()).map(share).collect()
}

/// Calls a function on each event.
pub struct OnEvent<F>(pub F);

impl<F: Fn(&Event<'_>) + Send + Sync> Events for OnEvent<F> {
    fn event(&self, event: &Event<'_>) {
        self.0(event);
    }
}
