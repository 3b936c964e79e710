//! Quotas as RRMPolicyRatio: one policy per tenant and controlled direction (TS 28.541 4.3.36).

use std::collections::BTreeMap;

use ranform_network::deployment::*;
use ranform_network::diagnostic::codes;
use ranform_network::profile::Profile;
use ranform_network::radio::Snssai;

use super::schema::{Member, Policy, PolicyAttributes};
use super::{CellMember, cell_member};
use crate::view::{Entry, View};
use crate::{Finding, percent};

/// The policies of one tenant on one cell: `ID` for both directions, `ID.dl` and `ID.ul` else (ids of tenants have no dot).
pub(super) fn of(tenant: &Entry<CellTenantResource>, profile: &Profile, findings: &mut Vec<Finding>) -> Vec<Policy> {
    let quotas = match tenant.resource.quota {
        None => return Vec::new(),
        Some(Quotas::Both { both }) => vec![("", "PRB", both)],
        Some(Quotas::Each { dl, ul }) => {
            let dl = dl.map(|quota| (".dl", "PRB_DL", quota));
            dl.into_iter().chain(ul.map(|quota| (".ul", "PRB_UL", quota))).collect()
        }
    };
    let CellMember { mcc, mnc, sd, sst } =
        cell_member((tenant.resource.plmn, tenant.resource.snssai.unwrap_or(Snssai::WHOLE)), profile);
    let member = Member { mcc, mnc, sd, sst };
    let mut whole = |value: f64, what: &str| percent(value, what, tenant.address, findings);
    let policy = |(suffix, resource_type, quota): (&str, &str, Quota)| Policy {
        id: Some(format!("{}{suffix}", tenant.id)),
        attributes: Some(PolicyAttributes {
            resource_type: Some(resource_type.to_owned()),
            members: vec![member.clone()],
            max: Some(whole(quota.max, "maximum")),
            min: Some(whole(quota.min, "minimum")),
            dedicated: Some(whole(quota.dedicated, "dedicated ratio")),
        }),
    };
    quotas.into_iter().map(policy).collect()
}

/// The one policy set of a device whose policies are bound to no cell: the same on every cell, or an error.
pub(super) fn shared(view: &View, profile: &Profile, findings: &mut Vec<Finding>) -> Vec<Policy> {
    let mut all: BTreeMap<String, (Policy, &ranform_network::Address)> = BTreeMap::new();
    for tenant in view.cells.iter().flat_map(|cell| &cell.below) {
        for policy in of(tenant, profile, findings) {
            let id = policy.id.clone().unwrap_or_default();
            let (first, at) = all.entry(id).or_insert_with(|| (policy.clone(), tenant.address));
            if *first != policy {
                findings.push(Finding {
                    code: &codes::POLICIES_DIFFER,
                    address: tenant.address.clone(),
                    message: format!("its policy differs from that of `{at}`, and the device has one for all cells"),
                    help: "put all cells of the node under one SLA, or use a profile with policies inside cells"
                        .to_owned(),
                });
            }
        }
    }
    for tenant in view.cells.iter().flat_map(|cell| &cell.below).filter(|tenant| tenant.resource.quota.is_none()) {
        let ids = ["", ".dl", ".ul"].map(|suffix| format!("{}{suffix}", tenant.id));
        if let Some((_, at)) = ids.iter().find_map(|id| all.get(id)) {
            findings.push(Finding {
                code: &codes::POLICIES_DIFFER,
                address: tenant.address.clone(),
                message: format!("its cell is not controlled, but the device keeps the policy of `{at}` for all cells"),
                help: "share all cells of the node in one way, or use a profile with policies inside cells".to_owned(),
            });
        }
    }
    all.into_values().map(|(policy, _)| policy).collect()
}
