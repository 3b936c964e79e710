//! Observation files: loads and uses as JSON or CSV, bounded and checked before anything is solved with them.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::diagnostic::{Diagnostic, Severity, codes};
use ranform_network::network::Direction;
use ranform_network::telemetry::{Observation, SlaObservation, Telemetry};
use ranform_network::units::{Share, count};

/// The only format there is.
pub const FORMAT: &str = "ranform.observation/1";

/// The most records read.
const MOST_RECORDS: usize = 20_000_000;
/// The most unknown names that are told by themselves.
const MOST_UNKNOWN: usize = 10;
/// What the tenants of an interface have or use together, at most: measurements may be a point off.
const MOST_IN_ALL: f64 = 1.01;

/// An observation file, and where in it each record stands.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// What it says.
    pub telemetry: Telemetry,
    /// Its name.
    name: String,
    /// CSV: the line of each record.
    lines: Vec<u64>,
}

/// Reads an observation; a name that ends in `.csv` says CSV, anything else JSON.
///
/// # Errors
/// What is wrong with the file, where, and how to mend it, in one line.
pub fn read(name: &str, bytes: &[u8]) -> Result<Observed, String> {
    let (telemetry, lines) = match name.ends_with(".csv") {
        true => read_csv(name, bytes)?,
        false => (read_json(name, bytes)?, Vec::new()),
    };
    let observed = Observed { telemetry, name: name.to_owned(), lines };
    let telemetry = &observed.telemetry;
    if telemetry.records.len() > MOST_RECORDS {
        return Err(format!("`{name}` has more than {MOST_RECORDS} records"));
    }
    for (index, record) in telemetry.records.iter().enumerate() {
        check(&observed.place(index), record)?;
    }
    for (index, sla) in telemetry.slas.iter().enumerate() {
        fraction(&observed.sla_place(index), "ewma", Some(sla.ewma))?;
    }
    observed.doubled()?;
    observed.sums()?;
    Ok(observed)
}

impl Observed {
    /// Where a record stands.
    fn place(&self, index: usize) -> String {
        match self.lines.get(index) {
            Some(line) => format!("`{}` line {line}", self.name),
            None => format!("`{}` records[{index}]", self.name),
        }
    }

    fn sla_place(&self, index: usize) -> String {
        format!("`{}` slas[{index}]", self.name)
    }

    /// Two records about one thing: which of them counts is not for us to say.
    fn doubled(&self) -> Result<(), String> {
        let twice = |again: String, first: String, what: String| {
            format!("{again} says again what {first} says: {what}; keep one of the two")
        };
        let records = self.telemetry.records.iter().map(|record| (&record.interface, &record.tenant, record.direction));
        if let Some((again, first, (interface, tenant, direction))) = said_twice(records) {
            let what = format!("`{tenant}` on `{interface}` ({})", word(direction));
            return Err(twice(self.place(again), self.place(first), what));
        }
        let slas = self.telemetry.slas.iter().map(|record| (&record.sla, &record.tenant, record.direction));
        if let Some((again, first, (sla, tenant, direction))) = said_twice(slas) {
            let what = format!("`{tenant}` in `{sla}` ({})", word(direction));
            return Err(twice(self.sla_place(again), self.sla_place(first), what));
        }
        Ok(())
    }

    /// Tenants that together use, or have, more than there is.
    fn sums(&self) -> Result<(), String> {
        type Field = fn(&Observation) -> Option<f64>;
        let fields: [(&str, Field); 2] = [("used", |record| record.used), ("share", |record| record.share)];
        for (field, of) in fields {
            let mut sums: BTreeMap<(&Address, Direction), (f64, usize)> = BTreeMap::new();
            for (index, record) in self.telemetry.records.iter().enumerate() {
                for direction in covered(record.direction) {
                    let sum = sums.entry((&record.interface, direction)).or_default();
                    *sum = (sum.0 + of(record).unwrap_or(0.0), index);
                }
            }
            let over = sums.into_iter().find(|(_, (sum, _))| *sum > MOST_IN_ALL);
            if let Some(((interface, direction), (sum, last))) = over {
                return Err(format!(
                    "{}: `{field}` of `{interface}` ({}) adds up to {} over its tenants; no more than 100 % is there",
                    self.place(last),
                    word(direction),
                    Share(sum)
                ));
            }
        }
        Ok(())
    }

