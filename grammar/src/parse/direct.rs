//! The plain shapes that large networks consist of, read without pest: sites, and nodes with their cells and ports. A piece with anything else in it (a comment, a parameter, another noun, an escape, a mistake) is pest's.
//!
//! INVARIANT: what is read here is what `intent.pest` gives, to the byte of every span. `intent.pest` stays the
//! specification; `tests/direct.rs` and the fuzz targets hold the two against each other.

use ranform_network::{Located, SourceId, Span};

use super::build::{Built, hash};
use crate::ast::{
    Address, Block, Body, Item, Mark, Noun, Number, Segment, Statement, Technology, Trivia, Unit, Value, Word,
};
use crate::vocabulary::NODE_KINDS;

/// One value of a statement, by the rule of the grammar that it is read by.
#[derive(Clone, Copy)]
enum Part {
    /// `number_literal`
    Number,
    /// One of the literals with a unit, by the units it may have.
    Quantity(&'static [Unit]),
    /// `band_literal`
    Band,
    /// `plmn_literal`
    Plmn,
    /// `gnb_id_literal`
    GnbId,
    /// `name_literal` or `text_literal`
    Name,
    /// `text_literal`
    Text,
    /// `text_literal`, or a `name_literal` that begins with a letter and so is neither number nor quantity.
    Label,
    /// `reference_literal` of plain names, one or more with commas between them.
    References,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// The same, where none of the words of the second list follows, which would go on with the statement.
    Last(&'static [&'static str], &'static [&'static str]),
}

use Part::{Band, Choice, GnbId, Label, Last, Name, Plmn, Quantity, References, Text};

const FREQUENCY: Part = Quantity(&[Unit::Megahertz, Unit::Gigahertz, Unit::Kilohertz, Unit::Hertz]);
const ANGLE: Part = Quantity(&[Unit::Degrees]);
const POWER: Part = Quantity(&[Unit::DecibelMilliwatts]);
const BIT_RATE: Part = Quantity(&[
    Unit::MegabitsPerSecond,
    Unit::GigabitsPerSecond,
    Unit::KilobitsPerSecond,
    Unit::TerabitsPerSecond,
    Unit::BitsPerSecond,
]);
const STATE: Part = Choice(&["unlocked", "locked"]);
const SHARING: Part =
    Last(&["prb-policy", "prb", "airtime", "passive"], &["dl", "ul", "both", "grid", "smallest", "expect"]);

/// A statement: its keyword and its values.
type Shape = (&'static str, &'static [Part]);

const SITE: &[Shape] = &[
    ("region", &[Name]),
    ("tier", &[Part::Number]),
    ("location", &[Part::Number, Part::Number]),
    ("label", &[Name, Label]),
    ("owner", &[Name]),
];
const NODE: &[Shape] = &[
    ("site", &[Name]),
    ("profile", &[Name]),
    ("plmn", &[Plmn]),
    ("gnb-id", &[GnbId]),
    ("manage", &[Choice(&["directory"]), Text]),
    ("parent", &[Name]),
    ("location", &[Part::Number, Part::Number]),
    ("label", &[Name, Label]),
    ("owner", &[Name]),
];
const CELL: &[Shape] = &[
    ("band", &[Band]),
    ("carrier", &[FREQUENCY]),
    ("bandwidth", &[FREQUENCY]),
    ("scs", &[FREQUENCY]),
    ("duplex", &[Choice(&["tdd", "fdd"])]),
    ("local-id", &[Part::Number]),
    ("pci", &[Part::Number]),
    ("tac", &[Part::Number]),
    ("power", &[POWER]),
    ("sharing", &[SHARING]),
    ("neighbours", &[References]),
    ("prbs", &[Part::Number]),
    ("ssb", &[FREQUENCY]),
    ("azimuth", &[ANGLE]),
    ("tilt", &[ANGLE]),
    ("layers", &[Part::Number]),
    ("modulation", &[Name]),
    ("efficiency", &[Part::Number]),
    ("state", &[STATE]),
    ("label", &[Name, Label]),
    ("owner", &[Name]),
];
const PORT: &[Shape] = &[
    ("rate", &[BIT_RATE]),
    ("interface", &[Text]),
    ("mtu", &[Part::Number]),
    ("state", &[STATE]),
    ("label", &[Name, Label]),
    ("owner", &[Name]),
];

/// What a piece holds, where it consists of plain shapes only; else none, and pest reads it.
pub(super) fn read(source: SourceId, text: &str, base: usize) -> Option<Built> {
    let mut reader = Reader { source, text, bytes: text.as_bytes(), base, at: 0 };
    let mut built = Built::default();
    loop {
        let trivia = reader.blanks();
        if reader.at == reader.bytes.len() {
            return Some(built);
        }
        let start = reader.at;
        let noun = reader.word()?;
        let noun = [Noun::Node, Noun::Site].into_iter().find(|known| known.as_str() == noun)?;
        let mut block = reader.block(noun, start)?;
        block.hash = hash(reader.slice(start, block.span.end as usize - base));
        block.trivia = trivia;
        built.blocks.push(block);
    }
}

