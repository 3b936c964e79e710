//! The Kubernetes API as the driver needs it: a few operations on plain objects, each bounded by a [`Patience`], each
//! repeated while the server is busy or away for a moment.
//!
//! Objects are JSON values: what they say is made and read by `ranform_targets::kubernetes`.

mod access;
mod advice;
mod cluster;
mod contents;
mod error;
mod kinds;
mod ready;
mod resources;
mod room;
mod secrets;

pub use cluster::{Cluster, How};
pub use contents::{Contents, Piece};
pub use error::{Error, Result};
pub use kinds::{KINDS, Kind, Scope, kind};
pub use ready::{Readiness, Where, readiness};
pub use resources::{DEFINITION, Found, Part, custom};
pub use room::{PODS, Room, node_unready, room};
pub use secrets::SecretFound;
