//! From how an A1 peer is written to what it takes to reach it. Credentials are references until here.

use std::path::Path;
use std::sync::Arc;

use hyper::header::HeaderValue;
use ranform_network::network::{A1Access, Management, Reference};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::http::Endpoint;
use super::{Error, Result, trust};
use crate::credential::Lookup;
use crate::patience::Patience;

/// What it takes to reach the peer of a device. `root` is the project's folder.
///
/// # Errors
/// What is missing or cannot be read, in the operator's words. Never the secret.
pub async fn endpoint(management: &Management, root: &Path, patience: &Patience) -> Result<Endpoint> {
    resolve(Lookup { management, root, patience }).await.map_err(Error::Access)
}

async fn resolve(at: Lookup<'_>) -> std::result::Result<Endpoint, String> {
    let management = at.management;
    let default = A1Access::default();
    let access = management.a1.as_ref().unwrap_or(&default);
    let url = management.endpoint.value.to_string();
    let (secure, host, port, base) = split(&url).ok_or_else(|| format!("`{url}` is no URL"))?;
    let tls = if secure { Some(Arc::new(tls(access, at).await?)) } else { None };
    let token = match &access.token {
        None => None,
        Some(reference) => {
            let mut value = HeaderValue::try_from(format!("Bearer {}", secret(reference, at).await?.trim()))
                .map_err(|_| "the token holds what no HTTP header can carry".to_owned())?;
            value.set_sensitive(true);
            Some(value)
        }
    };
    Ok(Endpoint { url, host, port, base, tls, token })
}

/// Whether it is over TLS, host, port and path of a URL.
fn split(url: &str) -> Option<(bool, String, u16, String)> {
    let (secure, rest) = match url.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, url.strip_prefix("http://")?),
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, port.strip_prefix(':'))
        }
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port > 0)?,
        None if secure => 443,
        None => 80,
    };
    let path = path.trim_end_matches('/');
    let base = if path.is_empty() { String::new() } else { format!("/{path}") };
    (!host.is_empty()).then(|| (secure, host.to_owned(), port, base))
}

/// Whom to trust, and who we are.
async fn tls(access: &A1Access, at: Lookup<'_>) -> std::result::Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let config = match &access.authority {
        Some(path) => {
            let written = certificates(&read(&at.root.join(&**path))?, path)?;
            let written = trust::written(written, &provider).map_err(|error| format!("`{path}`: {error}"))?;
            config.dangerous().with_custom_certificate_verifier(written)
        }
        None => config.with_root_certificates(of_the_system()),
    };
    let (Some(certificate), Some(key)) = (&access.certificate, &access.key) else {
        return Ok(config.with_no_client_auth());
    };
    let chain = certificates(&secret(certificate, at).await?, "the client certificate")?;
    let key = PrivateKeyDer::from_pem_slice(secret(key, at).await?.as_bytes())
        .map_err(|_| "the key of the client certificate is no private key in PEM".to_owned())?;
    config.with_client_auth_cert(chain, key).map_err(|error| format!("the client certificate: {error}"))
}

fn of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for certificate in rustls_native_certs::load_native_certs().certs {
        // A certificate of the system that rustls cannot use is one that it does not trust.
        let _ = roots.add(certificate);
    }
    roots
}

fn certificates(text: &str, what: &str) -> std::result::Result<Vec<CertificateDer<'static>>, String> {
    let read: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match read {
        Ok(list) if !list.is_empty() => Ok(list),
        _ => Err(format!("`{what}` holds no certificate in PEM")),
    }
}

fn read(path: &Path) -> std::result::Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("`{}`: {error}", path.display()))
}

/// The secret that a reference leads to. An environment variable holds the secret itself or the path of its file.
async fn secret(reference: &Reference, at: Lookup<'_>) -> std::result::Result<String, String> {
    let is_secret = |value: &str| value.trim_start().starts_with("-----BEGIN") || !at.root.join(value).is_file();
    at.text(reference, is_secret).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_split_into_host_port_and_path() {
        let parts = |url: &str| split(url).map(|(secure, host, port, base)| format!("{secure} {host} {port} {base}"));
        assert_eq!(parts("https://ric.example").as_deref(), Some("true ric.example 443 "));
        assert_eq!(parts("http://127.0.0.1:8085/").as_deref(), Some("false 127.0.0.1 8085 "));
        assert_eq!(parts("https://[2001:db8::1]:8443/a1/x/").as_deref(), Some("true 2001:db8::1 8443 /a1/x"));
        for bad in ["ric.example:8085", "https://", "https://h:0", "https://h:x", "ftp://h"] {
            assert_eq!(split(bad), None, "{bad}");
        }
    }
}
