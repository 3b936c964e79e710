//! One worked network per profile: the testbed of the COSMO paper, with a second cell that is shared by policy.

use ranform_network::deployment::*;
use ranform_network::network::{Duplex, Protocol, SharingMode, Technology};
use ranform_network::profile::Containment;
use ranform_network::radio::{Plmn, Snssai, WifiBand};

use super::*;

fn tenant(name: &str, quota: Option<Quotas>, snssai: bool) -> CellTenantResource {
    let (mnc, sd, order) = if name == "red" { ("01", 1, 1) } else { ("02", 2, 2) };
    CellTenantResource {
        plmn: Plmn::new("001", mnc).unwrap(),
        snssai: snssai.then_some(Snssai { sst: 1, sd: Some(sd) }),
        quota,
        order,
        priority: None,
    }
}

/// A base station with a passive cell and a shared one, two tenants on each, and a port with their VLANs.
pub fn station(profile: &str, technology: Technology, protocol: Protocol, share: fn(f64, u32) -> Quotas) -> Deployment {
    let nr = technology == Technology::Nr;
    let node = device_address();
    let has = |leaf| PROFILES[profile].has(leaf);
    let role = if nr { "amf" } else { "mme" }.to_owned();
    let core = |mnc, address: &str| CoreEndpoint {
        plmn: Plmn::new("001", mnc).unwrap(),
        role: role.clone(),
        address: address.to_owned(),
    };
    let resource = NodeResource {
        id: Some(411),
        id_length: nr.then_some(22),
        cores: vec![core("01", "10.1.0.5"), core("02", "10.2.0.5")],
        du_id: has("node.du_id").then_some(2),
        du_name: has("node.du_name").then(|| "north-2".to_owned()),
        e2_endpoint: has("node.e2_endpoint").then(|| "10.0.0.5:36421".to_owned()),
        ..Default::default()
    };
    let mut things = vec![(node.clone(), "device".to_owned(), Resource::Node(resource))];
    // A device with one policy set keeps it for all its cells.
    let all_shared = PROFILES[profile].containment == Containment::TopLevel;
    for (index, name) in ["passive", "shared"].into_iter().enumerate() {
        let passive = index == 0 && !all_shared;
        let address = node.child("cell", name);
        let cell = CellResource {
            technology,
            local_id: Some(index as u32 + 1),
            band: if nr { 77 } else { 7 },
            carrier_hz: if nr { 4_050_000_000 } else { 2_680_000_000 },
            uplink_carrier_hz: if nr { 4_050_000_000 } else { 2_560_000_000 },
            arfcn_dl: if nr { 670_000 } else { 3350 },
            arfcn_ul: if nr { 670_000 } else { 21_350 },
            bandwidth_hz: if nr { 50_000_000 } else { 20_000_000 },
            scs_hz: if nr { 30_000 } else { 15_000 },
            prbs: if nr { 133 } else { 100 },
            duplex: if nr { Duplex::Tdd } else { Duplex::Fdd },
            tdd_pattern: None,
            pci: Some(10 + index as u32),
            tac: Some(7),
            ssb_arfcn: nr.then_some(669_984),
            power_dbm: Some(30.0),
            azimuth_deg: None,
            tilt_deg: None,
            unlocked: true,
            host_plmn: Plmn::parse("214-07"),
            sharing: if passive { SharingMode::Passive } else { SharingMode::Prb },
        };
        let prbs = cell.prbs;
        things.push((address.clone(), name.to_owned(), Resource::Cell(cell)));
        for (tenant_name, percent) in [("red", 60.0), ("blue", 40.0)] {
            let quota = (!passive).then(|| share(percent, prbs));
            let resource = Resource::CellTenant(tenant(tenant_name, quota, nr));
            things.push((address.child("tenant", tenant_name), tenant_name.to_owned(), resource));
        }
    }
    if PROFILES[profile].options.contains_key("vlan") {
        things.extend(ports(&node));
    }
    deployment(profile, protocol, things)
}

pub fn ports(node: &Address) -> Vec<(Address, String, Resource)> {
    let address = node.child("port", "p1");
    let port = PortResource { interface: "eth1".to_owned(), mtu: None, unlocked: None };
    let mut things = vec![(address.clone(), "eth1".to_owned(), Resource::Port(port))];
    for (vlan, name) in [(101, "red"), (102, "blue")] {
        let resource = PortVlanResource { interface: "eth1".to_owned(), vlan, description: format!("tenant {name}") };
        things.push((address.child("vlan", &vlan.to_string()), format!("eth1.{vlan}"), Resource::PortVlan(resource)));
    }
    things
}

pub fn switch(profile: &str, protocol: Protocol) -> Deployment {
    deployment(profile, protocol, ports(&device_address()))
}

