//! Changes of a cell's identity to the world: the NCGI or ECGI that neighbours, cores and people know it by
//! (TS 38.300 8.2): first PLMN, base station identity, cell local identity. Denied unless a `limit` allows them.

use std::collections::BTreeMap;

use ranform_network::deployment::{Change, Recorded, Resource};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::radio::Plmn;
use ranform_network::units::count;
use ranform_network::{Address, Network};
use serde::{Deserialize, Serialize};

/// A cell that would be another one to the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityChange {
    /// The cell.
    pub cell: Address,
    /// What differs, e.g. `first PLMN 001-01 -> 001-02`.
    pub what: Vec<String>,
}

/// The cells whose identity the changes touch, in address order. A part that was not known before is no change.
pub fn changes(recorded: &BTreeMap<Address, Recorded>, changes: &[Change]) -> Vec<IdentityChange> {
    let before: BTreeMap<&Address, &Resource> =
        recorded.iter().map(|(address, recorded)| (address, &recorded.resource)).collect();
    let mut after = before.clone();
    for change in changes {
        match &change.after {
            Some(resource) => drop(after.insert(&change.address, resource)),
            None => drop(after.remove(&change.address)),
        }
    }
    let mut found = Vec::new();
    for (cell, _) in before.iter().filter(|(_, resource)| matches!(resource, Resource::Cell(_))) {
        if !matches!(after.get(*cell), Some(Resource::Cell(_))) {
            continue;
        }
        let (old, new) = (identity(&before, cell), identity(&after, cell));
        let differs = old.iter().zip(&new).filter(|((_, old), (_, new))| old.is_some() && old != new);
        let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        let what: Vec<String> =
            differs.map(|((name, old), (_, new))| format!("{name} {} -> {}", word(old), word(new))).collect();
        if !what.is_empty() {
            found.push(IdentityChange { cell: (*cell).clone(), what });
        }
    }
    found
}

