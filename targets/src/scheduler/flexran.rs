//! FlexRAN v2 (OAI LTE): static slices as positions, or the deprecated percentages (profile option `form`).
//!
//! Downlink positions are resource block groups, uplink ones resource blocks, both ends included; the uplink keeps edge
//! blocks for its control channel and 3 blocks at least per slice. Slices stand side by side in the order of their ids;
//! slice 0 cannot be deleted, so the first tenant has it. Source: mosaic5g-flexran-rtc `src/north_api/rrm_calls.cc`.

use ranform_network::Artifact;
use ranform_network::deployment::*;
use ranform_network::diagnostic::codes;
use ranform_network::profile::Profile;
use serde::{Deserialize, Serialize};

use super::*;
use crate::view::View;

/// The format `flexran`.
pub struct FlexRan;

/// The current form.
#[derive(Debug, Serialize, Deserialize)]
struct Configuration {
    dl: Direction,
    ul: Direction,
}

#[derive(Debug, Serialize, Deserialize)]
struct Direction {
    algorithm: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    slices: Vec<Slice>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Slice {
    id: u32,
    #[serde(default)]
    label: String,
    scheduler: String,
    #[serde(rename = "static")]
    positions: Positions,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Positions {
    pos_low: u32,
    pos_high: u32,
}

/// The deprecated form.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Percentages {
    dl: Vec<Percentage>,
    ul: Vec<Percentage>,
    intraslice_share_active: bool,
    interslice_share_active: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Percentage {
    id: u32,
    percentage: u8,
    maxmcs: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    isolation: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_rb: Option<u32>,
}

/// A direction of a cell: how many units of how many blocks there are, and the units left out at each edge.
#[derive(Clone, Copy, Debug)]
struct Carrier {
    units: u32,
    size: u32,
    edge: u32,
    least: u32,
}

impl Carrier {
    /// Resource block groups (TS 36.213 table 7.1.6.1-1).
    fn downlink(prbs: u32) -> Self {
        let size = match prbs {
            0..=10 => 1,
            11..=26 => 2,
            27..=63 => 3,
            _ => 4,
        };
        Self { units: prbs.div_ceil(size), size, edge: 0, least: 1 }
    }

    /// Resource blocks without the edges that OAI keeps for its control channel.
    fn uplink(prbs: u32) -> Self {
        let edge = match prbs {
            0..=25 => 1,
            26..=50 => 2,
            _ => 3,
        };
        Self { units: prbs, size: 1, edge, least: 3 }
    }

    fn usable(self) -> u32 {
        self.units.saturating_sub(2 * self.edge)
    }

    /// The units of a quota: its blocks in groups; where edges are left out, its part of the rest.
    fn units_of(self, quota: Quota) -> u32 {
        let units = if self.edge == 0 {
            quota.prbs.div_ceil(self.size)
        } else {
            (self.usable() * quota.prbs) / self.units.max(1)
        };
        units.max(self.least)
    }

    /// The quota that these units are: the known one where it makes the same, else computed.
    fn quota_of(self, units: u32, prbs: u32, known: Option<Quota>) -> Quota {
        if let Some(known) = known.filter(|known| known.min == known.max && self.units_of(*known) == units) {
            return known;
        }
        let blocks = if self.edge == 0 {
            (units * self.size).min(prbs)
        } else {
            (units * self.units).div_ceil(self.usable().max(1))
        };
        fixed(f64::from(blocks * 10_000 / prbs.max(1)) / 100.0, blocks, true)
    }
}

impl Target for FlexRan {
    fn name(&self) -> &'static str {
        "flexran"
    }

    fn render(&self, job: &Job) -> Result<Vec<Artifact>, RenderError> {
        let mut findings = Vec::new();
        let before = all(&View::new(job.device, &job.before()), job.profile, &mut Vec::new());
        let after = all(&View::new(job.device, &job.after()), job.profile, &mut findings);
        if findings.is_empty() { Ok(documents(job, before, after)) } else { Err(RenderError { findings }) }
    }

    fn read(&self, documents: &[Document], query: &Query) -> Result<Reading, ReadError> {
        let things = query.things();
        let view = View::new(query.device, &things);
        let mut reading = Reading::default();
        for branch in &view.cells {
            let Some(document) = documents.iter().find(|document| document.path == slices_path(branch)) else {
                continue;
            };
            let fail = |error: serde_json::Error| ReadError::new(&document.path, error.to_string());
            let body = text(document)?;
            carry_node(query, &mut reading);
            carry_cell(branch, &mut reading);
            if percentages(query.profile) {
                read_percentages(serde_json::from_str(body).map_err(fail)?, branch, &mut reading);
            } else {
                read_positions(&serde_json::from_str(body).map_err(fail)?, branch, &mut reading);
            }
        }
        Ok(reading)
    }

    fn endangered(&self, artifact: &Artifact, documents: &[Document], query: &Query) -> Result<Vec<String>, ReadError> {
        taken_slices(self, artifact, documents, query)
    }
}

fn percentages(profile: &Profile) -> bool {
    profile.options.get("form").is_some_and(|form| form == "percentage")
}

fn all(view: &View, profile: &Profile, findings: &mut Vec<Finding>) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for branch in view.cells.iter().filter(|branch| branch.own.is_some()) {
        let bytes = if percentages(profile) {
            json_bytes(&Percentages {
                dl: percentage_slices(branch, 0, 26, findings),
                ul: percentage_slices(branch, 1, 16, findings),
                intraslice_share_active: true,
                interslice_share_active: false,
            })
        } else {
            json_bytes(&Configuration { dl: positions(branch, 0, findings), ul: positions(branch, 1, findings) })
        };
        all.push((slices_path(branch), bytes));
    }
    all
}

