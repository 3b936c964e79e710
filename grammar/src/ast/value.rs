//! What stands after a keyword: words, texts, numbers with units, radio identifiers, addresses.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use super::expression::{Expression, Selection};
use super::quoted::name_text;

/// A short immutable text. Cheap to clone; equal and ordered as its characters.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(smol_str::SmolStr);

/// One value of a statement or a header.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A bare word: a name, a choice, or a word that joins others (`dl`, `every`).
    Word(Word),
    /// A quoted text, without quotes and escapes.
    Text(Word),
    /// A plain number.
    Number(Number),
    /// A number with a unit.
    Quantity(Number, Unit),
    /// A radio band: `n77` or `b7`; the number as written.
    Band(Technology, Number),
    /// A PLMN, `mcc-mnc`, digits as written: `001-01` and `001-001` differ. See [`Value::plmn`].
    Plmn(Word),
    /// An S-NSSAI, `sst` or `sst:sd`, as written. See [`Value::slice`].
    Slice(Word),
    /// A gNB identifier with its length in bits, as written: `411/22`.
    GnbId(Box<Number>, Box<Number>),
    /// A day, `2026-12-31`, digits as written.
    Date(Word),
    /// An address or a path of names, or a pattern of such.
    Address(Box<Address>),
    /// The use of a parameter, without its `$`.
    Parameter(Word),
    /// A selection of things.
    Selection(Box<Selection>),
    /// An expression.
    Expression(Box<Expression>),
    /// Several values in brackets, e.g. the default of a parameter.
    List(Vec<ranform_network::Located<Value>>),
    /// Punctuation.
    Mark(Mark),
}

/// The two cellular technologies a band can belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Technology {
    /// 5G New Radio: `n77`.
    Nr,
    /// LTE: `b7`.
    Lte,
}

/// Punctuation between values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `=`
    Equals,
    /// `--`, between the ends of a link
    Between,
    /// `->`, between an old and a new address
    Becomes,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
}

/// An address, `module.north.node.gnb-1/cell.nr-1`, or a path of names, `gnb-1/nr-1`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The modules it lies in, outermost first.
    pub modules: Vec<Word>,
    /// The steps, outermost first.
    pub segments: Vec<Segment>,
    /// What stands for further steps at the end.
    pub wildcard: Wildcard,
}

/// One step of an address: `cell.nr-1`, or `nr-1` alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// The noun, where it was written.
    pub noun: Option<Word>,
    /// The name.
    pub name: Word,
}

/// How a pattern of addresses ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wildcard {
    /// It is an address, not a pattern.
    #[default]
    None,
    /// `/*`: everything one step below.
    Children,
    /// `/**`: it and everything below.
    Below,
}

/// A decimal number, kept as it was written: an optional `-`, digits, an optional fraction.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Number(Word);

impl Number {
    /// The number written as `text`, if it is one.
    pub fn new(text: &str) -> Option<Number> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let positive = text.strip_prefix('-').unwrap_or(text);
        let legal = match positive.split_once('.') {
            Some((whole, fraction)) => digits(whole) && digits(fraction),
            None => digits(positive),
        };
        legal.then(|| Number(Word::from(text)))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest floating-point number.
    pub fn to_f64(&self) -> f64 {
        // INVARIANT: the text is a decimal number, which always parses.
        self.0.parse().unwrap_or(0.0)
    }

    /// The number, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        self.times(1)
    }

    /// The number times `factor`, exactly: none where the product is not whole or does not fit.
    /// `4.05` times 1,000,000,000 is 4,050,000,000; `0.5` times 1 is none.
    pub fn times(&self, factor: i64) -> Option<i64> {
        let (negative, text) = match self.0.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, &*self.0),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0');
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
        }
        let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let product = mantissa.checked_mul(i128::from(factor))?;
        if product % scale != 0 {
            return None;
        }
        let product = product / scale;
        i64::try_from(if negative { -product } else { product }).ok()
    }
}

