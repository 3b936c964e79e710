//! Secrets written in clear. The resolver asks here for the words that follow `key`, `password` and the like;
//! a network itself holds references only.

use ranform_network::diagnostic::{Diagnostic, codes};
use ranform_network::source::Span;

/// The words before which a literal is a secret.
pub const SECRET_WORDS: [&str; 6] = ["key", "password", "passphrase", "psk", "secret", "token"];

/// The finding for a literal after `word`, where that is a secret. The literal itself is never repeated.
pub fn written_in_clear(word: &str, span: Span) -> Option<Diagnostic> {
    SECRET_WORDS.contains(&word).then(|| {
        Diagnostic::error(&codes::SECRET_IN_CLEAR, span, format!("a {word} is written in clear"))
            .help("write where it is found: `env NAME`, `file \"path\"` or `secret \"namespace/name/key\"`")
            .help("change it: whoever can read this file has read it")
    })
}

/// Whether any text looks like key material, wherever it stands (a PEM block, a JSON web token).
pub fn looks_like_a_secret(text: &str) -> bool {
    let token = text.starts_with("eyJ") && text.split('.').count() == 3 && text.len() > 60;
    text.contains("PRIVATE KEY-----") || token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_named_and_not_repeated() {
        let finding = written_in_clear("password", Span::default()).unwrap();
        assert_eq!(finding.code.id, "RF711");
        assert_eq!(finding.message, "a password is written in clear");
        assert!(written_in_clear("user", Span::default()).is_none());
    }

    #[test]
    fn key_material_is_seen() {
        assert!(looks_like_a_secret("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
        assert!(looks_like_a_secret(&format!("eyJ{}.{}.{}", "a".repeat(30), "b".repeat(30), "c".repeat(30))));
        assert!(!looks_like_a_secret("SHA256:abc"));
    }
}
