//! Many NETCONF devices on loopback (`scripts/rigs/netconf/many`). They end with the test that holds them, killed included: their
//! standard input is a pipe from there.
#![allow(dead_code)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ranform_network::Located;
use ranform_network::network::{HostKey, Management, Protocol, Reference};

use super::cluster::free_ports;

/// So many running devices.
pub struct Farm {
    folder: tempfile::TempDir,
    keeper: Child,
    first: u16,
    count: u16,
    user: String,
    key: String,
    fingerprint: String,
}

impl Farm {
    /// Starts so many.
    pub fn start(count: u16) -> Self {
        let folder = tempfile::Builder::new().prefix("farm").tempdir().expect("a temporary folder");
        let first = free_ports(count);
        let start = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/rigs/netconf/many");
        let mut command = Command::new(start);
        command.arg(folder.path()).arg(first.to_string()).arg(count.to_string());
        let mut keeper =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("bash runs");
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["ready:", _, user, key, fingerprint] = words[..] else { panic!("the devices did not start: {line}") };
        let (user, key, fingerprint) = (user.to_owned(), key.to_owned(), fingerprint.to_owned());
        Self { folder, keeper, first, count, user, key, fingerprint }
    }

    /// The ways to all of them.
    pub fn ways(&self) -> Vec<Management> {
        (self.first..self.first + self.count).map(|port| self.way(port)).collect()
    }

    fn way(&self, port: u16) -> Management {
        Management {
            protocol: Protocol::Netconf,
            endpoint: Located::new(format!("127.0.0.1:{port}").as_str().into(), Default::default()),
            user: Some(self.user.as_str().into()),
            credential: Some(Reference::File(self.key.as_str().into())),
            host_key: Some(HostKey::Fingerprint(self.fingerprint.as_str().into())),
            a1: None,
            cluster: None,
        }
    }

    /// Sends one of them a signal, e.g. `-STOP` to make it hang.
    pub fn signal(&self, at: u16, name: &str) {
        let file = self.folder.path().join((self.first + at).to_string()).join("pid");
        let pid = std::fs::read_to_string(file).expect("the pid is written");
        let status = Command::new("kill").arg(name).arg(pid.trim()).status().expect("kill runs");
        assert!(status.success(), "kill {name}");
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
