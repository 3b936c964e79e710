//! Radio identifiers: the shape of each, with advice (TS 23.003, TS 38.413, TS 36.413, IEEE 802.1Q, IEEE 802.11).

use ranform_grammar::ast::{Number, Technology, Value};
use ranform_network::Located;
use ranform_network::diagnostic::codes;
use ranform_network::network::Name;
use ranform_network::radio::{Band, GnbId, Plmn, Snssai};

use super::argument::{Argument, plain_text};

impl Argument<'_, '_> {
    /// A PLMN: three digits, two or three digits.
    pub fn plmn(&self) -> Option<Located<Plmn>> {
        let text = self.raw("a PLMN", "a PLMN such as `001-01`", |value| matches!(value, Value::Plmn(_)))?;
        if let Some(plmn) = Plmn::parse(&text) {
            return Some(Located::new(plmn, self.span));
        }
        let (mcc, mnc) = text.split_once('-').unwrap_or((&text, ""));
        let help = if mcc.len() == 3 && mnc.len() == 1 {
            format!(
                "the network code has two or three digits, and `0{mnc}` and `00{mnc}` are different networks: write `{mcc}-0{mnc}` or `{mcc}-00{mnc}`"
            )
        } else {
            "a PLMN is a country code of three digits, `-`, and a network code of two or three digits: `001-01`"
                .to_owned()
        };
        self.report(&codes::BAD_PLMN, format!("`{text}` is no PLMN"), help);
        None
    }

    /// An S-NSSAI: slice type 0..=255, slice differentiator of at most 6 hexadecimal digits, not `ffffff`.
    pub fn snssai(&self) -> Option<Located<Snssai>> {
        let wanted = |value: &Value| matches!(value, Value::Slice(_) | Value::Number(_));
        let text = self.raw("a slice", "a slice such as `1:000001` or `1`", wanted)?;
        let (sst, sd) = text.split_once(':').map_or((text.as_str(), None), |(sst, sd)| (sst, Some(sd)));
        let hex = |sd: &str| !sd.is_empty() && sd.bytes().all(|byte| byte.is_ascii_hexdigit());
        let help = if sst.is_empty() || !sst.bytes().all(|byte| byte.is_ascii_digit()) || sd.is_some_and(|sd| !hex(sd))
        {
            "a slice is a slice type, and after `:` a slice differentiator in hexadecimal digits: `1:000001`".to_owned()
        } else if sst.parse::<u8>().is_err() {
            "the slice type is 0 to 255".to_owned()
        } else if sd.is_some_and(|sd| sd.len() > 6) {
            "the slice differentiator has at most 6 hexadecimal digits".to_owned()
        } else if sd.is_some_and(|sd| sd.eq_ignore_ascii_case("ffffff")) {
            format!("`ffffff` stands for no slice differentiator on the air: write `{sst}`")
        } else {
            return Snssai::parse(&text).map(|snssai| Located::new(snssai, self.span));
        };
        self.report(&codes::BAD_SLICE, format!("`{text}` is no slice"), help);
        None
    }

    /// A VLAN identifier that carries traffic: 1..=4094 (IEEE 802.1Q reserves 0 and 4095).
    pub fn vlan(&self) -> Option<Located<u16>> {
        let number = self.number()?;
        if number.value.fract() == 0.0 && (1.0..=4094.0).contains(&number.value) {
            return Some(number.map(|number| number as u16));
        }
        let text = plain_text(self.value);
        let help = match text.as_str() {
            "0" => "0 stands for no VLAN: leave the line out, or write a number of 1 to 4094",
            "4095" => "4095 is reserved: write a number of 1 to 4094",
            _ => "a VLAN is a whole number of 1 to 4094",
        };
        self.report(&codes::BAD_VLAN, format!("`{text}` is no VLAN"), help);
        None
    }

    /// A Wi-Fi network name: 1 to 32 octets.
    pub fn ssid(&self) -> Option<Located<Name>> {
        let text = match self.value {
            Value::Text(text) => text,
            _ => return self.text(),
        };
        if !self.visible(text) {
            return None;
        }
        if (1..=32).contains(&text.len()) {
            if text.starts_with(' ') || text.ends_with(' ') {
                let message = format!("the SSID `{text}` begins or ends with a blank");
                self.report(&codes::BAD_SSID, message, "leave the blank out: access points cut it off");
                return None;
            }
            return self.text();
        }
        let message = format!("the SSID `{text}` has {} octets", text.len());
        self.report(&codes::BAD_SSID, message, "an SSID has 1 to 32 octets (letters beyond ASCII take more than one)");
        None
    }

