//! Which components of its RIC an instance works with, and where a cluster runs them: nothing else tells a function where
//! its data are and who manages it.

use std::collections::BTreeSet;

use super::assemble::Assembly;
use super::*;

/// The components that an instance calls (O-RAN.WG3 RICARCH): its RIC, whom it serves, and they; none for what calls none.
fn calls(resource: &Resource) -> Option<(&Address, BTreeSet<&Address>, &'static [RicPart])> {
    use RicPart::{E2t, Management, Nib, Sdl, Xapp};
    match resource {
        Resource::RicInstance(one) => {
            let parts: &[RicPart] = match one.component {
                Management => &[Sdl],
                Sdl => &[Nib],
                Nib => return None,
                Xapp if !one.reads_sdl => &[Management],
                E2t | Xapp => &[Management, Sdl],
            };
            Some((&one.ric, one.e2_nodes.iter().chain(&one.stands_by_for).collect(), parts))
        }
        Resource::ModelInstance(model) => {
            let targets = model.consumers.iter().map(|consumer| &consumer.target);
            Some((model.ric.as_ref()?, targets.collect(), &[Management, Sdl]))
        }
        _ => None,
    }
}

/// A component that others call.
struct Offer {
    ric: Address,
    serves: BTreeSet<Address>,
    peer: Peer,
}

fn offer(placed: &Placed) -> Option<Offer> {
    let Resource::RicInstance(one) = &placed.resource else { return None };
    let place = one.cluster.as_ref()?;
    let called = matches!(one.component, RicPart::Management | RicPart::Sdl | RicPart::Nib);
    called.then(|| Offer {
        ric: one.ric.clone(),
        serves: one.e2_nodes.iter().cloned().collect(),
        peer: Peer {
            component: one.component,
            namespace: place.namespace.clone(),
            node: place.node.clone(),
            id: placed.device_id.clone(),
            called: place.called.clone(),
        },
    })
}

impl Assembly<'_> {
    /// Tells each instance of a cluster the components that it works with: those that serve an E2 node of its own, or else
    /// the first of its RIC.
    pub(super) fn peers(&mut self) {
        let mut offers: Vec<Offer> = self.deployment.placed.values().filter_map(offer).collect();
        // By the names of the cluster, which no rename changes.
        offers.sort_by(|a, b| a.peer.cmp(&b.peer));
        for placed in self.deployment.placed.values_mut() {
            let Some((ric, serves, parts)) = calls(&placed.resource) else { continue };
            let of_ric = |part: RicPart| offers.iter().filter(move |one| one.ric == *ric && one.peer.component == part);
            let mut found = Vec::new();
            for part in parts {
                let before = found.len();
                let serving = of_ric(*part).filter(|one| one.serves.iter().any(|node| serves.contains(node)));
                found.extend(serving.map(|one| one.peer.clone()));
                if found.len() == before {
                    found.extend(of_ric(*part).next().map(|one| one.peer.clone()));
                }
            }
            match &mut placed.resource {
                Resource::RicInstance(one) if one.cluster.is_some() => one.peers = found,
                Resource::ModelInstance(model) if model.cluster.is_some() => model.peers = found,
                _ => {}
            }
        }
    }
}
