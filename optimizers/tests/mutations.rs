//! The readers of the three problem documents against 20,000 seeded mutations each: no panic, a stable code, done in
//! time. Some of what is still read is solved, by a caller that has no time: it ends, and what it says is consistent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ranform_network::{AnswerKind, Control};
use ranform_optimizers::exchange::{Exit, SolveOptions, read_document, solve_document};
use ranform_optimizers::orchestration::validate::validate;
use ranform_optimizers::slicing::document::ProblemDocument;
use ranform_optimizers::{orchestration, placement};

const MUTATIONS: u64 = 20_000;
/// One in this many documents that are still read is solved.
const SOLVED: u64 = 50;
const SECONDS: f64 = 10.0;

/// SplitMix64: small, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end.max(1) as u64) as usize
    }
}

/// Numbers and shapes that readers are known to stumble over.
const PIECES: [&str; 18] = [
    "-1",
    "0",
    "1e309",
    "-0.0",
    "9223372036854775807",
    "18446744073709551616",
    "4294967296",
    "null",
    "[]",
    "{}",
    "true",
    "\"\"",
    "\"\\u0000\"",
    "[[]]",
    "1e-320",
    "0.5",
    "\"format\":1,",
    ",",
];

/// Puts another piece where a number stands, or breaks the text somewhere.
fn mutate(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(8) {
            0 => bytes[at] = random.below(256) as u8,
            1 => bytes.truncate(at.max(1)),
            2 => drop(bytes.drain(at..(at + random.below(30)).min(bytes.len()))),
            _ => {
                let digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
                let Some(start) = bytes.iter().skip(at).position(digit).map(|offset| at + offset) else { continue };
                let end =
                    bytes.iter().skip(start).position(|byte| !digit(byte)).map_or(bytes.len(), |length| start + length);
                bytes.splice(start..end, PIECES[random.below(PIECES.len())].bytes());
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

/// Has no time at all.
struct NoTime;

impl Control for NoTime {
    fn should_stop(&self) -> bool {
        true
    }

    fn seconds_left(&self) -> Option<f64> {
        Some(0.0)
    }
}

/// Processor seconds of this thread (ticks of 10 ms), so that a busy machine fails no test; none where unknown.
fn thread_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").ok()?;
    let ticks: Vec<f64> =
        stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Some(ticks.iter().sum::<f64>() / 100.0)
}

fn drive(kind: AnswerKind, names: &[&str], read: impl Fn(&[u8]) -> Result<(), String>) {
    let problem = |name: &&str| {
        let path = format!("{}/tests/cases/{}/{name}.json", env!("CARGO_MANIFEST_DIR"), kind.name());
        let case: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        case["problem"].to_string().into_bytes()
    };
    let originals: Vec<Vec<u8>> = names.iter().map(problem).collect();
    originals.iter().for_each(|document| read(document).unwrap());
    let mut random = Random(kind.name().len() as u64);
    let begin = thread_seconds();
    let (mut accepted, mut solved) = (0u64, 0u64);
    for _ in 0..MUTATIONS {
        let document = mutate(&originals[random.below(originals.len())], &mut random);
        match read(&document) {
            Ok(()) => accepted += 1,
            Err(code) => {
                assert!(!code.is_empty());
                continue;
            }
        }
        if accepted.is_multiple_of(SOLVED) {
            let outcome = solve_document(kind, &document, &SolveOptions::default(), &NoTime);
            assert!(outcome.json["status"].is_string());
            assert!(
                outcome.exit != Exit::Failed || outcome.json["code"].is_string() || outcome.json["status"] == "unknown"
            );
            solved += 1;
        }
    }
    let seconds = thread_seconds().zip(begin).map_or(0.0, |(end, begin)| end - begin);
    println!("{}: {accepted} of {MUTATIONS} read, {solved} solved, {seconds:.2} s", kind.name());
    assert!(accepted > MUTATIONS / 50 && solved > 0, "{accepted} read, {solved} solved");
    assert!(seconds < SECONDS, "{seconds} s");
}

#[test]
fn slicing_documents() {
    drive(AnswerKind::Slicing, &["cosmo_75_25_first", "hetero_rho_max", "ties"], |document| {
        let read: Result<ProblemDocument, _> = read_document(AnswerKind::Slicing, document);
        read.and_then(ProblemDocument::problem).map(drop).map_err(|error| error.code.to_string())
    });
}

#[test]
fn placement_documents() {
    drive(AnswerKind::Placement, &["tiny-geo-6-3-s1", "authors-4"], |document| {
        placement::format::read(document).map(drop).map_err(|error| error.code.to_string())
    });
}

#[test]
fn orchestration_documents() {
    drive(AnswerKind::Orchestration, &["tiny-on-sum-s1", "tiny-off_request-mean-s3"], |document| {
        let read: Result<orchestration::Problem, _> = read_document(AnswerKind::Orchestration, document);
        read.and_then(|problem| validate(&problem)).map(drop).map_err(|error| error.code.to_string())
    });
}
