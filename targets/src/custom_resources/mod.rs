//! Custom resources `ranform.dev/v1alpha1`: the nouns that users of a cluster act on, as objects of its API server.
//!
//! What a kind says is declared once, field by field, in `shapes`: from it come the definitions for the API server
//! ([`definitions_yaml`]), the check of what is read ([`read`]) and what can be written back as intents. [`objects`]
//! makes the objects of a network: what is meant after modules, tables, overlays and inheritance.
//!
//! | kind | noun |
//! |---|---|
//! | Chunk, Service, ServiceSla | `chunk`, `service`, `sla` |
//! | RicDeployment, ModelRequest | `ric`, `request` |
//! | GnbNode, EnbNode, AccessPoint | `node`, with its cells, radios and ports |

mod definitions;
mod kinds;
mod names;
mod read;
mod schema;
mod shapes;
mod tree;
mod write;

pub use definitions::{definition, definitions_yaml};
pub use kinds::{GROUP, KINDS, Kind, VERSION, api_version};
pub use names::{Step, Steps, object_name, steps};
pub use read::{LARGEST, Resource, read};
pub use schema::{Field, Order, Rule, Shape, Type};
pub use shapes::{LONGEST_MESSAGE, MOST_DRIFT, MOST_PLACES, MOST_SHARES, STATUS};
pub use write::{node_name, objects, percent, without_object};

use serde_json::Value;

/// Documents as one YAML file.
pub fn yaml(documents: &[Value]) -> String {
    // Plain data serializes.
    let texts = documents.iter().map(|document| serde_yaml::to_string(document).unwrap_or_default());
    texts.collect::<Vec<_>>().join("---\n")
}
