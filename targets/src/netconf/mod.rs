//! NETCONF: one edit-config body per device and change set, one subtree filter, one reader.
//!
//! A format is a list of [`Part`]s, each the typed schema of a module set. The edit is the [difference](crate::xml::diff)
//! between the trees before and after, so it touches only leaves that differ; where the device is played by a folder
//! the edit is applied to the document found there. Start with [`gpp`], or with [`vlan`], the smallest.

pub mod access_point;
pub mod gpp;
pub mod lte;
mod places;
pub mod record;
pub mod vlan;

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::deployment::Resource;
use ranform_network::diagnostic::codes;
use ranform_network::network::Protocol;
use ranform_network::profile::Profile;
use ranform_network::{Address, Artifact, ArtifactKind};

use crate::target::*;
use crate::view::View;
use crate::xml::{self, Element, List, Lists};

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
}

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
    /// The part of the format and, where its profile says so, one for VLANs on the device's ports.
    fn parts(&self, profile: &Profile) -> Vec<&'static dyn Part> {
        let ports: Option<&'static dyn Part> = match profile.options.get("vlan").map(String::as_str) {
            Some("o-ran") => Some(&vlan::O_RAN),
            Some("ietf") => Some(&vlan::IETF),
            Some("openconfig") => Some(&vlan::OPENCONFIG),
            _ => None,
        };
        std::iter::once(self.part).chain(ports).collect()
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

    /// The edit of a job: one `<config>` forest, and the entries of which others keep leaves.
    fn edit(&self, job: &Job, lists: Lists) -> Result<Vec<Element>, RenderError> {
        let (before, _) = self.tree(&job.before(), job.device, job.profile);
        let (after, mut findings) = self.tree(&job.after(), job.device, job.profile);
        let mut present = Vec::new();
        for document in job.present {
            // A document that cannot be read protects nothing; whoever reads the device reports it.
            present.extend(xml::parse(document).unwrap_or_default());
        }
        let (edit, kept) = xml::diff(&before, &after, &present, lists);
        findings.extend(kept.into_iter().filter(|kept| kept.mandatory).map(|kept| Finding {
            code: &codes::ENTRY_SHARED,
            address: job.device.clone(),
            message: format!(
                "others keep leaves in `{}`, which cannot stay without the mandatory leaves that go",
                kept.path
            ),
            help: "remove their leaves first, or `forget` the address to leave the entry as it is".to_owned(),
        }));
        if findings.is_empty() { Ok(edit) } else { Err(RenderError { findings }) }
    }
}

impl Target for Netconf {
    fn name(&self) -> &'static str {
        self.name
    }

    fn render(&self, job: &Job) -> Result<Vec<Artifact>, RenderError> {
        let lists = self.lists(job.profile);
        let edit = self.edit(job, &lists)?;
        if edit.is_empty() {
            return Ok(Vec::new());
        }
        let protocol = job.entry().and_then(|device| device.management.as_ref()).map(|management| management.protocol);
        if protocol != Some(Protocol::Directory) {
            return Ok(vec![job.artifact(ArtifactKind::Edit, EDIT, xml::config(&edit, &lists))]);
        }
        let mut forest = Vec::new();
        for document in job.present.iter().filter(|document| document.path == DOCUMENT) {
            forest.extend(xml::parse(document).unwrap_or_default());
        }
        if job.present.is_empty() {
            forest = self.tree(&job.before(), job.device, job.profile).0;
        }
        xml::apply(&mut forest, &edit, &lists);
        if forest.is_empty() {
            return Ok(vec![job.artifact(ArtifactKind::Removal, DOCUMENT, Vec::new())]);
        }
        Ok(vec![job.artifact(ArtifactKind::Whole, DOCUMENT, xml::config(&forest, &lists))])
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
        foreign.retain(|path, text| !fillers.contains(path) && explained.get(path) != Some(text));
        reading.foreign = foreign;
        Ok(reading)
    }

    fn filter(&self, query: &Query) -> Option<Vec<u8>> {
        let things = query.things();
        let view = View::new(query.device, &things);
        let forest: Vec<Element> =
            self.parts(query.profile).iter().flat_map(|part| part.filter(&view, query.profile)).collect();
        Some(xml::filter(&joined(forest), &self.lists(query.profile)))
    }

    fn endangered(&self, artifact: &Artifact, documents: &[Document], query: &Query) -> Result<Vec<String>, ReadError> {
        let lists = self.lists(query.profile);
        let edit = xml::parse(&Document { path: artifact.path.clone(), bytes: artifact.bytes.clone() })?;
        let foreign = self.read(documents, query)?.foreign;
        let mut removed = Vec::new();
        removals("", &edit, &lists, &mut removed);
        let below = |path: &&String| removed.iter().any(|entry| path.starts_with(entry.as_str()));
        Ok(foreign.keys().filter(below).cloned().collect())
    }
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
