//! A real NETCONF server for tests: Debian's netconfd behind OpenSSH's sshd, on loopback, in its own
//! temporary folder.
//!
//! Each process runs below a small `sh` that holds a pipe from this test: when the test ends in any way,
//! killed included, the pipe closes and the `sh` stops its process. Nothing is ever stopped by name.
#![allow(dead_code)]

pub mod cluster;
pub mod cluster_project;
pub mod cluster_scene;
pub mod farm;
pub mod faults;
pub mod plan;
pub mod resources;
#[path = "../../../targets/tests/common/skipped.rs"]
pub mod skipped;
pub mod software;
pub mod victim;
pub mod webhook;

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ranform::netconf::Session;
use ranform::netconf::ssh::{self, Endpoint, ExpectedHostKey, Secret, SshStream};
use ranform::patience::Patience;

/// Runs its arguments until standard input ends; writes their pid to `$0`.
const KEEPER: &str =
    r#"exec 3<&0; "$@" </dev/null 3<&- & echo $! >"$0"; cat <&3 >/dev/null; kill $! 2>/dev/null; wait $!"#;

/// What a server offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Candidate and confirmed commit; startup is written by each commit.
    Candidate,
    /// The same with a startup datastore of its own.
    CandidateAndStartup,
    /// Candidate without confirmed commit: a commit is for good.
    CandidateForGood,
    /// Only running, written directly.
    Running,
    /// Only running, and a startup datastore of its own.
    RunningAndStartup,
}

impl Flavour {
    fn has_candidate(self) -> bool {
        !matches!(self, Self::Running | Self::RunningAndStartup)
    }

    fn has_startup(self) -> bool {
        matches!(self, Self::CandidateAndStartup | Self::RunningAndStartup)
    }
}

/// Hides confirmed commit in the hello of a server that cannot be told to leave it out. As long as what it replaces, so
/// that no frame changes its length.
const WITHOUT_CONFIRMED_COMMIT: &str = r#"#!/bin/sh
"$@" | perl -e 'while (sysread STDIN, $b, 65536) { $b =~ s/capability:confirmed-commit/capability:confirmed-xxxxxx/g; syswrite STDOUT, $b }'
"#;

/// The YANG modules that a server implements.
#[derive(Clone, Debug)]
pub struct Modules {
    /// Names in load order.
    pub names: Vec<String>,
    /// The folders they are in.
    pub folders: Vec<PathBuf>,
}

impl Modules {
    /// The small module of the tests.
    pub fn test() -> Self {
        Self { names: vec!["ranform-test".to_owned()], folders: vec![here("tests/rig")] }
    }

    /// Our LTE module with leaves of another tool beside it.
    pub fn lte() -> Self {
        let names = ["ranform-lte", "ranform-e2", "ranform-foreign"].map(str::to_owned).to_vec();
        Self { names, folders: vec![here("../targets/yang"), here("tests/rig")] }
    }

    /// A set of the public modules below `RANFORM_YANG`; none where the variable is unset.
    pub fn public(set: &str, names: &[String]) -> Option<Self> {
        let folder = PathBuf::from(std::env::var_os("RANFORM_YANG")?).join(set);
        folder.is_dir().then(|| Self { names: names.to_vec(), folders: vec![folder] })
    }
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A running server.
pub struct Rig {
    folder: tempfile::TempDir,
    /// The TCP port on 127.0.0.1.
    pub port: u16,
    flavour: Flavour,
    modules: Modules,
    server: Option<Kept>,
    daemon: Option<Kept>,
}

/// A process below its keeper.
struct Kept {
    keeper: Child,
    pid_file: PathBuf,
}

impl Kept {
    fn start(command: &mut Command, pid_file: PathBuf) -> Self {
        let _ = fs::remove_file(&pid_file);
        let keeper = command.stdin(Stdio::piped()).spawn().expect("sh starts");
        let kept = Self { keeper, pid_file };
        wait_until("a process has a pid", || fs::read_to_string(&kept.pid_file).is_ok_and(|text| text.ends_with('\n')));
        kept
    }

    fn pid(&self) -> String {
        fs::read_to_string(&self.pid_file).expect("the pid is written").trim().to_owned()
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(name).arg(self.pid()).status().expect("kill runs");
        assert!(status.success(), "kill {name}");
    }

