//! Message framing of RFC 6242: end-of-message marks for base:1.0, chunks for base:1.1.
//!
//! [`Decoder`] is fed bytes as they come and gives whole messages; it does no I/O, so that waiting
//! can be given up at any byte without losing any.

/// How messages are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Each message ends in `]]>]]>` (RFC 6242 section 4.3); the hello always does.
    EndOfMessage,
    /// Each message is a series of counted chunks (RFC 6242 section 4.2).
    Chunked,
}

const MARK: &[u8] = b"]]>]]>";
/// `\n#` and at most ten digits and `\n` (RFC 6242: chunk-size up to 4294967295).
const LONGEST_HEADER: usize = 13;

impl Framing {
    /// The message as it goes on the wire.
    pub fn encode(self, message: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(message.len() + 32);
        match self {
            Self::EndOfMessage => {
                bytes.extend_from_slice(message.as_bytes());
                bytes.extend_from_slice(MARK);
            }
            Self::Chunked => {
                bytes.extend_from_slice(format!("\n#{}\n", message.len()).as_bytes());
                bytes.extend_from_slice(message.as_bytes());
                bytes.extend_from_slice(b"\n##\n");
            }
        }
        bytes
    }
}

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The message is larger than the limit.
    TooLarge,
    /// A chunk does not begin as RFC 6242 says.
    BadChunk,
}

/// Takes bytes, gives messages.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    limit: usize,
    /// Bytes not yet consumed.
    input: Vec<u8>,
    /// How much of `input` was searched for the mark already.
    searched: usize,
    /// The chunks of the message so far.
    message: Vec<u8>,
    /// Bytes of the present chunk still to come.
    missing: usize,
}

impl Decoder {
    /// A decoder that takes messages of at most `limit` bytes.
    pub fn new(framing: Framing, limit: usize) -> Self {
        Self { framing, limit, input: Vec::new(), searched: 0, message: Vec::new(), missing: 0 }
    }

    /// The framing of what follows; used once, after the hello.
    pub fn switch(&mut self, framing: Framing) {
        self.framing = framing;
        self.searched = 0;
    }

    /// Takes bytes from the wire.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
    }

    /// The next whole message, or none until more bytes are fed.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        match self.framing {
            Framing::EndOfMessage => self.marked(),
            Framing::Chunked => self.chunked(),
        }
    }

    fn marked(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let found = self.input[self.searched..].windows(MARK.len()).position(|window| window == MARK);
        let Some(at) = found.map(|offset| offset + self.searched) else {
            // The mark may begin in the last bytes seen.
            self.searched = self.input.len().saturating_sub(MARK.len() - 1);
            return if self.input.len() > self.limit { Err(FrameError::TooLarge) } else { Ok(None) };
        };
        if at > self.limit {
            return Err(FrameError::TooLarge);
        }
        let rest = self.input.split_off(at + MARK.len());
        let mut message = std::mem::replace(&mut self.input, rest);
        message.truncate(at);
        self.searched = 0;
        Ok(Some(message))
    }

    fn chunked(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let mut used = 0;
        let outcome = self.take_chunks(&mut used);
        self.input.drain(..used);
        outcome.map(|whole| whole.then(|| std::mem::take(&mut self.message)))
    }

    /// Moves chunks from the input to the message; true when the message is whole.
    fn take_chunks(&mut self, used: &mut usize) -> Result<bool, FrameError> {
        loop {
            let rest = &self.input[*used..];
            if self.missing > 0 {
                let taken = self.missing.min(rest.len());
                self.message.extend_from_slice(&rest[..taken]);
                self.missing -= taken;
                *used += taken;
                if self.missing > 0 {
                    return Ok(false);
                }
                continue;
            }
            // yuma123 and others send blank lines between messages; inside a message there are none.
            if self.message.is_empty() && rest.starts_with(b"\n\n") {
                *used += 1;
                continue;
            }
            match header(rest)? {
                Header::Partial => return Ok(false),
                Header::End { length } => {
                    *used += length;
                    return Ok(true);
                }
                Header::Chunk { length, size } => {
                    if self.message.len().saturating_add(size) > self.limit {
                        return Err(FrameError::TooLarge);
                    }
                    *used += length;
                    self.missing = size;
                }
            }
        }
    }
}

