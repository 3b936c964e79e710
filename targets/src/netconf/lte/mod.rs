//! LTE base stations by our own module `ranform-lte` (targets/yang): 3GPP publishes no YANG for E-UTRAN cells.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Address;
use ranform_network::deployment::*;
use ranform_network::network::{Duplex, SharingMode, Technology};
use ranform_network::profile::{AdministrativeState, Profile};
use ranform_network::radio::Plmn;

use super::places::places;
use super::record::{Decimal, Node, record};
use super::{Part, Reader};
use crate::view::{CellBranch, Entry, View};
use crate::xml::{Element, List};
use crate::{Finding, percent};

/// The namespace of `ranform-lte`.
pub const NAMESPACE: &str = "urn:ranform:lte";

record! {
    /// `enb`.
    Enb in NAMESPACE {
        name: Option<String> = "name",
        enb_id: Option<u32> = "enb-id",
        enb_id_length: Option<u8> = "enb-id-length",
        mmes: Vec<Mme> = "mme",
        cells: Vec<Cell> = "cell",
    }
    /// A core endpoint.
    Mme in NAMESPACE {
        mcc: Option<String> = "mcc",
        mnc: Option<String> = "mnc",
        address: Option<String> = "address",
        role: Option<String> = "role",
    }
    /// A cell.
    Cell in NAMESPACE {
        id: Option<String> = "id",
        local_id: Option<u32> = "local-id",
        band: Option<u16> = "band",
        carrier: Option<u64> = "carrier-frequency",
        uplink_carrier: Option<u64> = "uplink-carrier-frequency",
        earfcn_dl: Option<u32> = "earfcn-dl",
        earfcn_ul: Option<u32> = "earfcn-ul",
        bandwidth: Option<u64> = "bandwidth",
        blocks: Option<u32> = "resource-blocks",
        duplex: Option<String> = "duplex",
        pci: Option<u32> = "pci",
        tac: Option<u32> = "tac",
        power: Option<Decimal> = "power",
        in_service: Option<bool> = "in-service",
        sharing: Option<String> = "sharing",
        host: Option<PlmnLeaves> = "host",
        plmns: Vec<PlmnLeaves> = "plmn",
        tenants: Vec<Tenant> = "tenant",
    }
    /// A PLMN.
    PlmnLeaves in NAMESPACE { mcc: Option<String> = "mcc", mnc: Option<String> = "mnc" }
    /// A tenant.
    Tenant in NAMESPACE {
        id: Option<String> = "id",
        mcc: Option<String> = "mcc",
        mnc: Option<String> = "mnc",
        quotas: Vec<TenantQuota> = "quota",
    }
    /// A quota.
    TenantQuota in NAMESPACE {
        direction: Option<String> = "direction",
        dedicated: Option<u8> = "dedicated",
        minimum: Option<u8> = "minimum",
        maximum: Option<u8> = "maximum",
    }
}

const fn list(name: &'static str, keys: &'static [&'static str], ordered: bool, mandatory: bool) -> List {
    List { namespace: NAMESPACE, name, keys, ordered, mandatory }
}

const LISTS: &[List] = &[
    list("mme", &["mcc", "mnc", "address"], true, false),
    list("cell", &["id"], false, false),
    list("plmn", &["mcc", "mnc"], true, false),
    list("tenant", &["id"], false, true),
    list("quota", &["direction"], false, false),
];

const DUPLEX: [(Duplex, &str); 4] =
    [(Duplex::Fdd, "fdd"), (Duplex::Tdd, "tdd"), (Duplex::Sdl, "sdl"), (Duplex::Sul, "sul")];

/// The part of an eNB.
pub struct Lte;

impl Part for Lte {
    fn lists(&self) -> &'static [List] {
        LISTS
    }

    fn tree(&self, view: &View, _: &Profile, findings: &mut Vec<Finding>) -> Vec<Element> {
        let Some(node) = view.node else { return Vec::new() };
        let mme = |core: &CoreEndpoint| Mme {
            mcc: Some(core.plmn.mcc()),
            mnc: Some(core.plmn.mnc()),
            address: Some(core.address.clone()),
            role: Some(core.role.clone()),
        };
        let enb = Enb {
            name: Some(node.id.to_owned()),
            enb_id: node.resource.id,
            enb_id_length: node.resource.id_length,
            mmes: node.resource.cores.iter().map(mme).collect(),
            cells: view.cells.iter().filter_map(|branch| cell(branch, findings)).collect(),
        };
        vec![enb.element(NAMESPACE, "enb")]
    }

    fn read(&self, forest: &[Element], reader: &mut Reader) -> Result<(), String> {
        let Some(element) = forest.iter().find(|element| element.name == "enb" && element.namespace == NAMESPACE)
        else {
            return Ok(());
        };
        let enb = Enb::parse(element)?;
        if enb.name.is_some() || enb.enb_id.is_some() {
            node(&enb, reader);
        }
        for read in &enb.cells {
            read_cell(read, reader);
        }
        Ok(())
    }

    fn filter(&self, _: &View, _: &Profile) -> Vec<Element> {
        vec![Element::leaf(NAMESPACE, "enb", "")]
    }

    fn administer(
        &self,
        view: &View,
        _: &Profile,
        cells: &BTreeSet<Address>,
        state: AdministrativeState,
    ) -> Vec<Element> {
        let in_service = Some(state != AdministrativeState::Locked);
        let found = view.cells.iter().filter(|branch| cells.contains(&branch.address));
        let cells: Vec<Cell> =
            found.map(|branch| Cell { id: Some(branch.id().to_owned()), in_service, ..Cell::default() }).collect();
        if cells.is_empty() { Vec::new() } else { vec![Enb { cells, ..Enb::default() }.element(NAMESPACE, "enb")] }
    }
}

