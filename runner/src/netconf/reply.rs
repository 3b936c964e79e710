//! What a server answers: hello, ok, data, and any number of rpc-errors in one reply.

use super::xml::Element;

/// One `rpc-error` (RFC 6241 section 4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RpcError {
    /// `error-tag`, e.g. `lock-denied`.
    pub tag: String,
    /// Whether it is a warning; the operation was then carried out.
    pub warning: bool,
    /// `error-app-tag`, often absent.
    pub app_tag: Option<String>,
    /// `error-path`, often absent.
    pub path: Option<String>,
    /// `error-message`, often absent.
    pub message: Option<String>,
    /// The session that holds a lock, of `lock-denied` and `in-use`.
    pub session: Option<String>,
}

impl std::fmt::Display for RpcError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.tag)?;
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        if let Some(path) = &self.path {
            write!(f, " at {path}")?;
        }
        match &self.session {
            Some(session) => write!(f, " (session {session})"),
            None => Ok(()),
        }
    }
}

impl RpcError {
    fn read(element: &Element) -> Self {
        let text = |name| element.child_text(name).filter(|text| !text.is_empty()).map(str::to_owned);
        Self {
            tag: text("error-tag").unwrap_or_else(|| "operation-failed".to_owned()),
            warning: element.child_text("error-severity") == Some("warning"),
            app_tag: text("error-app-tag"),
            path: text("error-path"),
            message: text("error-message"),
            session: element.child("error-info").and_then(|info| info.child_text("session-id")).map(str::to_owned),
        }
    }
}

/// The capability URIs and the session id of a server's hello.
pub fn parse_hello(text: &str) -> Result<(Vec<String>, u32), String> {
    let hello = Element::parse(text)?;
    if hello.name != "hello" {
        return Err(format!("`{}` where a hello is due", hello.name));
    }
    let list = hello.child("capabilities").ok_or("a hello without capabilities")?;
    let capabilities = list.children.iter().map(|capability| capability.text.trim().to_owned()).collect();
    let session = hello.child_text("session-id").and_then(|id| id.parse().ok()).ok_or("a hello without session-id")?;
    Ok((capabilities, session))
}

/// What a reply with this message-id carries: its data if any, or all its errors. The outer error
/// says why it is not a reply to that message at all.
pub fn parse_reply(text: &str, message_id: u64) -> Result<Result<Option<Element>, Vec<RpcError>>, String> {
    let mut reply = Element::parse(text)?;
    if reply.name != "rpc-reply" {
        return Err(format!("`{}` where a reply is due", reply.name));
    }
    // A server that could not read the message at all may answer without its id (RFC 6241 section 4.1).
    let errors: Vec<_> = reply.children.iter().filter(|child| child.name == "rpc-error").map(RpcError::read).collect();
    match reply.attribute("message-id") {
        Some(id) if id == message_id.to_string() => {}
        None if !errors.is_empty() => {}
        other => return Err(format!("reply to message `{}`, not {message_id}", other.unwrap_or(""))),
    }
    if errors.iter().any(|error| !error.warning) {
        return Ok(Err(errors));
    }
    // Prefixes declared around the data may be used by values in it.
    let around = std::mem::take(&mut reply.prefixes);
    let data = reply.children.into_iter().find(|child| child.name == "data").map(|mut data| {
        data.prefixes.splice(0..0, around);
        data
    });
    Ok(Ok(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "urn:ietf:params:xml:ns:netconf:base:1.0";

    #[test]
    fn every_error_of_a_reply_is_kept() {
        let text = format!(
            "<rpc-reply xmlns=\"{BASE}\" message-id=\"7\"><rpc-error><error-tag>lock-denied</error-tag>\
             <error-severity>error</error-severity><error-info><session-id>4</session-id></error-info></rpc-error>\
             <rpc-error><error-tag>invalid-value</error-tag><error-message>no\n</error-message></rpc-error></rpc-reply>"
        );
        let errors = parse_reply(&text, 7).unwrap().unwrap_err();
        assert_eq!(errors.len(), 2);
        assert_eq!(errors[0].to_string(), "lock-denied (session 4)");
        assert_eq!(errors[1].to_string(), "invalid-value: no");
        assert!(parse_reply(&text, 8).is_err());
    }

    #[test]
    fn a_warning_beside_ok_is_no_failure() {
        let text = format!(
            "<rpc-reply xmlns=\"{BASE}\" message-id=\"1\"><rpc-error><error-severity>warning</error-severity></rpc-error><ok/></rpc-reply>"
        );
        assert_eq!(parse_reply(&text, 1), Ok(Ok(None)));
    }

    #[test]
    fn none_of_20_000_mutations_of_a_reply_and_of_a_hello_panics() {
        let reply = format!(
            "<?xml version=\"1.0\"?><n:rpc-reply xmlns:n=\"{BASE}\" message-id=\"1\"><n:data><a xmlns=\"urn:a\" x='&lt;'>\
             <b>&#65;<![CDATA[c]]></b><!-- d --></a></n:data></n:rpc-reply>"
        );
        let hello = format!(
            "<hello xmlns=\"{BASE}\"><capabilities><capability>urn:x?y=z</capability></capabilities><session-id>4</session-id></hello>"
        );
        let mut seed = 0x5EED_u64;
        let mut next = move |bound: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % bound
        };
        let alphabet = b"<>/&;:\"'=![]-? \nax1#\xff";
        let mut read = 0;
        for _ in 0..40_000 {
            let mut bytes = if next(2) == 0 { reply.clone() } else { hello.clone() }.into_bytes();
            for _ in 0..=next(3) {
                let at = next(bytes.len());
                match next(3) {
                    0 => bytes[at] = alphabet[next(alphabet.len())],
                    1 => bytes.truncate(at.max(1)),
                    _ => bytes.insert(at, alphabet[next(alphabet.len())]),
                }
            }
            let Ok(text) = String::from_utf8(bytes) else { continue };
            read += usize::from(parse_reply(&text, 1).is_ok()) + usize::from(parse_hello(&text).is_ok());
        }
        assert!(read > 100, "mutations that still read show that the readers were reached: {read}");
    }
}
