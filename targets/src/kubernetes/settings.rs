//! What operators say of pods: what containers are started with, and annotations.

use k8s_openapi::api::core::v1::EnvVar;
use ranform_network::deployment::{Connector, Resource, settings_of};

use super::names::Labels;
use super::pod::{CONTAINER, name_of};
use super::secrets;

fn is_for(connector: Option<Connector>, container: &str) -> bool {
    connector.map_or(container == CONTAINER, |connector| container == name_of(connector))
}

/// What the entrypoint of a container's image is given.
pub fn args(resource: &Resource, container: &str) -> Option<Vec<String>> {
    let all = settings_of(resource)?.args.iter();
    all.filter(|one| is_for(one.connector, container)).map(|one| one.values.clone()).next()
}

/// The variables of a container: entries of Secrets, and what is written.
pub fn environment(resource: &Resource, container: &str) -> Option<Vec<EnvVar>> {
    let mut variables = secrets::variables(resource, container);
    let said = settings_of(resource).into_iter().flat_map(|settings| &settings.env);
    let said = said.filter(|one| is_for(one.connector, container));
    variables.extend(said.map(|one| EnvVar {
        name: one.name.clone(),
        value: Some(one.value.clone()),
        value_from: None,
    }));
    (!variables.is_empty()).then_some(variables)
}

/// The annotations of the pods.
pub fn annotations(resource: &Resource) -> Labels {
    let all = settings_of(resource).into_iter().flat_map(|settings| &settings.annotations);
    all.map(|one| (one.key.clone(), one.value.clone())).collect()
}
