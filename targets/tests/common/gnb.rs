//! NR and LTE base stations at random.

use proptest::prelude::*;
use ranform_network::Address;
use ranform_network::deployment::*;
use ranform_network::network::{Duplex, Protocol, SharingMode, Technology};
use ranform_network::radio::{Plmn, Snssai};

use super::*;

/// What a family of devices can carry.
#[derive(Clone, Copy, Debug)]
pub struct Carries {
    pub profile: &'static str,
    pub technology: Technology,
    pub directions: bool,
    pub cores: bool,
    pub pattern: bool,
    pub priority: bool,
    pub same_policies: bool,
    pub half_decibels: bool,
    pub always_power: bool,
    /// Static shares in steps of this many percent.
    pub fixed: Option<u32>,
    pub dedicated: bool,
    pub time_division: bool,
}

pub fn plmn() -> impl Strategy<Value = Plmn> {
    prop::sample::select(vec!["001-01", "001-001", "214-07", "999-99"]).prop_map(|text| Plmn::parse(text).unwrap())
}

fn quota(prbs: u32, carries: Carries) -> BoxedStrategy<Quota> {
    if let Some(step) = carries.fixed {
        return (1u32..=20 / step)
            .prop_map(move |steps| {
                let percent = f64::from(steps * step);
                let dedicated = if carries.dedicated { percent } else { 0.0 };
                Quota { dedicated, min: percent, max: percent, prbs: prbs * steps * step / 100 }
            })
            .boxed();
    }
    (0u32..=20, 0u32..=20, 0u32..=60)
        .prop_map(move |(dedicated, more, most)| {
            let (min, max) = (dedicated + more, (dedicated + more + most).max(1));
            let prbs = prbs * min / 100;
            Quota { dedicated: f64::from(dedicated), min: f64::from(min), max: f64::from(max), prbs }
        })
        .boxed()
}

fn quotas(prbs: u32, carries: Carries) -> impl Strategy<Value = Option<Quotas>> {
    let both = quota(prbs, carries).prop_map(|both| Some(Quotas::Both { both }));
    let each =
        (quota(prbs, carries), prop::option::of(quota(prbs, carries)), any::<bool>()).prop_map(|(one, other, swap)| {
            let (dl, ul) = if swap { (Some(one), other) } else { (other, Some(one)) };
            // Equal directions are one quota, as a deployment is assembled.
            Some(match (dl, ul) {
                (Some(dl), Some(ul)) if dl == ul => Quotas::Both { both: dl },
                (dl, ul) => Quotas::Each { dl, ul },
            })
        });
    if carries.directions { prop_oneof![Just(None), both, each].boxed() } else { prop_oneof![Just(None), both].boxed() }
}

fn cell(carries: Carries) -> impl Strategy<Value = CellResource> {
    let nr = carries.technology == Technology::Nr;
    let power = if carries.half_decibels {
        (40u32..100).prop_map(|half| f64::from(half) / 2.0).boxed()
    } else {
        (20u32..50).prop_map(f64::from).boxed()
    };
    let power = if carries.always_power { power.prop_map(Some).boxed() } else { prop::option::of(power).boxed() };
    (
        0u32..16,
        600_000u32..653_333,
        any::<bool>(),
        0u32..504,
        prop::option::of(1u32..65_535),
        power,
        any::<bool>(),
        prop::option::of(plmn()),
    )
        .prop_map(move |(local_id, arfcn, tdd, pci, tac, power_dbm, unlocked, host_plmn)| {
            let tdd = tdd || carries.time_division;
            let carrier_hz = 3_000_000_000 + u64::from(arfcn - 600_000) * 15_000;
            CellResource {
                technology: carries.technology,
                local_id: Some(local_id),
                band: if nr { 77 } else { 7 },
                carrier_hz,
                uplink_carrier_hz: if tdd { carrier_hz } else { carrier_hz + 15_000_000 },
                arfcn_dl: arfcn,
                arfcn_ul: if tdd { arfcn } else { arfcn + 1000 },
                bandwidth_hz: if nr { 50_000_000 } else { 20_000_000 },
                scs_hz: if nr { 30_000 } else { 15_000 },
                prbs: if nr { 133 } else { 100 },
                duplex: if tdd { Duplex::Tdd } else { Duplex::Fdd },
                tdd_pattern: (carries.pattern && tdd).then(|| "DDDSU".to_owned()),
                pci: Some(pci),
                tac,
                ssb_arfcn: (nr && pci % 2 == 0).then_some(arfcn - 100),
                power_dbm,
                azimuth_deg: None,
                tilt_deg: None,
                unlocked,
                host_plmn,
                sharing: SharingMode::PrbPolicy,
            }
        })
}

