//! What values say of themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ranform_grammar::ast::{Address, Number, Segment, Unit, Value, Wildcard, Word};
use ranform_grammar::parse;
use ranform_network::SourceId;

fn number(text: &str) -> Number {
    Number::new(text).unwrap()
}

#[test]
fn numbers_are_multiplied_exactly_or_not_at_all() {
    assert_eq!(number("4.05").times(1_000_000_000), Some(4_050_000_000));
    assert_eq!(number("0.1").times(10), Some(1));
    assert_eq!(number("0.1").times(1), None);
    assert_eq!(number("-3.50").times(2), Some(-7));
    assert_eq!(number("7.000").to_i64(), Some(7));
    assert_eq!(number("9223372036854775807").to_i64(), Some(i64::MAX));
    assert_eq!(number("9223372036854775808").to_i64(), None);
    assert_eq!(number(&"9".repeat(400)).times(1_000_000_000), None);
    assert_eq!(number(&format!("0.{}1", "0".repeat(60))).times(10), None);
}

#[test]
fn only_decimals_are_numbers() {
    for text in ["", "-", ".5", "5.", "1e3", "+1", "--1", "1.2.3", " 1", "٣"] {
        assert!(Number::new(text).is_none(), "{text}");
    }
}

#[test]
fn labels_are_those_of_the_domain_name_system() {
    for (text, is_label) in
        [("gnb-1", true), ("1", true), ("", false), ("-a", false), ("a-", false), ("A", false), ("a_b", false)]
    {
        assert_eq!(Word::from(text).is_label(), is_label, "{text}");
    }
    assert!(Word::from("a".repeat(63)).is_label());
    assert!(!Word::from("a".repeat(64)).is_label());
}

#[test]
fn every_unit_is_found_by_its_text_and_parses_as_a_quantity() {
    for unit in Unit::ALL {
        assert_eq!(Unit::find(unit.as_str()), Some(*unit));
        let text = format!("parameter x = 5{unit}");
        let parsed = parse(SourceId(0), &text);
        assert_eq!(parsed.file.blocks[0].after("=").unwrap().value, Value::Quantity(number("5"), *unit), "{text}");
    }
}

#[test]
fn identifiers_keep_their_digits() {
    let parsed = parse(
        SourceId(0),
        "tenant x { plmn 001-01  slice 256:00A }\ntenant y { slice 1 }\nnode z : gnb { gnb-id 0411/22 }",
    );
    assert!(parsed.diagnostics.is_empty());
    let value =
        |block: usize, keyword: &str| parsed.file.blocks[block].statement(keyword).unwrap().values[0].value.clone();
    assert_eq!(value(0, "plmn").plmn(), Some(("001", "01")));
    assert_eq!(value(0, "slice").slice(), Some(("256", Some("00A"))));
    assert_eq!(value(1, "slice").slice(), Some(("1", None)));
    assert_eq!(value(2, "gnb-id"), Value::GnbId(Box::new(number("0411")), Box::new(number("22"))));
}

#[test]
fn addresses_are_written_as_they_are_read() {
    for text in
        ["node.gnb-1", "node.gnb-1/cell.nr-1", "module.a.module.b.node.\"N 1\"/cell.x", "node.gnb-1/**", "node.gnb-1/*"]
    {
        let parsed = parse(SourceId(0), &format!("protect {text}"));
        let Value::Address(address) = &parsed.file.blocks[0].header[0].value else { panic!("{text}") };
        assert_eq!(address.to_string(), text);
    }
    let segments = vec![Segment { noun: None, name: Word::from("a b") }];
    assert_eq!(Address { modules: vec![], segments, wildcard: Wildcard::None }.to_string(), "\"a b\"");
}

#[test]
fn statements_are_read_by_their_words() {
    let parsed = parse(SourceId(0), "sla x { share red 60%, blue 40%  window 100s every 10s }");
    let share = parsed.file.blocks[0].statement("share").unwrap();
    assert_eq!(share.groups().count(), 2);
    assert!(share.says("red") && !share.says("green"));
    let window = parsed.file.blocks[0].statement("window").unwrap();
    assert_eq!(window.after("every").unwrap().value, Value::Quantity(number("10"), Unit::Seconds));
    assert_eq!(window.value(0).unwrap().value, Value::Quantity(number("100"), Unit::Seconds));
}
