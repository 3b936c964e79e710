//! A NETCONF device to try ranform without hardware: Debian's netconfd behind sshd, on loopback, with the YANG modules it is
//! told to implement. It is the server that the tests run against.
//!
//! `scripts/rigs/netconf/start --port 8300`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test server, not part of the product")]

#[path = "../tests/rig/mod.rs"]
mod rig;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use rig::{Flavour, Modules, Rig, user};

/// A server for `manage netconf`.
#[derive(Parser)]
struct Arguments {
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 8300)]
    port: u16,
    /// What it offers.
    #[arg(long, value_enum, default_value = "candidate")]
    datastores: Offered,
    /// A YANG module that it implements; without any, those of `profile ranform-lte`.
    #[arg(long)]
    module: Vec<String>,
    /// A folder of YANG modules.
    #[arg(long)]
    modules_in: Vec<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Offered {
    /// Candidate and confirmed commit.
    Candidate,
    /// The same, and a startup datastore.
    CandidateAndStartup,
    /// Candidate without confirmed commit.
    CandidateForGood,
    /// Only running.
    Running,
    /// Only running, and a startup datastore.
    RunningAndStartup,
}

impl Offered {
    fn flavour(self) -> Flavour {
        match self {
            Self::Candidate => Flavour::Candidate,
            Self::CandidateAndStartup => Flavour::CandidateAndStartup,
            Self::CandidateForGood => Flavour::CandidateForGood,
            Self::Running => Flavour::Running,
            Self::RunningAndStartup => Flavour::RunningAndStartup,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    let modules = match arguments.module.is_empty() {
        true => Modules::lte(),
        false => Modules { names: arguments.module, folders: arguments.modules_in },
    };
    let rig = Rig::start_at(arguments.port, arguments.datastores.flavour(), modules);
    println!("a NETCONF server listens; end it with Ctrl-C. In an intent, and in the shell that runs ranform:");
    println!(
        "  manage netconf \"127.0.0.1:{}\" as \"{}\" key env RAN_KEY host-key \"{}\"",
        rig.port,
        user(),
        rig.fingerprint()
    );
    println!("  export RAN_KEY=\"$(cat {})\"", rig.key_file().display());
    tokio::signal::ctrl_c().await.expect("signals are heard");
}
