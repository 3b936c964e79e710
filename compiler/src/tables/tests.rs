//! Tables are read exactly, and garbage is refused without a panic.

use super::rows::{Mistake, Rows};
use super::*;

type Reader = fn(&mut Rows) -> Vec<Mistake>;

const READERS: [(&str, Reader, &str); 3] = [
    ("csv", |rows| csv::read(rows, b','), "Cell,Band,Note\nnr-1,n77,\"a \"\"b\"\", c\"\nnr-2,n78,\r\n"),
    (
        "json",
        |rows| json::read(rows, &["a", "cells"]),
        r#"{"x": [1, {"y": null}], "a": {"cells": [{"Cell": "nr-1", "Band": "n77", "Note": "a \"b\", c"}, {"Cell": "nr-2", "Band": "n78", "Note": null}]}}"#,
    ),
    (
        "yaml",
        |rows| yaml::read(rows, &["a", "cells"]),
        "x: 1\na:\n  cells:\n    - {Cell: nr-1, Band: n77, Note: 'a \"b\", c'}\n    - Cell: nr-2\n      Band: n78\n      Note:\n",
    ),
];

fn rows(text: &str) -> Rows {
    Rows::new(SourceId(0), Arc::from(text))
}

#[test]
fn the_three_formats_say_the_same() {
    for (format, read, text) in READERS {
        let mut rows = rows(text);
        assert_eq!(read(&mut rows), [], "{format}");
        let field = |row, column| {
            rows.column(column).and_then(|column| rows.field(row, column)).map(|(text, _)| text.to_owned())
        };
        assert_eq!(rows.len(), 2, "{format}");
        assert_eq!(field(0, "Band").as_deref(), Some("n77"), "{format}");
        assert_eq!(field(0, "Note").as_deref(), Some("a \"b\", c"), "{format}");
        assert_eq!(field(1, "Note"), None, "{format}");
        let (_, span) = rows.field(1, rows.column("Band").unwrap()).unwrap();
        assert_eq!(&text[span.start as usize..span.end as usize], "n78", "{format}");
    }
}

#[test]
fn numbers_and_words_keep_their_text() {
    let mut yaml = rows("- {a: 1.50, b: yes, c: 001}\n");
    assert_eq!(yaml::read(&mut yaml, &[]), []);
    let texts: Vec<_> = (0..3).filter_map(|column| yaml.field(0, column)).map(|(text, _)| text.to_owned()).collect();
    assert_eq!(texts, ["1.50", "yes", "001"]);
    let mut json = rows(r#"[{"a": 1.50, "b": true}]"#);
    assert_eq!(json::read(&mut json, &[]), []);
    assert_eq!(json.field(0, 0).map(|(text, _)| text), Some("1.50"));
    assert_eq!(json.field(0, 1).map(|(text, _)| text), Some("yes"));
}

#[test]
fn mistakes_have_places() {
    let mut short = rows("a,b\n1\n2,3\n");
    let mistakes = csv::read(&mut short, b',');
    assert_eq!(mistakes.len(), 1);
    assert_eq!((mistakes[0].0.start, mistakes[0].1.as_str()), (4, "this row has 1 field, the header has 2"));
    assert_eq!(short.len(), 1);
    let mut open = rows("a,b\n1,\"x\n");
    assert_eq!(csv::read(&mut open, b',')[0].1, "this quotation mark is never closed");
    let mut nested = rows(r#"[{"a": {"b": 1}}]"#);
    assert_eq!(json::read(&mut nested, &[])[0].0.start, 7);
    let mut nowhere = rows("a: 1\n");
    assert_eq!(yaml::read(&mut nowhere, &["b"]).len(), 1);
}

/// A small generator of numbers, the same on every machine (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

#[test]
fn twenty_thousand_mutations_of_each_format_do_no_harm() {
    const PIECES: &[&str] = &[
        "\"", ",", "\n", "\\", "{", "}", "[", "]", ":", "\r", "&a ", "*a", "- ", "é", "\u{feff}", "\t", "\\u12",
        "null", "| ", "...",
    ];
    let mut random = Random(42);
    for (format, read, text) in READERS {
        let start = std::time::Instant::now();
        for _ in 0..20_000 {
            let mut characters: Vec<char> = text.chars().collect();
            for _ in 0..=random.below(4) {
                let at = random.below(characters.len());
                match random.below(3) {
                    0 => drop(characters.remove(at)),
                    1 => characters[at] = PIECES[random.below(PIECES.len())].chars().next().unwrap(),
                    _ => {
                        let piece = PIECES[random.below(PIECES.len())];
                        characters.splice(at..at, piece.chars());
                    }
                }
            }
            let mut rows = rows(&characters.into_iter().collect::<String>());
            for (span, _) in read(&mut rows) {
                assert!(rows.text.get(span.start as usize..span.end as usize).is_some());
            }
            for row in 0..rows.len() {
                rows.row_span(row);
                let fields = (0..rows.columns.len()).filter_map(|column| rows.field(row, column));
                assert!(fields.count() <= rows.columns.len());
            }
        }
        println!("{format}: 20,000 mutations in {:?}", start.elapsed());
    }
}
