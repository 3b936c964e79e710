//! `image "registry.example/ran/steering:1.4"`: references to container images, by the grammar of the OCI distribution
//! specification (and of github.com/distribution/reference, which container engines keep to).

use ranform_network::Located;
use ranform_network::diagnostic::codes;
use ranform_network::network::Name;

use super::argument::Argument;

/// A reference to an image; reported where it is none.
pub(crate) fn image(argument: Argument<'_, '_>) -> Option<Located<Name>> {
    let text = argument.text()?;
    let Some(problem) = problem(&text.value) else { return Some(text) };
    let help = "write `registry.example/name:tag`, or `registry.example/name@sha256:..`";
    argument.report(&codes::WRONG_VALUE, format!("`{}` is no image: {problem}", text.value), help);
    None
}

/// Why a text is no reference to an image; none where it is one.
fn problem(text: &str) -> Option<&'static str> {
    let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return Some("a digest is `sha256:` and 64 hexadecimal digits");
    }
    // A colon before the last slash is that of a port.
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Some("a tag has 1 to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two");
    }
    let (registry, path) = match name.split_once('/') {
        Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), path),
        _ => (None, name),
    };
    if registry.is_some_and(|registry| !is_registry(registry)) {
        return Some("its registry is no host name with an optional port");
    }
    if name.len() > 255 || !path.split('/').all(is_component) {
        return Some("the parts of its name are lower case letters and digits, with `.`, `_` or `-` between them");
    }
    None
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn is_tag(text: &str) -> bool {
    let of_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let more = |byte: u8| of_word(byte) || byte == b'.' || byte == b'-';
    (1..=128).contains(&text.len()) && text.bytes().take(1).all(of_word) && text.bytes().all(more)
}

fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !label.is_empty() && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    let number = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0) && !port.starts_with('+');
    host.split('.').all(label) && port.is_none_or(number)
}

/// `ran-steering`: words of lower case letters and digits; between them `.`, `_`, `__` or any number of `-`.
fn is_component(text: &str) -> bool {
    let of_word = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let separators = text.split(of_word).filter(|between| !between.is_empty());
    let legal = |between: &str| matches!(between, "." | "_" | "__") || between.bytes().all(|byte| byte == b'-');
    text.starts_with(of_word) && text.ends_with(of_word) && separators.into_iter().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_follow_the_grammar_of_distribution() {
        let digest = format!("registry.example/a@sha256:{}", "0".repeat(64));
        for right in [
            "redis",
            "redis:7.2",
            "10.0.0.9:5000/ran/log:2.1.4",
            "localhost/x",
            "a/b-c__d.e:V_1",
            "o-ran-sc/e2",
            &digest,
        ] {
            assert_eq!(problem(right), None, "{right}");
        }
        for wrong in [
            "",
            "A/b",
            "a b",
            "a:",
            "a:-1",
            "a@sha256:12",
            "a@md5:0",
            "a//b",
            "a/-b",
            "x.example:99999/a",
            "a..b",
            "a/b:c:d/",
            "http://registry.example/a",
            "a___b",
        ] {
            assert!(problem(wrong).is_some(), "{wrong}");
        }
    }
}
