//! srsRAN Project / OCUDU gNB: the YAML configuration with its `slicing` blocks, and the `rrm_policy_ratio_set`
//! commands that change ratios at run time.
//!
//! Slices are known by S-NSSAI alone, `sd` is an integer and left out for none, a dedicated ratio of 0 cannot be
//! written and is left out. Source: srsRAN_Project `du_high_config_cli11_schema.cpp`, `du_high_remote_commands.cpp`.

mod schema;

use ranform_network::Artifact;
use ranform_network::deployment::*;
use ranform_network::diagnostic::codes;
use ranform_network::radio::{Plmn, Snssai};

use super::*;
use crate::netconf::e2::{join, split};
use crate::view::View;
use schema::*;

/// The format `srsran`.
pub struct SrsRan;

/// The port of an E2 termination where none is written (its default, and IANA's assignment).
const E2_PORT: u16 = 36_421;
/// The configuration.
const CONFIGURATION: &str = "gnb.yml";
/// The commands, one JSON object per line.
const COMMANDS: &str = "rrm_policy_ratio_set.jsonl";

impl Target for SrsRan {
    fn name(&self) -> &'static str {
        "srsran"
    }

    fn render(&self, job: &Job) -> Result<Vec<Artifact>, RenderError> {
        let mut findings = Vec::new();
        let before = all(&View::new(job.device, &job.before()), &mut Vec::new());
        let after = all(&View::new(job.device, &job.after()), &mut findings);
        if findings.is_empty() { Ok(documents(job, before, after)) } else { Err(RenderError { findings }) }
    }

    fn read(&self, documents: &[Document], query: &Query) -> Result<Reading, ReadError> {
        let things = query.things();
        let view = View::new(query.device, &things);
        let mut reading = Reading::default();
        for document in documents.iter().filter(|document| document.path == CONFIGURATION) {
            let body = text(document)?;
            bounded(body).map_err(|message| ReadError::new(&document.path, message))?;
            let gnb: Gnb =
                serde_yaml::from_str(body).map_err(|error| ReadError::new(&document.path, error.to_string()))?;
            read_node(&gnb, &view, query, &mut reading);
            for (index, cell) in gnb.cells.iter().enumerate() {
                read_cell(cell, index, &gnb, &view, &mut reading);
            }
        }
        Ok(reading)
    }
}

/// Refuses what makes a YAML document grow beyond its size.
fn bounded(body: &str) -> Result<(), String> {
    if body.len() > 4 << 20 {
        return Err("the document is larger than 4 MiB".to_owned());
    }
    let alias = |line: &str| line.split_whitespace().any(|word| word.starts_with('&') || word.starts_with('*'));
    if body.lines().any(alias) {
        return Err("anchors and aliases are not accepted".to_owned());
    }
    Ok(())
}

fn all(view: &View, findings: &mut Vec<Finding>) -> Vec<(String, Vec<u8>)> {
    let Some(node) = view.node else { return Vec::new() };
    let cells = view.cells.iter().filter_map(|branch| cell(branch, findings)).collect();
    let gnb = Gnb {
        gnb_id: node.resource.id,
        gnb_id_bit_length: node.resource.id_length,
        gnb_du_id: node.resource.du_id,
        e2: e2(&node, findings),
        cu_cp: core(view, node.resource),
        cells,
    };
    let yaml = serde_yaml::to_string(&gnb).unwrap_or_default();
    let head = format!("# {}: written by ranform; ratios change at run time by {COMMANDS}\n", node.id);
    let mut all = vec![(CONFIGURATION.to_owned(), format!("{head}{yaml}").into_bytes())];
    let commands: String = view.cells.iter().flat_map(|branch| &branch.below).filter_map(command).collect();
    if !commands.is_empty() {
        all.push((COMMANDS.to_owned(), commands.into_bytes()));
    }
    all
}

