//! The slicing problems of a [`Network`]: one per direction and group of SLAs that share interfaces.
//!
//! Rows are interfaces, or all cells of a node whose policies stand once for the node (release 16 shape, D10). Without
//! observations every member's load is 1 and the previous shares are those of the fixed point; with them a plan is one
//! loop step.

use std::collections::BTreeMap;

use ranform_network::address::Address;
use ranform_network::ids::{SlaId, TenantId};
use ranform_network::network::{Direction, Interface, Network, Sharing, SharingMode, Sla as NetworkSla, Weighting};
use ranform_network::profile::{Containment, GridKind};
use ranform_network::telemetry::{Observation, Telemetry};

use crate::exchange::DocumentError;
use crate::slicing::matrix::Matrix;
use crate::slicing::network::held::Held;
use crate::slicing::round::Grid;
use crate::slicing::{Problem, ProblemParts, Sla};

/// A problem and what its numbers stand for.
#[derive(Clone, Debug)]
pub struct NetworkProblem {
    /// The numbers.
    pub problem: Problem,
    /// `Dl` or `Ul`.
    pub direction: Direction,
    /// A: the interfaces of each row; more than one where a node has one policy set for all.
    pub rows: Vec<Row>,
    /// S: the tenants.
    pub tenants: Vec<TenantId>,
    /// J: the SLAs.
    pub slas: Vec<SlaId>,
    /// Whether any number was observed: then the plan is one loop step, else the fixed point.
    pub observed: bool,
}

/// What a row stands for.
#[derive(Clone, Debug)]
pub struct Row {
    /// The interfaces, sorted.
    pub interfaces: Vec<Interface>,
    /// The grid of the first.
    pub grid: Grid,
    /// Where the use of a passive row comes from.
    pub passive: Option<PassiveUse>,
}

/// Where the use of a passive interface comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassiveUse {
    /// Its line states it.
    Expected,
    /// It was observed.
    Observed,
    /// Neither: equal parts are assumed, and no reachability is claimed.
    Assumed,
    /// Its device is held as it is, with the shares it has.
    Held,
}

type Observations<'a> = BTreeMap<(&'a Address, &'a str, Direction), &'a Observation>;

impl Problem {
    /// The problems of `network` in one direction, in the order of their first SLA; what is `held` stays as it is.
    ///
    /// # Errors
    /// Numbers that contradict each other; the checks of the compiler leave none.
    pub fn from_network(
        network: &Network,
        telemetry: Option<&Telemetry>,
        held: &Held,
        direction: Direction,
    ) -> Result<Vec<NetworkProblem>, DocumentError> {
        let observations = telemetry.map(Telemetry::by_place).unwrap_or_default();
        let members = members_by_interface(network);
        // An SLA of which nothing is in service yet has nothing to share.
        let idle =
            |sla: &NetworkSla| !held.is_empty() && sla.interfaces.iter().all(|&interface| held.is_idle(interface));
        let slas = network.slas.iter().filter(|(_, sla)| sla.direction.covers(direction) && !idle(sla));
        group_by_row(network, slas.map(|(id, _)| id).collect())
            .into_iter()
            .map(|slas| Builder::new(network, telemetry, &observations, &members, held, direction, slas).build())
            .collect()
    }
}

/// The tenants with a chunk on each interface.
pub(crate) fn members_by_interface(network: &Network) -> BTreeMap<Interface, Vec<TenantId>> {
    let mut members: BTreeMap<Interface, Vec<TenantId>> = BTreeMap::new();
    for (_, chunk) in network.chunks.iter() {
        for &interface in &chunk.interfaces {
            members.entry(interface).or_default().push(chunk.tenant.value);
        }
    }
    for tenants in members.values_mut() {
        tenants.sort_unstable();
        tenants.dedup();
    }
    members
}

/// What a row is keyed by: the node and mode where policies stand once per node, else the interface.
fn row_key(network: &Network, interface: Interface) -> (u8, u32, u32) {
    let node = network.node_of(interface);
    let mode = network.sharing_of(interface).map_or(0, |sharing| sharing.mode as u32);
    let passive = mode == SharingMode::Passive as u32;
    match interface {
        Interface::Cell(_) if network.nodes[node].profile.containment == Containment::TopLevel && !passive => {
            (0, node.0, mode)
        }
        Interface::Cell(cell) => (1, cell.0, 0),
        Interface::Radio(radio) => (2, radio.0, 0),
        Interface::Port(port) => (3, port.0, 0),
    }
}

