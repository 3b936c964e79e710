//! Certificates made on the spot, and a server side of TLS that demands one of its clients.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// A folder with an authority and what it signed, each `NAME.pem` and `NAME.key`.
pub struct Authority {
    folder: PathBuf,
    name: String,
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let run = Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl runs");
    assert!(run.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
}

impl Authority {
    /// A new authority whose files begin with `name`.
    pub fn new(folder: &Path, name: &str) -> Self {
        let subject = format!("/CN={name}");
        let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
        openssl(
            folder,
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                &subject,
                "-keyout",
                &key,
                "-out",
                &pem,
            ],
        );
        Self { folder: folder.to_owned(), name: name.to_owned() }
    }

    /// Signs a certificate for `names` (`IP:127.0.0.1`, `DNS:localhost`).
    pub fn sign(&self, name: &str, names: &str) {
        let (key, request, pem) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let subject = format!("/CN={name}");
        let names = format!("subjectAltName={names}");
        openssl(
            &self.folder,
            &[
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                &subject,
                "-addext",
                &names,
                "-keyout",
                &key,
                "-out",
                &request,
            ],
        );
        let (ca, ca_key) = (format!("{}.pem", self.name), format!("{}.key", self.name));
        openssl(
            &self.folder,
            &[
                "x509",
                "-req",
                "-in",
                &request,
                "-CA",
                &ca,
                "-CAkey",
                &ca_key,
                "-CAcreateserial",
                "-days",
                "2",
                "-copy_extensions",
                "copy",
                "-out",
                &pem,
            ],
        );
    }

    /// A server that shows `server` and lets everybody in.
    pub fn acceptor_for_all(&self, server: &str) -> TlsAcceptor {
        let read = |name: String| std::fs::read(self.folder.join(name)).expect("the file is there");
        let chain = vec![CertificateDer::from_pem_slice(&read(format!("{server}.pem"))).expect("PEM")];
        let key = PrivateKeyDer::from_pem_slice(&read(format!("{server}.key"))).expect("PEM");
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a pair");
        TlsAcceptor::from(Arc::new(config))
    }

    /// A server that shows `server` and lets in who shows a certificate of this authority.
    pub fn acceptor(&self, server: &str) -> TlsAcceptor {
        let read = |name: String| std::fs::read(self.folder.join(name)).expect("the file is there");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&read(format!("{}.pem", self.name))).expect("PEM")).expect("a root");
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
        let chain = vec![CertificateDer::from_pem_slice(&read(format!("{server}.pem"))).expect("PEM")];
        let key = PrivateKeyDer::from_pem_slice(&read(format!("{server}.key"))).expect("PEM");
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_client_cert_verifier(clients.expect("a verifier"))
            .with_single_cert(chain, key)
            .expect("a pair");
        TlsAcceptor::from(Arc::new(config))
    }
}