/// The E2 block; its port is 20000 to 40000 (CLI range of the schema).
fn e2(node: &Entry<NodeResource>, findings: &mut Vec<Finding>) -> Option<E2> {
    let endpoint = node.resource.e2_endpoint.as_ref()?;
    match split(endpoint) {
        Some((addr, port @ 20_000..=40_000)) => Some(E2 { enable_du_e2: true, addr: Some(addr), port: Some(port) }),
        _ => {
            findings.push(Finding {
                code: &codes::NOT_ON_GRID,
                address: node.address.clone(),
                message: format!("its E2 termination `{endpoint}` has no port between 20000 and 40000"),
                help: "let the E2 termination listen at such a port, 36421 by assignment".to_owned(),
            });
            None
        }
    }
}

/// The AMFs, each with the PLMNs it serves and their slices per tracking area.
fn core(view: &View, node: &NodeResource) -> Option<CuCp> {
    let mut amfs = node.cores.iter().map(|core| {
        let mut areas: Vec<Area> = Vec::new();
        for branch in &view.cells {
            let slices: Vec<Slice> = branch
                .in_order()
                .iter()
                .filter(|tenant| tenant.resource.plmn == core.plmn)
                .map(|tenant| tenant.resource.snssai.map_or(Slice { sst: 1, sd: None }, Slice::from))
                .collect();
            let tac = branch.own.and_then(|own| own.resource.tac).unwrap_or(1);
            match areas.iter_mut().find(|area| area.tac == tac) {
                Some(area) => area.add(core.plmn, slices),
                None => {
                    let mut area = Area { tac, plmn_list: Vec::new() };
                    area.add(core.plmn, slices);
                    areas.push(area);
                }
            }
        }
        if areas.is_empty() {
            let mut area = Area { tac: 1, plmn_list: Vec::new() };
            area.add(core.plmn, Vec::new());
            areas.push(area);
        }
        Amf { addr: core.address.clone(), supported_tracking_areas: areas }
    });
    let amf = amfs.next()?;
    Some(CuCp { amf, extra_amfs: amfs.collect() })
}

fn cell(branch: &CellBranch, findings: &mut Vec<Finding>) -> Option<Cell> {
    let own = branch.own?;
    let cell = own.resource;
    let mut find = |code, message: String, help: &str| {
        findings.push(Finding { code, address: own.address.clone(), message, help: help.to_owned() });
    };
    if cell.power_dbm.is_some_and(|power| power.fract() != 0.0) {
        find(&codes::NOT_ON_GRID, "its power is no whole dBm".to_owned(), "write the power in whole dBm");
    }
    let pattern = cell.tdd_pattern.as_deref();
    let tdd = pattern.and_then(Tdd::from_pattern);
    if let (Some(pattern), None) = (pattern, &tdd) {
        find(
            &codes::NOT_ON_GRID,
            format!("its pattern `{pattern}` is not of the form D..DSU..U"),
            "write downlink slots, at most one special slot, then uplink slots",
        );
    }
    if cell.pci.is_none() {
        find(&codes::MANDATORY_MISSING, "srsRAN needs its physical cell identity".to_owned(), "give the cell `pci`");
    }
    let tenants = branch.in_order();
    for (index, tenant) in tenants.iter().enumerate() {
        if tenants[..index].iter().any(|other| other.resource.snssai == tenant.resource.snssai) {
            findings.push(Finding {
                code: &codes::NOT_DISTINCT,
                address: tenant.address.clone(),
                message: "its S-NSSAI is another tenant's on this cell, and srsRAN tells slices apart by S-NSSAI alone"
                    .to_owned(),
                help: "give each tenant of the cell its own slice".to_owned(),
            });
        }
    }
    let slicing = tenants.iter().filter_map(|tenant| policy(tenant, findings)).collect();
    Some(Cell {
        sector_id: cell.local_id,
        pci: cell.pci,
        dl_arfcn: cell.arfcn_dl,
        band: cell.band,
        bandwidth: (cell.bandwidth_hz / 1_000_000) as u32,
        common_scs: (cell.scs_hz / 1000) as u32,
        plmn: cell.host_plmn.map(Plmn::digits),
        tac: cell.tac,
        ssb: cell.power_dbm.map(|power| Ssb { ssb_block_power_dbm: power as i32 }),
        tdd_ul_dl_cfg: tdd,
        slicing,
    })
}

