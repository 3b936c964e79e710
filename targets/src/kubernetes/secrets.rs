//! Secrets that the containers of a pod are given: volumes, mounts and variables, each a reference.

use k8s_openapi::api::core::v1::{
    EnvVar, EnvVarSource, KeyToPath, SecretKeySelector, SecretVolumeSource, Volume, VolumeMount,
};
use ranform_network::address::slug;
use ranform_network::deployment::{Resource, SecretReference};

use super::pod::{CONTAINER, name_of};

/// What of a Secret's files the user of a pod may do: its owner and its group read them, nobody else does anything.
const READABLE: i32 = 0o440;

/// The Secrets that an instance is given.
pub fn given(resource: &Resource) -> &[SecretReference] {
    match resource {
        Resource::RicInstance(instance) => &instance.secrets,
        Resource::ModelInstance(model) => &model.secrets,
        _ => &[],
    }
}

/// Whether any of them is a file: whoever reads it is in the group of the volume.
pub fn has_files(resource: &Resource) -> bool {
    given(resource).iter().any(|one| one.folder.is_some())
}

fn of_container<'a>(resource: &'a Resource, container: &'a str) -> impl Iterator<Item = &'a SecretReference> {
    given(resource)
        .iter()
        .filter(move |one| one.connector.map_or(container == CONTAINER, |connector| container == name_of(connector)))
}

/// The volume of a Secret, or of one entry of it.
fn volume_name(one: &SecretReference) -> String {
    // A slash is in neither name, and makes the slug another one.
    let entry = one.key.as_ref().map(|key| format!("/{key}")).unwrap_or_default();
    slug(&format!("secret-{}{entry}", one.secret))
}

/// The volumes, each once.
pub fn volumes(resource: &Resource) -> Vec<Volume> {
    let mut volumes: Vec<Volume> = Vec::new();
    for one in given(resource).iter().filter(|one| one.folder.is_some()) {
        let name = volume_name(one);
        if volumes.iter().any(|volume| volume.name == name) {
            continue;
        }
        let item = |key: &String| KeyToPath { key: key.clone(), path: key.clone(), mode: None };
        volumes.push(Volume {
            name,
            secret: Some(SecretVolumeSource {
                secret_name: Some(one.secret.clone()),
                default_mode: Some(READABLE),
                items: one.key.as_ref().map(|key| vec![item(key)]),
                optional: None,
            }),
            ..Volume::default()
        });
    }
    volumes
}

/// Where a container finds the files.
pub fn mounts<'a>(resource: &'a Resource, container: &'a str) -> impl Iterator<Item = VolumeMount> {
    of_container(resource, container).filter_map(|one| {
        Some(VolumeMount {
            name: volume_name(one),
            mount_path: one.folder.clone()?,
            read_only: Some(true),
            ..VolumeMount::default()
        })
    })
}

/// The variables of a container that hold entries of Secrets.
pub fn variables(resource: &Resource, container: &str) -> Vec<EnvVar> {
    let variable = |one: &SecretReference| {
        let (name, key) = (one.variable.clone()?, one.key.clone()?);
        let selector = SecretKeySelector { name: one.secret.clone(), key, optional: None };
        let from = EnvVarSource { secret_key_ref: Some(selector), ..EnvVarSource::default() };
        Some(EnvVar { name, value: None, value_from: Some(from) })
    };
    of_container(resource, container).filter_map(variable).collect()
}
