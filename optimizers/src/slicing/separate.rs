//! Proof that no consumption obeys the area rows: a price vector that separates what the nodes can give from what
//! the rows ask (Farkas).

use crate::slicing::component::Component;

/// How far the two sides must be apart, in share of the area, before they count as separated.
const MARGIN: f64 = 1e-9;

/// The part of `direction` that is a proof, where it is one: `Σ_js d_js v_js` over all consumption the nodes allow
/// stays above all that the rows allow.
pub fn separate(component: &Component, direction: &[f64]) -> Option<Vec<f64>> {
    let mut size = 0.0f64;
    let mut asked = 0.0;
    let mut usable = direction.to_vec();
    for (index, price) in usable.iter_mut().enumerate() {
        let bound = if *price > 0.0 { component.most[index] } else { component.least[index] };
        // Only rows that exist can be part of a proof.
        if !bound.is_finite() {
            *price = 0.0;
            continue;
        }
        asked += *price * bound;
        size = size.max(price.abs() * component.scale[index]);
    }
    let apart = size > 0.0 && least_value(component, &usable) - asked > MARGIN * size;
    apart.then_some(usable)
}

/// The least `Σ d v` that the nodes can give: each node fills its cheapest pairs first.
fn least_value(component: &Component, direction: &[f64]) -> f64 {
    let tenants = component.tenants;
    let mut least: f64 = direction.iter().zip(&component.base).map(|(price, base)| price * base).sum();
    let mut costs = vec![(0.0, 0usize); tenants];
    for index in 0..component.nodes.len() {
        let node = component.node(index);
        for (tenant, cost) in costs.iter_mut().enumerate() {
            let price = node.cover.iter().map(|&(sla, k)| k * direction[sla as usize * tenants + tenant]).sum();
            *cost = (price, tenant);
        }
        costs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut left = node.boxes.total - node.boxes.lower.iter().sum::<f64>();
        for &(price, tenant) in &costs {
            let room = node.boxes.upper[tenant] - node.boxes.lower[tenant];
            let more = room.min(left.max(0.0));
            left -= more;
            least += price * (node.boxes.lower[tenant] + more);
        }
    }
    least
}