fn cell(branch: &CellBranch, findings: &mut Vec<Finding>) -> Option<Cell> {
    let own = branch.own?;
    let cell = own.resource;
    let leaves = |plmn: Plmn| PlmnLeaves { mcc: Some(plmn.mcc()), mnc: Some(plmn.mnc()) };
    let mut plmns: Vec<Plmn> = Vec::new();
    let tenants = branch.in_order().into_iter().filter(|tenant| tenant.resource.order > 0);
    for plmn in cell.host_plmn.into_iter().chain(tenants.map(|tenant| tenant.resource.plmn)) {
        if !plmns.contains(&plmn) {
            plmns.push(plmn);
        }
    }
    let duplex = DUPLEX.iter().find(|(duplex, _)| *duplex == cell.duplex).map(|(_, word)| (*word).to_owned());
    Some(Cell {
        id: Some(own.id.to_owned()),
        local_id: cell.local_id,
        band: Some(cell.band),
        carrier: Some(cell.carrier_hz),
        uplink_carrier: Some(cell.uplink_carrier_hz),
        earfcn_dl: Some(cell.arfcn_dl),
        earfcn_ul: Some(cell.arfcn_ul),
        bandwidth: Some(cell.bandwidth_hz),
        blocks: Some(cell.prbs),
        duplex,
        pci: cell.pci,
        tac: cell.tac,
        power: cell.power_dbm.map(Decimal),
        in_service: Some(cell.unlocked),
        sharing: Some(cell.sharing.word().to_owned()),
        host: cell.host_plmn.map(leaves),
        plmns: plmns.into_iter().map(leaves).collect(),
        tenants: branch.below.iter().map(|tenant| self::tenant(tenant, findings)).collect(),
    })
}

fn tenant(entry: &Entry<CellTenantResource>, findings: &mut Vec<Finding>) -> Tenant {
    let mut ratio = |value: f64, what: &str| Some(percent(value, what, entry.address, findings));
    let mut quota = |direction: &str, quota: Quota| TenantQuota {
        direction: Some(direction.to_owned()),
        dedicated: ratio(quota.dedicated, "dedicated ratio"),
        minimum: ratio(quota.min, "minimum"),
        maximum: ratio(quota.max, "maximum"),
    };
    let quotas = match entry.resource.quota {
        None => Vec::new(),
        Some(Quotas::Both { both }) => vec![quota("both", both)],
        Some(Quotas::Each { dl, ul }) => {
            dl.map(|dl| quota("dl", dl)).into_iter().chain(ul.map(|ul| quota("ul", ul))).collect()
        }
    };
    let plmn = entry.resource.plmn;
    Tenant { id: Some(entry.id.to_owned()), mcc: Some(plmn.mcc()), mnc: Some(plmn.mnc()), quotas }
}

fn plmn(mcc: &Option<String>, mnc: &Option<String>) -> Option<Plmn> {
    Plmn::new(mcc.as_deref()?, mnc.as_deref()?)
}

fn node(enb: &Enb, reader: &mut Reader) {
    let known = reader.known.node.map(|node| node.resource.clone()).unwrap_or_default();
    let core = |mme: &Mme| {
        let role = mme.role.clone().unwrap_or_else(|| "mme".to_owned());
        Some(CoreEndpoint { plmn: plmn(&mme.mcc, &mme.mnc)?, role, address: mme.address.clone()? })
    };
    let cores = enb.mmes.iter().filter_map(core).collect();
    let resource = NodeResource { id: enb.enb_id, id_length: enb.enb_id_length, cores, ..known };
    let id = enb.name.clone().unwrap_or_else(|| reader.known.device_id().to_owned());
    reader.found(reader.known.device.clone(), id, Resource::Node(resource));
}