enum Header {
    Partial,
    End { length: usize },
    Chunk { length: usize, size: usize },
}

/// The chunk header at the beginning of `bytes`.
fn header(bytes: &[u8]) -> Result<Header, FrameError> {
    let begins = |text: &[u8]| bytes.starts_with(text) || text.starts_with(bytes);
    if begins(b"\n##\n") && bytes.get(2).is_none_or(|byte| *byte == b'#') {
        return Ok(if bytes.len() >= 4 { Header::End { length: 4 } } else { Header::Partial });
    }
    if !begins(b"\n#") {
        return Err(FrameError::BadChunk);
    }
    let Some(end) = bytes.iter().skip(2).position(|byte| *byte == b'\n') else {
        let sound = bytes.iter().skip(2).all(u8::is_ascii_digit);
        return if sound && bytes.len() < LONGEST_HEADER { Ok(Header::Partial) } else { Err(FrameError::BadChunk) };
    };
    let digits = &bytes[2..2 + end];
    let sound = (1..=10).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) && digits[0] != b'0';
    let size = std::str::from_utf8(digits).ok().filter(|_| sound).and_then(|text| text.parse::<usize>().ok());
    size.map(|size| Header::Chunk { length: end + 3, size }).ok_or(FrameError::BadChunk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode_in_pieces(framing: Framing, wire: &[u8], piece: usize) -> Vec<Vec<u8>> {
        let mut decoder = Decoder::new(framing, 1 << 20);
        let mut messages = Vec::new();
        for bytes in wire.chunks(piece) {
            decoder.feed(bytes);
            while let Some(message) = decoder.next_message().unwrap() {
                messages.push(message);
            }
        }
        messages
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_encoded_is_decoded_at_any_cut(texts in prop::collection::vec("[a-z<>\\]#\n]{1,40}", 1..4), piece in 1usize..9) {
            for framing in [Framing::EndOfMessage, Framing::Chunked] {
                let clean = |text: &String| !text.is_empty() && !text.contains("]]>") && !text.ends_with([']', '>']);
                let texts: Vec<_> = texts.iter().filter(|text| clean(text)).collect();
                let wire: Vec<u8> = texts.iter().flat_map(|text| framing.encode(text)).collect();
                let expected: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
                prop_assert_eq!(decode_in_pieces(framing, &wire, piece), expected);
            }
        }

        #[test]
        fn any_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for framing in [Framing::EndOfMessage, Framing::Chunked] {
                let mut decoder = Decoder::new(framing, 64);
                decoder.feed(&bytes);
                while let Ok(Some(message)) = decoder.next_message() { prop_assert!(message.len() <= 64); }
            }
        }
    }

    #[test]
    fn several_chunks_make_one_message_and_bad_sizes_are_refused() {
        assert_eq!(decode_in_pieces(Framing::Chunked, b"\n#3\nabc\n#2\nde\n##\n", 1), vec![b"abcde".to_vec()]);
        for wire in ["\n#0\n", "\n#x\n", "abc", "\n#99999999999\n", "\n#01\na"] {
            let mut decoder = Decoder::new(Framing::Chunked, 100);
            decoder.feed(wire.as_bytes());
            assert_eq!(decoder.next_message(), Err(FrameError::BadChunk), "{wire:?}");
        }
        let mut decoder = Decoder::new(Framing::Chunked, 100);
        decoder.feed(b"\n#101\n");
        assert_eq!(decoder.next_message(), Err(FrameError::TooLarge));
    }
}