/// A tenant's slicing entry: dedicated <= min <= max, the maximum at least 1 (CLI ranges of the schema).
fn policy(tenant: &Entry<CellTenantResource>, findings: &mut Vec<Finding>) -> Option<Policy> {
    let quota = match tenant.resource.quota? {
        Quotas::Both { both } => both,
        Quotas::Each { dl, ul } => {
            let message = "srsRAN has one ratio for both directions".to_owned();
            let help = "give the SLA `direction both`".to_owned();
            findings.push(Finding { code: &codes::NOT_ON_GRID, address: tenant.address.clone(), message, help });
            dl.or(ul)?
        }
    };
    let mut whole = |value: f64, what: &str| percent(value, what, tenant.address, findings);
    let (min, max, dedicated) =
        (whole(quota.min, "minimum"), whole(quota.max, "maximum"), whole(quota.dedicated, "dedicated ratio"));
    if dedicated > min || min > max || max == 0 {
        findings.push(Finding {
            code: &codes::NOT_ON_GRID,
            address: tenant.address.clone(),
            message: format!("srsRAN refuses dedicated {dedicated} %, minimum {min} %, maximum {max} %"),
            help: "keep dedicated <= minimum <= maximum and the maximum at 1 % or more".to_owned(),
        });
    }
    let slice = tenant.resource.snssai.map_or(Slice { sst: 1, sd: None }, Slice::from);
    Some(Policy {
        sst: slice.sst,
        sd: slice.sd,
        sched_cfg: Some(Ratios {
            min_prb_policy_ratio: min,
            max_prb_policy_ratio: max,
            ded_prb_policy_ratio: (dedicated > 0).then_some(dedicated),
            priority: tenant.resource.priority,
        }),
    })
}

/// The command that sets a tenant's ratios at run time.
fn command(tenant: &Entry<CellTenantResource>) -> Option<String> {
    let policy = policy(tenant, &mut Vec::new())?;
    let ratios = policy.sched_cfg?;
    let member = Member { plmn: tenant.resource.plmn.digits(), sst: policy.sst, sd: policy.sd };
    let command = Command {
        cmd: "rrm_policy_ratio_set",
        policies: Policies {
            resource_type: "PRB",
            members: vec![member],
            min_prb_policy_ratio: ratios.min_prb_policy_ratio,
            max_prb_policy_ratio: ratios.max_prb_policy_ratio,
            dedicated_ratio: ratios.ded_prb_policy_ratio.unwrap_or(0),
        },
    };
    serde_json::to_string(&command).ok().map(|line| line + "\n")
}

fn read_node(gnb: &Gnb, view: &View, query: &Query, reading: &mut Reading) {
    let known = view.node.map(|node| node.resource.clone()).unwrap_or_default();
    let amfs = gnb.cu_cp.iter().flat_map(|core| std::iter::once(&core.amf).chain(&core.extra_amfs));
    let endpoint = |amf: &Amf| {
        let plmn = amf.supported_tracking_areas.first()?.plmn_list.first()?;
        Some(CoreEndpoint { plmn: plmn_of(&plmn.plmn)?, role: "amf".to_owned(), address: amf.addr.clone() })
    };
    let cores = amfs.filter_map(endpoint).collect();
    let e2 = gnb.e2.as_ref().filter(|e2| e2.enable_du_e2);
    // A file that enables no agent, and one in which we did not ask for it, says nothing of ours.
    let ours = view.node.is_none_or(|node| node.resource.e2_endpoint.is_some());
    let e2_endpoint = e2.filter(|_| ours).and_then(|e2| Some(join(e2.addr.as_ref()?, e2.port.unwrap_or(E2_PORT))));
    let du_id = gnb.gnb_du_id.filter(|_| view.node.is_none_or(|node| node.resource.du_id.is_some()));
    let (id, id_length) = (gnb.gnb_id, gnb.gnb_id_bit_length);
    let resource = NodeResource { id, id_length, du_id, e2_endpoint, cores, ..known };
    found(reading, query.device, view.device_id(), Resource::Node(resource));
}

/// Five or six digits; the country code has three of them.
fn plmn_of(digits: &str) -> Option<Plmn> {
    Plmn::new(digits.get(..3)?, digits.get(3..)?)
}