fn read_cell(read: &Cell, reader: &mut Reader) {
    let Some(id) = &read.id else { return };
    let known = reader.known.cells.iter().find(|branch| branch.id() == id).cloned();
    if known.is_none() && read.carrier.is_none() {
        // What others keep of a cell that is gone.
        return;
    }
    let address = known.as_ref().map_or_else(|| reader.known.device.child("cell", id), |known| known.address.clone());
    let known_cell = known.as_ref().and_then(|known| known.own).map(|own| own.resource);
    let plmns: Vec<Plmn> = read.plmns.iter().filter_map(|one| plmn(&one.mcc, &one.mnc)).collect();
    for (address, (id, tenant)) in tenants(&address, read, &plmns, known.as_ref()) {
        reader.found(address, id, Resource::CellTenant(tenant));
    }
    let duplex = DUPLEX.iter().find(|(_, word)| read.duplex.as_deref() == Some(word)).map(|(duplex, _)| *duplex);
    let resource = CellResource {
        technology: Technology::Lte,
        local_id: read.local_id,
        band: read.band.unwrap_or_default(),
        carrier_hz: read.carrier.unwrap_or_default(),
        uplink_carrier_hz: read.uplink_carrier.unwrap_or_default(),
        arfcn_dl: read.earfcn_dl.unwrap_or_default(),
        arfcn_ul: read.earfcn_ul.unwrap_or_default(),
        bandwidth_hz: read.bandwidth.unwrap_or_default(),
        // LTE has one spacing for all of this (TS 36.211 4).
        scs_hz: 15_000,
        prbs: read.blocks.unwrap_or_default(),
        duplex: duplex.unwrap_or(Duplex::Fdd),
        tdd_pattern: known_cell.and_then(|known| known.tdd_pattern.clone()),
        pci: read.pci,
        tac: read.tac,
        ssb_arfcn: None,
        power_dbm: read.power.map(|power| power.0),
        azimuth_deg: known_cell.and_then(|known| known.azimuth_deg),
        tilt_deg: known_cell.and_then(|known| known.tilt_deg),
        unlocked: read.in_service.unwrap_or(false),
        host_plmn: read.host.as_ref().and_then(|host| plmn(&host.mcc, &host.mnc)),
        sharing: match read.sharing.as_deref() {
            Some("prb") => SharingMode::Prb,
            Some("prb-policy") => SharingMode::PrbPolicy,
            _ => SharingMode::Passive,
        },
    };
    reader.found(address, id, Resource::Cell(resource));
}

fn tenants(
    cell: &Address,
    read: &Cell,
    plmns: &[Plmn],
    known: Option<&CellBranch>,
) -> BTreeMap<Address, (String, CellTenantResource)> {
    let below = known.map(|known| known.below.as_slice()).unwrap_or_default();
    let mut found = BTreeMap::new();
    let mut entries = Vec::new();
    let mut in_list = Vec::new();
    for tenant in &read.tenants {
        let (Some(id), Some(plmn)) = (&tenant.id, plmn(&tenant.mcc, &tenant.mnc)) else { continue };
        let entry = below.iter().find(|entry| entry.id == id);
        let address = entry.map_or_else(|| cell.child("tenant", id), |entry| entry.address.clone());
        entries.push((plmns.iter().position(|listed| *listed == plmn), entry.map(|entry| entry.resource.order)));
        in_list.push(address.clone());
        let priority = entry.and_then(|entry| entry.resource.priority);
        let quota = quotas(&tenant.quotas, read.blocks.unwrap_or_default());
        found.insert(address, (id.clone(), CellTenantResource { plmn, snssai: None, quota, order: 0, priority }));
    }
    // Without a host the first tenant is at 1 all the same: 0 is the host's.
    let first = u32::from(read.host.is_none());
    for (address, place) in in_list.iter().zip(places(&entries, first)) {
        if let Some((_, tenant)) = found.get_mut(address) {
            tenant.order = place;
        }
    }
    found
}

fn quotas(read: &[TenantQuota], prbs: u32) -> Option<Quotas> {
    let of = |direction: &str| {
        let quota = read.iter().find(|quota| quota.direction.as_deref() == Some(direction))?;
        let min = quota.minimum.unwrap_or(0);
        Some(Quota {
            dedicated: quota.dedicated.unwrap_or(0).into(),
            min: min.into(),
            max: quota.maximum.unwrap_or(100).into(),
            prbs: (u64::from(prbs) * u64::from(min) / 100) as u32,
        })
    };
    match (of("both"), of("dl"), of("ul")) {
        (Some(both), _, _) => Some(Quotas::Both { both }),
        (None, None, None) => None,
        (None, dl, ul) => Some(Quotas::Each { dl, ul }),
    }
}
