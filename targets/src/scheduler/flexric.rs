//! FlexRIC / OAI slice service model: NVS capacity slices, one document per cell.
//!
//! `pct_rsvd` is a fraction in thousandths. The model knows labels only: PLMN and slice of a tenant stay with what is
//! known, user equipments are associated by identity. Source: openaicellular/flexric `src/sm/slice_sm`.

use ranform_network::Artifact;
use ranform_network::deployment::*;
use ranform_network::diagnostic::codes;
use serde::{Deserialize, Serialize};

use super::*;
use crate::view::View;

/// The format `flexric`.
pub struct FlexRic;

/// The control message of the slice service model.
#[derive(Debug, Serialize, Deserialize)]
struct Control {
    num_slices: u32,
    slice_sched_algo: String,
    slices: Vec<Slice>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Slice {
    id: u32,
    label: String,
    ue_sched_algo: String,
    #[serde(rename = "type")]
    kind: String,
    slice_algo_params: Capacity,
}

#[derive(Debug, Serialize, Deserialize)]
struct Capacity {
    /// The share reserved, a fraction.
    pct_rsvd: f64,
}

impl Target for FlexRic {
    fn name(&self) -> &'static str {
        "flexric"
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
        for branch in &view.cells {
            let Some(document) = documents.iter().find(|document| document.path == slices_path(branch)) else {
                continue;
            };
            let control: Control = serde_json::from_str(text(document)?)
                .map_err(|error| ReadError::new(&document.path, error.to_string()))?;
            carry_node(query, &mut reading);
            carry_cell(branch, &mut reading);
            let prbs = branch.own.map_or(0, |own| own.resource.prbs);
            for slice in control.slices {
                let Some(entry) = branch.below.iter().find(|entry| entry.id == slice.label) else {
                    let path = format!("{}#{}", document.path, slice.label);
                    reading.foreign.insert(path, slice.slice_algo_params.pct_rsvd.to_string());
                    continue;
                };
                let percent = (slice.slice_algo_params.pct_rsvd * 1000.0).round() / 10.0;
                let blocks = (f64::from(prbs) * percent / 100.0 + 1e-9).floor() as u32;
                let both = fixed(percent, blocks, false);
                found(&mut reading, entry.address, entry.id, with_quota(entry, Some(Quotas::Both { both })));
            }
        }
        Ok(reading)
    }

    fn endangered(&self, artifact: &Artifact, documents: &[Document], query: &Query) -> Result<Vec<String>, ReadError> {
        taken_slices(self, artifact, documents, query)
    }
}

fn all(view: &View, findings: &mut Vec<Finding>) -> Vec<(String, Vec<u8>)> {
    let document = |branch| (slices_path(branch), json_bytes(&control(branch, findings)));
    view.cells.iter().filter(|branch| branch.own.is_some()).map(document).collect()
}

fn control(branch: &CellBranch, findings: &mut Vec<Finding>) -> Control {
    let mut slices = Vec::new();
    for tenant in branch.in_order() {
        let quota = match tenant.resource.quota {
            None => continue,
            Some(Quotas::Both { both }) => both,
            Some(Quotas::Each { dl, ul }) => {
                let message = "the slice model has one share for both directions".to_owned();
                let help = "give the SLA `direction both`".to_owned();
                findings.push(Finding { code: &codes::NOT_ON_GRID, address: tenant.address.clone(), message, help });
                let Some(quota) = dl.or(ul) else { continue };
                quota
            }
        };
        let permille = (quota.min * 10.0).round();
        slices.push(Slice {
            id: tenant.resource.order,
            label: tenant.id.to_owned(),
            ue_sched_algo: "PF".to_owned(),
            kind: "SLICE_SM_NVS_V0_CAPACITY".to_owned(),
            slice_algo_params: Capacity { pct_rsvd: permille / 1000.0 },
        });
    }
    Control { num_slices: slices.len() as u32, slice_sched_algo: "NVS".to_owned(), slices }
}