/// Tenants by name with a PLMN of their own, so that slices never coincide.
fn tenants(carries: Carries) -> impl Strategy<Value = Vec<(String, CellTenantResource)>> {
    let nr = carries.technology == Technology::Nr;
    let prbs = if nr { 133 } else { 100 };
    let one = (quotas(prbs, carries), 1u8..5, prop::option::of(1u32..99), prop::option::of(1u32..200));
    (names(4), prop::collection::vec(one, 4), any::<bool>()).prop_map(move |(names, ones, reversed)| {
        let count = names.len() as u32;
        let mut tenants = Vec::new();
        for (index, (name, (quota, sst, sd, priority))) in names.into_iter().zip(ones).enumerate() {
            let mnc = format!("{:02}", 10 + name.len() * 7 + index);
            let order = if reversed { count - index as u32 } else { index as u32 + 1 };
            let priority = priority.filter(|_| carries.priority && quota.is_some());
            // srsRAN tells tenants apart by slice alone.
            let sd = if carries.time_division { Some(index as u32) } else { sd };
            let snssai = nr.then_some(Snssai { sst, sd });
            let plmn = Plmn::new("310", &mnc).unwrap();
            tenants.push((name, CellTenantResource { plmn, snssai, quota, order, priority }));
        }
        tenants
    })
}

pub fn station(carries: Carries) -> impl Strategy<Value = Deployment> {
    let cells = prop::collection::vec((cell(carries), tenants(carries)), 1..3);
    let cores = prop::collection::vec((plmn(), 1u8..250), 0..3);
    let e2 = prop::sample::select(vec!["10.0.0.5:36421", "[2001:db8::5]:30000", "e2t.metro:36422"]);
    let part = (prop::option::of(0u64..1 << 36), prop::option::of("[a-z &<]{1,20}[a-z]"), prop::option::of(e2));
    (1u32..1_000_000, 22u8..=32, part, cells, cores).prop_map(
        move |(id, length, (du_id, du_name, e2), cells, cores)| {
            let has = |leaf| profile(carries.profile).has(leaf);
            let nr = carries.technology == Technology::Nr;
            let node = device_address();
            let mut endpoints: Vec<CoreEndpoint> = Vec::new();
            for (plmn, last) in cores.into_iter().filter(|_| carries.cores) {
                let role = if nr { "amf" } else { "mme" }.to_owned();
                let endpoint = CoreEndpoint { plmn, role, address: format!("10.0.0.{last}") };
                if !endpoints.iter().any(|other| other.address == endpoint.address) {
                    endpoints.push(endpoint);
                }
            }
            let resource = NodeResource {
                id: Some(id),
                id_length: nr.then_some(length),
                cores: endpoints,
                du_id: du_id.filter(|_| has("node.du_id")),
                du_name: du_name.filter(|_| has("node.du_name")),
                country: None,
                e2_endpoint: e2.filter(|_| has("node.e2_endpoint")).map(str::to_owned),
            };
            let mut things = vec![(node.clone(), "device".to_owned(), Resource::Node(resource))];
            let shared = cells[0].1.clone();
            for (index, (cell, tenants)) in cells.into_iter().enumerate() {
                let address = node.child("cell", &format!("c{index}"));
                let mut cell = cell;
                cell.local_id = Some(index as u32);
                if shared.is_empty() || tenants.is_empty() {
                    // A list of PLMNs has at least one.
                    cell.host_plmn = Plmn::parse("001-01");
                }
                for (name, tenant) in if carries.same_policies { shared.clone() } else { tenants } {
                    things.push((address.child("tenant", &name), name, Resource::CellTenant(tenant)));
                }
                things.push((address, format!("c{index}"), Resource::Cell(cell)));
            }
            deployment(carries.profile, Protocol::Directory, things)
        },
    )
}

/// Makes wrong what a base station carries itself.
pub fn scramble(resource: &mut Resource) {
    match resource {
        Resource::Node(node) => {
            node.id = Some(7);
            node.id_length = node.id_length.map(|_| 23);
            node.du_id = node.du_id.map(|_| 9);
            node.du_name = node.du_name.as_ref().map(|_| "wrong".to_owned());
            node.e2_endpoint = node.e2_endpoint.as_ref().map(|_| "192.0.2.1:30001".to_owned());
        }
        Resource::Cell(cell) => {
            cell.pci = Some(1);
            cell.tac = Some(3);
            cell.local_id = None;
            cell.power_dbm = Some(11.0);
            cell.unlocked = !cell.unlocked;
            cell.host_plmn = None;
            if cell.technology == Technology::Nr && cell.tdd_pattern.is_none() {
                cell.arfcn_dl += 2;
                cell.carrier_hz += 30_000;
                cell.arfcn_ul += 2;
                cell.uplink_carrier_hz += 30_000;
                cell.ssb_arfcn = cell.ssb_arfcn.map(|_| 1);
            }
        }
        Resource::CellTenant(tenant) if tenant.quota.is_some() => {
            let wrong = Quota { dedicated: 1.0, min: 2.0, max: 3.0, prbs: 4 };
            tenant.quota = Some(Quotas::Both { both: wrong });
        }
        _ => {}
    }
}

pub fn cell_address(index: usize) -> Address {
    device_address().child("cell", &format!("c{index}"))
}

/// Makes wrong the shares alone.
pub fn scramble_shares(resource: &mut Resource) {
    if matches!(resource, Resource::CellTenant(_)) {
        scramble(resource);
    }
}

/// Makes wrong what srsRAN carries: a cell's state is not in its file.
pub fn scramble_srsran(resource: &mut Resource) {
    scramble(resource);
    if let Resource::Cell(cell) = resource {
        cell.unlocked = !cell.unlocked;
    }
}
