//! Where two configurations of a device are not the same, for people: the entries that only one of them has.

use super::xml::Element;

/// The most entries that are named.
const MOST: usize = 4;
/// The deepest entry that is named.
const DEEPEST: usize = 8;

/// The paths of what only one of the two has, in the order of the second, e.g. `/enb/cell[lte-1]/power`; at most four.
pub fn differing(one: &Element, other: &Element) -> Vec<String> {
    let mut paths = Vec::new();
    walk("", one, other, 0, &mut paths);
    paths.truncate(MOST);
    paths
}

fn walk(path: &str, one: &Element, other: &Element, depth: usize, paths: &mut Vec<String>) {
    let only = |these: &Element, those: &Element| -> Vec<Element> {
        these.children.iter().filter(|child| !those.children.contains(child)).cloned().collect()
    };
    let (mut gone, new) = (only(one, other), only(other, one));
    for child in &new {
        if paths.len() >= MOST {
            return;
        }
        let step = format!("{path}/{}", step(child));
        // The same entry with something else in it.
        let partner =
            gone.iter().position(|gone| gone.namespace == child.namespace && self::step(gone) == self::step(child));
        match partner.map(|at| gone.remove(at)) {
            Some(partner) if depth < DEEPEST && !child.children.is_empty() && !partner.children.is_empty() => {
                walk(&step, &partner, child, depth + 1, paths);
            }
            _ => paths.push(format!("{path}/{}", whole(child))),
        }
    }
    paths.extend(gone.iter().map(|gone| format!("{path}/{}", whole(gone))));
    if gone.is_empty() && new.is_empty() && one.children != other.children {
        paths.push(format!("{path} (another order)"));
    }
}

/// An element that only one has, down to where it holds more than one thing.
fn whole(element: &Element) -> String {
    let mut path = step(element);
    let mut at = element;
    for _ in 0..DEEPEST {
        let [only] = at.children.as_slice() else { break };
        if only.children.is_empty() {
            break;
        }
        path = format!("{path}/{}", step(only));
        at = only;
    }
    path
}

/// Leaves that name an entry. Of no other is the text shown: it may be a secret.
const KEYS: [&str; 5] = ["id", "name", "index", "hostname", "mac"];

/// An element with its key, where its first leaf is one.
fn step(element: &Element) -> String {
    match element.children.first() {
        Some(key) if KEYS.contains(&key.name.as_str()) && key.children.is_empty() && !key.text.trim().is_empty() => {
            format!("{}[{}]", element.name, key.text.trim())
        }
        _ => element.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_has_is_named_by_its_path() {
        let tree = |text: &str| Element::parse(text).expect("XML");
        let running = tree("<data><enb><cell><id>1</id><pci>2</pci></cell><cell><id>2</id></cell></enb><e2/></data>");
        let candidate = tree(
            "<data><enb><cell><id>1</id><pci>3</pci><power>9</power></cell></enb><e2/><x><y><name>new</name></y></x></data>",
        );
        let found = differing(&running, &candidate);
        assert_eq!(found, ["/enb/cell[1]/pci", "/enb/cell[1]/power", "/enb/cell[2]", "/x/y[new]"]);
        assert!(differing(&running, &running).is_empty());
        let turned = tree("<data><e2/><enb><cell><id>1</id><pci>2</pci></cell><cell><id>2</id></cell></enb></data>");
        assert_eq!(differing(&running, &turned), [" (another order)"]);
        let secret = tree("<data><wpa><psk>hunter2</psk><mode>sae</mode></wpa></data>");
        assert_eq!(differing(&tree("<data/>"), &secret), ["/wpa"]);
    }
}
