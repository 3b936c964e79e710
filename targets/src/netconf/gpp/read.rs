//! 3GPP data nodes as resources. Leaves that the modules carry come from the device; band, frequencies and blocks
//! follow from the channel numbers, taken from what is known where the numbers are the known ones.

use std::collections::BTreeMap;

use ranform_network::Address;
use ranform_network::deployment::*;
use ranform_network::network::{Duplex, SharingMode, Technology};
use ranform_network::profile::Containment;
use ranform_network::radio::{Plmn, Snssai};

use super::schema::*;
use super::{function_id, milliwatts, ssb_spacing};
use crate::netconf::Reader;
use crate::netconf::places::places;
use crate::netconf::record::Node;
use crate::view::CellBranch;
use crate::xml::Element;

/// Reads the managed element of the device and, in the older shape, the policies beside it.
pub(super) fn read(forest: &[Element], reader: &mut Reader) -> Result<(), String> {
    let top: Vec<Policy> = records(forest, POLICY, "RRMPolicyRatio")?;
    for element in records::<ManagedElement>(forest, ELEMENT, "ManagedElement")? {
        if element.id.as_deref() != Some(reader.known.device_id()) {
            continue;
        }
        let function = element.functions.into_iter().find(|one| one.id.as_deref() == Some(function_id(reader.profile)));
        node(function.as_ref(), reader);
        let Some(function) = function else { continue };
        for cell in &function.cells {
            let policies = match reader.profile.containment {
                Containment::Cell => &cell.policies,
                Containment::TopLevel => &top,
            };
            read_cell(cell, policies, &function.carriers, reader);
        }
    }
    Ok(())
}

fn records<T: Node>(forest: &[Element], namespace: &str, name: &str) -> Result<Vec<T>, String> {
    let found = forest.iter().filter(|element| element.namespace == namespace && element.name == name);
    found.map(T::parse).collect()
}

fn node(function: Option<&Function>, reader: &mut Reader) {
    let unknown = reader.known.node.is_none();
    let known = reader.known.node.map(|node| node.resource.clone()).unwrap_or_default();
    let attributes = function.and_then(|function| function.attributes.clone()).unwrap_or_default();
    // What no intent says of the DU is the device's own.
    let du_id = attributes.gnb_du_id.filter(|_| unknown || known.du_id.is_some());
    let du_name = attributes.gnb_du_name.filter(|_| unknown || known.du_name.is_some());
    let (id, id_length) = (attributes.gnb_id, attributes.gnb_id_length);
    let resource = NodeResource { id, id_length, du_id, du_name, ..known };
    let (address, id) = (reader.known.device.clone(), reader.known.device_id().to_owned());
    reader.found(address, id, Resource::Node(resource));
}

fn read_cell(cell: &Cell, policies: &[Policy], carriers: &[Carrier], reader: &mut Reader) {
    let Some(id) = &cell.id else { return };
    let known = reader.known.cells.iter().find(|branch| branch.id() == id).cloned();
    let attributes = cell.attributes.clone().unwrap_or_default();
    if known.is_none() && attributes.arfcn_dl.is_none() {
        // What others keep of a cell that is gone.
        return;
    }
    let address = known.as_ref().map_or_else(|| reader.known.device.child("cell", id), |known| known.address.clone());
    let known_cell = known.as_ref().and_then(|known| known.own).map(|own| own.resource);
    let mut resource = cell_resource(&attributes, known_cell);
    let carrier = carriers.iter().find(|carrier| carrier.id.as_ref() == Some(id));
    let power = carrier.and_then(|carrier| carrier.attributes.as_ref()).and_then(|attributes| attributes.power);
    resource.power_dbm = power.map(|power| dbm(power, known_cell.and_then(|known| known.power_dbm)));
    let list: Vec<(Plmn, Snssai)> =
        attributes.plmns.iter().filter_map(|entry| member(&entry.mcc, &entry.mnc, &entry.sd, entry.sst)).collect();
    let tenants = tenants(&address, policies, &list, known.as_ref(), resource.prbs, reader);
    resource.host_plmn = host(&list, &tenants, known_cell);
    if known_cell.is_none() {
        resource.sharing = sharing(&tenants);
    }
    reader.found(address, id, Resource::Cell(resource));
    for (address, (id, tenant)) in tenants {
        reader.found(address, id, Resource::CellTenant(tenant));
    }
}

