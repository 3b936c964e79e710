use proptest::strategy::Strategy;

use super::*;
use crate::target::Document;

const LISTS: Lists = &[&[
    List { namespace: "urn:t", name: "cell", keys: &["id"], ordered: false, mandatory: false },
    List { namespace: "urn:t", name: "plmn", keys: &["mcc", "mnc"], ordered: true, mandatory: false },
]];

fn read(text: &str) -> Result<Vec<Element>, String> {
    parse(&Document { path: "t.xml".into(), bytes: text.as_bytes().to_vec() }).map_err(|error| error.to_string())
}

fn tree(text: &str) -> Vec<Element> {
    read(&format!("<top xmlns='urn:t'>{text}</top>")).unwrap()
}

fn plmns(order: &[&str]) -> Vec<Element> {
    tree(&order.iter().map(|mnc| format!("<plmn><mcc>001</mcc><mnc>{mnc}</mnc></plmn>")).collect::<String>())
}

#[test]
fn entities_document_types_and_depth_are_refused() {
    assert!(read("<!DOCTYPE a [<!ENTITY b 'cc'>]><a>&b;</a>").unwrap_err().contains("document type"));
    assert!(read("<a>&b;</a>").unwrap_err().contains("entity"));
    assert!(read(&"<a>".repeat(100)).unwrap_err().contains("too deep"));
    assert_eq!(read("<a>&lt;&#65;</a>").unwrap()[0].text, "<A");
}

/// What a server that knows only merge and remove makes of the edits from one order to another, and how many they are.
fn edited(from: &[&str], to: &[&str]) -> (Vec<Element>, usize) {
    let (mut held, after) = (plmns(from), plmns(to));
    let mut edits = 0;
    let mut before = held.clone();
    for tree in waypoints(&held, &after, LISTS) {
        let (edit, _) = diff(&before, &tree, &[], LISTS);
        // The edit survives its own bytes.
        let edit = parse(&Document { path: String::new(), bytes: config(&edit) }).unwrap();
        apply(&mut held, &edit, LISTS);
        assert!(held.iter().all(|top| !top.children.is_empty()), "the list is never empty: {from:?} -> {to:?}");
        before = tree;
        edits += 1;
    }
    assert_eq!(held, after, "{from:?} -> {to:?}");
    (held, edits)
}

#[test]
fn edits_put_a_list_ordered_by_the_user_in_order() {
    for (from, to, edits) in [
        (&["01", "02"][..], &["01", "02", "03"][..], 1),
        (&["01", "02", "03"], &["01", "03"], 1),
        (&["01"], &["09"], 1),
        (&["01", "02"], &["02", "01"], 2),
        (&["01", "02", "03"], &["01", "03", "04", "02"], 2),
        (&["01"], &["03", "01", "04"], 3),
        (&["01", "02", "03"], &["03", "05", "01"], 2),
    ] {
        assert_eq!(edited(from, to).1, edits, "{from:?} -> {to:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_order_is_reached(
        from in proptest::sample::subsequence(vec!["01", "02", "03", "04", "05"], 1..5).prop_shuffle(),
        to in proptest::sample::subsequence(vec!["01", "02", "03", "04", "05"], 1..5).prop_shuffle(),
    ) {
        proptest::prop_assert!(edited(&from, &to).1 <= 3);
    }
}

#[test]
fn an_entry_with_leaves_of_others_is_not_removed_whole() {
    let before = tree("<cell><id>1</id><power>5</power></cell>");
    let present = tree("<cell><id>1</id><power>5</power><label>theirs</label></cell>");
    let (edit, kept) = diff(&before, &[], &present, LISTS);
    assert_eq!(kept, [Kept { path: "/top/cell[id='1']".into(), mandatory: false }]);
    let mut left = present;
    apply(&mut left, &edit, LISTS);
    assert_eq!(left, tree("<cell><id>1</id><label>theirs</label></cell>"));
}

#[test]
fn a_filler_never_overwrites_what_is_there() {
    let mut after = tree("<cell><id>1</id><power>5</power><period>20</period></cell>");
    after[0].children[0].children[2].filler = true;
    let present = tree("<cell><id>1</id><period>40</period></cell>");
    let (edit, _) = diff(&[], &after, &present, LISTS);
    let mut left = present;
    apply(&mut left, &edit, LISTS);
    assert_eq!(left, tree("<cell><id>1</id><period>40</period><power>5</power></cell>"));
}
