//! NETCONF: one edit-config body per device and change set, one subtree filter, one reader.
//!
//! A format is a list of [`Part`]s, each the typed schema of a module set. The edit is the [difference](crate::xml::diff)
//! between the trees before and after, so it touches only leaves that differ; where the device is played by a folder
//! the edit is applied to the document found there. A change that restarts cells in service is several
//! [commits](mod@commits). Start with [`gpp`], or with [`vlan`], the smallest.

pub mod access_point;
pub mod commits;
pub mod e2;
pub mod gpp;
pub mod lte;
mod places;
pub mod record;
pub mod vlan;

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::deployment::Resource;
use ranform_network::diagnostic::codes;
use ranform_network::network::Protocol;
use ranform_network::profile::{AdministrativeState, Profile};
use ranform_network::{Address, Artifact, ArtifactKind};

use crate::target::*;
use crate::view::View;
use crate::xml::{self, Element, List, Lists};
use commits::{Locked, Purpose};

/// The document in a folder that plays a NETCONF device.
pub const DOCUMENT: &str = "config.xml";
/// The edit-config body.
pub const EDIT: &str = "edit-config.xml";

/// The schema of a module set.
pub trait Part: Sync {
    /// The lists of its modules.
    fn lists(&self) -> &'static [List];
    /// What the device should hold, as data nodes; what cannot be said goes to `findings`.
    fn tree(&self, view: &View, profile: &Profile, findings: &mut Vec<Finding>) -> Vec<Element>;
    /// The data nodes of a device as resources.
    fn read(&self, forest: &[Element], reader: &mut Reader) -> Result<(), String>;
    /// The subtree that this part owns, as a filter.
    fn filter(&self, view: &View, profile: &Profile) -> Vec<Element>;
    /// What puts these cells into an administrative state, and nothing else; empty where the schema has no leaf for it.
    fn administer(
        &self,
        view: &View,
        profile: &Profile,
        cells: &BTreeSet<Address>,
        state: AdministrativeState,
    ) -> Vec<Element> {
        let _ = (view, profile, cells, state);
        Vec::new()
    }
}

/// The edits of one commit, each a forest below `<config>`.
type Edits = Vec<Vec<Element>>;

/// A NETCONF format.
pub struct Netconf {
    /// Its name in profiles.
    pub name: &'static str,
    /// Its module set.
    pub part: &'static dyn Part,
}

/// What a [`Part`] reads into.
pub struct Reader<'a> {
    /// The device's profile.
    pub profile: &'a Profile,
    /// The known things of the device.
    pub known: View<'a>,
    /// What was found.
    pub reading: Reading,
}

impl Reader<'_> {
    /// Notes a resource.
    pub fn found(&mut self, address: Address, id: impl Into<String>, resource: Resource) {
        self.reading.device_ids.insert(address.clone(), id.into());
        self.reading.resources.insert(address, resource);
    }
}

impl Netconf {
    /// The document of a folder that plays the device.
    fn whole(&self, job: &Job, lists: Lists) -> Result<Vec<Artifact>, RenderError> {
        let edits = self.edits(job, &job.before(), &job.after(), lists)?;
        if edits.is_empty() {
            return Ok(Vec::new());
        }
        let mut forest = Vec::new();
        for document in job.present.iter().filter(|document| document.path == DOCUMENT) {
            forest.extend(xml::parse(document).unwrap_or_default());
        }
        if job.present.is_empty() {
            forest = self.tree(&job.before(), job.device, job.profile).0;
        }
        edits.iter().for_each(|edit| xml::apply(&mut forest, edit, lists));
        if forest.is_empty() {
            return Ok(vec![job.artifact(ArtifactKind::Removal, DOCUMENT, Vec::new())]);
        }
        Ok(vec![job.artifact(ArtifactKind::Whole, DOCUMENT, xml::config(&forest))])
    }

