//! The commits that carry a job out: one, or, where it restarts cells in service, several under one name: shut down,
//! lock, change, unlock. A commit is one edit-config body or, where entries of an ordered list move, a few.
//!
//! The path of a document says where it belongs: `edit-config.xml` is the only commit, `3-change.2.xml` the second
//! edit of the third.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::deployment::Resource;
use ranform_network::profile::{AdministrativeState, Effect, Lock};
use ranform_network::{Address, Artifact, Change};

use crate::target::{Job, Thing, Things};
use crate::view::View;

/// What a commit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Cells take no new users.
    ShutDown,
    /// Cells are out of service.
    Lock,
    /// What is to be changed.
    Change,
    /// Cells are in service again.
    Unlock,
}

impl Purpose {
    const ALL: [(Self, &'static str); 4] =
        [(Self::ShutDown, "shut-down"), (Self::Lock, "lock"), (Self::Change, "change"), (Self::Unlock, "unlock")];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(purpose, _)| *purpose == self).map_or("", |(_, word)| word)
    }

    /// The purpose of the document at `path`; a plain edit is a change.
    fn of(path: &str) -> Self {
        let word = path.split_once('-').map_or("", |(_, rest)| rest.split('.').next().unwrap_or(rest));
        Self::ALL.iter().find(|(_, known)| *known == word).map_or(Self::Change, |(purpose, _)| *purpose)
    }
}

/// Documents that take effect together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// What it is for.
    pub purpose: Purpose,
    /// Its edits, in order.
    pub edits: Vec<Artifact>,
}

/// The commits that documents in the order of their paths belong to.
pub fn commits(artifacts: &[Artifact]) -> Vec<Commit> {
    let stem = |artifact: &Artifact| artifact.path.split('.').next().unwrap_or_default().to_owned();
    let mut all: Vec<(String, Commit)> = Vec::new();
    for artifact in artifacts {
        match all.last_mut().filter(|(last, _)| *last == stem(artifact)) {
            Some((_, commit)) => commit.edits.push(artifact.clone()),
            None => {
                let commit = Commit { purpose: Purpose::of(&artifact.path), edits: vec![artifact.clone()] };
                all.push((stem(artifact), commit));
            }
        }
    }
    all.into_iter().map(|(_, commit)| commit).collect()
}

/// The paths of the edits of commits: purposes and how many edits each has.
pub(super) fn paths(commits: &[(Purpose, usize)]) -> Vec<String> {
    let mut paths = Vec::new();
    for (number, (purpose, edits)) in (1..).zip(commits) {
        let stem = match commits {
            [_] => super::EDIT.trim_end_matches(".xml").to_owned(),
            _ => format!("{number}-{}", purpose.word()),
        };
        match edits {
            1 => paths.push(format!("{stem}.xml")),
            _ => paths.extend((1..=*edits).map(|edit| format!("{stem}.{edit}.xml"))),
        }
    }
    paths
}

/// The cells in service that a job's changes restart or take away, where the device can lock them first.
pub fn restarted(job: &Job) -> BTreeSet<Address> {
    if job.profile.lock.is_none() {
        return BTreeSet::new();
    }
    let before = job.before();
    let view = View::new(job.device, &before);
    let in_service = view.cells.iter().filter(|cell| cell.own.is_some_and(|own| own.resource.unlocked));
    let cells = in_service.map(|cell| cell.address.clone());
    cells.filter(|cell| job.changes.iter().any(|change| restarts(change, cell, job.device))).collect()
}

/// Whether a change restarts a cell: one of it or below it, or one that restarts its node.
fn restarts(change: &Change, cell: &Address, device: &Address) -> bool {
    match change.effect {
        Effect::NodeRestart => change.address == *device || change.address.is_within(cell),
        Effect::CellRestart => change.address.is_within(cell),
        Effect::Hitless | Effect::UeRelease => false,
    }
}

/// The purposes of the states that a lock goes through.
pub(super) fn locking(lock: &Lock) -> impl Iterator<Item = (Purpose, AdministrativeState)> + '_ {
    lock.states.iter().filter_map(|state| match state {
        AdministrativeState::ShuttingDown => Some((Purpose::ShutDown, *state)),
        AdministrativeState::Locked => Some((Purpose::Lock, *state)),
        AdministrativeState::Unlocked => None,
    })
}

/// Cells as they are while they are locked.
pub(super) struct Locked(BTreeMap<Address, Resource>);

impl Locked {
    /// These cells of `things`.
    pub(super) fn new(things: &Things, cells: &BTreeSet<Address>) -> Self {
        let locked = things.iter().filter(|(address, _)| cells.contains(**address));
        let out_of_service = |(address, thing): (&&Address, &Thing)| {
            let mut resource = thing.resource.clone();
            if let Resource::Cell(cell) = &mut resource {
                cell.unlocked = false;
            }
            ((*address).clone(), resource)
        };
        Self(locked.map(out_of_service).collect())
    }

    /// `things` with these cells locked.
    pub(super) fn within<'a>(&'a self, things: &Things<'a>) -> Things<'a> {
        let one = |(address, thing): (&&'a Address, &Thing<'a>)| {
            let resource = self.0.get(*address).unwrap_or(thing.resource);
            (*address, Thing { resource, ..*thing })
        };
        things.iter().map(one).collect()
    }
}