    /// Records about what the intents do not have: they count for nothing. Files lag behind networks, so that is a
    /// warning.
    pub fn findings(&self, network: &Network) -> Vec<Diagnostic> {
        let names = Names::new(network);
        let mut unknown: BTreeMap<String, (String, usize, Option<String>)> = BTreeMap::new();
        let mut add = |place: String, (words, help): (String, Option<String>)| {
            unknown.entry(words).or_insert((place, 0, help)).1 += 1;
        };
        for (index, record) in self.telemetry.records.iter().enumerate() {
            if let Some(found) = names.judge_record(record) {
                add(self.place(index), found);
            }
        }
        for (index, record) in self.telemetry.slas.iter().enumerate() {
            if let Some(found) = names.judge_sla(record) {
                add(self.sla_place(index), found);
            }
        }
        let more = unknown.len().saturating_sub(MOST_UNKNOWN);
        let mut findings: Vec<Diagnostic> = unknown.into_iter().take(MOST_UNKNOWN).map(unknown_name).collect();
        if let Some(last) = findings.last_mut().filter(|_| more > 0) {
            *last = last.clone().help(format!("{} like this", count(more, "more name")));
        }
        findings
    }
}

fn unknown_name((words, (place, rows, near)): (String, (String, usize, Option<String>))) -> Diagnostic {
    let others = if rows > 1 { format!(" (and {})", count(rows - 1, "more row")) } else { String::new() };
    let finding = Diagnostic::error_nowhere(&codes::OBSERVATION_UNKNOWN, format!("{place}{others}: {words}"));
    let mut finding = finding.maybe_help(near.map(|near| format!("did you mean `{near}`?")));
    finding.severity = Severity::Warning;
    finding.help("what it says counts for nothing; rows of things that left the network may be taken out of the file")
}

/// The names that an observation may speak of.
struct Names<'a> {
    interfaces: BTreeMap<&'a str, BTreeSet<&'a str>>,
    tenants: BTreeSet<&'a str>,
    slas: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    fn new(network: &'a Network) -> Self {
        let cells = network.cells.iter().map(|(_, cell)| &cell.entity);
        let radios = network.radios.iter().map(|(_, radio)| &radio.entity);
        let mut interfaces: BTreeMap<&str, BTreeSet<&str>> =
            cells.chain(radios).map(|entity| (entity.address.as_str(), BTreeSet::new())).collect();
        let tenant_name = |id| network.tenants[id].entity.address.last().1;
        for (_, chunk) in network.chunks.iter() {
            for interface in &chunk.interfaces {
                if let Some(tenants) = interfaces.get_mut(network.entity_of(*interface).address.as_str()) {
                    tenants.insert(tenant_name(chunk.tenant.value));
                }
            }
        }
        Self {
            interfaces,
            tenants: network.tenants.ids().map(tenant_name).collect(),
            slas: network.slas.iter().map(|(_, sla)| sla.entity.address.as_str()).collect(),
        }
    }

    /// What of a record is not there, and the name that may be meant.
    fn judge_record(&self, record: &Observation) -> Option<(String, Option<String>)> {
        let interface = record.interface.as_str();
        let Some(here) = self.interfaces.get(interface) else {
            let words = format!("the intents have no cell or radio `{interface}`");
            return Some((words, near(interface, self.interfaces.keys().copied())));
        };
        self.judge_tenant(&record.tenant).or_else(|| {
            let absent = !here.contains(record.tenant.as_str());
            absent.then(|| (format!("`{}` has no chunk on `{interface}`", record.tenant), None))
        })
    }

    fn judge_sla(&self, record: &SlaObservation) -> Option<(String, Option<String>)> {
        let sla = record.sla.as_str();
        if !self.slas.contains(sla) {
            return Some((format!("the intents have no SLA `{sla}`"), near(sla, self.slas.iter().copied())));
        }
        self.judge_tenant(&record.tenant)
    }

    fn judge_tenant(&self, tenant: &str) -> Option<(String, Option<String>)> {
        let absent = !self.tenants.contains(tenant);
        absent.then(|| (format!("the intents have no tenant `{tenant}`"), near(tenant, self.tenants.iter().copied())))
    }
}