/// SLAs joined by common rows, each group in order.
fn group_by_row(network: &Network, slas: Vec<SlaId>) -> Vec<Vec<SlaId>> {
    let mut group_of: BTreeMap<(u8, u32, u32), usize> = BTreeMap::new();
    let mut groups: Vec<Vec<SlaId>> = Vec::new();
    for sla in slas {
        let keys: Vec<_> = network.slas[sla].interfaces.iter().map(|&interface| row_key(network, interface)).collect();
        let mut joined: Vec<usize> = keys.iter().filter_map(|key| group_of.get(key).copied()).collect();
        joined.sort_unstable();
        joined.dedup();
        let group = joined.first().copied().unwrap_or(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(sla);
        for &other in joined.iter().skip(1) {
            let moved = std::mem::take(&mut groups[other]);
            groups[group].extend(moved);
        }
        group_of.values_mut().filter(|index| joined.contains(index)).for_each(|index| *index = group);
        group_of.extend(keys.into_iter().map(|key| (key, group)));
    }
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.retain(|group| !group.is_empty());
    groups.sort();
    groups
}

struct Builder<'a> {
    network: &'a Network,
    telemetry: Option<&'a Telemetry>,
    observations: &'a Observations<'a>,
    members: &'a BTreeMap<Interface, Vec<TenantId>>,
    held: &'a Held,
    direction: Direction,
    slas: Vec<SlaId>,
    tenants: Vec<TenantId>,
    rows: Vec<Vec<Interface>>,
    row_of: BTreeMap<Interface, usize>,
    /// Per row the SLAs over it, as positions in `slas`.
    covering: Vec<Vec<usize>>,
}

impl<'a> Builder<'a> {
    fn new(
        network: &'a Network,
        telemetry: Option<&'a Telemetry>,
        observations: &'a Observations<'a>,
        members: &'a BTreeMap<Interface, Vec<TenantId>>,
        held: &'a Held,
        direction: Direction,
        slas: Vec<SlaId>,
    ) -> Self {
        let mut by_key: BTreeMap<(u8, u32, u32), Vec<Interface>> = BTreeMap::new();
        for &interface in slas.iter().flat_map(|&sla| &network.slas[sla].interfaces) {
            if !matches!(interface, Interface::Port(_)) && !held.is_idle(interface) {
                by_key.entry(row_key(network, interface)).or_default().push(interface);
            }
        }
        let mut rows: Vec<Vec<Interface>> = by_key.into_values().collect();
        rows.iter_mut().for_each(|row| {
            row.sort_unstable();
            row.dedup();
        });
        rows.sort();
        let named = slas.iter().flat_map(|&sla| network.slas[sla].shares.iter().map(|share| share.tenant));
        let present = rows.iter().flatten().filter_map(|interface| members.get(interface)).flatten().copied();
        let mut tenants: Vec<TenantId> = named.chain(present).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let row_of: BTreeMap<Interface, usize> =
            rows.iter().enumerate().flat_map(|(row, all)| all.iter().map(move |&one| (one, row))).collect();
        let mut covering = vec![Vec::new(); rows.len()];
        for (position, &sla) in slas.iter().enumerate() {
            for row in network.slas[sla].interfaces.iter().filter_map(|interface| row_of.get(interface)) {
                if covering[*row].last() != Some(&position) {
                    covering[*row].push(position);
                }
            }
        }
        Self { network, telemetry, observations, members, held, direction, slas, tenants, rows, row_of, covering }
    }

    fn build(self) -> Result<NetworkProblem, DocumentError> {
        let (nodes, tenants) = (self.rows.len(), self.tenants.len());
        let mut parts = ProblemParts {
            nodes: self.rows.iter().map(|row| self.network.entity_of(row[0]).address.to_string()).collect(),
            tenants: self
                .tenants
                .iter()
                .map(|&tenant| self.network.tenants[tenant].entity.address.to_string())
                .collect(),
            load: Matrix::filled(nodes, tenants, 0.0),
            previous_share: Matrix::filled(nodes, tenants, 0.0),
            floor: vec![0.0; nodes],
            capacity: vec![1.0; nodes],
            passive: vec![false; nodes],
            observed: Matrix::filled(nodes, tenants, 0.0),
            member: Some(Matrix::filled(nodes, tenants, false)),
            weight: vec![1.0; nodes],
            ..ProblemParts::default()
        };
        let mut rows = Vec::with_capacity(nodes);
        for row in 0..nodes {
            rows.push(self.fill_row(row, &mut parts));
        }
        self.add_bounds(&mut parts);
        parts.slas = self.slas.iter().map(|&id| self.agreement(&self.network.slas[id], &parts)).collect();
        self.start_from_agreements(&mut parts);
        let observed =
            self.telemetry.is_some_and(|telemetry| !(telemetry.records.is_empty() && telemetry.slas.is_empty()));
        let problem = Problem::new(parts)?;
        Ok(NetworkProblem {
            problem,
            direction: self.direction,
            rows,
            tenants: self.tenants,
            slas: self.slas,
            observed,
        })
    }