    /// The part of the format and, where its profile says so, one for VLANs on the device's ports and one for E2.
    fn parts(&self, profile: &Profile) -> Vec<&'static dyn Part> {
        let ports: Option<&'static dyn Part> = match profile.options.get("vlan").map(String::as_str) {
            Some("o-ran") => Some(&vlan::O_RAN),
            Some("ietf") => Some(&vlan::IETF),
            Some("openconfig") => Some(&vlan::OPENCONFIG),
            _ => None,
        };
        let e2: Option<&'static dyn Part> =
            profile.options.get("e2").filter(|module| *module == "ranform").map(|_| &e2::E2 as &dyn Part);
        std::iter::once(self.part).chain(ports).chain(e2).collect()
    }

    fn tree(&self, things: &Things, device: &Address, profile: &Profile) -> (Vec<Element>, Vec<Finding>) {
        let view = View::new(device, things);
        let mut findings = Vec::new();
        let forest =
            self.parts(profile).iter().flat_map(|part| part.tree(&view, profile, &mut findings)).collect::<Vec<_>>();
        (joined(forest), findings)
    }

    fn lists(&self, profile: &Profile) -> Vec<&'static [List]> {
        self.parts(profile).iter().map(|part| part.lists()).collect()
    }

    /// The commits of a job, in order.
    fn commits(&self, job: &Job, lists: Lists) -> Result<Vec<(Purpose, Edits)>, RenderError> {
        let cells = commits::restarted(job);
        let (before, after) = (job.before(), job.after());
        let locked = [Locked::new(&before, &cells), Locked::new(&after, &cells)];
        let changed = self.edits(job, &locked[0].within(&before), &locked[1].within(&after), lists)?;
        let stays = |cell: &&Address| matches!(after.get(*cell).map(|thing| thing.resource), Some(Resource::Cell(cell)) if cell.unlocked);
        let (unlocked, gone): (Vec<Address>, Vec<Address>) = cells.iter().cloned().partition(|cell| stays(&cell));
        // Where nothing but the lock is to be changed, no other cell is locked.
        let unlocked: BTreeSet<Address> =
            if changed.is_empty() { BTreeSet::new() } else { unlocked.into_iter().collect() };
        let affected: BTreeSet<Address> = unlocked.iter().cloned().chain(gone).collect();
        let view = View::new(job.device, &before);
        let administer = |cells, state| vec![self.part.administer(&view, job.profile, cells, state)];
        let mut all: Vec<(Purpose, Edits)> = Vec::new();
        for (purpose, state) in job.profile.lock.iter().flat_map(commits::locking) {
            all.push((purpose, administer(&affected, state)));
        }
        all.push((Purpose::Change, changed));
        all.push((Purpose::Unlock, administer(&unlocked, AdministrativeState::Unlocked)));
        all.retain(|(_, edits)| edits.iter().any(|edit| !edit.is_empty()));
        Ok(all)
    }

    /// The edits from what is before to what is after, and the entries of which others keep leaves.
    fn edits(&self, job: &Job, before: &Things, after: &Things, lists: Lists) -> Result<Edits, RenderError> {
        let (mut before, _) = self.tree(before, job.device, job.profile);
        let (after, mut findings) = self.tree(after, job.device, job.profile);
        let mut present = Vec::new();
        for document in job.present {
            // A document that cannot be read protects nothing; whoever reads the device reports it.
            present.extend(xml::parse(document).unwrap_or_default());
        }
        let mut edits = Vec::new();
        for tree in xml::waypoints(&before, &after, lists) {
            let (edit, kept) = xml::diff(&before, &tree, &present, lists);
            // An entry that only moves has no leaves but keys: leaves of others in it would go with it.
            let moving = tree != after;
            findings.extend(kept.into_iter().filter(|kept| kept.mandatory || moving).map(|kept| shared(job, &kept)));
            xml::apply(&mut present, &edit, lists);
            edits.push(edit);
            before = tree;
        }
        edits.retain(|edit| !edit.is_empty());
        if findings.is_empty() { Ok(edits) } else { Err(RenderError { findings }) }
    }
}

/// An entry that cannot be changed as planned because others keep leaves in it.
fn shared(job: &Job, kept: &xml::Kept) -> Finding {
    Finding {
        code: &codes::ENTRY_SHARED,
        address: job.device.clone(),
        message: format!(
            "others keep leaves in `{}`, which cannot stay without the mandatory leaves that go",
            kept.path
        ),
        help: "remove their leaves first, or `forget` the address to leave the entry as it is".to_owned(),
    }
}

