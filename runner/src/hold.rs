//! What a plan leaves as it is: devices that could not be reached, and what the command line leaves out.
//!
//! What is held keeps its last state in the solve too: its shares count as they are, and the rest makes the best of it.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Deployment, Placed, Quotas, Recorded, Resource, hosted_address, may_be_decided};
use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::ids::NodeId;
use ranform_network::network::{Direction, Interface, OnUnreachable, SharingMode};
use ranform_optimizers::slicing::network::Held;
use serde::{Deserialize, Serialize};

use crate::outside;
use crate::pipeline::Inputs;
use crate::present::Present;
use crate::scope;

/// Something that stays as it is, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldThing {
    /// The address; it stands for what is below it too.
    pub address: Address,
    /// Why, in words.
    pub why: String,
}

/// What stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Hold {
    /// As people read them.
    things: Vec<HeldThing>,
    /// Where they stand on devices.
    held: BTreeSet<Address>,
    /// Only these change; everything where none.
    targets: BTreeSet<Address>,
    /// What stands above them.
    above: BTreeSet<Address>,
    /// RICs that are left out and of which nothing runs: nothing can run in them either.
    absent_rics: BTreeSet<Address>,
    /// Nodes whose models run on a machine that stays as it is, whatever the intents say now: nothing of theirs starts elsewhere.
    staying: BTreeSet<Address>,
    /// Interfaces that are not held, but whose shares others set and that are left so.
    kept_shares: BTreeSet<Address>,
}

impl Hold {
    /// What a network's plan holds, and flags that name nothing.
    pub fn new(network: &Network, present: &Present, inputs: &Inputs<'_>) -> (Self, Vec<Diagnostic>) {
        let recorded = &present.recorded;
        let mut things = deferred(network, inputs);
        let mut held: BTreeSet<Address> = things.iter().map(|thing| thing.address.clone()).collect();
        let mut findings = Vec::new();
        let flags = !(inputs.selection.targets.is_empty() && inputs.selection.excludes.is_empty());
        let declared = if flags { everything(network, recorded) } else { BTreeSet::new() };
        let mut resolve = |flag: &str, address: &Address| {
            let mut scope: BTreeSet<Address> =
                scope::of(network, recorded, address).iter().map(whole_interface).collect();
            if address.last().1.is_empty() {
                scope = all_of_kind(&declared, address);
            }
            let is_here = |one: &Address| is_there(&declared, one) || may_be_decided(network, one);
            if !is_there(&declared, address) && !scope.iter().any(is_here) {
                findings.push(unknown(flag, address, &declared));
            }
            scope.extend(of_hosted(network, recorded, &scope));
            scope
        };
        for exclude in &inputs.selection.excludes {
            let why = format!("-exclude={exclude}");
            let scope = resolve("exclude", exclude);
            // Wherever software may run is many places, of which people know few.
            let shown = if scope::is_software(exclude) { BTreeSet::from([exclude.clone()]) } else { scope.clone() };
            things.extend(shown.into_iter().map(|address| HeldThing { address, why: why.clone() }));
            held.extend(scope);
        }
        let (mut targets, mut above) = (BTreeSet::new(), BTreeSet::new());
        for target in &inputs.selection.targets {
            let scope = resolve("target", target);
            // Software wherever it may run brings none of the places where it may.
            if !scope::is_software(target) {
                above.extend(scope.iter().flat_map(|one| std::iter::successors(one.parent(), Address::parent)));
            }
            targets.extend(scope);
        }
        things.sort();
        things.dedup_by(|a, b| a.address == b.address);
        let rules = outside::Rules::new(network, recorded, inputs.today);
        let kept_shares = outside::kept_shares(&rules, &present.outside);
        let mut hold = Self { things, held, targets, above, kept_shares, ..Self::default() };
        hold.staying = recorded
            .values()
            .filter(|known| hold.holds_on(&known.device, &known.resource))
            .filter_map(hosted)
            .cloned()
            .collect();
        hold.leave_rics_out(network, recorded);
        (hold, findings)
    }

    /// RICs that are left out before anything of them was applied take their xApps with them.
    fn leave_rics_out(&mut self, network: &Network, recorded: &BTreeMap<Address, Recorded>) {
        if self.is_empty() {
            return;
        }
        let runs = |ric: &Address| {
            recorded.values().any(|known| matches!(&known.resource, Resource::RicInstance(one) if one.ric == *ric))
        };
        let rics = network.rics.iter().map(|(_, ric)| &ric.entity.address);
        self.absent_rics = rics.filter(|ric| self.holds(ric, recorded) && !runs(ric)).cloned().collect();
        let asks = |ric: &Address| !network.requests.is_empty() && self.absent_rics.contains(ric);
        for thing in self.things.iter_mut().filter(|thing| asks(&thing.address)) {
            thing.why.push_str("; it does not run yet, so models that would run in it wait for it");
        }
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.things.is_empty() && self.targets.is_empty()
    }