/// The parts of a cell's identity, by name.
fn identity(things: &BTreeMap<&Address, &Resource>, cell: &Address) -> [(&'static str, Option<String>); 3] {
    let node = cell.parent().and_then(|node| match things.get(&node) {
        Some(Resource::Node(node)) => node.id.map(|id| match node.id_length {
            Some(length) => format!("{id}/{length}"),
            None => id.to_string(),
        }),
        _ => None,
    });
    let (local, plmn) = match things.get(cell) {
        Some(Resource::Cell(own)) => (own.local_id, own.host_plmn.or_else(|| first_tenant(things, cell))),
        _ => (None, None),
    };
    [
        ("base station id", node),
        ("local id", local.map(|id| id.to_string())),
        ("first PLMN", plmn.map(|plmn| plmn.to_string())),
    ]
}

/// Without a host the first tenant's PLMN comes first.
fn first_tenant(things: &BTreeMap<&Address, &Resource>, cell: &Address) -> Option<Plmn> {
    let start = Address::from_text(format!("{cell}/"));
    let below = things.range::<&Address, _>(&start..).take_while(|(address, _)| address.is_within(cell));
    let tenants = below.filter_map(|(address, resource)| match resource {
        Resource::CellTenant(tenant) => Some((tenant.order, *address, tenant.plmn)),
        _ => None,
    });
    tenants.min().map(|(_, _, plmn)| plmn)
}

/// Denies a plan that changes more identities than a `limit` allows; none is allowed without one.
pub fn findings(network: &Network, changes: &[IdentityChange]) -> Vec<Diagnostic> {
    let limit = network.limits.iter().find(|limit| limit.identities.is_some());
    let allowed = limit.and_then(|limit| limit.identities).unwrap_or(0);
    let Some(first) = changes.first().filter(|_| changes.len() as u64 > allowed) else { return Vec::new() };
    let which = if changes.len() == 1 { "" } else { ", first" };
    let message = format!(
        "the plan changes the identity of {}{which} `{}`: {}; {allowed} may change",
        count(changes.len(), "cell"),
        first.cell,
        first.what.join(", ")
    );
    let help = format!(
        "neighbours and cores know a cell by it; if that is meant, allow it: `limit {{ identities {} }}`",
        changes.len()
    );
    let cell = network.cells.iter().find(|(_, cell)| cell.entity.address == first.cell);
    let diagnostic = match cell {
        Some((_, cell)) => Diagnostic::error(&codes::CELL_IDENTITY, cell.entity.span, message),
        None => Diagnostic::error_nowhere(&codes::CELL_IDENTITY, message),
    };
    let diagnostic = match limit {
        Some(limit) => diagnostic.and(limit.span, format!("{allowed} may change")),
        None => diagnostic,
    };
    vec![diagnostic.help(help)]
}

#[cfg(test)]
mod tests {
    use ranform_network::deployment::*;
    use ranform_network::network::{Duplex, SharingMode, Technology};

    use super::*;

    fn cell(host: Option<&str>) -> Resource {
        Resource::Cell(CellResource {
            technology: Technology::Nr,
            local_id: Some(1),
            band: 77,
            carrier_hz: 0,
            uplink_carrier_hz: 0,
            arfcn_dl: 0,
            arfcn_ul: 0,
            bandwidth_hz: 0,
            scs_hz: 0,
            prbs: 0,
            duplex: Duplex::Tdd,
            tdd_pattern: None,
            pci: None,
            tac: None,
            ssb_arfcn: None,
            power_dbm: None,
            azimuth_deg: None,
            tilt_deg: None,
            unlocked: true,
            host_plmn: host.and_then(Plmn::parse),
            sharing: SharingMode::Prb,
        })
    }

    fn tenant(plmn: &str, order: u32) -> Resource {
        let plmn = Plmn::parse(plmn).unwrap();
        Resource::CellTenant(CellTenantResource { plmn, snssai: None, quota: None, order, priority: None })
    }

    fn node(id: u32) -> Resource {
        Resource::Node(NodeResource { id: Some(id), id_length: Some(22), ..NodeResource::default() })
    }

    fn things(list: Vec<(&str, Resource)>) -> BTreeMap<Address, Recorded> {
        let device = Address::from_text("node.gnb-1".to_owned());
        let one = |(address, resource): (&str, Resource)| {
            let recorded = Recorded {
                resource,
                device: device.clone(),
                device_id: "x".into(),
                tenant: None,
                owner: None,
                former: Default::default(),
            };
            (Address::from_text(format!("node.gnb-1{address}")), recorded)
        };
        list.into_iter().map(one).collect()
    }

    fn what(before: Vec<(&str, Resource)>, after: Vec<(&str, Resource)>) -> Vec<String> {
        let (before, after) = (things(before), things(after));
        let placed = |recorded: &Recorded| Placed {
            resource: recorded.resource.clone(),
            device: recorded.device.clone(),
            device_id: "x".into(),
            span: Default::default(),
            tenant: None,
            owner: None,
        };
        let placed = after.iter().map(|(address, recorded)| (address.clone(), placed(recorded))).collect();
        let deployment = Deployment { placed, ..Deployment::default() };
        let changes = diff(&before, &deployment, |_, _| Cause::Observation);
        super::changes(&before, &changes).into_iter().flat_map(|change| change.what).collect()
    }

    #[test]
    fn host_base_station_and_local_id_make_a_cell() {
        let red = || ("/cell.a/tenant.red", tenant("001-01", 1));
        let before = || vec![("", node(5)), ("/cell.a", cell(Some("214-07"))), red()];
        assert_eq!(what(before(), before()), Vec::<String>::new());
        let other = vec![("", node(5)), ("/cell.a", cell(Some("214-08"))), red()];
        assert_eq!(what(before(), other), ["first PLMN 214-07 -> 214-08"]);
        let other = vec![("", node(6)), ("/cell.a", cell(Some("214-07"))), red()];
        assert_eq!(what(before(), other), ["base station id 5/22 -> 6/22"]);
        // A tenant that comes or goes behind the host is nobody's identity.
        assert_eq!(what(before(), before()[..2].to_vec()), Vec::<String>::new());
        assert_eq!(what(before(), vec![("", node(5))]), Vec::<String>::new());
    }

    #[test]
    fn without_a_host_the_first_tenant_counts() {
        let red = ("/cell.a/tenant.red", tenant("001-01", 1));
        let blue = ("/cell.a/tenant.blue", tenant("001-02", 2));
        let own = ("/cell.a", cell(None));
        let both = vec![own.clone(), red.clone(), blue.clone()];
        assert_eq!(what(both.clone(), vec![own.clone(), blue]), ["first PLMN 001-01 -> 001-02"]);
        assert_eq!(what(both, vec![own.clone(), red.clone()]), Vec::<String>::new());
        assert_eq!(what(vec![own.clone()], vec![own, red]), Vec::<String>::new());
    }

    #[test]
    fn a_changed_identity_is_denied_unless_a_limit_allows_it() {
        let change =
            IdentityChange { cell: Address::from_text("node.a/cell.b"), what: vec!["local id 1 -> 2".to_owned()] };
        let mut network = Network::default();
        let denied = findings(&network, std::slice::from_ref(&change));
        assert_eq!(denied[0].code.id, "RF630");
        assert!(denied[0].message.contains("`node.a/cell.b`: local id 1 -> 2; 0 may change"), "{}", denied[0].message);
        network.limits.push(ranform_network::network::Limit {
            span: Default::default(),
            deletions: None,
            deletions_share: None,
            cells: None,
            identities: Some(1),
            share_moved: Vec::new(),
            acknowledged: Vec::new(),
        });
        assert_eq!(findings(&network, std::slice::from_ref(&change)), []);
        assert_eq!(findings(&network, &[change.clone(), change])[0].code.id, "RF630");
    }
}
