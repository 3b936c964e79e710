//! Observation files: loads and uses as JSON or CSV, bounded and checked before anything is solved with them.

use ranform_network::address::Address;
use ranform_network::network::Direction;
use ranform_network::telemetry::{Observation, Telemetry};

/// The only format there is.
pub const FORMAT: &str = "ranform.observation/1";

/// The most records read.
const MOST_RECORDS: usize = 20_000_000;

/// Reads an observation; a name that ends in `.csv` says CSV, anything else JSON.
///
/// # Errors
/// What is wrong with the file, where, and how to mend it, in one line.
pub fn read(name: &str, bytes: &[u8]) -> Result<Telemetry, String> {
    let telemetry = if name.ends_with(".csv") { read_csv(name, bytes)? } else { read_json(name, bytes)? };
    if telemetry.records.len() > MOST_RECORDS {
        return Err(format!("`{name}` has more than {MOST_RECORDS} records"));
    }
    for (index, record) in telemetry.records.iter().enumerate() {
        check(name, index, record)?;
    }
    for (index, sla) in telemetry.slas.iter().enumerate() {
        fraction(name, &format!("slas[{index}].ewma"), Some(sla.ewma))?;
    }
    Ok(telemetry)
}

fn read_json(name: &str, bytes: &[u8]) -> Result<Telemetry, String> {
    let telemetry: Telemetry = serde_json::from_slice(bytes).map_err(|error| format!("`{name}`: {error}"))?;
    if telemetry.format != FORMAT {
        return Err(format!("`{name}` has format `{}`; this program reads `{FORMAT}`", telemetry.format));
    }
    Ok(telemetry)
}

const COLUMNS: [&str; 6] = ["interface", "tenant", "direction", "load", "used", "share"];

fn read_csv(name: &str, bytes: &[u8]) -> Result<Telemetry, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| format!("`{name}`: {error}"))?.clone();
    if let Some(unknown) = header.iter().find(|column| !COLUMNS.contains(column)) {
        return Err(format!("`{name}` has a column `{unknown}`; the columns are {}", COLUMNS.join(", ")));
    }
    let place = |wanted: &str| header.iter().position(|column| column == wanted);
    let (Some(interface), Some(tenant)) = (place("interface"), place("tenant")) else {
        return Err(format!("`{name}` needs the columns `interface` and `tenant`"));
    };
    let mut records = Vec::new();
    for (index, row) in reader.records().enumerate() {
        let row = row.map_err(|error| format!("`{name}`: {error}"))?;
        let text = |column: Option<usize>| column.and_then(|column| row.get(column)).filter(|text| !text.is_empty());
        let number = |column: &str| -> Result<Option<f64>, String> {
            text(place(column))
                .map(|text| {
                    text.parse()
                        .map_err(|_| format!("`{name}` row {}: `{text}` is no number for `{column}`", index + 2))
                })
                .transpose()
        };
        records.push(Observation {
            interface: Address::from_text(text(Some(interface)).unwrap_or_default()),
            tenant: text(Some(tenant)).unwrap_or_default().to_owned(),
            direction: direction(text(place("direction")))
                .ok_or_else(|| format!("`{name}` row {}: a direction is dl, ul or both", index + 2))?,
            load: number("load")?,
            used: number("used")?,
            share: number("share")?,
        });
    }
    Ok(Telemetry { format: FORMAT.to_owned(), records, slas: Vec::new() })
}

fn direction(text: Option<&str>) -> Option<Direction> {
    match text {
        None | Some("both") => Some(Direction::Both),
        Some("dl") => Some(Direction::Dl),
        Some("ul") => Some(Direction::Ul),
        Some(_) => None,
    }
}

fn check(name: &str, index: usize, record: &Observation) -> Result<(), String> {
    if record.interface.as_str().is_empty() || record.tenant.is_empty() {
        return Err(format!("`{name}`: record {} names no interface or no tenant", index + 1));
    }
    for (field, value) in [("load", record.load), ("used", record.used), ("share", record.share)] {
        fraction(name, &format!("records[{index}].{field}"), value)?;
    }
    Ok(())
}

fn fraction(name: &str, field: &str, value: Option<f64>) -> Result<(), String> {
    match value {
        Some(value) if !(0.0..=1.0).contains(&value) => {
            Err(format!("`{name}`: `{field}` is {value}; it is a fraction from 0 to 1 (60 % is 0.6)"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_examples_say_the_same() {
        let json = include_bytes!("../../intents/cosmo-testbed/observation.json");
        let csv = include_bytes!("../../intents/cosmo-testbed/observation.csv");
        let (json, csv) = (read("a.json", json).unwrap(), read("a.csv", csv).unwrap());
        assert_eq!(json.records, csv.records);
        assert_eq!(json.slas.len(), 2);
    }

    #[test]
    fn wrong_files_are_told_with_the_place() {
        let text = |csv: &str| read("o.csv", csv.as_bytes()).unwrap_err();
        assert!(text("interface,tenant,load\nx,red,60\n").contains("records[0].load"));
        assert!(text("interface,tenant,laod\nx,red,1\n").contains("`laod`"));
        assert!(text("interface,tenant,load\nx,red,much\n").contains("row 2"));
        assert!(text("tenant\nred\n").contains("`interface`"));
        assert!(read("o.json", b"{\"format\":\"x/1\",\"records\":[]}").unwrap_err().contains("x/1"));
        assert!(read("o.json", b"[").is_err());
    }

    #[test]
    fn none_of_20_000_mutations_of_either_format_panics() {
        let json = include_bytes!("../../intents/cosmo-testbed/observation.json");
        let csv = include_bytes!("../../intents/cosmo-testbed/observation.csv");
        let mut seed = 11_u64;
        let mut next = move |bound: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % bound
        };
        let mut refused = 0;
        for round in 0..40_000 {
            let (name, text): (&str, &[u8]) = if round % 2 == 0 { ("o.json", json) } else { ("o.csv", csv) };
            let mut bytes = text.to_vec();
            for _ in 0..=next(4) {
                let at = next(bytes.len());
                match next(3) {
                    0 => bytes[at] = next(256) as u8,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, next(128) as u8),
                }
            }
            refused += usize::from(read(name, &bytes).is_err());
        }
        assert!(refused > 10_000, "mutations should be noticed, {refused} were");
    }
}
