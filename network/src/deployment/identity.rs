//! What A1 calls cells, slices, tracking areas and user equipments.

use super::policy::*;
use crate::a1::Generation;
use crate::ids::*;
use crate::network::*;

/// The identity of a cell; none where its node or itself has no number yet.
pub fn cell_identity(network: &Network, cell: CellId) -> Option<CellIdentity> {
    let cell = &network.cells[cell];
    let node = &network.nodes[cell.node];
    let plmn = node.host_plmn?.value;
    let local = cell.local_id?.value;
    let id = match cell.technology() {
        Technology::Nr => {
            let gnb = numbered(network, cell.node)?;
            CellNumber::Nci((u64::from(gnb.value) << (36 - u32::from(gnb.length))) | u64::from(local))
        }
        _ if node.home => CellNumber::Eci(node.enb_id?.value),
        _ => CellNumber::Eci((node.enb_id?.value << 8) | local),
    };
    Some(CellIdentity { plmn, id })
}

/// The gNB identity of a node, or of the gNB that it is a part of.
fn numbered(network: &Network, node: NodeId) -> Option<crate::radio::GnbId> {
    let mut at = Some(node);
    for _ in 0..=network.nodes.len() {
        let node = &network.nodes[at?];
        if let Some(id) = node.gnb_id {
            return Some(id.value);
        }
        at = node.parent.map(|parent| parent.value);
    }
    None
}

/// The slice of a tenant: its own, else that of its first service that has one.
pub fn slice_identity(network: &Network, tenant: TenantId) -> Option<SliceIdentity> {
    let services = network.services.iter().map(|(_, service)| service);
    let mut own = services.filter(|service| network.chunks[service.chunk.value].tenant.value == tenant);
    let data = &network.tenants[tenant];
    let service = own.find(|service| service.snssai.is_some());
    let snssai = data.snssai.or(service.and_then(|service| service.snssai))?.value;
    let plmn = data.plmn.or(service.and_then(|service| service.plmn))?.value;
    Some(SliceIdentity { plmn, snssai })
}

/// The tracking area of a cell; none where the cell or its node does not say.
pub fn tracking_area(network: &Network, cell: CellId) -> Option<TrackingArea> {
    let cell = &network.cells[cell];
    Some(TrackingArea { plmn: network.nodes[cell.node].host_plmn?.value, tac: cell.tac?.value })
}

/// The gNB that a node is, or is a part of; none where it has no number or no network.
pub fn gnb_identity(network: &Network, node: NodeId) -> Option<GnbIdentity> {
    let id = numbered(network, node)?;
    Some(GnbIdentity { plmn: network.nodes[node].host_plmn?.value, value: id.value, length: id.length })
}

/// The eNB that a node is; none where it has no number or no network.
pub fn enb_identity(network: &Network, node: NodeId) -> Option<EnbIdentity> {
    let node = &network.nodes[node];
    Some(EnbIdentity { plmn: node.host_plmn?.value, value: node.enb_id?.value, home: node.home })
}

/// What a generation calls a user equipment; none where the node that numbers it has no identity.
pub fn ue_identity(network: &Network, ue: &UserEquipment, generation: Generation) -> Option<UeIdentity> {
    Some(match ue {
        UserEquipment::Ran(id, None) => UeIdentity::Ran(id.to_string(), None),
        UserEquipment::Ran(id, Some(_)) if generation == Generation::Second => UeIdentity::Ran(id.to_string(), None),
        UserEquipment::Ran(id, Some(gnb)) => UeIdentity::Ran(id.to_string(), Some(gnb_identity(network, *gnb)?)),
        UserEquipment::Amf(guami, id) => UeIdentity::Amf(guami.clone(), *id),
        UserEquipment::Mme(gummei, id) => UeIdentity::Mme(gummei.clone(), *id),
        UserEquipment::Gnb(UeInterface::Xnap, node, id) if network.nodes[*node].kind == NodeKind::Enb => {
            // A home eNB is no NG-RAN node.
            UeIdentity::NgEnb(enb_identity(network, *node).filter(|enb| !enb.home)?, *id)
        }
        UserEquipment::Gnb(interface, gnb, id) => UeIdentity::Gnb(*interface, gnb_identity(network, *gnb)?, *id),
        UserEquipment::Enb(enb, id) => UeIdentity::Enb(enb_identity(network, *enb)?, *id),
    })
}
