//! Addresses of intents and names of objects.

use ranform_network::address::{is_label, slug};

/// One step of an address: `cell.nr-1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The noun.
    pub noun: String,
    /// The name, without quotes.
    pub name: String,
}

/// An address in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// The modules it lies in, outermost first.
    pub modules: Vec<String>,
    /// The steps, outermost first; at least one.
    pub steps: Vec<Step>,
}

/// The parts of an address with its nouns, such as `module.north.node.gnb-1/cell."Cell 7"`; none where a text is none.
pub fn steps(address: &str) -> Option<Steps> {
    let (mut modules, mut steps) = (Vec::new(), Vec::new());
    let mut rest = address;
    while let Some(inner) = rest.strip_prefix("module.") {
        let (name, after) = name(inner)?;
        modules.push(name);
        rest = after.strip_prefix('.')?;
    }
    loop {
        let (noun, inner) = rest.split_once('.')?;
        if !is_label(noun) {
            return None;
        }
        let (name, after) = name(inner)?;
        steps.push(Step { noun: noun.to_owned(), name });
        match after.strip_prefix('/') {
            Some(next) => rest = next,
            None => return after.is_empty().then_some(Steps { modules, steps }),
        }
    }
}

/// The name that a text begins with, and what follows it.
fn name(text: &str) -> Option<(String, &str)> {
    if let Some(inner) = text.strip_prefix('"') {
        let (name, after) = inner.split_once('"')?;
        let plain = !name.is_empty() && !name.contains(char::is_control);
        return plain.then(|| (name.to_owned(), after));
    }
    let end = text.find(['.', '/']).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    is_label(name).then(|| (name.to_owned(), after))
}

/// The name of the object of a thing: its own where that is a DNS label, else a slug of it, after its modules.
pub fn object_name(modules: &[String], name: &str) -> String {
    let label = |name: &str| if is_label(name) { name.to_owned() } else { slug(name) };
    let parts: Vec<String> = modules.iter().map(String::as_str).chain([name]).map(label).collect();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_fall_into_their_parts_or_are_none() {
        let found = steps("module.north.node.gnb-1/cell.\"Cell 7/A\"").unwrap();
        assert_eq!(found.modules, ["north"]);
        assert_eq!(found.steps[1], Step { noun: "cell".to_owned(), name: "Cell 7/A".to_owned() });
        for wrong in
            ["", "node", "node.", "node.x/", "node.x/cell", "node.X", "node.x y", "node.\"x", "no de.x", "module.x"]
        {
            assert_eq!(steps(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_of_objects_are_labels_and_tell_things_apart() {
        assert_eq!(object_name(&[], "red-plaza"), "red-plaza");
        assert_eq!(object_name(&["north".to_owned()], "red"), "north.red");
        assert_ne!(object_name(&[], "Red"), object_name(&[], "red"));
        assert!(is_label(&object_name(&[], "Red Plaza")));
    }
}
