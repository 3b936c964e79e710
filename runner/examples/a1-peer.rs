//! A near-RT RIC, or the policy management service of one, to try ranform without hardware: real HTTP on loopback, policies
//! in memory, every request printed. It is the peer that the tests run against.
//!
//! `cargo run -p ranform --example a1-peer -- --dialect pms-v3 --listen 127.0.0.1:8085`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test peer, not part of the product")]

#[path = "../tests/rig/a1/mod.rs"]
mod a1;

use a1::schemas::{any_schema, energy_schema, slice_schema, steering_schema};
use a1::{A1Peer, Enforces, Speaks};
use clap::{Parser, ValueEnum};
use ranform_network::profile::PROFILES;

/// A peer for `manage a1`, in memory.
#[derive(Parser)]
struct Arguments {
    /// The interface it has.
    #[arg(long, value_enum, default_value = "standard")]
    dialect: Spoken,
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:8085")]
    listen: String,
    /// The bearer token it wants.
    #[arg(long)]
    token: Option<String>,
    /// Why it never enforces a policy, e.g. `SCOPE_NOT_APPLICABLE`.
    #[arg(long)]
    never: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Spoken {
    Standard,
    StandardV1,
    Osc,
    OscMediator,
    PmsV2,
    PmsV3,
}

impl Spoken {
    fn speaks(self) -> Speaks {
        match self {
            Self::Standard => Speaks::Standard,
            Self::StandardV1 => Speaks::StandardV1,
            Self::Osc => Speaks::Osc,
            Self::OscMediator => Speaks::OscMediator,
            Self::PmsV2 => Speaks::PmsV2,
            Self::PmsV3 => Speaks::PmsV3,
        }
    }
}

/// The types of both generations; where types are numbers, slice targets are 20008 and steering is 20009.
fn types(dialect: Spoken) -> Vec<(&'static str, serde_json::Value)> {
    if matches!(dialect, Spoken::Osc | Spoken::OscMediator) {
        return vec![("20008", slice_schema()), ("20009", steering_schema())];
    }
    let listed = ["a1-2", "a1-r004"].map(|name| PROFILES[name].options["types"].split_whitespace());
    let schema = |id: &str| match id {
        "ORAN_SliceSLATarget_1.0.0" => slice_schema(),
        "ORAN_TrafficSteeringPreference_2.0.0" => steering_schema(),
        "ORAN_EnergySaving_3.0.1" => energy_schema(),
        _ => any_schema(),
    };
    listed.into_iter().flatten().map(|id| (id, schema(id))).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    let types = types(arguments.dialect);
    if let Err(problem) = std::net::TcpListener::bind(&arguments.listen) {
        eprintln!("cannot listen at {}: {problem}; choose another with --listen 127.0.0.1:PORT", arguments.listen);
        std::process::exit(1);
    }
    let peer = A1Peer::start_at(&arguments.listen, arguments.dialect.speaks(), &types, None).await;
    let never: Option<&'static str> = arguments.never.map(|reason| &*Box::leak(reason.into_boxed_str()));
    peer.with(|inside| {
        inside.prints = true;
        inside.token = arguments.token;
        if let Some(reason) = never {
            inside.enforces = Enforces::Never(reason);
        }
    });
    println!("an A1 peer listens at {}; end it with Ctrl-C", peer.url);
    peer.run().await;
}