/// The nearest name, where it is near enough to be meant.
fn near<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let near = known.map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    near.filter(|(distance, _)| *distance <= 2 && *distance < name.len()).map(|(_, known)| known.to_owned())
}

fn covered(direction: Direction) -> impl Iterator<Item = Direction> {
    [Direction::Dl, Direction::Ul].into_iter().filter(move |one| direction.covers(*one))
}

/// The first record that speaks of what an earlier one spoke of, in one direction: its index, the earlier one's, of what.
fn said_twice<'a>(records: impl Iterator<Item = About<'a>>) -> Option<(usize, usize, About<'a>)> {
    let mut seen = BTreeMap::new();
    records.enumerate().find_map(|(index, (at, tenant, said))| {
        covered(said).find_map(|direction| {
            let about = (at, tenant, direction);
            seen.insert(about, index).map(|first| (index, first, about))
        })
    })
}

/// What a record speaks of: an interface or SLA, a tenant, a direction.
type About<'a> = (&'a Address, &'a String, Direction);

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Dl => "downlink",
        Direction::Ul => "uplink",
        Direction::Both => "both directions",
    }
}

fn read_json(name: &str, bytes: &[u8]) -> Result<Telemetry, String> {
    let telemetry: Telemetry = serde_json::from_slice(bytes).map_err(|error| format!("`{name}`: {error}"))?;
    if telemetry.format != FORMAT {
        return Err(format!("`{name}` has format `{}`; this program reads `{FORMAT}`", telemetry.format));
    }
    Ok(telemetry)
}

const COLUMNS: [&str; 6] = ["interface", "tenant", "direction", "load", "used", "share"];

fn read_csv(name: &str, bytes: &[u8]) -> Result<(Telemetry, Vec<u64>), String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| format!("`{name}`: {error}"))?.clone();
    if let Some(unknown) = header.iter().find(|column| !COLUMNS.contains(column)) {
        return Err(format!("`{name}` has a column `{unknown}`; the columns are {}", COLUMNS.join(", ")));
    }
    let place = |wanted: &str| header.iter().position(|column| column == wanted);
    let (Some(interface), Some(tenant)) = (place("interface"), place("tenant")) else {
        return Err(format!("`{name}` needs the columns `interface` and `tenant`"));
    };
    let (mut records, mut lines) = (Vec::new(), Vec::new());
    for row in reader.records() {
        let row = row.map_err(|error| format!("`{name}`: {error}"))?;
        let line = row.position().map_or(0, |position| line(bytes, position));
        let text = |column: Option<usize>| column.and_then(|column| row.get(column)).filter(|text| !text.is_empty());
        let number = |column: &str| -> Result<Option<f64>, String> {
            text(place(column))
                .map(|text| {
                    text.parse().map_err(|_| format!("`{name}` line {line}: `{text}` is no number for `{column}`"))
                })
                .transpose()
        };
        records.push(Observation {
            interface: Address::from_text(text(Some(interface)).unwrap_or_default()),
            tenant: text(Some(tenant)).unwrap_or_default().to_owned(),
            direction: direction(text(place("direction")))
                .ok_or_else(|| format!("`{name}` line {line}: a direction is dl, ul or both"))?,
            load: number("load")?,
            used: number("used")?,
            share: number("share")?,
        });
        lines.push(line);
    }
    Ok((Telemetry { format: FORMAT.to_owned(), records, slas: Vec::new() }, lines))
}

