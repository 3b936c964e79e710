//! 3GPP NRM: ManagedElement, GNBDUFunction, NRCellDU, NRSectorCarrier and RRMPolicyRatio (TS 28.541).
//!
//! Two shapes are in the wild: policies at the top, bound to no cell (releases 16 and 17), and inside each NRCellDU
//! (from 18). Containment, differentiator style and mandatory leaves come from the profile. What the modules have no
//! leaf for (TDD pattern, azimuth, tilt) is no knob of these profiles.

mod policy;
mod read;
mod schema;

pub(crate) use read::frequency;

use std::collections::BTreeSet;

use ranform_network::Address;
use ranform_network::deployment::*;
use ranform_network::diagnostic::codes;
use ranform_network::profile::{AdministrativeState, Containment, Profile, SdStyle};
use ranform_network::radio::{Plmn, Snssai};

use super::record::{Filler, Node, filler};
use super::{Part, Reader};
use crate::Finding;
use crate::view::{CellBranch, View};
use crate::xml::{Element, List};
use schema::*;

/// The part of a gNB or DU.
pub struct Gpp;

impl Part for Gpp {
    fn lists(&self) -> &'static [List] {
        LISTS
    }

    fn tree(&self, view: &View, profile: &Profile, findings: &mut Vec<Finding>) -> Vec<Element> {
        if view.node.is_none() && view.cells.is_empty() {
            return Vec::new();
        }
        let mut shape = Shape { profile, element: view.device_id().to_owned(), findings };
        let mut forest = vec![shape.managed_element(view).element(ELEMENT, "ManagedElement")];
        if profile.containment == Containment::TopLevel {
            let policies = policy::shared(view, profile, shape.findings);
            forest.extend(policies.iter().map(|policy| policy.element(POLICY, "RRMPolicyRatio")));
        }
        forest
    }

    fn read(&self, forest: &[Element], reader: &mut Reader) -> Result<(), String> {
        read::read(forest, reader)
    }

    fn filter(&self, view: &View, profile: &Profile) -> Vec<Element> {
        let id = |namespace, id: &str| Element::leaf(namespace, "id", id);
        let function = Element::container(FUNCTION, "GNBDUFunction", vec![id(FUNCTION, function_id(profile))]);
        let attributes = Element::leaf(ELEMENT, "attributes", "");
        let children = vec![id(ELEMENT, view.device_id()), attributes, function];
        let mut filter = vec![Element::container(ELEMENT, "ManagedElement", children)];
        if profile.containment == Containment::TopLevel {
            filter.push(Element::leaf(POLICY, "RRMPolicyRatio", ""));
        }
        filter
    }

    fn administer(
        &self,
        view: &View,
        profile: &Profile,
        cells: &BTreeSet<Address>,
        state: AdministrativeState,
    ) -> Vec<Element> {
        let leaf = Element::leaf(CELL, "administrativeState", state_word(state));
        let mut children = vec![Element::leaf(FUNCTION, "id", function_id(profile))];
        for branch in view.cells.iter().filter(|branch| cells.contains(&branch.address)) {
            let attributes = Element::container(CELL, "attributes", vec![leaf.clone()]);
            let cell = vec![Element::leaf(CELL, "id", branch.id()), attributes];
            children.push(Element::container(CELL, "NRCellDU", cell));
        }
        if children.len() == 1 {
            return Vec::new();
        }
        let function = Element::container(FUNCTION, "GNBDUFunction", children);
        let id = Element::leaf(ELEMENT, "id", view.device_id());
        vec![Element::container(ELEMENT, "ManagedElement", vec![id, function])]
    }
}

/// The word of `AdministrativeState` (TS 28.625).
fn state_word(state: AdministrativeState) -> &'static str {
    match state {
        AdministrativeState::Unlocked => "UNLOCKED",
        AdministrativeState::ShuttingDown => "SHUTTINGDOWN",
        AdministrativeState::Locked => "LOCKED",
    }
}

/// The id of the one GNBDUFunction of a managed element.
fn function_id(profile: &Profile) -> &str {
    profile.options.get("gnb-du-function").map_or("1", String::as_str)
}

fn option(profile: &Profile, name: &str) -> bool {
    profile.options.get(name).is_some_and(|value| value == "yes")
}

/// What a tree is built with.
struct Shape<'a> {
    profile: &'a Profile,
    element: String,
    findings: &'a mut Vec<Finding>,
}

