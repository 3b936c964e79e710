//! What a NETCONF server may send: bytes cut into messages by either framing, however they arrive, and read as hello and
//! as reply.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ranform::netconf::{Decoder, Framing, parse_hello, parse_reply};

const LIMIT: usize = 1 << 16;

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let framing = if first & 1 == 0 { Framing::EndOfMessage } else { Framing::Chunked };
    let step = usize::from(first >> 1) + 1;
    let messages = decode(framing, bytes, step);
    assert_eq!(messages, decode(framing, bytes, bytes.len().max(1)));
    for message in messages {
        let Ok(text) = String::from_utf8(message) else { continue };
        let _ = parse_hello(&text);
        let _ = parse_reply(&text, 1);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = parse_hello(text);
        let _ = parse_reply(text, 1);
    }
});

/// The messages in `bytes` that come in pieces of `step`, up to the first error.
fn decode(framing: Framing, bytes: &[u8], step: usize) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new(framing, LIMIT);
    let mut messages = Vec::new();
    for piece in bytes.chunks(step) {
        decoder.feed(piece);
        loop {
            match decoder.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(_) => return messages,
            }
        }
    }
    messages
}