fn cell_resource(read: &CellAttributes, known: Option<&CellResource>) -> CellResource {
    let (arfcn_dl, arfcn_ul) = (read.arfcn_dl.unwrap_or_default(), read.arfcn_ul.unwrap_or_default());
    let megahertz = u64::from(read.bandwidth_dl.unwrap_or_default());
    let same = |pick: fn(&CellResource) -> u64, value: u64| known.filter(|known| pick(known) == value);
    let scs_khz = read.ssb_spacing.unwrap_or_default();
    let scs_hz = known
        .filter(|known| ssb_spacing(known.scs_hz) == scs_khz)
        .map_or(u64::from(scs_khz).saturating_mul(1000), |known| known.scs_hz);
    let bandwidth_hz = same(|known| known.bandwidth_hz / 1_000_000, megahertz)
        .map_or(megahertz.saturating_mul(1_000_000), |known| known.bandwidth_hz);
    let prbs = known
        .filter(|known| known.bandwidth_hz == bandwidth_hz && known.scs_hz == scs_hz)
        .map_or_else(|| blocks(bandwidth_hz, scs_hz), |known| known.prbs);
    let duplex = if arfcn_dl == arfcn_ul { Duplex::Tdd } else { Duplex::Fdd };
    CellResource {
        technology: Technology::Nr,
        local_id: read.cell_local_id,
        band: known.map_or(0, |known| known.band),
        carrier_hz: same(|known| known.arfcn_dl.into(), arfcn_dl.into())
            .map_or_else(|| frequency(arfcn_dl), |known| known.carrier_hz),
        uplink_carrier_hz: same(|known| known.arfcn_ul.into(), arfcn_ul.into())
            .map_or_else(|| frequency(arfcn_ul), |known| known.uplink_carrier_hz),
        arfcn_dl,
        arfcn_ul,
        bandwidth_hz,
        scs_hz,
        prbs,
        duplex: known
            .filter(|known| (known.arfcn_dl == known.arfcn_ul) == (arfcn_dl == arfcn_ul))
            .map_or(duplex, |known| known.duplex),
        tdd_pattern: known.and_then(|known| known.tdd_pattern.clone()),
        pci: read.pci,
        tac: read.tac,
        // Where no intent places it, it is a filler, and whatever the device has is its own.
        ssb_arfcn: read.ssb_frequency.filter(|_| known.is_none_or(|known| known.ssb_arfcn.is_some())),
        power_dbm: None,
        azimuth_deg: known.and_then(|known| known.azimuth_deg),
        tilt_deg: known.and_then(|known| known.tilt_deg),
        unlocked: read.administrative_state.as_deref() == Some("UNLOCKED"),
        host_plmn: None,
        sharing: known.map_or(SharingMode::Passive, |known| known.sharing),
    }
}

type Tenants = BTreeMap<Address, (String, CellTenantResource)>;

/// The tenants of a cell: those with a policy, and the known ones whose PLMN is radiated.
fn tenants(
    cell: &Address,
    policies: &[Policy],
    list: &[(Plmn, Snssai)],
    known: Option<&CellBranch>,
    prbs: u32,
    reader: &Reader,
) -> Tenants {
    let mut found = Tenants::new();
    for policy in policies {
        let (Some(id), Some(attributes)) = (&policy.id, &policy.attributes) else { continue };
        let id = id.strip_suffix(".dl").or_else(|| id.strip_suffix(".ul")).unwrap_or(id);
        let first = attributes.members.first();
        let Some(member) = first.and_then(|one| member(&one.mcc, &one.mnc, &one.sd, one.sst)) else { continue };
        let entry = known.and_then(|known| known.below.iter().find(|tenant| tenant.id == id));
        if entry.is_none() && reader.profile.containment == Containment::TopLevel && !list.contains(&member) {
            // A policy bound to no cell belongs to the cells that radiate its member.
            continue;
        }
        let address = entry.map_or_else(|| cell.child("tenant", id), |entry| entry.address.clone());
        let priority = entry.and_then(|entry| entry.resource.priority);
        let (_, tenant) = found.entry(address).or_insert_with(|| (id.to_owned(), tenant(member, priority)));
        let quota = quota(attributes, prbs);
        tenant.quota = Some(match (attributes.resource_type.as_deref(), tenant.quota) {
            (Some("PRB_DL"), Some(Quotas::Each { ul, .. })) => Quotas::Each { dl: Some(quota), ul },
            (Some("PRB_UL"), Some(Quotas::Each { dl, .. })) => Quotas::Each { dl, ul: Some(quota) },
            (Some("PRB_DL"), _) => Quotas::Each { dl: Some(quota), ul: None },
            (Some("PRB_UL"), _) => Quotas::Each { dl: None, ul: Some(quota) },
            _ => Quotas::Both { both: quota },
        });
    }
    for entry in known.map(|known| known.below.as_slice()).unwrap_or_default() {
        let member = (entry.resource.plmn, entry.resource.snssai.unwrap_or(Snssai::WHOLE));
        if list.contains(&member) && !found.contains_key(entry.address) {
            let tenant = CellTenantResource { quota: None, snssai: entry.resource.snssai, ..entry.resource.clone() };
            found.insert(entry.address.clone(), (entry.id.to_owned(), tenant));
        }
    }
    order(&mut found, list, known);
    found
}

fn tenant((plmn, snssai): (Plmn, Snssai), priority: Option<u32>) -> CellTenantResource {
    CellTenantResource { plmn, snssai: Some(snssai), quota: None, order: 0, priority }
}