/// The line of a record: the reader's place is before the blank lines that it passes over.
fn line(bytes: &[u8], position: &csv::Position) -> u64 {
    let from = usize::try_from(position.byte()).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    let blank = from.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    position.line() + blank.count() as u64
}

fn direction(text: Option<&str>) -> Option<Direction> {
    match text {
        None | Some("both") => Some(Direction::Both),
        Some("dl") => Some(Direction::Dl),
        Some("ul") => Some(Direction::Ul),
        Some(_) => None,
    }
}

fn check(place: &str, record: &Observation) -> Result<(), String> {
    if record.interface.as_str().is_empty() || record.tenant.is_empty() {
        return Err(format!("{place} names no interface or no tenant"));
    }
    for (field, value) in [("load", record.load), ("used", record.used), ("share", record.share)] {
        fraction(place, field, value)?;
    }
    Ok(())
}

fn fraction(place: &str, field: &str, value: Option<f64>) -> Result<(), String> {
    match value {
        Some(value) if !(0.0..=1.0).contains(&value) => {
            Err(format!("{place}: `{field}` is {value}; it is a fraction from 0 to 1 (60 % is 0.6)"))
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
        assert_eq!(json.telemetry.records, csv.telemetry.records);
        assert_eq!(json.telemetry.slas.len(), 2);
    }

    #[test]
    fn wrong_files_are_told_with_the_place() {
        let text = |csv: &str| read("o.csv", csv.as_bytes()).unwrap_err();
        assert!(text("interface,tenant,load\nx,red,60\n").contains("line 2: `load` is 60"));
        assert!(text("interface,tenant,laod\nx,red,1\n").contains("`laod`"));
        assert!(text("interface,tenant,load\nx,red,much\n").contains("line 2"));
        let blank = "interface,tenant,load\r\nx,red,0.1\r\n\r\n\r\nx,blue,60\r\n";
        assert!(text(blank).contains("line 5: `load` is 60"), "{}", text(blank));
        assert!(text("tenant\nred\n").contains("`interface`"));
        assert!(read("o.json", b"{\"format\":\"x/1\",\"records\":[]}").unwrap_err().contains("x/1"));
        assert!(read("o.json", b"[").is_err());
    }

    #[test]
    fn rows_that_contradict_each_other_are_refused() {
        let text = |rows: &str| {
            let csv = format!("interface,tenant,direction,used,share\n{rows}");
            read("o.csv", csv.as_bytes()).map(|_| ()).unwrap_err()
        };
        let told = text("x,red,both,0.1,\nx,blue,,0.2,\nx,red,ul,0.3,\n");
        assert_eq!(
            told,
            "`o.csv` line 4 says again what `o.csv` line 2 says: `red` on `x` (uplink); keep one of the two"
        );
        let told = text("x,red,dl,0.9,\nx,blue,dl,0.9,\n");
        assert!(told.contains("line 3") && told.contains("adds up to 180 %") && told.contains("downlink"), "{told}");
        assert!(text("x,red,,,0.9\nx,blue,,,0.9\n").contains("`share` of `x`"));
        // A point of measurement is let be.
        assert!(read("o.csv", b"interface,tenant,used\nx,red,0.604\nx,blue,0.4\n").is_ok());
        let twice = br#"{"format":"ranform.observation/1","records":[],"slas":[
            {"sla":"sla.a","tenant":"red","ewma":0.5},{"sla":"sla.a","tenant":"red","direction":"dl","ewma":0.4}]}"#;
        assert!(read("o.json", twice).unwrap_err().starts_with("`o.json` slas[1] says again"));
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