    /// What is held, for people: what targets leave out is told by the targets.
    pub fn things(&self) -> Vec<HeldThing> {
        self.things.clone()
    }

    /// The nodes whose software stays as it is, since what runs it does.
    pub fn nodes(&self, network: &Network) -> BTreeSet<NodeId> {
        let held = &self.held;
        let address = |node: NodeId| &network.nodes[node].entity.address;
        let stays = |node: &NodeId| {
            let (own, host) = (address(*node), address(network.host_of(*node)));
            held.contains(host)
                || self.staying.contains(own)
                || (host != own && held.contains(&hosted_address(host, own)))
        };
        network.nodes.ids().filter(stays).collect()
    }

    /// Whether software on this device stays because the device does, or waits for a RIC that is left out.
    fn holds_on(&self, device: &Address, resource: &Resource) -> bool {
        let software = matches!(resource, Resource::RicInstance(_) | Resource::ModelInstance(_));
        let homeless = |ric: &Address| self.absent_rics.contains(ric);
        if let Resource::ModelInstance(model) = resource
            && (model.ric.as_ref().is_some_and(homeless)
                || model.hosted.as_ref().is_some_and(|node| self.staying.contains(node)))
        {
            return true;
        }
        software && self.held.contains(device)
    }

    /// Whether the thing at `address` stays as it is. A target brings what stands above it where that is not there yet.
    pub fn holds(&self, address: &Address, recorded: &BTreeMap<Address, Recorded>) -> bool {
        if recorded.get(address).is_some_and(|known| self.holds_on(&known.device, &known.resource)) {
            return true;
        }
        let targeted = self.targets.is_empty()
            || names(&self.targets, address)
            || (self.above.contains(address) && !recorded.contains_key(address));
        !targeted || names(&self.held, address)
    }

    /// The shares that stay, for the solve.
    pub fn shares(&self, network: &Network, recorded: &BTreeMap<Address, Recorded>) -> Held {
        let mut held = Held::default();
        if self.is_empty() && self.kept_shares.is_empty() {
            return held;
        }
        let cells = network.cells.ids().map(Interface::Cell);
        for interface in cells.chain(network.radios.ids().map(Interface::Radio)) {
            let address = &network.entity_of(interface).address;
            if self.holds(address, recorded) || self.kept_shares.contains(address) {
                hold_interface(network, recorded, interface, address, &mut held);
            }
        }
        held
    }

    /// Puts what is there in the place of what was decided for things that are held.
    pub fn keep(&self, deployment: &mut Deployment, present: &Present) {
        if self.is_empty() {
            return;
        }
        let recorded = &present.recorded;
        let ours = |address: &Address| recorded.contains_key(address) && present.records.contains_key(address);
        deployment.placed.retain(|address, placed| {
            ours(address) || !(self.holds(address, recorded) || self.holds_on(&placed.device, &placed.resource))
        });
        for (address, known) in recorded.iter().filter(|(address, _)| ours(address) && self.holds(address, recorded)) {
            let span = deployment.placed.get(address).map(|placed| placed.span).unwrap_or_default();
            let Recorded { resource, device, device_id, tenant, owner, .. } = known.clone();
            let placed = Placed { resource, device, device_id, span, tenant, owner };
            deployment.placed.insert(address.clone(), placed);
        }
    }
}

/// The node that something runs for, where that is hosted.
fn hosted(known: &Recorded) -> Option<&Address> {
    match &known.resource {
        Resource::ModelInstance(model) => model.hosted.as_ref(),
        _ => None,
    }
}

/// What runs for these nodes on machines that host them, and what ran there.
fn of_hosted(
    network: &Network,
    recorded: &BTreeMap<Address, Recorded>,
    scope: &BTreeSet<Address>,
) -> BTreeSet<Address> {
    let nodes = network.nodes.iter().filter(|(_, node)| scope.contains(&node.entity.address));
    let hosts = nodes.filter_map(|(_, node)| Some((&network.nodes[node.hosted_on?.value].entity.address, node)));
    let now = hosts.map(|(host, node)| hosted_address(host, &node.entity.address));
    let ran = recorded.iter().filter(|(_, known)| hosted(known).is_some_and(|node| scope.contains(node)));
    now.chain(ran.map(|(address, _)| address.clone())).collect()
}