impl Shape<'_> {
    fn managed_element(&mut self, view: &View) -> ManagedElement {
        let functions = (!view.cells.is_empty() || view.node.is_some_and(|node| node.resource.id.is_some()))
            .then(|| self.function(view));
        ManagedElement {
            id: Some(self.element.clone()),
            attributes: Some(ElementAttributes { priority_label: filler(1u32) }),
            functions: functions.into_iter().collect(),
        }
    }

    fn function(&mut self, view: &View) -> Function {
        let node = view.node.map(|node| node.resource);
        // The language writes the identity and its length as one value.
        if node.is_none_or(|node| node.id.is_none() || node.id_length.is_none()) {
            let help = "give the node `gnb-id VALUE/LENGTH`, e.g. `gnb-id 411/22`";
            self.missing(&view.device, "gNB identity", help);
        }
        let group = option(self.profile, "policy-group");
        let member = view.cells.first().and_then(group_member).filter(|_| group);
        Function {
            id: Some(function_id(self.profile).to_owned()),
            attributes: Some(FunctionAttributes {
                priority_label: filler(1u32),
                resource_type: Filler(group.then(|| "PRB".to_owned())),
                members: Filler(member.map(|member| self.member(member)).into_iter().collect()),
                gnb_id: node.and_then(|node| node.id),
                gnb_id_length: node.and_then(|node| node.id_length),
                gnb_du_id: node.and_then(|node| node.du_id),
                // Mandatory; a gNB that is all in one has no other DU.
                gnb_du_filler: Filler(node.is_none_or(|node| node.du_id.is_none()).then_some(1)),
                gnb_du_name: node.and_then(|node| node.du_name.clone()),
            }),
            cells: view.cells.iter().filter_map(|cell| self.cell(cell)).collect(),
            carriers: view.cells.iter().filter_map(|cell| self.carrier(cell)).collect(),
        }
    }

    fn cell(&mut self, branch: &CellBranch) -> Option<Cell> {
        let own = branch.own?;
        let cell = own.resource;
        for (value, what, word) in
            [(cell.local_id, "cell local identity", "local-id"), (cell.pci, "physical cell identity", "pci")]
        {
            if value.is_none() {
                self.missing(own.address, what, &format!("give the cell `{word}`"));
            }
        }
        if group_member(branch).is_none() {
            self.missing(own.address, "first PLMN", "give the node `plmn`, or a tenant of the cell one");
        }
        let policies = match self.profile.containment {
            Containment::Cell => {
                branch.below.iter().flat_map(|tenant| policy::of(tenant, self.profile, self.findings)).collect()
            }
            Containment::TopLevel => Vec::new(),
        };
        Some(Cell { id: Some(own.id.to_owned()), attributes: Some(self.attributes(branch, own.id, cell)), policies })
    }

    fn attributes(&mut self, branch: &CellBranch, id: &str, cell: &CellResource) -> CellAttributes {
        let group = option(self.profile, "policy-group");
        let rim = option(self.profile, "remote-interference");
        let number = |value: u32| Filler(rim.then_some(value));
        let text = |value: &str| Filler(rim.then(|| value.to_owned()));
        let first = group_member(branch);
        let (megahertz, spacing) = ((cell.bandwidth_hz / 1_000_000) as u32, ssb_spacing(cell.scs_hz));
        CellAttributes {
            priority_label: filler(1u32),
            resource_type: Filler(group.then(|| "PRB".to_owned())),
            members: Filler(
                first.filter(|_| group).map(|first| cell_member(first, self.profile)).into_iter().collect(),
            ),
            cell_local_id: cell.local_id,
            administrative_state: Some(
                state_word(if cell.unlocked { AdministrativeState::Unlocked } else { AdministrativeState::Locked })
                    .to_owned(),
            ),
            plmns: plmn_list(branch, cell).into_iter().map(|member| cell_member(member, self.profile)).collect(),
            npn_identities: Filler(first.filter(|_| rim).map(|(plmn, _)| npn(plmn)).into_iter().collect()),
            pci: cell.pci,
            tac: cell.tac,
            arfcn_dl: Some(cell.arfcn_dl),
            arfcn_ul: Some(cell.arfcn_ul),
            bandwidth_dl: Some(megahertz),
            rim_start: text("2026-01-01T00:00:00Z"),
            rim_stop: text("2026-01-01T00:00:00Z"),
            rim_window: number(1),
            rim_offset: number(0),
            rim_period: number(24),
            rim_interval: number(1),
            rim_occasion: number(0),
            ssb_frequency: cell.ssb_arfcn,
            // Mandatory; where no intent places it, at the carrier's centre unless the device has it elsewhere.
            ssb_filler: Filler(cell.ssb_arfcn.is_none().then_some(cell.arfcn_dl)),
            ssb_periodicity: filler(20u32),
            ssb_spacing: Some(spacing),
            ssb_offset: filler(0u32),
            ssb_duration: filler(5u32),
            bandwidth_ul: Some(megahertz),
            carriers: vec![self.name(&format!("NRSectorCarrier={id}"))],
            victim: text(&format!("ManagedElement={},RimRSSet=victim", self.element)),
            aggressor: text(&format!("ManagedElement={},RimRSSet=aggressor", self.element)),
        }
    }

    /// The sector carrier that holds a cell's power; a cell without power has none of ours.
    fn carrier(&mut self, branch: &CellBranch) -> Option<Carrier> {
        let own = branch.own?;
        let cell = own.resource;
        let power = cell.power_dbm?;
        let megahertz = (cell.bandwidth_hz / 1_000_000) as u32;
        Some(Carrier {
            id: Some(own.id.to_owned()),
            attributes: Some(CarrierAttributes {
                priority_label: filler(1u32),
                direction: filler("DL_AND_UL"),
                power: Some(milliwatts(power)),
                eirp: filler(power.round() as i64),
                arfcn_dl: Some(cell.arfcn_dl),
                arfcn_ul: Some(cell.arfcn_ul),
                bandwidth_dl: Some(megahertz),
                bandwidth_ul: Some(megahertz),
                equipment: filler(format!("ManagedElement={},SectorEquipmentFunction={}", self.element, own.id)),
            }),
        })
    }

    /// The distinguished name of something in the function.
    fn name(&self, last: &str) -> String {
        format!("ManagedElement={},GNBDUFunction={},{last}", self.element, function_id(self.profile))
    }

    fn member(&self, (plmn, snssai): (Plmn, Snssai)) -> FunctionMember {
        let CellMember { mcc, mnc, sd, sst } = cell_member((plmn, snssai), self.profile);
        FunctionMember { mcc, mnc, sd, sst }
    }

    fn missing(&mut self, address: &ranform_network::Address, what: &str, help: &str) {
        self.findings.push(Finding {
            code: &codes::MANDATORY_MISSING,
            address: address.clone(),
            message: format!("the 3GPP modules need its {what}"),
            help: help.to_owned(),
        });
    }
}

