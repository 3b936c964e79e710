//! A thin NETCONF client: RFC 6241 operations and RFC 6242 framing over any byte stream, and SSH.
//!
//! Not a datastore and not a model of any device: what is in a configuration is the business of
//! `targets`; the order of operations is that of [`crate::drivers`]. Read [`Session`] first, then
//! [`ssh`] for how a stream to a device is made.

mod differing;
mod error;
mod framing;
mod operations;
mod reply;
mod session;
pub mod ssh;
pub mod xml;

pub use differing::differing;
pub use error::{Error, Result};
pub use framing::{Decoder, Framing};
pub use operations::{Confirmed, Datastore};
pub use reply::{RpcError, parse_hello, parse_reply};
pub use session::{Capabilities, Session};

/// The base namespace of RFC 6241.
pub const BASE: &str = "urn:ietf:params:xml:ns:netconf:base:1.0";

/// The largest message taken from a device, in bytes.
pub const MESSAGE_LIMIT: usize = 256 << 20;