    /// Members, load, floor, weight and passive use of one row.
    fn fill_row(&self, row: usize, parts: &mut ProblemParts) -> Row {
        let interfaces = &self.rows[row];
        let first = interfaces[0];
        let sharing = self.network.sharing_of(first);
        let grid = grid_of(self.network, first);
        let weighting = self.covering(row).map(|sla| sla.weight).next().unwrap_or_default();
        parts.weight[row] = interfaces.iter().map(|&interface| weight(self.network, interface, weighting)).sum();
        let floors = self.covering(row).filter_map(|sla| sla.floor).map(|floor| floor.value.0);
        parts.floor[row] = floors.fold(grid.smallest_share(), f64::max).min(1.0);
        for (column, &tenant) in self.tenants.iter().enumerate() {
            let member = interfaces.iter().any(|interface| self.is_member(*interface, tenant));
            if let Some(members) = &mut parts.member {
                members.row_mut(row)[column] = member;
            }
            let load = self.mean_observed(interfaces, tenant, |record| record.load);
            parts.load.row_mut(row)[column] = if member { load.unwrap_or(1.0) } else { 0.0 };
        }
        let controlled = sharing
            .is_some_and(|sharing| sharing.mode != SharingMode::Passive && sharing.direction.covers(self.direction));
        let passive = if interfaces.iter().any(|&interface| self.held.holds(interface)) && controlled {
            Some(self.fill_held(row, parts))
        } else if controlled {
            None
        } else {
            Some(self.fill_passive(row, sharing, parts))
        };
        parts.passive[row] = passive.is_some();
        Row { interfaces: interfaces.clone(), grid, passive }
    }

    /// What is held counts as a passive row: the use that was observed, else what its load makes of the share it has.
    fn fill_held(&self, row: usize, parts: &mut ProblemParts) -> PassiveUse {
        let interfaces = &self.rows[row];
        for (column, &tenant) in self.tenants.iter().enumerate() {
            let observed = self.mean_observed(interfaces, tenant, |record| record.used);
            let shares = interfaces.iter().filter_map(|&one| self.held.share(one, tenant, self.direction));
            let share = shares.fold(0.0, f64::max).min(parts.load.row(row)[column]);
            parts.observed.row_mut(row)[column] = observed.unwrap_or(share);
        }
        PassiveUse::Held
    }

    /// D4: observed use, else what the line states, else equal parts.
    fn fill_passive(&self, row: usize, sharing: Option<&Sharing>, parts: &mut ProblemParts) -> PassiveUse {
        let interfaces = &self.rows[row];
        let used: Vec<Option<f64>> =
            self.tenants.iter().map(|&tenant| self.mean_observed(interfaces, tenant, |record| record.used)).collect();
        let stated = |tenant: TenantId| {
            let expect = sharing.map_or(&[][..], |sharing| &sharing.expect);
            expect.iter().find(|(expected, _)| *expected == tenant).map(|(_, share)| share.value.0)
        };
        let stated: Vec<Option<f64>> = self.tenants.iter().map(|&tenant| stated(tenant)).collect();
        let member = |column: usize| parts.member.as_ref().is_none_or(|members| members.row(row)[column]);
        let members = (0..self.tenants.len()).filter(|&column| member(column)).count();
        let (source, values): (PassiveUse, Vec<f64>) = if used.iter().any(Option::is_some) {
            (PassiveUse::Observed, used.iter().map(|used| used.unwrap_or(0.0)).collect())
        } else if stated.iter().any(Option::is_some) {
            (PassiveUse::Expected, stated.iter().map(|share| share.unwrap_or(0.0)).collect())
        } else {
            let equal = |column: usize| if member(column) { 1.0 / members as f64 } else { 0.0 };
            (PassiveUse::Assumed, (0..self.tenants.len()).map(equal).collect())
        };
        parts.observed.row_mut(row).copy_from_slice(&values);
        source
    }

