//! References to container images: which always mean the same image.

/// Whether a reference always means the same image, so that what was reviewed is what runs: by its digest, whatever its
/// tag; without one, by a tag that is not `latest` in any case. [`PINNED_CEL`] is the same rule for an API server, and
/// the schema of a Helm chart's values has it as patterns.
pub fn is_pinned(reference: &str) -> bool {
    if reference.contains('@') {
        return true;
    }
    // A colon before the last slash is that of a port.
    let name = reference.rsplit('/').next().unwrap_or(reference);
    name.split_once(':').is_some_and(|(_, tag)| !tag.is_empty() && !tag.eq_ignore_ascii_case("latest"))
}

/// [`is_pinned`] as a rule of a custom resource definition.
pub const PINNED_CEL: &str = "self.contains('@') || self.matches(':[^:/]+$') && !self.lowerAscii().endsWith(':latest')";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_or_a_tag_other_than_latest_pins() {
        let digest = format!("@sha256:{}", "0".repeat(64));
        for pinned in ["a:1.0", "registry.example:5000/a/b:main", "a:latest-2", "a:lates", "a:v", "a:Latext"] {
            assert!(is_pinned(pinned), "{pinned}");
            assert!(is_pinned(&format!("{pinned}{digest}")), "{pinned} with a digest");
        }
        assert!(is_pinned(&format!("a:latest{digest}")) && is_pinned(&format!("a{digest}")));
        for loose in ["", "a", "a:latest", "a:LATEST", "x/a:Latest", "registry.example:5000/a", "registry.example/a:"] {
            assert!(!is_pinned(loose), "{loose}");
        }
    }
}