    /// A gNB identity with its length of 22..=32 bits.
    pub fn gnb_id(&self) -> Option<Located<GnbId>> {
        let wanted = |value: &Value| matches!(value, Value::GnbId(..) | Value::Number(_));
        let text = self.raw("a gNB identity", "a gNB identity and its length, `411/22`", wanted)?;
        let (value, length) = text.split_once('/').unwrap_or((&text, ""));
        let (number, bits) = (value.parse::<u64>(), length.parse::<u8>());
        let help = match (number, bits) {
            (Ok(number), Ok(bits @ 22..=32)) if number < 1 << bits => {
                return Some(Located::new(GnbId { value: number as u32, length: bits }, self.span));
            }
            (Ok(_), Ok(bits @ 22..=32)) => format!("an identity of {bits} bits is less than {}", 1u64 << bits),
            (_, Ok(_)) => "the length is 22 to 32 bits".to_owned(),
            _ => "a gNB identity is written with its length in bits: `411/22`".to_owned(),
        };
        self.report(&codes::BAD_NODE_ID, format!("`{text}` is no gNB identity"), help);
        None
    }

    /// A gNB-DU identity, 36 bits (TS 38.473 9.3.1.9).
    pub fn gnb_du_id(&self) -> Option<Located<u64>> {
        const END: u64 = 1 << 36;
        let number = self.number()?;
        if number.value.fract() == 0.0 && (0.0..END as f64).contains(&number.value) {
            return Some(number.map(|number| number as u64));
        }
        let message = format!("`{}` is no gNB-DU identity", plain_text(self.value));
        self.report(&codes::BAD_NODE_ID, message, format!("the identity of a DU is less than {END} (36 bits)"));
        None
    }

    /// A gNB-DU name, 1 to 150 characters (TS 38.473 9.2.1.4).
    pub fn gnb_du_name(&self) -> Option<Located<Name>> {
        let text = self.text()?;
        let printable = text.value.chars().all(|character| character.is_ascii_graphic() || character == ' ');
        if printable && (1..=150).contains(&text.value.len()) {
            return Some(text);
        }
        let message = format!("`{}` is no name of a DU", text.value);
        self.report(&codes::BAD_NODE_ID, message, "a name of a DU has 1 to 150 printable ASCII characters");
        None
    }

    /// An eNB identity: 20 bits, 28 for a home eNB.
    pub fn enb_id(&self, home: bool) -> Option<Located<u32>> {
        let number = self.number()?;
        let bits = if home { 28 } else { 20 };
        if number.value.fract() == 0.0 && (0.0..f64::from(1u32 << bits)).contains(&number.value) {
            return Some(number.map(|number| number as u32));
        }
        let text = plain_text(self.value);
        let help = if home {
            "the identity of a home eNB is less than 268435456 (28 bits)"
        } else {
            "an eNB identity is less than 1048576 (20 bits); of a home eNB, write `enb-id .. home`"
        };
        self.report(&codes::BAD_NODE_ID, format!("`{text}` is no eNB identity"), help);
        None
    }

    /// A band: `n77` or `b7`.
    pub fn band(&self) -> Option<Located<Band>> {
        let text = match self.value {
            Value::Band(technology, number) => {
                format!("{}{number}", if *technology == Technology::Nr { "n" } else { "b" })
            }
            _ => self.raw("a band", "a band such as `n77` (NR) or `b7` (LTE)", |_| false)?.to_ascii_lowercase(),
        };
        match Band::parse(&text) {
            Some(band) => Some(Located::new(band, self.span)),
            None => {
                let help = "NR bands are written `n77`, LTE bands `b7`";
                self.report(&codes::UNKNOWN_BAND, format!("`{text}` is no band"), help);
                None
            }
        }
    }

    /// A day `YYYY-MM-DD` that exists.
    pub fn date(&self) -> Option<Located<Name>> {
        let text = self.raw("a day", "a day such as `2026-12-31`", |value| matches!(value, Value::Date(_)))?;
        if is_day(&text) {
            return Some(Located::new(text.into(), self.span));
        }
        self.report(&codes::BAD_DATE, format!("`{text}` is no day"), "a day is written year, month, day: `2026-12-31`");
        None
    }

    /// The text of a value of the wanted kind, or of any text where texts stand for values.
    fn raw(&self, wanted: &str, example: &str, is: impl Fn(&Value) -> bool) -> Option<String> {
        let lenient = self.is_lenient() && matches!(self.value, Value::Text(_) | Value::Word(_) | Value::Number(_));
        if is(self.value) || lenient {
            return Some(plain_text(self.value).trim().to_owned());
        }
        self.wrong(wanted, example);
        None
    }
}

/// Whether the text is a day of the Gregorian calendar, `YYYY-MM-DD`.
pub(crate) fn is_day(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return false;
    }
    let digits = |part: &str| Number::new(part).and_then(|number| number.to_i64()).filter(|number| *number >= 0);
    let (Some(year), Some(month), Some(day)) = (digits(year), digits(month), digits(day)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_exist() {
        assert!(is_day("2024-02-29"));
        assert!(!is_day("2026-02-29"));
        assert!(!is_day("2026-13-01"));
        assert!(!is_day("26-1-1"));
    }
}
