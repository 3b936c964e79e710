//! Who owns what: as each thing says, else as the team that owns it, what it is on, or the folder it is in.

use std::collections::BTreeMap;

use ranform_network::diagnostic::codes;
use ranform_network::network::{Entity, Name, Owner};
use ranform_network::{Address, Diagnostic, Network, Sources, Span};

use super::suggest;

/// What teams own, for look-ups.
struct Ownership {
    addresses: BTreeMap<Address, Name>,
    /// Folders, the longest first.
    folders: Vec<(String, Name)>,
    paths: BTreeMap<u32, String>,
}

impl Ownership {
    fn new(network: &Network, sources: &Sources) -> Self {
        let mut addresses = BTreeMap::new();
        let mut folders = Vec::new();
        for owner in &network.owners {
            for owned in &owner.owns {
                match owned.value.split_once(' ') {
                    Some(("folder", path)) => folders.push((path.trim_end_matches('/').to_owned(), owner.name.clone())),
                    Some(_) => {}
                    None => drop(addresses.insert(Address::from_text(owned.value.clone()), owner.name.clone())),
                }
            }
        }
        folders.sort_by(|a, b| (b.0.len(), &a.0).cmp(&(a.0.len(), &b.0)));
        let paths = sources.iter().map(|source| (source.id.0, source.path.clone())).collect();
        Self { addresses, folders, paths }
    }

    fn of_folder(&self, span: Span) -> Option<Name> {
        let path = self.paths.get(&span.source.0)?;
        let within = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        self.folders.iter().find(|(folder, _)| within(folder)).map(|(_, owner)| owner.clone())
    }

    /// The owner of a thing: its own, that of its address, that of what it is on, that of its folder.
    fn set(&self, entity: &mut Entity, on: Option<&Name>) {
        if entity.owner.is_none() {
            let own = self.addresses.get(&entity.address).or(on).cloned();
            entity.owner = own.or_else(|| self.of_folder(entity.span));
        }
    }
}

/// Owners and folders that are named and are not there. Where no owner is declared, a name of one is a label.
pub(crate) fn unknown(network: &Network, sources: &Sources) -> Vec<Diagnostic> {
    let known: Vec<&str> = network.owners.iter().map(|owner| &*owner.name).collect();
    let mut findings: Vec<Diagnostic> = network.owners.iter().flat_map(|owner| folders(owner, sources)).collect();
    if known.is_empty() {
        return findings;
    }
    macro_rules! entities {
        ($($column:ident)*) => {
            std::iter::empty()$(.chain(network.$column.as_slice().iter().map(|item| &item.entity)))*
        };
    }
    let xapps = network.rics.as_slice().iter().flat_map(|ric| &ric.xapps).map(|xapp| &xapp.entity);
    let all = entities!(sites areas tenants nodes cells radios ports links chunks services slas rics models requests policies);
    for entity in all.chain(xapps) {
        let Some(owner) = entity.owner.as_deref().filter(|owner| !known.contains(owner)) else { continue };
        let message = format!("there is no owner `{owner}` of `{}`", entity.address);
        let help = suggest::or_say(suggest::nearest(owner, known.iter().copied()), || {
            format!("declare it: `owner {owner} {{ contact \"..\" }}`")
        });
        findings.push(Diagnostic::error(&codes::UNKNOWN_REFERENCE, entity.span, message).help(help));
    }
    findings
}

/// Folders of an owner that hold no file of the project.
fn folders<'o>(owner: &'o Owner, sources: &'o Sources) -> impl Iterator<Item = Diagnostic> + 'o {
    owner.owns.iter().filter_map(|owned| {
        let folder = owned.value.strip_prefix("folder ")?.trim_end_matches('/');
        let within = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        if sources.iter().any(|source| within(&source.path)) {
            return None;
        }
        let message = format!("no file of the project is in the folder `{folder}`");
        Some(
            Diagnostic::error(&codes::FILE_MISSING, owned.span, message)
                .help("write the path of a folder as seen from the project: `folder \"north/\"`"),
        )
    })
}

/// Gives every entity that does not name an owner the one it inherits.
pub(crate) fn inherit(network: &mut Network, sources: &Sources) {
    if network.owners.is_empty() && !names_any(network) {
        return;
    }
    let ownership = Ownership::new(network, sources);
    network.sites.iter_mut().for_each(|(_, site)| ownership.set(&mut site.entity, None));
    network.tenants.iter_mut().for_each(|(_, tenant)| ownership.set(&mut tenant.entity, None));
    let sites = &network.sites;
    for (_, node) in network.nodes.iter_mut() {
        let on = node.site.and_then(|site| sites[site].entity.owner.as_ref());
        ownership.set(&mut node.entity, on);
    }
    let nodes = &network.nodes;
    for (_, cell) in network.cells.iter_mut() {
        ownership.set(&mut cell.entity, nodes[cell.node].entity.owner.as_ref());
    }
    for (_, radio) in network.radios.iter_mut() {
        ownership.set(&mut radio.entity, nodes[radio.node].entity.owner.as_ref());
    }
    for (_, port) in network.ports.iter_mut() {
        ownership.set(&mut port.entity, nodes[port.node].entity.owner.as_ref());
    }
    let tenants = &network.tenants;
    for (_, chunk) in network.chunks.iter_mut() {
        ownership.set(&mut chunk.entity, tenants[chunk.tenant.value].entity.owner.as_ref());
    }
    let chunks = &network.chunks;
    for (_, service) in network.services.iter_mut() {
        ownership.set(&mut service.entity, chunks[service.chunk.value].entity.owner.as_ref());
    }
    network.areas.iter_mut().for_each(|(_, area)| ownership.set(&mut area.entity, None));
    network.links.iter_mut().for_each(|(_, link)| ownership.set(&mut link.entity, None));
    network.slas.iter_mut().for_each(|(_, sla)| ownership.set(&mut sla.entity, None));
    network.models.iter_mut().for_each(|(_, model)| ownership.set(&mut model.entity, None));
    network.requests.iter_mut().for_each(|(_, request)| ownership.set(&mut request.entity, None));
    for (_, ric) in network.rics.iter_mut() {
        ownership.set(&mut ric.entity, None);
        let on = ric.entity.owner.clone();
        ric.xapps.iter_mut().for_each(|xapp| ownership.set(&mut xapp.entity, on.as_ref()));
    }
}

/// Whether anything that others inherit from names an owner.
fn names_any(network: &Network) -> bool {
    network.sites.iter().any(|(_, site)| site.entity.owner.is_some())
        || network.nodes.iter().any(|(_, node)| node.entity.owner.is_some())
        || network.tenants.iter().any(|(_, tenant)| tenant.entity.owner.is_some())
        || network.rics.iter().any(|(_, ric)| ric.entity.owner.is_some())
}