/// The quota in a direction: 0 is downlink, 1 uplink.
fn quota_in(tenant: &CellTenantResource, direction: usize) -> Option<Quota> {
    match tenant.quota? {
        Quotas::Both { both } => Some(both),
        Quotas::Each { dl, ul } => [dl, ul][direction],
    }
}

fn carrier(prbs: u32, direction: usize) -> Carrier {
    if direction == 0 { Carrier::downlink(prbs) } else { Carrier::uplink(prbs) }
}

/// The number of a tenant's slice: its place in the cell, from 0 on whether or not it shares the host's.
fn slice_id(branch: &CellBranch, tenant: &Entry<'_, CellTenantResource>) -> u32 {
    let with_host = branch.below.iter().any(|tenant| tenant.resource.order == 0);
    if with_host { tenant.resource.order } else { tenant.resource.order.saturating_sub(1) }
}

fn positions(branch: &CellBranch, direction: usize, findings: &mut Vec<Finding>) -> Direction {
    let carrier = carrier(branch.own.map_or(0, |own| own.resource.prbs), direction);
    let mut next = carrier.edge;
    let mut slices = Vec::new();
    for tenant in branch.in_order() {
        let Some(quota) = quota_in(tenant.resource, direction) else { continue };
        let units = carrier.units_of(quota);
        slices.push(Slice {
            id: slice_id(branch, &tenant),
            label: tenant.id.to_owned(),
            scheduler: ["round_robin_dl", "round_robin_ul"][direction].to_owned(),
            positions: Positions { pos_low: next, pos_high: (next + units).saturating_sub(1) },
        });
        next += units;
    }
    if next > carrier.edge + carrier.usable() {
        let (wanted, usable) = (next - carrier.edge, carrier.usable());
        findings.push(Finding {
            code: &codes::TOO_FEW_BLOCKS,
            address: branch.address.clone(),
            message: format!(
                "its slices want {wanted} positions {} and {usable} can be used",
                ["downlink", "uplink"][direction]
            ),
            help: "share the cell between fewer tenants or give it more bandwidth".to_owned(),
        });
    }
    let algorithm = if slices.is_empty() { "None" } else { "Static" }.to_owned();
    Direction { algorithm, slices }
}

fn percentage_slices(
    branch: &CellBranch,
    direction: usize,
    maxmcs: u8,
    findings: &mut Vec<Finding>,
) -> Vec<Percentage> {
    let carrier = carrier(branch.own.map_or(0, |own| own.resource.prbs), direction);
    let mut next = carrier.edge;
    let mut slices = Vec::new();
    for tenant in branch.in_order() {
        let Some(quota) = quota_in(tenant.resource, direction) else { continue };
        slices.push(Percentage {
            id: slice_id(branch, &tenant),
            percentage: percent(quota.min, "percentage", tenant.address, findings),
            maxmcs,
            isolation: (direction == 0).then_some(true),
            first_rb: (direction == 1).then_some(next),
        });
        next += carrier.units_of(quota);
    }
    slices
}

fn read_positions(read: &Configuration, branch: &CellBranch, reading: &mut Reading) {
    let prbs = branch.own.map_or(0, |own| own.resource.prbs);
    for tenant in branch.below.iter() {
        let in_direction = |slices: &[Slice], direction: usize| {
            let slice = slices.iter().find(|slice| slice.label == tenant.id)?;
            let units = slice.positions.pos_high.checked_sub(slice.positions.pos_low)?.checked_add(1)?;
            let units = units.min(prbs);
            Some((units, carrier(prbs, direction).quota_of(units, prbs, quota_in(tenant.resource, direction))))
        };
        let (dl, ul) = (in_direction(&read.dl.slices, 0), in_direction(&read.ul.slices, 1));
        let quota = match (dl, ul) {
            (None, None) => continue,
            // One quota for both directions shows as its units in each.
            (Some((_, both)), Some((units, _))) if Carrier::uplink(prbs).units_of(both) == units => {
                Quotas::Both { both }
            }
            (dl, ul) => Quotas::Each { dl: dl.map(|(_, quota)| quota), ul: ul.map(|(_, quota)| quota) },
        };
        found(reading, tenant.address, tenant.id, with_quota(tenant, Some(quota)));
    }
    for slice in read.dl.slices.iter().chain(&read.ul.slices) {
        if !branch.below.iter().any(|tenant| tenant.id == slice.label) {
            let path = format!("{}#{}", slices_path(branch), slice.id);
            reading.foreign.insert(path, format!("{}-{}", slice.positions.pos_low, slice.positions.pos_high));
        }
    }
}

fn read_percentages(read: Percentages, branch: &CellBranch, reading: &mut Reading) {
    let prbs = branch.own.map_or(0, |own| own.resource.prbs);
    let quota = |slices: &[Percentage], id: u32| {
        let slice = slices.iter().find(|slice| slice.id == id)?;
        Some(fixed(slice.percentage.into(), prbs * u32::from(slice.percentage) / 100, true))
    };
    for tenant in &branch.below {
        let id = slice_id(branch, tenant);
        let quota = match (quota(&read.dl, id), quota(&read.ul, id)) {
            (None, None) => continue,
            (Some(dl), Some(ul)) if dl == ul => Quotas::Both { both: dl },
            (dl, ul) => Quotas::Each { dl, ul },
        };
        found(reading, tenant.address, tenant.id, with_quota(tenant, Some(quota)));
    }
}
