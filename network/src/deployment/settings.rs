//! What operators say of the pods of software that no plan decides: what containers are started with, and annotations.

use serde::{Deserialize, Serialize};

use crate::network::Settings;

use super::{Connector, ConnectorContainer, Resource};

/// What the pods of an instance are told beside what is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodSettings {
    /// What the entrypoints of its images are given, by container.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<ContainerArguments>,
    /// The variables of its environment, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<VariableValue>,
    /// The annotations of its pods, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation>,
}

/// What the entrypoint of a container's image is given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContainerArguments {
    /// The connector whose container gets them; that of the software itself where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<Connector>,
    /// In order.
    pub values: Vec<String>,
}

/// A variable of an environment, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VariableValue {
    /// The variable.
    pub name: String,
    /// What it says.
    pub value: String,
    /// The connector whose container gets it; that of the software itself where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<Connector>,
}

/// An annotation of pods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Annotation {
    /// Its key.
    pub key: String,
    /// What it says.
    pub value: String,
}

/// What operators say of the pods of an instance; none for anything else.
pub fn settings_of(resource: &Resource) -> Option<&PodSettings> {
    match resource {
        Resource::RicInstance(instance) => Some(&instance.settings),
        Resource::ModelInstance(model) => Some(&model.settings),
        _ => None,
    }
}

/// The settings of an instance: those of its containers that are there.
pub(super) fn settings(said: Option<&Settings>, containers: &[ConnectorContainer]) -> PodSettings {
    let Some(said) = said else { return PodSettings::default() };
    let here =
        |connector: Option<Connector>| connector.is_none_or(|way| containers.iter().any(|one| one.connector == way));
    let arguments = said.args.iter().map(|one| ContainerArguments {
        connector: one.connector.as_ref().map(|connector| connector.value),
        values: one.values.iter().map(ToString::to_string).collect(),
    });
    let variables = said.variables.iter().map(|one| VariableValue {
        name: one.name.value.to_string(),
        value: one.value.to_string(),
        connector: one.connector.as_ref().map(|connector| connector.value),
    });
    let annotations =
        said.annotations.iter().map(|(key, value)| Annotation { key: key.value.to_string(), value: value.to_string() });
    let mut settings = PodSettings {
        args: arguments.filter(|one| here(one.connector)).collect(),
        env: variables.filter(|one| here(one.connector)).collect(),
        annotations: annotations.collect(),
    };
    settings.args.sort();
    settings.env.sort();
    settings.annotations.sort();
    settings
}