fn read_cell(read: &Cell, index: usize, gnb: &Gnb, view: &View, reading: &mut Reading) {
    // The file does not name cells: they stand in address order.
    let branch = view.cells.get(index);
    let known = branch.and_then(|branch| branch.own);
    let id = branch.map_or_else(|| format!("cell-{index}"), |branch| branch.id().to_owned());
    let address = branch.map_or_else(|| view.device.child("cell", &id), |branch| branch.address.clone());
    let Some(base) = known.map(|own| own.resource) else {
        reading.foreign.insert(format!("{CONFIGURATION}#cells.{index}.dl_arfcn"), read.dl_arfcn.to_string());
        return;
    };
    let same = base.arfcn_dl == read.dl_arfcn;
    let carrier = if same { base.carrier_hz } else { crate::netconf::gpp::frequency(read.dl_arfcn) };
    let resource = CellResource {
        local_id: read.sector_id,
        band: read.band,
        carrier_hz: carrier,
        arfcn_dl: read.dl_arfcn,
        // Its uplink follows from the band; with time division it is the downlink carrier.
        arfcn_ul: if base.arfcn_ul == base.arfcn_dl { read.dl_arfcn } else { base.arfcn_ul },
        uplink_carrier_hz: if base.arfcn_ul == base.arfcn_dl { carrier } else { base.uplink_carrier_hz },
        bandwidth_hz: u64::from(read.bandwidth).saturating_mul(1_000_000),
        scs_hz: u64::from(read.common_scs).saturating_mul(1000),
        tdd_pattern: read.tdd_ul_dl_cfg.as_ref().map(Tdd::pattern),
        pci: read.pci,
        tac: read.tac,
        power_dbm: read.ssb.as_ref().map(|ssb| f64::from(ssb.ssb_block_power_dbm)),
        host_plmn: read.plmn.as_deref().and_then(plmn_of),
        ..base.clone()
    };
    let prbs = resource.prbs;
    found(reading, &address, &id, Resource::Cell(resource));
    let below = branch.map(|branch| branch.below.as_slice()).unwrap_or_default();
    for tenant in below {
        read_tenant(tenant, read, gnb, prbs, reading);
    }
    for policy in &read.slicing {
        let slice = Slice { sst: policy.sst, sd: policy.sd };
        if !below.iter().any(|tenant| tenant.resource.snssai.map(Slice::from) == Some(slice)) {
            let path = format!("{CONFIGURATION}#cells.{index}.slicing.{}", Snssai::from(slice));
            reading.foreign.insert(path, format!("{:?}", policy.sched_cfg));
        }
    }
}

fn read_tenant(tenant: &Entry<CellTenantResource>, cell: &Cell, gnb: &Gnb, prbs: u32, reading: &mut Reading) {
    let slice = tenant.resource.snssai.map_or(Slice { sst: 1, sd: None }, Slice::from);
    let policy = cell.slicing.iter().find(|policy| (policy.sst, policy.sd) == (slice.sst, slice.sd));
    let plmn = tenant.resource.plmn.digits();
    let areas = gnb.cu_cp.iter().flat_map(|core| std::iter::once(&core.amf).chain(&core.extra_amfs));
    let lists = areas.flat_map(|amf| &amf.supported_tracking_areas).flat_map(|area| &area.plmn_list);
    let served: Vec<&PlmnSlices> = lists.filter(|list| list.plmn == plmn).collect();
    let gone = !served.is_empty() && served.iter().all(|list| !list.tai_slice_support_list.contains(&slice));
    if policy.is_none() && gone {
        return;
    }
    let ratios = policy.and_then(|policy| policy.sched_cfg);
    let quota = ratios.map(|ratios| Quota {
        dedicated: ratios.ded_prb_policy_ratio.unwrap_or(0).into(),
        min: ratios.min_prb_policy_ratio.into(),
        max: ratios.max_prb_policy_ratio.into(),
        prbs: (u64::from(prbs) * u64::from(ratios.min_prb_policy_ratio) / 100) as u32,
    });
    let resource = CellTenantResource {
        quota: quota.map(|both| Quotas::Both { both }),
        priority: ratios.and_then(|ratios| ratios.priority),
        ..tenant.resource.clone()
    };
    found(reading, tenant.address, tenant.id, Resource::CellTenant(resource));
}
