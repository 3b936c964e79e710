//! What nodes of clusters leave in a folder when their `manage` line names another place: nobody manages it any more, and
//! whoever applies that folder goes on applying it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use ranform_network::address::Address;
use ranform_network::deployment::{Device, Recorded, played_node};
use ranform_targets::Thing;
use ranform_targets::kubernetes::paths;

use crate::reach::Reach;

/// The files that are left, by node, as they are called in the project's folder `root`, without those that nodes which are
/// in the same folder from now on need. `recorded` is what state holds, under today's names.
pub fn behind(
    reach: &Reach<'_>,
    recorded: &BTreeMap<Address, Recorded>,
    root: &Path,
) -> BTreeMap<Address, Vec<String>> {
    let mut left = BTreeMap::new();
    for address in reach.elsewhere() {
        let Some(folder) = reach.known(&address).and_then(|device| folder_of(&address, device)) else { continue };
        let here = reach.wanted().filter(|(at, device)| folder_of(at, device).as_ref() == Some(&folder));
        let stay: BTreeSet<&Address> = here.map(|(at, _)| at).collect();
        if stay.contains(&address) {
            continue;
        }
        let things = |of: &dyn Fn(&Address) -> bool| {
            let held = recorded.values().filter(|known| of(&known.device));
            paths(held.map(|known| Thing { resource: &known.resource, device_id: &known.device_id }))
        };
        let needed = things(&|device| stay.contains(device));
        // What a node needs that was never applied is not known here.
        let all_known = stay.iter().all(|node| reach.known(node).is_some());
        let mut files: Vec<String> = Vec::new();
        for path in things(&|device| *device == address) {
            let may_go = !needed.contains(&path) && (all_known || path.contains('/'));
            if may_go && root.join(&folder).join(&path).is_file() {
                files.push(folder.join(&path).to_string_lossy().replace('\\', "/"));
            }
        }
        if !files.is_empty() {
            left.insert(address, files);
        }
    }
    left
}

/// The folder inside of the project that plays the cluster of a node.
pub fn folder_of(address: &Address, device: &Device) -> Option<PathBuf> {
    let way = device.management.as_ref()?;
    played_node(address, &device.profile, Some(way))?;
    let parts = Path::new(&*way.endpoint.value).components();
    Some(parts.filter(|part| *part != Component::CurDir).collect())
}
