//! Who a peer must be: one whose certificate is signed by an authority that is trusted, or is itself written as trusted.
//!
//! Peers come with certificates that they signed themselves, which no authority stands for and which often name no host.
//! Where the operator has written such a certificate (`authority file`), whoever shows it and holds its key is the peer,
//! as with the host key of SSH: its names and dates say nothing more.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Trusts what is written, and what that has signed.
#[derive(Debug)]
struct Written {
    certificates: Vec<CertificateDer<'static>>,
    signed: Arc<WebPkiServerVerifier>,
}

/// What trusts these certificates and those that they have signed.
///
/// # Errors
/// One of them cannot be used.
pub(super) fn written(
    certificates: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in &certificates {
        roots.add(certificate.clone()).map_err(|error| error.to_string())?;
    }
    let signed = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
    Ok(Arc::new(Written { certificates, signed: signed.map_err(|error| error.to_string())? }))
}

impl ServerCertVerifier for Written {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.certificates.iter().any(|written| written == end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        self.signed.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signed.supported_verify_schemes()
    }
}

/// Why no secured connection came about, in the operator's words where it is for the peer's certificate.
pub(super) fn why(error: &std::io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let Some(Error::InvalidCertificate(reason)) = inner else { return error.to_string() };
    // The library has no value of its own for these two.
    let other = format!("{reason:?}");
    let meaning = match reason {
        CertificateError::UnknownIssuer => {
            "nobody who is trusted has signed it: write who has, or the certificate itself, after `authority file`"
        }
        CertificateError::Other(_) if other.contains("CaUsedAsEndEntity") => {
            "it is that of an authority: to trust this one certificate write it itself after `authority file`"
        }
        CertificateError::Other(_) if other.contains("UnsupportedCertVersion") => {
            "it is of X.509 version 1, which does not say whom it is for: the peer needs one of version 3 that names its host"
        }
        _ => return error.to_string(),
    };
    let name = if matches!(reason, CertificateError::Other(_)) { String::new() } else { format!(" ({other})") };
    format!("invalid peer certificate{name}: {meaning}")
}