pub fn access_point(profile: &str, protocol: Protocol) -> Deployment {
    let node = device_address();
    let full = profile != "openconfig-ap-plain";
    let country = full.then(|| "ES".to_owned());
    let address = node.child("radio", "r1");
    let radio = RadioResource {
        band: WifiBand::Middle,
        channel: 149,
        width_hz: 20_000_000,
        standard: if full { "802.11n" } else { "" }.to_owned(),
        power_dbm: (profile != "hostapd").then_some(20.0),
        country: country.clone(),
        interface: None,
        unlocked: None,
        sharing: if full { SharingMode::Airtime } else { SharingMode::Passive },
    };
    let mut things = vec![
        (node.clone(), "device".to_owned(), Resource::Node(NodeResource { country, ..Default::default() })),
        (address.clone(), "r1".to_owned(), Resource::Radio(radio)),
    ];
    for (name, vlan, weight) in [("red", 101, 60.0), ("blue", 102, 40.0)] {
        let resource = RadioTenantResource {
            ssid: name.to_owned(),
            vlan: Some(vlan),
            weight: full.then_some(weight),
            limit: full && name == "blue",
        };
        things.push((address.child("tenant", name), name.to_owned(), Resource::RadioTenant(resource)));
    }
    if PROFILES[profile].options.contains_key("vlan") {
        things.extend(ports(&node));
    }
    deployment(profile, protocol, things)
}

/// One quota for both directions.
pub fn both(percent: f64, prbs: u32) -> Quotas {
    let prbs = (f64::from(prbs) * percent / 100.0) as u32;
    Quotas::Both { both: Quota { dedicated: percent, min: percent, max: percent, prbs } }
}

/// One quota per direction.
pub fn each(percent: f64, prbs: u32) -> Quotas {
    let Quotas::Both { both } = both(percent, prbs) else { unreachable!() };
    let ul = Quota { dedicated: 10.0, min: 20.0, max: 30.0, prbs: prbs / 5 };
    Quotas::Each { dl: Some(both), ul: Some(ul) }
}

/// All examples that are pushed by NETCONF or written as files.
pub fn all(protocol: Protocol) -> Vec<Deployment> {
    let nr = |profile, share| station(profile, Technology::Nr, protocol, share);
    vec![
        nr("3gpp-r16", both),
        nr("3gpp-r17", each),
        nr("3gpp-r18", each),
        nr("3gpp-r18-e2", both),
        station("ranform-lte", Technology::Lte, protocol, each),
        access_point("openconfig-ap", protocol),
        access_point("openconfig-ap-plain", protocol),
        switch("o-ran-vlan", protocol),
        switch("ietf-vlan", protocol),
        switch("openconfig-vlan", protocol),
        nr("srsran", both),
        nr("flexric", |percent, prbs| {
            let Quotas::Both { both } = both(percent, prbs) else { unreachable!() };
            Quotas::Both { both: Quota { dedicated: 0.0, ..both } }
        }),
        station("flexran", Technology::Lte, protocol, both),
        station("flexran-percentage", Technology::Lte, protocol, both),
        access_point("hostapd", protocol),
        nr("directory", each),
    ]
}

/// A near-RT RIC with a policy of the current generation that says a little of everything.
pub fn ric(profile: &str) -> Deployment {
    use ranform_network::a1::PolicyType;
    use ranform_network::network::{Preference, Spared};

    let plmn = Plmn::new("001", "01").unwrap();
    let cell = CellIdentity { plmn, id: CellNumber::Nci(6_733_825) };
    let gnb = GnbIdentity { plmn, value: 411, length: 22 };
    let slice = SliceIdentity { plmn, snssai: Snssai { sst: 1, sd: Some(1) } };
    let policy = |id: &str| PolicyResource::new(PolicyType::parse(id).unwrap(), None);
    let mut slices = policy("ORAN_SliceSLATarget_4.0.1");
    slices.scope.slice = Some(slice);
    slices.objectives = BTreeMap::from([(Objective::GuaranteeDlKbps, 20_000.0), (Objective::ReliabilityDl, 0.999)]);
    slices.tracking_areas = vec![TrackingArea { plmn, tac: 7 }];
    let mut steering = policy("ORAN_TrafficSteeringPreference_6.0.0");
    steering.scope.ue = Some(UeIdentity::Ran("00000000000000A1".to_owned(), Some(gnb)));
    steering.steering = vec![SteeringEntry { preference: Preference::Prefer, primary: true, cells: vec![cell] }];
    let mut energy = policy("ORAN_EnergySaving_3.0.1");
    energy.cells = vec![cell];
    energy.objectives = BTreeMap::from([(Objective::EnergyPercent, 20.0)]);
    energy.spares = vec![SparesEntry {
        what: Spared::Operation,
        forbidden: true,
        cells: vec![cell],
        while_dl: Some(30),
        while_ul: None,
    }];
    let named = [("slices", slices), ("steering", steering), ("energy", energy)];
    let things = named.map(|(name, policy)| {
        (device_address().child("policy", name), format!("ranform-{name}"), Resource::Policy(Box::new(policy)))
    });
    deployment(profile, Protocol::Directory, things.to_vec())
}
