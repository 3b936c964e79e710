//! From consumption to the shares a device enforces (D3, D9, D11).

use rayon::prelude::*;

use crate::slicing::matrix::Matrix;
use crate::slicing::normal::{MANY_NODES, NodeKind, NormalForm, STRETCH};

/// `max(u, floor) + surplus by agreed share`, up to each cap; on passive nodes what is observed.
///
/// Where several SLAs cover a node, the surplus goes by the mean of their agreed shares.
pub fn enforced_shares(form: &NormalForm, consumption: &[f64]) -> Matrix {
    let tenants = form.tenants();
    let mut shares = Matrix::new(tenants, consumption.to_vec());
    let width = tenants.max(1);
    let raise = |first: usize, rows: &mut [f64]| {
        for (at, row) in rows.chunks_exact_mut(width).enumerate() {
            raise_to_floors(form, first + at, row);
        }
    };
    if form.kind.len() < MANY_NODES {
        raise(0, shares.values_mut());
    } else {
        let stretches = shares.values_mut().par_chunks_mut(STRETCH * width).enumerate();
        stretches.for_each(|(stretch, rows)| raise(stretch * STRETCH, rows));
    }
    shares
}

/// The shares of one node, from its consumption.
fn raise_to_floors(form: &NormalForm, node: usize, row: &mut [f64]) {
    if form.kind[node] == NodeKind::Passive {
        return;
    }
    let mut assigned = 0.0;
    for (tenant, share) in row.iter_mut().enumerate() {
        *share = share.max(form.pair_floor(node, tenant));
        assigned += *share;
    }
    let surplus = form.problem.parts().capacity[node] - assigned;
    if form.kind[node] == NodeKind::Served && surplus > 0.0 {
        assign_surplus(form, node, surplus, row);
    }
}

/// Each member gets its part of the surplus up to its cap; what is cut off stays unassigned.
fn assign_surplus(form: &NormalForm, node: usize, surplus: f64, row: &mut [f64]) {
    let parts = form.problem.parts();
    let cover = form.cover.of(node);
    let member = |tenant: usize| form.problem.is_member(node, tenant);
    let agreed = |tenant: usize| cover.iter().map(|(sla, _)| parts.slas[*sla as usize].sla_share[tenant]).sum::<f64>();
    let all: f64 = (0..row.len()).filter(|&tenant| member(tenant)).map(agreed).sum();
    let members = (0..row.len()).filter(|&tenant| member(tenant)).count();
    for (tenant, share) in row.iter_mut().enumerate().filter(|(tenant, _)| member(*tenant)) {
        let part = if all > 0.0 { agreed(tenant) / all } else { 1.0 / members as f64 };
        let cap = parts.maximum.as_ref().map_or(f64::INFINITY, |maximum| maximum.row(node)[tenant]);
        *share = (*share + surplus * part).min(cap.max(*share));
    }
}