    fn is_alive(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // One that a failing test has stopped would never end.
        if let Ok(pid) = fs::read_to_string(&self.pid_file) {
            let _ = Command::new("kill").args(["-CONT", pid.trim()]).stderr(Stdio::null()).status();
        }
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

impl Rig {
    /// Starts a server with these modules.
    pub fn start(flavour: Flavour, modules: Modules) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        Self::start_at(port, flavour, modules)
    }

    /// As [`Rig::start`], on this port.
    pub fn start_at(port: u16, flavour: Flavour, modules: Modules) -> Self {
        let folder = tempfile::Builder::new().prefix("rig").tempdir().expect("a temporary folder");
        let mut rig = Self { folder, port, flavour, modules, server: None, daemon: None };
        rig.write_files();
        rig.start_server();
        rig.start_daemon();
        rig
    }

    /// Several servers of the same kind, started one after the other (0.1 s each).
    pub fn several(count: usize, flavour: Flavour, modules: &Modules) -> Vec<Self> {
        (0..count).map(|_| Self::start(flavour, modules.clone())).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn write_files(&self) {
        for name in ["hostkey", "userkey"] {
            let made =
                Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(self.path(name)).status();
            assert!(made.expect("ssh-keygen is installed").success());
        }
        fs::copy(self.path("userkey.pub"), self.path("authorized_keys")).expect("a copy");
        fs::write(self.path("startup-cfg.xml"), EMPTY).expect("a file");
        // sshd refuses to start without it; only root can make it, and others need no such folder made.
        let _ = fs::create_dir_all("/run/sshd");
        let config = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {dir}/hostkey\nPidFile {dir}/sshd.pid\nAuthorizedKeysFile {dir}/authorized_keys\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n\
             AllowUsers {user}\nAllowTcpForwarding no\nX11Forwarding no\nPrintMotd no\nUseDNS no\nMaxStartups 1000\nLogLevel ERROR\n\
             Subsystem netconf \"{before}/usr/sbin/netconf-subsystem --ncxserver-sockname={port}@{dir}/ncx.sock\"\n",
            before = self.filter(),
            port = self.port,
            dir = self.folder.path().display(),
            user = user(),
        );
        fs::write(self.path("sshd_config"), config).expect("a file");
    }

    /// What stands before the subsystem's command.
    fn filter(&self) -> String {
        if self.flavour != Flavour::CandidateForGood {
            return String::new();
        }
        fs::write(self.path("filter"), WITHOUT_CONFIRMED_COMMIT).expect("a file");
        format!("/bin/sh {} ", self.text("filter"))
    }

    /// Starts netconfd (again): it loads what its startup file holds.
    pub fn start_server(&mut self) {
        let socket = self.path("ncx.sock");
        match fs::remove_file(&socket) {
            Err(error) if error.kind() != ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
        let pid_file = self.path("netconfd.pid");
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER]).arg(&pid_file).arg("/usr/sbin/netconfd");
        command.arg(format!("--startup={}", self.text("startup-cfg.xml")));
        command.arg(format!("--ncxserver-sockname={}", socket.display())).arg(format!("--port={}", self.port));
        command
            .arg(format!("--superuser={}", user()))
            .arg("--log-level=info")
            .arg(format!("--log={}", self.text("netconfd.log")));
        command.arg(if self.flavour.has_candidate() { "--target=candidate" } else { "--target=running" });
        if self.flavour.has_startup() {
            command.arg("--with-startup=true");
        }
        command.args(self.modules.names.iter().map(|name| format!("--module={name}")));
        let mut folders: Vec<String> = self.modules.folders.iter().map(|folder| folder.display().to_string()).collect();
        folders.push("/usr/share/yuma/modules".to_owned());
        command.env("YUMA_MODPATH", folders.join(":"));
        command.env("HOME", self.folder.path()).current_dir(self.folder.path());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let server = Kept::start(&mut command, pid_file);
        wait_until("netconfd listens", || {
            assert!(
                server.is_alive(),
                "netconfd ended: {}",
                fs::read_to_string(self.path("netconfd.log")).unwrap_or_default()
            );
            socket.exists()
        });
        self.server = Some(server);
    }

    fn start_daemon(&mut self) {
        let pid_file = self.path("sshd.keeper.pid");
        let mut command = Command::new("sh");
        command
            .args(["-c", KEEPER])
            .arg(&pid_file)
            .args(["/usr/sbin/sshd", "-D", "-e", "-f"])
            .arg(self.path("sshd_config"));
        let log = fs::File::create(self.path("sshd.log")).expect("a file");
        command.stdout(Stdio::null()).stderr(log);
        let daemon = Kept::start(&mut command, pid_file);
        wait_until("sshd listens", || {
            assert!(daemon.is_alive(), "sshd ended: {}", fs::read_to_string(self.path("sshd.log")).unwrap_or_default());
            TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
        self.daemon = Some(daemon);
    }

    /// Kills netconfd on the spot, as a power failure would; SSH stays up.
    pub fn kill_server(&mut self) {
        self.signal_server("-KILL");
        wait_until("netconfd is gone", || self.server.as_ref().is_none_or(|server| !server.is_alive()));
        self.server = None;
    }

    /// Ends netconfd and sshd: nobody listens on the port. The keys stay.
    pub fn stop(&mut self) {
        self.daemon = None;
        self.server = None;
    }

    /// Sends netconfd a signal, e.g. `-STOP` to make it hang.
    pub fn signal_server(&self, name: &str) {
        self.server.as_ref().expect("the server runs").signal(name);
    }

    /// What would be loaded after a restart.
    pub fn startup(&self) -> String {
        fs::read_to_string(self.path("startup-cfg.xml")).unwrap_or_default()
    }

    /// The file with the user's private key.
    pub fn key_file(&self) -> PathBuf {
        self.path("userkey")
    }

    /// The fingerprint of the host key.
    pub fn fingerprint(&self) -> String {
        let output = Command::new("ssh-keygen").args(["-l", "-f"]).arg(self.path("hostkey.pub")).output();
        let text = String::from_utf8(output.expect("ssh-keygen runs").stdout).expect("text");
        text.split(' ').nth(1).expect("a fingerprint").to_owned()
    }

    /// A known_hosts file that lists the server.
    pub fn known_hosts(&self) -> PathBuf {
        let key = fs::read_to_string(self.path("hostkey.pub")).expect("a key");
        let path = self.path("known_hosts");
        fs::write(&path, format!("[127.0.0.1]:{} {key}", self.port)).expect("a file");
        path
    }

    /// How the server is reached.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            user: user(),
            key: Secret::new(fs::read_to_string(self.key_file()).expect("a key")),
            host_key: ExpectedHostKey::Fingerprint(self.fingerprint()),
        }
    }

    /// A session with the server.
    pub async fn connect(&self) -> Session<SshStream> {
        ssh::connect(&self.endpoint(), &Patience::seconds(20)).await.expect("a session")
    }
}

const EMPTY: &str = "<?xml version=\"1.0\"?>\n<config xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"/>\n";

/// The user who runs the tests.
pub fn user() -> String {
    let output = Command::new("id").arg("-un").output().expect("id runs");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