impl Target for Netconf {
    fn name(&self) -> &'static str {
        self.name
    }

    fn render(&self, job: &Job) -> Result<Vec<Artifact>, RenderError> {
        let lists = self.lists(job.profile);
        let protocol = job.entry().and_then(|device| device.management.as_ref()).map(|management| management.protocol);
        if protocol == Some(Protocol::Directory) {
            return self.whole(job, &lists);
        }
        let commits = self.commits(job, &lists)?;
        let sizes: Vec<_> = commits.iter().map(|(purpose, edits)| (*purpose, edits.len())).collect();
        let edits = commits.iter().flat_map(|(_, edits)| edits);
        let documents = commits::paths(&sizes).into_iter().zip(edits);
        Ok(documents.map(|(path, edit)| job.artifact(ArtifactKind::Edit, path, xml::config(edit))).collect())
    }

    fn read(&self, documents: &[Document], query: &Query) -> Result<Reading, ReadError> {
        let lists = self.lists(query.profile);
        let things = query.things();
        let known = View::new(query.device, &things);
        let mut reader = Reader { profile: query.profile, known, reading: Reading::default() };
        let mut foreign = BTreeMap::new();
        for document in documents.iter().filter(|document| document.path.ends_with(".xml") || document.path.is_empty())
        {
            let forest = joined(xml::parse(document)?);
            for part in self.parts(query.profile) {
                part.read(&forest, &mut reader).map_err(|message| ReadError::new(&document.path, message))?;
            }
            foreign.extend(xml::leaves(&forest, &lists));
        }
        let mut reading = reader.reading;
        let ids = &reading.device_ids;
        let found: Things = reading
            .resources
            .iter()
            .map(|(address, resource)| {
                (address, Thing { resource, device_id: ids.get(address).map_or("", String::as_str) })
            })
            .collect();
        let (explained, _) = self.tree(&found, query.device, query.profile);
        let fillers = filler_leaves(&explained, &lists);
        let explained = xml::leaves(&explained, &lists);
        let ours = |path: &String, text: &str| explained.get(path).is_some_and(|own| is_same(own, text));
        foreign.retain(|path, text| !fillers.contains(path) && !ours(path, text));
        reading.foreign = foreign;
        Ok(reading)
    }

    fn filter(&self, query: &Query) -> Option<Vec<u8>> {
        let things = query.things();
        let view = View::new(query.device, &things);
        let forest: Vec<Element> =
            self.parts(query.profile).iter().flat_map(|part| part.filter(&view, query.profile)).collect();
        Some(xml::filter(&joined(forest)))
    }

    fn endangered(&self, artifact: &Artifact, documents: &[Document], query: &Query) -> Result<Vec<String>, ReadError> {
        // A whole document is what is there with the edit applied, which keeps what others wrote.
        if artifact.kind != ArtifactKind::Edit {
            return Ok(Vec::new());
        }
        let lists = self.lists(query.profile);
        let edit = xml::parse(&Document { path: artifact.path.clone(), bytes: artifact.bytes.clone() })?;
        let foreign = self.read(documents, query)?.foreign;
        let mut removed = Vec::new();
        removals("", &edit, &lists, &mut removed);
        let below = |path: &&String| removed.iter().any(|entry| path.starts_with(entry.as_str()));
        Ok(foreign.keys().filter(below).cloned().collect())
    }
}

/// Whether two texts of one leaf say the same: servers write a number with more or fewer zeros than we do.
fn is_same(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    one == other || number(one).is_some_and(|value| number(other) == Some(value))
}

/// The paths of all entries that an edit removes whole, each ending in `/`.
fn removals(path: &str, edit: &[Element], lists: Lists, found: &mut Vec<String>) {
    for element in edit {
        let path = format!("{path}/{}", element.step(lists));
        if element.operation == xml::Operation::Remove {
            found.push(format!("{path}/"));
        } else {
            removals(&path, &element.children, lists, found);
        }
    }
}

/// The paths of all fillers of a tree, and of the leaves in them.
fn filler_leaves(forest: &[Element], lists: Lists) -> BTreeSet<String> {
    fn walk(path: &str, forest: &[Element], inside: bool, lists: Lists, found: &mut BTreeSet<String>) {
        for element in forest {
            let path = format!("{path}/{}", element.step(lists));
            let inside = inside || element.filler;
            walk(&path, &element.children, inside, lists, found);
            if inside {
                found.insert(path);
            }
        }
    }
    let mut found = BTreeSet::new();
    walk("", forest, false, lists, &mut found);
    found
}

/// Joins top-level containers of one name (two parts may own interfaces in one `<interfaces>`).
fn joined(forest: Vec<Element>) -> Vec<Element> {
    let mut all: Vec<Element> = Vec::new();
    for element in forest {
        let container = ["interfaces", "access-points"].contains(&element.name.as_str());
        match all
            .iter_mut()
            .find(|other| container && other.name == element.name && other.namespace == element.namespace)
        {
            Some(other) => other.children.extend(element.children),
            None => all.push(element),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn numbers_are_the_same_with_more_zeros_and_words_are_not() {
        assert!(is_same("20.0", "20") && is_same("20.0", "20.00") && is_same("red", "red"));
        assert!(!is_same("20.0", "20.5") && !is_same("red", "blue") && !is_same("", "0"));
    }
}
