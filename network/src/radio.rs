//! Radio access identifiers (TS 23.003, TS 38.413) as types; each target has its own encoding of them.

use serde::{Deserialize, Serialize};

/// A public land mobile network identity. `01` and `001` are different mobile network codes (TS 23.003 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plmn {
    /// Mobile country code, three digits.
    mcc: u16,
    /// Mobile network code, two or three digits.
    mnc: u16,
    /// The number of digits of the mobile network code: 2 or 3.
    mnc_digits: u8,
}

impl Plmn {
    /// The identity with these codes; none unless `mcc` has 3 digits and `mnc` 2 or 3.
    pub fn new(mcc: &str, mnc: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if mcc.len() != 3 || !(2..=3).contains(&mnc.len()) || !digits(mcc) || !digits(mnc) {
            return None;
        }
        Some(Self { mcc: mcc.parse().ok()?, mnc: mnc.parse().ok()?, mnc_digits: mnc.len() as u8 })
    }

    /// The identity written `001-01`.
    pub fn parse(text: &str) -> Option<Self> {
        let (mcc, mnc) = text.split_once('-')?;
        Self::new(mcc, mnc)
    }

    /// The mobile country code, three digits.
    pub fn mcc(self) -> String {
        format!("{:03}", self.mcc)
    }

    /// The mobile network code, two or three digits.
    pub fn mnc(self) -> String {
        format!("{:0width$}", self.mnc, width = self.mnc_digits as usize)
    }

    /// Both codes without a separator, as srsRAN wants them: `00101`.
    pub fn digits(self) -> String {
        format!("{}{}", self.mcc(), self.mnc())
    }
}

impl std::fmt::Display for Plmn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.mcc(), self.mnc())
    }
}

/// A band of Wi-Fi channels (IEEE 802.11 annex E). Channel numbers repeat between bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WifiBand {
    /// 2.4 GHz.
    #[serde(rename = "2.4GHz")]
    Low,
    /// 5 GHz.
    #[serde(rename = "5GHz")]
    Middle,
    /// 6 GHz.
    #[serde(rename = "6GHz")]
    High,
}

impl WifiBand {
    /// All bands with the frequency in Hz that they are called by.
    pub const ALL: [(WifiBand, u64); 3] =
        [(Self::Low, 2_400_000_000), (Self::Middle, 5_000_000_000), (Self::High, 6_000_000_000)];

    /// As people say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "2.4 GHz",
            Self::Middle => "5 GHz",
            Self::High => "6 GHz",
        }
    }

    /// The usual reading of a channel number: 1 to 14 are 2.4 GHz, up to 177 are 5 GHz, more are 6 GHz.
    pub fn of_channel(channel: u32) -> Self {
        match channel {
            0..=14 => Self::Low,
            15..=177 => Self::Middle,
            _ => Self::High,
        }
    }
}

/// Single network slice selection assistance information (TS 23.003 28.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Snssai {
    /// Slice/service type, 0..=255.
    pub sst: u8,
    /// Slice differentiator, 24 bits; none where not used. `FFFFFF` on the wire means none and is never held here.
    pub sd: Option<u32>,
}

impl Snssai {
    /// The slice that stands for a whole PLMN: eMBB without differentiator (TS 23.501 5.15.2.2).
    pub const WHOLE: Self = Self { sst: 1, sd: None };

    /// The S-NSSAI written `1:000001` or `1`.
    pub fn parse(text: &str) -> Option<Self> {
        let (sst, sd) = match text.split_once(':') {
            Some((sst, sd)) => (sst, Some(sd)),
            None => (text, None),
        };
        let sd = match sd {
            Some(sd) if (1..=6).contains(&sd.len()) => Some(u32::from_str_radix(sd, 16).ok()?),
            Some(_) => return None,
            None => None,
        };
        Some(Self { sst: sst.parse().ok()?, sd: sd.filter(|sd| *sd != 0xFF_FFFF) })
    }

    /// The slice differentiator as six upper-case hexadecimal digits, `FFFFFF` for none.
    pub fn sd_hex(self) -> String {
        format!("{:06X}", self.sd.unwrap_or(0xFF_FFFF))
    }
}

impl std::fmt::Display for Snssai {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.sd {
            Some(sd) => write!(f, "{}:{sd:06x}", self.sst),
            None => write!(f, "{}", self.sst),
        }
    }
}

macro_rules! serde_by_text {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no {}", stringify!($name))))
            }
        }
    )*};
}
serde_by_text!(Plmn Snssai GnbId Band);

/// A gNB identity and its length in bits, 22..=32 (TS 38.413 9.3.1.6), written `411/22`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GnbId {
    /// The identity.
    pub value: u32,
    /// Its length in bits.
    pub length: u8,
}

impl GnbId {
    /// The identity written `411/22`.
    pub fn parse(text: &str) -> Option<Self> {
        let (value, length) = text.split_once('/')?;
        Some(Self { value: value.parse().ok()?, length: length.parse().ok()? })
    }

    /// The NR cell identity of the cell with this local id: gnb-id * 2^(36 - length) + local id (TS 38.413 9.3.1.7).
    /// None where the length is out of range or the local id does not fit.
    pub fn nci(self, local_id: u32) -> Option<u64> {
        let bits = 36u32.checked_sub(u32::from(self.length)).filter(|bits| (4..=14).contains(bits))?;
        (u64::from(local_id) < 1 << bits).then(|| (u64::from(self.value) << bits) + u64::from(local_id))
    }
}

impl std::fmt::Display for GnbId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.value, self.length)
    }
}

/// An operating band: `n77` (NR, TS 38.104 5.2) or `b7` (LTE, TS 36.104 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// An NR band.
    Nr(u16),
    /// An LTE band.
    Lte(u16),
}

impl Band {
    /// The band written `n77` or `b7`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.get(1..)?.parse().ok()?;
        match text.as_bytes().first()? {
            b'n' => Some(Self::Nr(number)),
            b'b' => Some(Self::Lte(number)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Band {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nr(number) => write!(f, "n{number}"),
            Self::Lte(number) => write!(f, "b{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mnc_01_and_001_differ() {
        assert_ne!(Plmn::parse("001-01"), Plmn::parse("001-001"));
        assert_eq!(Plmn::parse("001-01").map(Plmn::digits).as_deref(), Some("00101"));
        assert_eq!(Plmn::parse("001-1"), None);
    }

    #[test]
    fn nci_is_the_gnb_id_and_the_local_id() {
        assert_eq!(GnbId { value: 411, length: 22 }.nci(5), Some((411 << 14) + 5));
        assert_eq!(GnbId { value: 411, length: 32 }.nci(16), None);
    }

    #[test]
    fn sd_ffffff_means_none() {
        assert_eq!(Snssai::parse("1:ffffff"), Some(Snssai { sst: 1, sd: None }));
        assert_eq!(Snssai { sst: 1, sd: Some(1) }.sd_hex(), "000001");
        assert_eq!(Snssai { sst: 1, sd: Some(0xABC) }.to_string(), "1:000abc");
    }
}