    /// D11: guarantees and caps of pairs; those over areas are in [`Builder::agreement`].
    fn add_bounds(&self, parts: &mut ProblemParts) {
        let (nodes, tenants) = (self.rows.len(), self.tenants.len());
        for sla in self.slas.iter().map(|&id| &self.network.slas[id]) {
            for bound in &sla.guarantees {
                let minimum = parts.minimum.get_or_insert_with(|| Matrix::filled(nodes, tenants, 0.0));
                self.bounded(bound.on.as_deref(), bound.tenant.value, |row, column| {
                    let value = &mut minimum.row_mut(row)[column];
                    *value = value.max(bound.share.value.0);
                });
            }
            for bound in &sla.caps {
                let maximum = parts.maximum.get_or_insert_with(|| Matrix::filled(nodes, tenants, 1.0));
                self.bounded(bound.on.as_deref(), bound.tenant.value, |row, column| {
                    let value = &mut maximum.row_mut(row)[column];
                    *value = value.min(bound.share.value.0);
                });
            }
        }
        self.drop_foreign_bounds(parts);
    }

    /// A bound on somebody who is not on the row says nothing there.
    fn drop_foreign_bounds(&self, parts: &mut ProblemParts) {
        let Some(members) = &parts.member else { return };
        for (minimum, member) in parts.minimum.iter_mut().flat_map(|minimum| minimum.values_mut()).zip(members.values())
        {
            *minimum = if *member { *minimum } else { 0.0 };
        }
    }

    fn bounded(&self, on: Option<&[Interface]>, tenant: TenantId, mut set: impl FnMut(usize, usize)) {
        let Some(column) = self.tenants.iter().position(|known| *known == tenant) else { return };
        for row in on.unwrap_or(&[]).iter().filter_map(|interface| self.row_of.get(interface)) {
            set(*row, column);
        }
    }

    /// σ, e, ε, γ and area rows of one SLA (D8: γ = θ ε² / A).
    fn agreement(&self, sla: &NetworkSla, parts: &ProblemParts) -> Sla {
        let mut nodes: Vec<usize> =
            sla.interfaces.iter().filter_map(|interface| self.row_of.get(interface)).copied().collect();
        nodes.sort_unstable();
        nodes.dedup();
        let epsilon = (sla.period.value.0 as f64 / sla.window.value.0.max(1) as f64).clamp(1e-6, 1.0);
        let sla_share = self.agreed_shares(sla, &nodes, parts);
        let gamma = (sla.theta * epsilon * epsilon / nodes.len().max(1) as f64).max(1e-20);
        let area = |bounds: &[ranform_network::network::Bound], none: f64, better: fn(f64, f64) -> f64| {
            let mut values = vec![none; self.tenants.len()];
            for bound in bounds.iter().filter(|bound| bound.on.is_none()) {
                if let Some(column) = self.tenants.iter().position(|tenant| *tenant == bound.tenant.value) {
                    values[column] = better(values[column], bound.share.value.0);
                }
            }
            values.iter().any(|value| *value != none).then_some(values)
        };
        let ewma = self.running_averages(sla, epsilon, &sla_share);
        Sla {
            nodes,
            ewma,
            epsilon,
            gamma,
            area_minimum: area(&sla.guarantees, 0.0, f64::max),
            area_maximum: area(&sla.caps, 1.0, f64::min),
            sla_share,
        }
    }

    /// The agreed shares; tenants that are present but not named share what is left (D12), scaled to add up to 1.
    fn agreed_shares(&self, sla: &NetworkSla, nodes: &[usize], parts: &ProblemParts) -> Vec<f64> {
        let named =
            |tenant: TenantId| sla.shares.iter().find(|share| share.tenant == tenant).map(|share| share.share.value.0);
        let present =
            |column: usize| nodes.iter().any(|&row| parts.member.as_ref().is_none_or(|all| all.row(row)[column]));
        let others: Vec<usize> = (0..self.tenants.len())
            .filter(|&column| named(self.tenants[column]).is_none() && present(column))
            .collect();
        let sum: f64 = self.tenants.iter().filter_map(|&tenant| named(tenant)).sum();
        let left = sla.others.map_or(0.0, |others| others.value.0.max(0.0)).max((1.0 - sum).max(0.0));
        let mut shares: Vec<f64> = self.tenants.iter().map(|&tenant| named(tenant).unwrap_or(0.0)).collect();
        for &column in &others {
            shares[column] = left / others.len() as f64;
        }
        let all: f64 = shares.iter().sum();
        shares.iter().map(|share| if all > 0.0 { share / all } else { 1.0 / shares.len() as f64 }).collect()
    }

