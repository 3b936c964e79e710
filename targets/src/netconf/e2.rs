//! The E2 termination of an E2 node by our own module `ranform-e2` (targets/yang): 3GPP has no class for it.
//!
//! A part beside the one of the node itself, which is read before it.

use ranform_network::deployment::Resource;
use ranform_network::diagnostic::codes;
use ranform_network::profile::Profile;

use super::record::{Node, record};
use super::{Part, Reader};
use crate::Finding;
use crate::view::View;
use crate::xml::{Element, List};

/// The namespace of `ranform-e2`.
pub const NAMESPACE: &str = "urn:ranform:e2";

record! {
    /// `e2`.
    Nodes in NAMESPACE { all: Vec<E2Node> = "node" }
    /// An E2 node.
    E2Node in NAMESPACE { id: Option<String> = "id", termination: Option<Termination> = "termination" }
    /// Its E2 termination.
    Termination in NAMESPACE { address: Option<String> = "address", port: Option<u16> = "port" }
}

const LISTS: &[List] = &[List { namespace: NAMESPACE, name: "node", keys: &["id"], ordered: false, mandatory: false }];

/// The part of an E2 node.
pub struct E2;

impl Part for E2 {
    fn lists(&self) -> &'static [List] {
        LISTS
    }

    fn tree(&self, view: &View, _: &Profile, findings: &mut Vec<Finding>) -> Vec<Element> {
        let Some((node, endpoint)) = view.node.and_then(|node| Some((node, node.resource.e2_endpoint.as_ref()?)))
        else {
            return Vec::new();
        };
        let Some((address, port)) = split(endpoint) else {
            findings.push(Finding {
                code: &codes::NOT_ON_GRID,
                address: node.address.clone(),
                message: format!("its E2 termination `{endpoint}` is no address and port"),
                help: "write address and port, e.g. `e2 \"10.0.0.5:36421\"`".to_owned(),
            });
            return Vec::new();
        };
        let termination = Some(Termination { address: Some(address), port: Some(port) });
        let nodes = Nodes { all: vec![E2Node { id: Some(view.device_id().to_owned()), termination }] };
        vec![nodes.element(NAMESPACE, "e2")]
    }

    fn read(&self, forest: &[Element], reader: &mut Reader) -> Result<(), String> {
        // What no intent says of it is the device's own.
        let ours = reader.known.node.is_none_or(|node| node.resource.e2_endpoint.is_some());
        let mut endpoint = None;
        for element in forest.iter().filter(|element| element.name == "e2" && element.namespace == NAMESPACE) {
            let own = |node: &E2Node| node.id.as_deref() == Some(reader.known.device_id());
            let termination = Nodes::parse(element)?.all.into_iter().find(own).and_then(|node| node.termination);
            endpoint = termination.and_then(|read| Some(join(&read.address?, read.port?)));
        }
        // A node that the device does not hold has no termination of ours either.
        if let Some(Resource::Node(node)) = reader.reading.resources.get_mut(&reader.known.device) {
            node.e2_endpoint = endpoint.filter(|_| ours);
        }
        Ok(())
    }

    fn filter(&self, view: &View, _: &Profile) -> Vec<Element> {
        let id = Element::leaf(NAMESPACE, "id", view.device_id());
        vec![Element::container(NAMESPACE, "e2", vec![Element::container(NAMESPACE, "node", vec![id])])]
    }
}

/// Address and port of `10.0.0.5:36421` or `[2001:db8::5]:36421`.
pub(crate) fn split(endpoint: &str) -> Option<(String, u16)> {
    let (address, port) = endpoint.rsplit_once(':')?;
    let bare = address.strip_prefix('[').map_or(Some(address), |inner| inner.strip_suffix(']'))?;
    let plain = !bare.is_empty() && (bare == address) != bare.contains(':');
    plain.then_some((bare.to_owned(), port.parse().ok()?))
}

/// Address and port as one text.
pub(crate) fn join(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::{join, split};

    #[test]
    fn endpoints_split_and_join() {
        for endpoint in ["10.0.0.5:36421", "e2t.metro:36421", "[2001:db8::5]:36421"] {
            let (address, port) = split(endpoint).unwrap();
            assert_eq!(join(&address, port), endpoint);
        }
        for wrong in ["10.0.0.5", ":36421", "2001:db8::5:36421", "[10.0.0.5]:36421", "a:70000", "[::1:3"] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }
}