/// Devices that the snapshot marks unreachable and whose line says to go on without them.
fn deferred(network: &Network, inputs: &Inputs<'_>) -> Vec<HeldThing> {
    let Some(snapshot) = inputs.snapshot else { return Vec::new() };
    let nodes = network.nodes.iter().map(|(_, node)| node);
    let away = nodes.filter(|node| {
        node.on_unreachable == OnUnreachable::Defer && snapshot.unreachable.contains_key(&node.entity.address)
    });
    away.map(|node| HeldThing { address: node.entity.address.clone(), why: "unreachable".to_owned() }).collect()
}

/// Shares of one interface add up, so a tenant on it is held or changed with the whole interface.
fn whole_interface(address: &Address) -> Address {
    match (address.last().0, address.parent()) {
        ("tenant", Some(parent)) => parent,
        _ => address.clone(),
    }
}

fn hold_interface(
    network: &Network,
    recorded: &BTreeMap<Address, Recorded>,
    interface: Interface,
    address: &Address,
    held: &mut Held,
) {
    let passive = network.sharing_of(interface).is_some_and(|sharing| sharing.mode == SharingMode::Passive);
    // What takes no orders is used as it is used, held or not, once it is in service.
    if passive && recorded.contains_key(address) {
        return;
    }
    held.hold(interface);
    for (tenant, entry) in network.tenants.iter() {
        let there = address.child("tenant", entry.entity.address.last().1.trim_matches('"'));
        let Some(known) = recorded.get(&there) else { continue };
        for (direction, percent) in shares_of(&known.resource) {
            held.hold_share(interface, tenant, direction, percent / 100.0);
        }
    }
}

/// What a recorded thing has of its interface, in percent per direction.
fn shares_of(resource: &Resource) -> Vec<(Direction, f64)> {
    let both = |percent: f64| vec![(Direction::Dl, percent), (Direction::Ul, percent)];
    match resource {
        Resource::CellTenant(tenant) => match tenant.quota {
            Some(Quotas::Both { both: quota }) => both(quota.min),
            Some(Quotas::Each { dl, ul }) => {
                let each = [(Direction::Dl, dl), (Direction::Ul, ul)];
                each.into_iter().filter_map(|(direction, quota)| Some((direction, quota?.min))).collect()
            }
            None => Vec::new(),
        },
        Resource::RadioTenant(tenant) => tenant.weight.map(both).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Every address that a flag may name.
fn everything(network: &Network, recorded: &BTreeMap<Address, Recorded>) -> BTreeSet<Address> {
    let deployment = Deployment::new(network, &Default::default(), recorded);
    let mut all: BTreeSet<Address> = recorded.keys().chain(deployment.placed.keys()).cloned().collect();
    all.extend(network.nodes.iter().map(|(_, node)| node.entity.address.clone()));
    all.extend(network.rics.iter().map(|(_, ric)| ric.entity.address.clone()));
    let xapps = network.rics.iter().flat_map(|(_, ric)| &ric.xapps);
    all.extend(xapps.map(|xapp| xapp.entity.address.clone()));
    all.extend(network.models.iter().map(|(_, model)| model.entity.address.clone()));
    all
}

/// Whether one of these is the address, or above it.
fn names(all: &BTreeSet<Address>, address: &Address) -> bool {
    std::iter::successors(Some(address.clone()), Address::parent).any(|one| all.contains(&one))
}

/// Whether something is at the address or below it.
fn is_there(declared: &BTreeSet<Address>, address: &Address) -> bool {
    let below = Address::from_text(format!("{address}/"));
    declared.contains(address) || declared.range(below..).next().is_some_and(|known| known.is_within(address))
}

/// What an address without its last name stands for: all of that kind there, e.g. `ric.plaza/policy`.
fn all_of_kind(declared: &BTreeSet<Address>, address: &Address) -> BTreeSet<Address> {
    let (kind, parent) = (address.last().0, address.parent());
    let all = declared.iter().filter(|one| one.last().0 == kind && one.parent() == parent);
    all.map(whole_interface).collect()
}

fn unknown(flag: &str, address: &Address, declared: &BTreeSet<Address>) -> Diagnostic {
    let distance = |known: &Address| strsim::damerau_levenshtein(known.as_str(), address.as_str());
    let near = declared.iter().map(|known| (distance(known), known)).min().filter(|(distance, _)| *distance <= 3);
    let help = match near {
        Some((_, near)) => format!("did you mean `-{flag}={near}`?"),
        None => {
            "write an address as plans print it, e.g. `node.gnb-1/cell.nr-1`, or `site.NAME`, `sla.NAME`".to_owned()
        }
    };
    Diagnostic::error_nowhere(&codes::UNKNOWN_ADDRESS, format!("`-{flag}={address}` names nothing that is here"))
        .help(help)
}