/// A place in a piece. Every method that returns an option gives up with none.
struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    bytes: &'a [u8],
    base: usize,
    at: usize,
}

impl<'a> Reader<'a> {
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.source, self.base + start, self.base + self.at)
    }

    /// Skips blanks and line ends, and says what they mean for what follows.
    fn blanks(&mut self) -> Trivia {
        let mut lines = 0;
        while let Some(byte @ (b' ' | b'\t' | b'\n')) = self.byte() {
            lines += u32::from(byte == b'\n');
            self.at += 1;
        }
        Trivia { blank_before: lines > 1, same_line: lines == 0, comments: None }
    }

    /// Skips at least one blank.
    fn gap(&mut self) -> Option<()> {
        let start = self.at;
        self.blanks();
        (self.at > start).then_some(())
    }

    /// The word here, as long as it goes on.
    fn word(&mut self) -> Option<&'a str> {
        let start = self.at;
        while self.byte().is_some_and(is_of_word) {
            self.at += 1;
        }
        (self.at > start).then(|| self.slice(start, self.at))
    }

    /// The noun was read; its name, header and body.
    fn block(&mut self, noun: Noun, start: usize) -> Option<Block> {
        let located = Located::new(noun, self.span(start));
        self.gap()?;
        let name = self.name()?;
        let name = name.value.name().cloned().map(|word| Located::new(word, name.span));
        let mut header = Vec::new();
        if noun == Noun::Node {
            self.blanks();
            header.reserve_exact(2);
            header.push(self.mark(b':', Mark::Colon)?);
            self.blanks();
            let start = self.at;
            let kind = self.word()?;
            NODE_KINDS.iter().find(|(known, _)| *known == kind)?;
            header.push(Located::new(Value::Word(Word::from(kind)), self.span(start)));
        }
        let end = self.at;
        self.blanks();
        let body = if self.byte() == Some(b'{') {
            Some(self.body(noun)?)
        } else {
            self.at = end;
            None
        };
        let span = self.span(start);
        Some(Block { noun: located, name, header, body, span, hash: 0, trivia: Trivia::default() })
    }

    fn body(&mut self, noun: Noun) -> Option<Body> {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::with_capacity(if noun == Noun::Cell { 12 } else { 8 });
        loop {
            let trivia = self.blanks();
            if self.byte()? == b'}' {
                self.at += 1;
                break;
            }
            items.push(self.item(noun, trivia)?);
        }
        let one_line = !self.slice(start, self.at).contains('\n');
        Some(Body { items, trailing: Vec::new(), one_line })
    }

    fn item(&mut self, noun: Noun, trivia: Trivia) -> Option<Item> {
        let start = self.at;
        let word = self.word()?;
        let shapes = match noun {
            Noun::Site => SITE,
            Noun::Node => NODE,
            Noun::Cell => CELL,
            _ => PORT,
        };
        let Some((keyword, parts)) = shapes.iter().find(|(keyword, _)| *keyword == word) else {
            let inner = [Noun::Cell, Noun::Port].into_iter().find(|inner| inner.as_str() == word)?;
            let block = if noun == Noun::Node { self.block(inner, start)? } else { return None };
            return Some(Item::Block(Box::new(Block { trivia, ..block })));
        };
        let keyword = Located::new(*keyword, self.span(start));
        let mut values = Vec::with_capacity(parts.len());
        for part in *parts {
            self.gap()?;
            self.part(*part, &mut values)?;
        }
        Some(Item::Statement(Statement { keyword, values, span: self.span(start), trivia }))
    }

    fn part(&mut self, part: Part, values: &mut Vec<Located<Value>>) -> Option<()> {
        let start = self.at;
        let value = match part {
            Part::Number => Value::Number(self.decimal()?),
            Quantity(units) => self.quantity(units)?,
            Band => self.band()?,
            Plmn => {
                self.two_numbers(b'-')?;
                Value::Plmn(Word::from(self.slice(start, self.at)))
            }
            GnbId => {
                let (number, length) = self.two_numbers(b'/')?;
                Value::GnbId(Box::new(number), Box::new(length))
            }
            Name => self.name()?.value,
            Text if self.byte()? == b'"' => self.name()?.value,
            Label if matches!(self.byte()?, b'"' | b'a'..=b'z') => self.name()?.value,
            Text | Label => return None,
            References => return self.references(values),
            Choice(words) => self.choice(words)?,
            Last(words, more) => {
                let value = self.choice(words)?;
                let end = self.at;
                self.blanks();
                if self.word().is_some_and(|word| more.contains(&word)) {
                    return None;
                }
                self.at = end;
                value
            }
        };
        self.edge()?;
        values.push(Located::new(value, self.span(start)));
        Some(())
    }

    /// Nothing follows that would make the word longer.
    fn edge(&self) -> Option<()> {
        // What ends in a quotation mark has no edge to keep, and gives up here a little too often.
        (!self.byte().is_some_and(is_of_word)).then_some(())
    }

    /// A plain or quoted name.
    fn name(&mut self) -> Option<Located<Value>> {
        let start = self.at;
        if self.byte() != Some(b'"') {
            let word = self.plain_name()?;
            return Some(Located::new(Value::Word(word), self.span(start)));
        }
        let rest = self.bytes.get(start + 1..)?;
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n'))?;
        if rest.get(length) != Some(&b'"') {
            return None;
        }
        self.at = start + length + 2;
        let word = Word::from(self.slice(start + 1, start + 1 + length));
        Some(Located::new(Value::Text(word), self.span(start)))
    }

    fn plain_name(&mut self) -> Option<Word> {
        let word = self.word()?;
        let bytes = word.as_bytes();
        let plain = bytes.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        let whole = bytes.first() != Some(&b'-') && bytes.last() != Some(&b'-');
        (plain && whole).then(|| Word::from(word))
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn decimal(&mut self) -> Option<Number> {
        let start = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        self.digits()?;
        if self.byte() == Some(b'.') && self.bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
            self.digits()?;
        }
        Number::new(self.slice(start, self.at))
    }

    fn quantity(&mut self, units: &[Unit]) -> Option<Value> {
        let number = self.decimal()?;
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            self.at += 1;
        }
        let unit = self.slice(start, self.at);
        let unit = units.iter().find(|known| known.as_str() == unit)?;
        Some(Value::Quantity(number, *unit))
    }

    fn band(&mut self) -> Option<Value> {
        let technology = match self.byte()? {
            b'n' => Technology::Nr,
            b'b' => Technology::Lte,
            _ => return None,
        };
        self.at += 1;
        let start = self.at;
        self.digits()?;
        Some(Value::Band(technology, Number::new(self.slice(start, self.at))?))
    }

    fn two_numbers(&mut self, between: u8) -> Option<(Number, Number)> {
        let start = self.at;
        self.digits()?;
        let first = Number::new(self.slice(start, self.at))?;
        if self.byte()? != between {
            return None;
        }
        self.at += 1;
        let start = self.at;
        self.digits()?;
        Some((first, Number::new(self.slice(start, self.at))?))
    }

    fn choice(&mut self, words: &[&str]) -> Option<Value> {
        let word = self.word()?;
        words.contains(&word).then(|| Value::Word(Word::from(word)))
    }

    fn mark(&mut self, byte: u8, mark: Mark) -> Option<Located<Value>> {
        let start = self.at;
        if self.byte()? != byte {
            return None;
        }
        self.at += 1;
        Some(Located::new(Value::Mark(mark), self.span(start)))
    }

    fn references(&mut self, values: &mut Vec<Located<Value>>) -> Option<()> {
        loop {
            let start = self.at;
            let value = self.reference()?;
            values.push(Located::new(value, self.span(start)));
            let end = self.at;
            self.blanks();
            let Some(comma) = self.mark(b',', Mark::Comma) else {
                self.at = end;
                return Some(());
            };
            values.push(comma);
            self.blanks();
        }
    }

    /// `nr-1`, `gnb-1/nr-1`: plain names only.
    fn reference(&mut self) -> Option<Value> {
        let first = self.plain_name()?;
        match self.byte() {
            Some(b'/') => {}
            Some(b'.') => return None,
            _ => return Some(Value::Word(first)),
        }
        self.at += 1;
        let second = self.plain_name()?;
        if matches!(self.byte(), Some(b'/' | b'.')) {
            return None;
        }
        let segments = [first, second].map(|name| Segment { noun: None, name }).to_vec();
        Some(Value::Address(Box::new(Address { segments, ..Address::default() })))
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Other tests hold it against the grammar; this one says that it is used at all.
    #[test]
    fn plain_shapes_are_read_and_others_left() {
        let plain = "\nsite s1 { region \"r 1\"  tier 1  location 41.38 -2.17  label vendor acme }\n\
            node g1 : gnb {\n  site s1  profile 3gpp-r18  plmn 001-01  gnb-id 411/22  manage directory \"devices/g1\"\n  \
            cell \"c 1\" { band n77  carrier 4.05GHz  scs 30kHz  duplex tdd  power -3dBm  sharing prb  neighbours g1/c0, c2 }\n  \
            port p1 { rate 1Gbps  interface \"eth1\" }\n}\nsite s2";
        assert_eq!(read(SourceId(0), plain, 0).map(|built| built.blocks.len()), Some(3));
        for other in ["tenant red", "site s # a", "site $s", "site s { tier 1 tier }", "site S", "site s { tier 1x }"] {
            assert_eq!(read(SourceId(0), other, 0).map(|built| built.blocks.len()), None, "{other}");
        }
        for value in ["n77x", "$b", "n-7", "\"n77\""] {
            assert!(
                read(SourceId(0), &format!("node g : gnb {{ cell c {{ band {value} }} }}"), 0).is_none(),
                "{value}"
            );
        }
    }
}