    /// e: as observed and advanced by (1-ε)^n over n missed periods, else σ.
    fn running_averages(&self, sla: &NetworkSla, epsilon: f64, agreed: &[f64]) -> Vec<f64> {
        let name = |tenant: TenantId| self.network.tenants[tenant].entity.address.last().1.to_owned();
        let observed = |tenant: TenantId| {
            let name = name(tenant);
            self.telemetry?.slas.iter().find(|record| {
                record.sla == sla.entity.address && record.tenant == name && record.direction.covers(self.direction)
            })
        };
        let average = |(column, &tenant): (usize, &TenantId)| {
            let advanced = |missed: u32| (1.0 - epsilon).powi(missed.min(1 << 20) as i32);
            observed(tenant).map_or(agreed[column], |record| record.ewma * advanced(record.missed))
        };
        self.tenants.iter().enumerate().map(average).collect()
    }

    /// ρ': as observed, else σ of the first SLA that covers the row.
    fn start_from_agreements(&self, parts: &mut ProblemParts) {
        for (row, interfaces) in self.rows.iter().enumerate() {
            let sla = self.covering[row].first().map(|&position| &parts.slas[position]);
            for (column, &tenant) in self.tenants.iter().enumerate() {
                let agreed = sla.map_or(0.0, |sla| sla.sla_share[column]);
                let observed = self.mean_observed(interfaces, tenant, |record| record.share);
                parts.previous_share.row_mut(row)[column] = observed.unwrap_or(agreed);
            }
        }
    }

    fn covering(&self, row: usize) -> impl Iterator<Item = &'a NetworkSla> + '_ {
        self.covering[row].iter().map(move |&position| &self.network.slas[self.slas[position]])
    }

    fn is_member(&self, interface: Interface, tenant: TenantId) -> bool {
        self.members.get(&interface).is_some_and(|tenants| tenants.binary_search(&tenant).is_ok())
    }

    /// The mean of what was observed of `tenant` on those of the row's interfaces that were observed.
    fn mean_observed(
        &self,
        interfaces: &[Interface],
        tenant: TenantId,
        field: fn(&Observation) -> Option<f64>,
    ) -> Option<f64> {
        let name = self.network.tenants[tenant].entity.address.last().1;
        let seen = interfaces.iter().filter_map(|&interface| {
            let address = &self.network.entity_of(interface).address;
            self.observations.get(&(address, name, self.direction)).and_then(|record| field(record))
        });
        let (sum, count) = seen.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
        (count > 0).then(|| (sum / f64::from(count)).clamp(0.0, 1.0))
    }
}

/// The grid on which the device of an interface shares it.
pub(crate) fn grid_of(network: &Network, interface: Interface) -> Grid {
    let sharing = network.sharing_of(interface);
    let capability = network.nodes[network.node_of(interface)].profile.sharing.as_ref();
    let kind = capability.map_or(GridKind::Percent, |capability| capability.grid);
    let prbs = match interface {
        Interface::Cell(cell) => network.cells[cell].prbs.0,
        Interface::Radio(_) | Interface::Port(_) => 0,
    };
    let stated = sharing.and_then(|sharing| sharing.smallest).map(|smallest| smallest.percent());
    let smallest = stated.or(capability.map(|capability| capability.smallest_percent)).unwrap_or(0.0);
    Grid::new(kind, prbs, smallest, sharing.and_then(|sharing| sharing.grid).map(|grid| grid.0))
}

/// What an interface counts in an SLA (D10).
pub(crate) fn weight(network: &Network, interface: Interface, weighting: Weighting) -> f64 {
    let (bandwidth, efficiency) = match interface {
        Interface::Cell(cell) => (network.cells[cell].bandwidth.value.0, network.cells[cell].efficiency),
        Interface::Radio(radio) => (network.radios[radio].width.value.0, network.radios[radio].efficiency),
        Interface::Port(_) => return 0.0,
    };
    let megahertz = bandwidth as f64 / 1e6;
    match weighting {
        Weighting::Equal => 1.0,
        Weighting::Bandwidth => megahertz,
        Weighting::Capacity => megahertz * efficiency.unwrap_or(1.0),
    }
}
