//! The XML parser and the reader of every profile against 20,000 seeded mutations each: no panic, and done in time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::*;
use ranform_network::network::Protocol;
use ranform_network::{ArtifactKind, Deployment};
use ranform_targets::*;

const MUTATIONS: u64 = 20_000;
/// Processor seconds per reader.
const AT_MOST: f64 = 10.0;

/// SplitMix64: small, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Processor seconds of this thread (ticks of 10 ms), so that a busy machine fails no test; 0 where unknown.
fn thread_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Cuts, copies, flips and plants pieces that readers are known to stumble over.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    const PIECES: &[&str] = &[
        "<",
        ">",
        "&",
        "</",
        "]]>",
        "<!DOCTYPE a>",
        "&#0;",
        "&x;",
        "xmlns:a=\"b\"",
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        "-1",
        "4294967296",
        "1e309",
        "\u{0}",
        "\u{fffd}",
        "\n",
        "=",
        "bss=",
        "ssid2=zz",
        "&a *a",
        "null",
        "9999999999999999999999",
        "%",
        "'",
    ];
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        match random.below(5) {
            0 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 1 << random.below(8);
            }
            1 => bytes.truncate(at),
            2 => {
                let end = (at + random.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let end = (at + random.below(200)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            _ => {
                let piece = PIECES[random.below(PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
        }
    }
}

#[test]
fn no_reader_panics_on_mutated_documents() {
    let mut examples = example::all(Protocol::Directory);
    examples.push(example::ric("a1-r004"));
    std::thread::scope(|scope| {
        for (number, deployment) in examples.iter().enumerate() {
            scope.spawn(move || drive(number as u64, deployment));
        }
    });
}

/// Mutates the documents of one device and reads them by its profile.
fn drive(seed: u64, deployment: &Deployment) {
    let profile = deployment.devices[&device_address()].profile.clone();
    let target = find(&profile.target).unwrap();
    let known = recorded(deployment);
    let device = device_address();
    let query = Query { device: &device, profile: &profile, known: &known };
    let mut folder = Folder::new();
    apply(&mut folder, &Deployment { devices: deployment.devices.clone(), ..Deployment::default() }, deployment);
    let originals = documents(&folder);
    let mut random = Random(seed);
    let start = thread_seconds();
    let mut accepted = 0u64;
    for _ in 0..MUTATIONS {
        let mut one = originals[random.below(originals.len())].clone();
        mutate(&mut one.bytes, &mut random);
        let mutated = [one];
        let Ok(reading) = target.read(&mutated, &query) else { continue };
        accepted += 1;
        if accepted.is_multiple_of(16) {
            render_over(deployment, &mutated, &reading);
        }
    }
    let elapsed = thread_seconds() - start;
    println!("{}: {accepted} of {MUTATIONS} accepted in {elapsed:.2} s", profile.name);
    assert!(elapsed < AT_MOST, "{} took {elapsed} s", profile.name);
    assert!(accepted > 0, "{}: the mutations are all refused", profile.name);
}

/// Rendering over what was read does not panic either, whatever it says.
fn render_over(deployment: &Deployment, present: &[Document], reading: &Reading) {
    let device = device_address();
    let empty = Deployment { devices: deployment.devices.clone(), ..Deployment::default() };
    let profile = deployment.devices[&device].profile.clone();
    let creations = changes(&empty, deployment);
    let job = Job { deployment, changes: &creations, device: &device, profile: &profile, present, folder: None };
    if let Ok(artifacts) = render(&job) {
        assert!(artifacts.iter().all(|artifact| artifact.kind != ArtifactKind::Removal));
    }
    assert!(reading.resources.len() <= 1000);
}

#[test]
fn xml_takes_its_20_000_mutations() {
    let deployment = &example::all(Protocol::Directory)[3];
    let mut folder = Folder::new();
    apply(&mut folder, &Deployment { devices: deployment.devices.clone(), ..Deployment::default() }, deployment);
    let original = documents(&folder).remove(0);
    let mut random = Random(7);
    let start = thread_seconds();
    let mut accepted = 0;
    for _ in 0..MUTATIONS {
        let mut one = original.clone();
        mutate(&mut one.bytes, &mut random);
        accepted += u64::from(xml::parse(&one).is_ok());
    }
    let elapsed = thread_seconds() - start;
    println!("xml: {accepted} of {MUTATIONS} accepted in {elapsed:.2} s");
    assert!(elapsed < AT_MOST && accepted > 0);
}

/// A schema comes from a peer too.
#[test]
fn schemas_take_their_20_000_mutations() {
    let schema = serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["scope"],
        "properties": { "scope": { "$ref": "#/$defs/scope" }, "tac": { "type": "string", "pattern": "^[A-Fa-f0-9]{6}$" } },
        "$defs": { "scope": { "anyOf": [{ "minProperties": 1 }, { "$ref": "#/$defs/scope" }], "maximum": 255.0 } },
    });
    let (text, body) = (schema.to_string(), serde_json::json!({ "scope": { "a": [1, 2.5, "x"] }, "tac": "00000A" }));
    let mut random = Random(11);
    let start = thread_seconds();
    let (mut used, mut tried) = (0, 0);
    while tried < MUTATIONS && thread_seconds() - start < AT_MOST {
        let mut bytes = text.clone().into_bytes();
        mutate(&mut bytes, &mut random);
        tried += 1;
        let Ok(value) = serde_json::from_slice(&bytes) else { continue };
        let refused = a1::schema::check(&value, &body);
        used += u64::from(!matches!(refused, Err(a1::schema::SchemaError::Unusable(_))));
    }
    println!("schemas: {used} of {tried} used in {:.2} s", thread_seconds() - start);
    assert!(tried == MUTATIONS && used > 100, "{used} of {tried}");
}

#[test]
fn objects_of_a_cluster_take_their_20_000_mutations() {
    let x = software::full();
    let mut folder = Folder::new();
    apply(&mut folder, &Deployment { devices: x.devices.clone(), ..Deployment::default() }, &x);
    let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
    let originals: Vec<String> =
        folder.values().flat_map(|file| text(file).split("---\n").map(str::to_owned).collect::<Vec<_>>()).collect();
    let (profile, known, device) = (profile("kubernetes"), recorded(&x), device_address());
    let query = Query { device: &device, profile: &profile, known: &known };
    let mut random = Random(17);
    let start = thread_seconds();
    let mut accepted = 0;
    for _ in 0..MUTATIONS {
        let mut bytes = originals[random.below(originals.len())].clone().into_bytes();
        mutate(&mut bytes, &mut random);
        let mutated = [Document { path: "x.yaml".to_owned(), bytes }];
        accepted += u64::from(find("kubernetes").unwrap().read(&mutated, &query).is_ok());
    }
    let elapsed = thread_seconds() - start;
    println!("kubernetes: {accepted} of {MUTATIONS} accepted in {elapsed:.2} s");
    assert!(elapsed < AT_MOST && accepted > 0);
}

/// Custom resources come from whoever may edit them in a cluster.
#[test]
fn custom_resources_take_their_20_000_mutations() {
    let originals = [
        "apiVersion: ranform.dev/v1alpha1\nkind: ServiceSla\nmetadata:\n  name: plaza\nspec:\n  interfaces: [node.a/cell.b]\n  shares:\n  - {tenant: red, share: 60%}\n  - {tenant: blue, share: 40%}\n  theta: '0.2'\n",
        "apiVersion: ranform.dev/v1alpha1\nkind: Service\nmetadata: {name: x, annotations: {ranform.dev/address: service.x}}\nspec: {chunk: red, vlan: 101, plmn: {mcc: '001', mnc: '01'}, slice: {sst: 1, sd: 00000a}}\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"ranform.dev/v1alpha1\", \"kind\": \"Chunk\", \"metadata\": {\"name\": \"c\"}, \"spec\": {\"tenant\": \"red\", \"interfaces\": []}}]}",
    ];
    let mut random = Random(19);
    let start = thread_seconds();
    let (mut accepted, mut tried) = (0, 0);
    while tried < MUTATIONS && thread_seconds() - start < AT_MOST {
        let mut bytes = originals[random.below(originals.len())].as_bytes().to_vec();
        mutate(&mut bytes, &mut random);
        tried += 1;
        let mut sources = ranform_network::Sources::new();
        let id = sources.add("x.yaml", String::from_utf8_lossy(&bytes).into_owned());
        let (resources, findings) = custom_resources::read(sources.get(id).unwrap());
        assert!(!resources.is_empty() || !findings.is_empty());
        accepted += u64::from(findings.is_empty());
    }
    println!("custom resources: {accepted} of {tried} accepted in {:.2} s", thread_seconds() - start);
    assert!(tried == MUTATIONS && accepted > 0, "{accepted} of {tried}");
}

#[test]
fn bounds_hold() {
    let read = |text: String| xml::parse(&Document { path: "a.xml".into(), bytes: text.into_bytes() }).map(|_| ());
    assert!(read("<a>".repeat(65)).unwrap_err().message.contains("too deep"));
    let entities = "<!DOCTYPE a [<!ENTITY b \"xxxxxxxxxx\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
    assert!(read(entities.to_owned()).unwrap_err().message.contains("document type"));
    let deep = Document { path: "cell/a.json".into(), bytes: format!("{{\"a\":{}", "[".repeat(100_000)).into_bytes() };
    let profile = profile("directory");
    let query = Query { device: &device_address(), profile: &profile, known: &Default::default() };
    assert!(find("json").unwrap().read(&[deep], &query).is_err());
}
