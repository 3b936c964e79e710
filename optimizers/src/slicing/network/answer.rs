//! Addressed shares on each device's grid, from answers and from fixed ratios.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::answers::{SliceShare, SliceShares};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::{SlaId, TenantId};
use ranform_network::network::{Direction, Interface, Network, SharingMode, Technology};
use ranform_network::units::count;

use crate::slicing::matrix::Matrix;
use crate::slicing::network::build::{NetworkProblem, PassiveUse, grid_of, members_by_interface};
use crate::slicing::network::held::Held;
use crate::slicing::round::{Grid, Wish};

/// Collects the shares of a network.
pub struct Sharer<'a> {
    network: &'a Network,
    held: &'a Held,
    members: BTreeMap<Interface, Vec<TenantId>>,
    shares: Vec<SliceShare>,
    /// Interfaces that an answer has covered, per direction.
    covered: BTreeSet<(Direction, Interface)>,
    /// Interfaces with one value for both directions whose agreement speaks of the other direction only.
    following: BTreeMap<(SlaId, Direction), Vec<Interface>>,
    findings: Vec<Diagnostic>,
}

impl<'a> Sharer<'a> {
    /// Nothing yet.
    pub fn new(network: &'a Network, held: &'a Held) -> Self {
        let members = members_by_interface(network);
        Self {
            network,
            held,
            members,
            shares: Vec::new(),
            covered: BTreeSet::new(),
            following: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// Rounds the rows of an answer (A x S) and notes them for every interface of the row.
    pub fn add(&mut self, built: &NetworkProblem, share: &Matrix) {
        let parts = built.problem.parts();
        for (index, row) in built.rows.iter().enumerate() {
            let members: Vec<usize> =
                (0..built.tenants.len()).filter(|&column| built.problem.is_member(index, column)).collect();
            let wish = |&column: &usize| Wish {
                share: share.row(index)[column],
                minimum: parts.minimum.as_ref().map_or(0.0, |minimum| minimum.row(index)[column]),
                maximum: parts.maximum.as_ref().map_or(1.0, |maximum| maximum.row(index)[column]),
            };
            let wishes: Vec<Wish> = members.iter().map(wish).collect();
            let tenants: Vec<TenantId> = members.iter().map(|&column| built.tenants[column]).collect();
            for &interface in &row.interfaces {
                self.covered.insert((built.direction, interface));
                if row.passive == Some(PassiveUse::Held) {
                    self.note_held(interface, built.direction, &tenants);
                    continue;
                }
                self.note(interface, built.direction, &tenants, &wishes, row.passive.is_none());
            }
        }
    }

    /// Interfaces that no SLA covers: ratios as stated, the whole where there is one tenant, equal parts where nothing
    /// is stated (only a passive interface may leave them out).
    pub fn add_fixed(&mut self, direction: Direction) {
        let members = std::mem::take(&mut self.members);
        for (&interface, tenants) in &members {
            let Some(sharing) = self.network.sharing_of(interface) else { continue };
            if self.covered.contains(&(direction, interface)) || self.is_covered_elsewhere(interface, direction) {
                continue;
            }
            if let Some(sla) = self.governing(interface) {
                // Nothing is asked of this direction: a device with two values leaves it alone, one with one follows.
                if sharing.mode != SharingMode::Passive && !self.has_two_values(interface) {
                    self.following.entry((sla, direction)).or_default().push(interface);
                }
                continue;
            }
            if self.held.holds(interface) {
                self.note_held(interface, direction, tenants);
                continue;
            }
            let stated = |tenant: &TenantId| self.stated_ratio(interface, *tenant);
            let expected = |tenant: &TenantId| {
                sharing.expect.iter().find(|(expected, _)| expected == tenant).map(|(_, share)| share.value.0)
            };
            let equal = 1.0 / tenants.len() as f64;
            let share = |tenant: &TenantId| stated(tenant).or(expected(tenant)).unwrap_or(equal);
            let wishes: Vec<Wish> = tenants
                .iter()
                .map(|tenant| Wish { share: share(tenant).clamp(0.0, 1.0), minimum: 0.0, maximum: 1.0 })
                .collect();
            let enforced = sharing.mode != SharingMode::Passive && sharing.direction.covers(direction);
            self.note(interface, direction, tenants, &wishes, enforced);
        }
        self.members = members;
    }

    /// What does not fit a device.
    pub fn findings(&mut self) -> Vec<Diagnostic> {
        let mut findings = std::mem::take(&mut self.findings);
        findings.extend(self.different_directions());
        findings.extend(self.following.iter().map(|((sla, direction), all)| self.follows(*sla, *direction, all)));
        findings
    }

    /// The shares, sorted by interface, tenant and direction.
    pub fn into_shares(mut self) -> SliceShares {
        self.shares.sort_by_key(|share| (share.interface, share.tenant, share.direction));
        SliceShares { shares: self.shares }
    }

    /// Whether an SLA that failed in this direction, or acts in the other only, speaks for the interface.
    fn is_covered_elsewhere(&self, interface: Interface, direction: Direction) -> bool {
        self.network
            .slas
            .iter()
            .any(|(_, sla)| sla.direction.covers(direction) && sla.interfaces.binary_search(&interface).is_ok())
    }

    /// The first SLA over an interface, whatever its direction.
    fn governing(&self, interface: Interface) -> Option<SlaId> {
        let mut slas = self.network.slas.iter();
        slas.find(|(_, sla)| sla.interfaces.binary_search(&interface).is_ok()).map(|(id, _)| id)
    }

    /// Whether the device of an interface has a value for each direction.
    fn has_two_values(&self, interface: Interface) -> bool {
        let node = &self.network.nodes[self.network.node_of(interface)];
        node.profile.sharing.as_ref().is_some_and(|capability| capability.directions)
    }

    /// Tells that a direction of which nothing is asked follows the other.
    fn follows(&self, sla: SlaId, direction: Direction, interfaces: &[Interface]) -> Diagnostic {
        let (this, other) = if direction == Direction::Ul { ("uplink", "downlink") } else { ("downlink", "uplink") };
        let sla = &self.network.slas[sla];
        let first = &self.network.entity_of(interfaces[0]).address;
        let (name, verb) = match interfaces.len() {
            1 => (format!("`{first}`"), "has"),
            many => (format!("`{first}` and {}", count(many - 1, "more interface")), "have"),
        };
        let message = format!(
            "`{}` agrees the {other} only, but {name} {verb} one share for both directions",
            sla.entity.address
        );
        Diagnostic::warning(&codes::DIRECTION_FOLLOWS, sla.entity.span, message)
            .help(format!("the {this} gets the same shares there; `direction both` says that this is meant"))
    }

    /// The ratio that a service states for the technology, else the chunk's.
    fn stated_ratio(&self, interface: Interface, tenant: TenantId) -> Option<f64> {
        let technology = match interface {
            Interface::Cell(cell) => self.network.cells[cell].technology(),
            Interface::Radio(_) | Interface::Port(_) => Technology::Wifi,
        };
        let chunks = self.network.chunks.iter();
        let mine = chunks
            .filter(|(_, chunk)| chunk.tenant.value == tenant && chunk.interfaces.binary_search(&interface).is_ok());
        mine.flat_map(|(id, chunk)| {
            let services = self.network.services.iter().filter(move |(_, service)| service.chunk.value == id);
            let ratios = services.flat_map(|(_, service)| service.ratios.iter());
            let ratio = ratios.filter(move |(of, _)| *of == technology).map(|(_, ratio)| ratio.value.0);
            ratio.chain(chunk.ratio.map(|ratio| ratio.value.0))
        })
        .next()
    }

    fn note(
        &mut self,
        interface: Interface,
        direction: Direction,
        tenants: &[TenantId],
        wishes: &[Wish],
        enforced: bool,
    ) {
        let grid = grid_of(self.network, interface);
        let units = if enforced { self.rounded(interface, grid, wishes) } else { None };
        for (index, (&tenant, wish)) in tenants.iter().zip(wishes).enumerate() {
            let own = units.as_ref().map(|units| units[index]);
            self.shares.push(SliceShare {
                interface,
                tenant,
                direction,
                exact: wish.share,
                percent: own.map_or(wish.share * 100.0, |units| grid.percent(units)),
                prbs: own.map_or((wish.share * f64::from(grid.prbs)).floor() as u32, |units| grid.blocks(units)),
                max_percent: (wish.maximum * f64::from(grid.units)).floor() * 100.0 / f64::from(grid.units.max(1)),
                enforced,
            });
        }
    }

    /// The shares that an interface held as it is has; a tenant that is not on it yet gets none.
    fn note_held(&mut self, interface: Interface, direction: Direction, tenants: &[TenantId]) {
        let grid = grid_of(self.network, interface);
        let sharing = self.network.sharing_of(interface);
        let enforced =
            sharing.is_some_and(|sharing| sharing.mode != SharingMode::Passive && sharing.direction.covers(direction));
        for &tenant in tenants {
            let Some(exact) = self.held.share(interface, tenant, direction) else { continue };
            let units = (exact * f64::from(grid.units)).round() as u32;
            // As it was recorded: a whole percentage stays one.
            let (percent, prbs, max_percent) = ((exact * 1e8).round() / 1e6, grid.blocks(units), 100.0);
            self.shares.push(SliceShare { interface, tenant, direction, exact, percent, prbs, max_percent, enforced });
        }
    }

    /// Whole units; guarantees are kept where the grid allows it. None where not even the smallest shares fit.
    fn rounded(&mut self, interface: Interface, grid: Grid, wishes: &[Wish]) -> Option<Vec<u32>> {
        let without: Vec<Wish> = wishes.iter().map(|wish| Wish { minimum: 0.0, ..*wish }).collect();
        let units = grid.round(wishes).or_else(|_| grid.round(&without));
        match units {
            Ok(units) => Some(units),
            Err(misfit) => {
                let entity = self.network.entity_of(interface);
                let span = self.network.sharing_of(interface).map_or(entity.span, |sharing| sharing.span);
                let percent = |units: u32| grid.percent(units);
                let message = format!(
                    "`{}` enforces at least {} % for each of {} tenants, {} % in all where {} % are to be shared",
                    entity.address,
                    percent(grid.smallest),
                    wishes.len(),
                    percent(misfit.needed),
                    percent(misfit.available),
                );
                let finding = Diagnostic::error(&codes::GRID_TOO_COARSE, span, message);
                self.findings.push(finding.help("put fewer tenants on it, or share a wider carrier"));
                None
            }
        }
    }

    /// A device that has one value for both directions cannot carry two.
    fn different_directions(&self) -> Vec<Diagnostic> {
        let mut downlink = BTreeMap::new();
        for share in self.shares.iter().filter(|share| share.direction == Direction::Dl && share.enforced) {
            downlink.insert((share.interface, share.tenant), share.percent);
        }
        let mut findings = Vec::new();
        for share in self.shares.iter().filter(|share| share.direction == Direction::Ul && share.enforced) {
            let separate = self.has_two_values(share.interface);
            let Some(&down) = downlink.get(&(share.interface, share.tenant)) else { continue };
            if separate || down == share.percent {
                continue;
            }
            let entity = self.network.entity_of(share.interface);
            let tenant = self.network.tenants[share.tenant].entity.address.last().1;
            let message = format!(
                "`{}` has one share for both directions, but `{tenant}` is to get {down} % downlink and {} % uplink",
                entity.address, share.percent
            );
            let finding = Diagnostic::error(&codes::DIRECTIONS_DIFFER, entity.span, message);
            findings.push(
                finding.help("let the SLA say the same for both directions, or limit the sharing of the cell to one"),
            );
        }
        findings
    }
}