/// The ordered list of PLMNs of a cell, each once: the host first, since the first one names the cell to the world.
fn plmn_list(branch: &CellBranch, cell: &CellResource) -> Vec<(Plmn, Snssai)> {
    let host = cell.host_plmn.map(|plmn| (plmn, Snssai::WHOLE));
    let tenants = branch.in_order().into_iter().filter(|tenant| tenant.resource.order > 0 || host.is_none());
    let tenants = tenants.map(|tenant| (tenant.resource.plmn, tenant.resource.snssai.unwrap_or(Snssai::WHOLE)));
    let mut all = Vec::new();
    for member in host.into_iter().chain(tenants) {
        if !all.contains(&member) {
            all.push(member);
        }
    }
    all
}

/// A member for the mandatory policy group of the classes of releases 16 and 17.
fn group_member(branch: &CellBranch) -> Option<(Plmn, Snssai)> {
    branch.own.and_then(|own| plmn_list(branch, own.resource).first().copied())
}

fn cell_member((plmn, snssai): (Plmn, Snssai), profile: &Profile) -> CellMember {
    CellMember {
        mcc: Some(plmn.mcc()),
        mnc: Some(plmn.mnc()),
        sd: Some(differentiator(snssai, profile.sd)),
        sst: Some(snssai.sst),
    }
}

fn npn(plmn: Plmn) -> NpnIdentity {
    NpnIdentity {
        index: Some(0),
        plmn: vec![NpnPlmn { mcc: Some(plmn.mcc()), mnc: Some(plmn.mnc()) }],
        cag_ids: Some("unused".to_owned()),
        nids: Some("unused".to_owned()),
    }
}

/// The slice differentiator in the device's style.
fn differentiator(snssai: Snssai, style: SdStyle) -> String {
    let hex = snssai.sd_hex();
    match style {
        SdStyle::Octets => format!("{}:{}:{}", &hex[..2], &hex[2..4], &hex[4..]).to_lowercase(),
        _ => hex,
    }
}

/// The SSB spacings in kHz that NR has (TS 38.104 5.4.3.3): 15 and 30 below 6 GHz, 120 and 240 above.
fn ssb_spacing(scs_hz: u64) -> u32 {
    match scs_hz / 1000 {
        0..=15 => 15,
        16..=60 => 30,
        61..=120 => 120,
        _ => 240,
    }
}

/// dBm in whole milliwatts.
fn milliwatts(dbm: f64) -> u32 {
    // The cast saturates; powers beyond 93 dBm are refused by checks.
    10f64.powf(dbm / 10.0).round() as u32
}
