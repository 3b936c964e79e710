//! From how a device is written to what it takes to reach it. Credentials are references until here.

use std::path::Path;
use std::time::Duration;

use ranform_network::deployment::Device;
use ranform_network::network::{HostKey, Protocol};

use super::DriverError;
use crate::credential::Lookup;
use crate::netconf::ssh::{Endpoint, ExpectedHostKey, Secret};
use crate::patience::Patience;

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
pub async fn ssh_endpoint(device: &Device, root: &Path, patience: &Patience) -> Result<Endpoint, DriverError> {
    let endpoint = endpoint(device, root, patience).await;
    endpoint.map_err(|why| DriverError::Credential { protocol: Protocol::Netconf, why })
}

async fn endpoint(device: &Device, root: &Path, patience: &Patience) -> Result<Endpoint, String> {
    let management = device.management.as_ref().ok_or("no way to it is written; write `manage netconf ...`")?;
    let written = &management.endpoint.value;
    let (host, port) = Endpoint::split(written).ok_or_else(|| format!("`{written}` is not `host:port`"))?;
    let user = management.user.as_ref().ok_or("no user is written; write `as \"USER\"` after the address")?;
    let credential = management.credential.as_ref();
    let credential = credential
        .ok_or("no key is written; write `key env NAME`, `key file \"PATH\"` or `key secret \"NAMESPACE/NAME/KEY\"`")?;
    let host_key = match &management.host_key {
        Some(HostKey::Fingerprint(text)) => ExpectedHostKey::Fingerprint(text.to_string()),
        Some(HostKey::File(path)) => ExpectedHostKey::KnownHosts(root.join(&**path)),
        None => ExpectedHostKey::Unwritten,
    };
    // An environment variable holds the key itself or the path of its file.
    let is_key = |value: &str| value.trim_start().starts_with("-----BEGIN");
    let key = Lookup { management, root, patience }.text(credential, is_key).await?;
    Ok(Endpoint { host, port, user: user.to_string(), key: Secret::new(key), host_key })
}
