//! From how a device is written to what it takes to reach it. Credentials are references until here.

use std::path::Path;
use std::time::Duration;

use ranform_network::deployment::Device;
use ranform_network::network::{HostKey, Protocol, Reference};

use super::DriverError;
use crate::netconf::ssh::{Endpoint, ExpectedHostKey, Secret};

/// How a device is reached: its protocol and endpoint; none for a device that is only modelled.
pub fn way(device: &Device) -> Option<(Protocol, &str)> {
    device.management.as_ref().map(|management| (management.protocol, &*management.endpoint.value))
}

/// What a policy may take of a verb's time, where one request takes a second and eight go out at once.
const EACH_POLICY: Duration = Duration::from_millis(500);

/// How much longer than usual a verb may take on a device for this many things: an A1 policy is several requests.
pub fn allowance(device: &Device, things: usize) -> Duration {
    match way(device) {
        Some((Protocol::A1, _)) => EACH_POLICY.saturating_mul(u32::try_from(things).unwrap_or(u32::MAX)),
        _ => Duration::ZERO,
    }
}

/// What it takes to open an SSH connection to a device. `root` is the project's folder.
///
/// # Errors
/// What is missing or cannot be read, in the operator's words. Never the secret.
pub fn ssh_endpoint(device: &Device, root: &Path) -> Result<Endpoint, DriverError> {
    endpoint(device, root).map_err(DriverError::Credential)
}

fn endpoint(device: &Device, root: &Path) -> Result<Endpoint, String> {
    let management = device.management.as_ref().ok_or("no way to it is written; write `manage netconf ...`")?;
    let written = &management.endpoint.value;
    let (host, port) = Endpoint::split(written).ok_or_else(|| format!("`{written}` is not `host:port`"))?;
    let user = management.user.as_ref().ok_or("no user is written; write `as \"USER\"` after the address")?;
    let credential = management.credential.as_ref();
    let credential = credential.ok_or("no key is written; write `key env NAME` or `key file \"PATH\"`")?;
    let host_key = match &management.host_key {
        Some(HostKey::Fingerprint(text)) => ExpectedHostKey::Fingerprint(text.to_string()),
        Some(HostKey::File(path)) => ExpectedHostKey::KnownHosts(root.join(&**path)),
        None => ExpectedHostKey::Unwritten,
    };
    Ok(Endpoint { host, port, user: user.to_string(), key: secret(credential, root)?, host_key })
}

/// The private key that a reference leads to. An environment variable holds the key itself or the path of its file.
fn secret(reference: &Reference, root: &Path) -> Result<Secret, String> {
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).map_err(|error| format!("`{}`: {error}", path.display()))?;
        Ok(Secret::new(text))
    };
    match reference {
        Reference::Environment(name) => match std::env::var(&**name) {
            Ok(value) if value.trim_start().starts_with("-----BEGIN") => Ok(Secret::new(value)),
            Ok(path) => read(&root.join(path)),
            Err(_) => Err(format!("the environment variable `{name}` is not set")),
        },
        Reference::File(path) => read(&root.join(&**path)),
        Reference::Secret(name) => {
            Err(format!("`{name}` is a Kubernetes secret, which is read only inside of a cluster; mount it as a file"))
        }
    }
}