/// Gives tenants their places in the list of PLMNs, in which the host is at 0.
fn order(found: &mut Tenants, list: &[(Plmn, Snssai)], known: Option<&CellBranch>) {
    let below = known.map(|known| known.below.as_slice()).unwrap_or_default();
    let entry = |(address, (_, tenant)): (&Address, &(String, CellTenantResource))| {
        let member = (tenant.plmn, tenant.snssai.unwrap_or(Snssai::WHOLE));
        let known = below.iter().find(|entry| entry.address == address).map(|entry| entry.resource.order);
        (list.iter().position(|listed| *listed == member), known)
    };
    // Without a host the first tenant is at 1 all the same: 0 is the host's.
    let first = u32::from(list.first().is_some_and(|(_, snssai)| *snssai != Snssai::WHOLE));
    let places = places(&found.iter().map(entry).collect::<Vec<_>>(), first);
    for ((_, tenant), place) in found.values_mut().zip(places) {
        tenant.order = place;
    }
}

/// The host's PLMN: the first entry if it stands for a whole PLMN and is not just a tenant's.
fn host(list: &[(Plmn, Snssai)], tenants: &Tenants, known: Option<&CellResource>) -> Option<Plmn> {
    let (plmn, snssai) = *list.first()?;
    let claimed =
        tenants.values().any(|(_, tenant)| tenant.plmn == plmn && tenant.snssai.unwrap_or(Snssai::WHOLE) == snssai);
    let ours = known.and_then(|known| known.host_plmn) == Some(plmn);
    (snssai == Snssai::WHOLE && (!claimed || ours)).then_some(plmn)
}

fn sharing(tenants: &Tenants) -> SharingMode {
    let fixed = |quota: &Quota| quota.dedicated == quota.min && quota.min == quota.max;
    let quotas = tenants.values().filter_map(|(_, tenant)| tenant.quota);
    let all: Vec<Quota> = quotas
        .flat_map(|quotas| match quotas {
            Quotas::Both { both } => [Some(both), None],
            Quotas::Each { dl, ul } => [dl, ul],
        })
        .flatten()
        .collect();
    match (all.is_empty(), all.iter().all(fixed)) {
        (true, _) => SharingMode::Passive,
        (false, true) => SharingMode::Prb,
        (false, false) => SharingMode::PrbPolicy,
    }
}

/// Ratios with the defaults of TS 28.541 where a device drops them.
fn quota(read: &PolicyAttributes, prbs: u32) -> Quota {
    let min = read.min.unwrap_or(0);
    Quota {
        dedicated: read.dedicated.unwrap_or(0).into(),
        min: min.into(),
        max: read.max.unwrap_or(100).into(),
        prbs: (u64::from(prbs) * u64::from(min) / 100) as u32,
    }
}

fn member(mcc: &Option<String>, mnc: &Option<String>, sd: &Option<String>, sst: Option<u8>) -> Option<(Plmn, Snssai)> {
    let plmn = Plmn::new(mcc.as_deref()?, mnc.as_deref()?)?;
    let hex = sd.as_deref()?.replace(':', "");
    Some((plmn, Snssai::parse(&format!("{}:{hex}", sst?))?))
}

/// Milliwatts in dBm: the known value where it is the one that was written, else to a tenth.
fn dbm(milliwatt: u32, known: Option<f64>) -> f64 {
    match known.filter(|known| milliwatts(*known) == milliwatt) {
        Some(known) => known,
        None => (10.0 * f64::from(milliwatt.max(1)).log10() * 10.0).round() / 10.0,
    }
}

/// The frequency of an NR-ARFCN in Hz (TS 38.104 table 5.4.2.1-1).
pub(crate) fn frequency(arfcn: u32) -> u64 {
    let arfcn = u64::from(arfcn);
    match arfcn {
        0..600_000 => arfcn * 5_000,
        600_000..2_016_667 => 3_000_000_000 + (arfcn - 600_000) * 15_000,
        _ => 24_250_080_000 + (arfcn - 2_016_667) * 60_000,
    }
}

/// Resource blocks of a channel below 7 GHz (TS 38.104 table 5.3.2-1); 0 where the table has none.
fn blocks(bandwidth_hz: u64, scs_hz: u64) -> u32 {
    const MEGAHERTZ: [u64; 15] = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100];
    let row: [u32; 15] = match scs_hz {
        15_000 => [25, 52, 79, 106, 133, 160, 188, 216, 242, 270, 0, 0, 0, 0, 0],
        30_000 => [11, 24, 38, 51, 65, 78, 92, 106, 119, 133, 162, 189, 217, 245, 273],
        60_000 => [0, 11, 18, 24, 31, 38, 44, 51, 58, 65, 79, 93, 107, 121, 135],
        _ => return 0,
    };
    let column = MEGAHERTZ.iter().position(|megahertz| megahertz * 1_000_000 == bandwidth_hz);
    column.map_or(0, |column| row[column])
}