impl From<u32> for Number {
    fn from(number: u32) -> Number {
        Number(Word::from(number.to_string().as_str()))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

macro_rules! units {
    ($($(#[$meta:meta])* $variant:ident = $text:literal;)*) => {
        /// The unit of a quantity.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Unit { $($(#[$meta])* $variant),* }

        impl Unit {
            /// Every unit.
            pub const ALL: &[Unit] = &[$(Unit::$variant),*];

            /// As it is written after a number.
            pub fn as_str(self) -> &'static str {
                match self { $(Unit::$variant => $text),* }
            }

            /// The unit written so.
            pub fn find(text: &str) -> Option<Unit> {
                match text { $($text => Some(Unit::$variant),)* _ => None }
            }
        }
    };
}

units! {
    /// nanoseconds
    Nanoseconds = "ns";
    /// microseconds
    Microseconds = "us";
    /// milliseconds
    Milliseconds = "ms";
    /// seconds
    Seconds = "s";
    /// minutes
    Minutes = "min";
    /// hours
    Hours = "h";
    /// days
    Days = "d";
    /// hertz
    Hertz = "Hz";
    /// kilohertz
    Kilohertz = "kHz";
    /// megahertz
    Megahertz = "MHz";
    /// gigahertz
    Gigahertz = "GHz";
    /// hundredths
    Percent = "%";
    /// bytes
    Bytes = "B";
    /// 1,000 bytes
    Kilobytes = "kB";
    /// 1,000,000 bytes
    Megabytes = "MB";
    /// 10^9 bytes
    Gigabytes = "GB";
    /// 10^12 bytes
    Terabytes = "TB";
    /// 1,024 bytes
    Kibibytes = "KiB";
    /// 2^20 bytes
    Mebibytes = "MiB";
    /// 2^30 bytes
    Gibibytes = "GiB";
    /// 2^40 bytes
    Tebibytes = "TiB";
    /// bits per second
    BitsPerSecond = "bps";
    /// 1,000 bits per second
    KilobitsPerSecond = "kbps";
    /// 1,000,000 bits per second
    MegabitsPerSecond = "Mbps";
    /// 10^9 bits per second
    GigabitsPerSecond = "Gbps";
    /// 10^12 bits per second
    TerabitsPerSecond = "Tbps";
    /// decibels over a milliwatt
    DecibelMilliwatts = "dBm";
    /// decibels
    Decibels = "dB";
    /// degrees of an angle
    Degrees = "deg";
    /// kilowatt hours
    KilowattHours = "kWh";
    /// processor cores
    Cores = "cores";
    /// physical resource blocks
    Prbs = "PRB";
}

impl Mark {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Comma => ",",
            Mark::Colon => ":",
            Mark::Equals => "=",
            Mark::Between => "--",
            Mark::Becomes => "->",
            Mark::AtLeast => ">=",
            Mark::AtMost => "<=",
        }
    }
}

impl Value {
    /// Whether it is the bare word `text`.
    pub fn is_word(&self, text: &str) -> bool {
        matches!(self, Value::Word(word) if **word == *text)
    }

    /// Whether it is the punctuation `text`.
    pub fn is_mark(&self, text: &str) -> bool {
        matches!(self, Value::Mark(mark) if mark.as_str() == text)
    }

    /// The text of a word or a quoted text: a name may be written either way.
    pub fn name(&self) -> Option<&Word> {
        match self {
            Value::Word(word) | Value::Text(word) => Some(word),
            _ => None,
        }
    }

    /// The MCC and the MNC of a PLMN, digits as written.
    pub fn plmn(&self) -> Option<(&str, &str)> {
        match self {
            Value::Plmn(word) => word.split_once('-'),
            _ => None,
        }
    }

    /// The SST and, where written, the SD of an S-NSSAI, digits as written.
    pub fn slice(&self) -> Option<(&str, Option<&str>)> {
        match self {
            Value::Slice(word) => Some(
                word.split_once(':')
                    .map_or((&**word, None), |(service, differentiator)| (service, Some(differentiator))),
            ),
            _ => None,
        }
    }
}

impl Word {
    /// Its characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a DNS label and can be written as a name without quotes.
    pub fn is_label(&self) -> bool {
        let bytes = self.as_bytes();
        let alphanumeric = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        bytes.len() <= 63
            && alphanumeric(bytes.first())
            && alphanumeric(bytes.last())
            && bytes.iter().all(|byte| alphanumeric(Some(byte)) || *byte == b'-')
    }
}

impl Deref for Word {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Word {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Word {
        Word(smol_str::SmolStr::new(text))
    }
}

impl From<String> for Word {
    fn from(text: String) -> Word {
        Word(smol_str::SmolStr::from(text))
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        self.0 == **other
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, formatter)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for module in &self.modules {
            write!(formatter, "module.{module}.")?;
        }
        for (index, segment) in self.segments.iter().enumerate() {
            let slash = if index == 0 { "" } else { "/" };
            let name = name_text(&segment.name);
            match &segment.noun {
                Some(noun) => write!(formatter, "{slash}{noun}.{name}")?,
                None => write!(formatter, "{slash}{name}")?,
            }
        }
        formatter.write_str(match self.wildcard {
            Wildcard::None => "",
            Wildcard::Children => "/*",
            Wildcard::Below => "/**",
        })
    }
}
