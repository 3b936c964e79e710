//! Whether a Secret is there, of which type, and which entries it has: asked by metadata alone, so that what it holds never
//! leaves the server. Only what intents name as a credential of ranform itself is read whole.

use std::collections::BTreeSet;

use k8s_openapi::ByteString;
use kube::api::{Api, DynamicObject, ListParams, ObjectMeta};
use ranform_network::network::SecretEntry;
use serde_json::Value;

use super::{Cluster, Error, Result, kind};
use crate::patience::Patience;

/// The types of Secrets by which kubelets pull images.
const PULLS: [&str; 2] = ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"];

/// What is there under the name of a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretFound {
    /// One of a type that images can be pulled by.
    Pulls,
    /// One of another type, with its entries; none where its metadata do not tell them.
    Other(Option<BTreeSet<String>>),
    /// None.
    Missing,
}

impl Cluster {
    /// What is there under the name of a Secret by which images are to be pulled.
    ///
    /// # Errors
    /// The server cannot be asked or refuses to say.
    pub async fn pull_secret(&mut self, namespace: &str, name: &str, patience: &Patience) -> Result<SecretFound> {
        for of in PULLS {
            let fields = format!("metadata.name={name},type={of}");
            if !self.secrets(namespace, &fields, patience).await?.is_empty() {
                return Ok(SecretFound::Pulls);
            }
        }
        self.secret(namespace, name, patience).await
    }

    /// What is there under the name of a Secret, of whatever type.
    ///
    /// # Errors
    /// The server cannot be asked or refuses to say.
    pub async fn secret(&mut self, namespace: &str, name: &str, patience: &Patience) -> Result<SecretFound> {
        let found = self.secrets(namespace, &format!("metadata.name={name}"), patience).await?;
        Ok(found.first().map_or(SecretFound::Missing, |metadata| SecretFound::Other(entries(metadata))))
    }

    /// What stands in an entry of a Secret: a credential by which ranform logs in.
    ///
    /// # Errors
    /// The server cannot be asked or refuses; there is no such Secret or entry, or it is no text. Never what it holds.
    pub async fn secret_entry(&mut self, entry: SecretEntry<'_>, patience: &Patience) -> Result<String> {
        let SecretEntry { namespace, name, key } = entry;
        let missing = |text: String| Error::Access(format!("{} has {text}", self.server()));
        let secret = kind("Secret").ok_or_else(|| Error::Access("no kind `Secret`".to_owned()))?;
        let (no_secret, no_entry) = (missing("no such Secret".to_owned()), missing(format!("no entry `{key}` in it")));
        let Some(found) = self.get(secret, Some(namespace), name, patience).await? else { return Err(no_secret) };
        let Some(value) = found.pointer("/data").and_then(|data| data.get(key)) else { return Err(no_entry) };
        // What went wrong with its bytes would tell some of them.
        let bytes: Option<ByteString> = serde_json::from_value(value.clone()).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes.0).ok());
        text.ok_or_else(|| Error::Access("what stands in it is no text".to_owned()))
    }

    async fn secrets(&mut self, namespace: &str, fields: &str, patience: &Patience) -> Result<Vec<ObjectMeta>> {
        let secrets = kind("Secret").ok_or_else(|| Error::Access("no kind `Secret`".to_owned()))?.resource();
        let params = ListParams::default().fields(fields);
        let (params, secrets, doing) = (&params, &secrets, format!("list secrets in `{namespace}`"));
        let list = |client| {
            let api: Api<DynamicObject> = Api::namespaced_with(client, namespace, secrets);
            async move { api.list_metadata(params).await }
        };
        let found = self.patiently("list", &doing, patience, list).await?;
        Ok(found.items.into_iter().map(|one| one.metadata).collect())
    }
}

/// The entries of a Secret, by whom its fields were written: the metadata name the fields, never their values. None where
/// nobody's are told, as when somebody emptied the list.
fn entries(metadata: &ObjectMeta) -> Option<BTreeSet<String>> {
    let managers = metadata.managed_fields.iter().flatten();
    let fields = managers.filter_map(|manager| manager.fields_v1.as_ref()).map(|fields| &fields.0);
    let mut told = false;
    let mut entries = BTreeSet::new();
    for fields in fields {
        // What is applied as text stands under its own name.
        for member in ["f:data", "f:stringData"] {
            let Some(members) = fields.get(member).and_then(Value::as_object) else { continue };
            told = true;
            entries.extend(members.keys().filter_map(|name| name.strip_prefix("f:")).map(str::to_owned));
        }
    }
    told.then_some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entries_are_told_by_the_names_of_the_fields_of_all_managers() {
        let metadata = |fields: Value| -> ObjectMeta {
            let managers: Vec<Value> = fields
                .as_array()
                .unwrap()
                .iter()
                .map(|fields| json!({"manager": "m", "operation": "Update", "apiVersion": "v1", "fieldsV1": fields}))
                .collect();
            serde_json::from_value(json!({"name": "s", "managedFields": managers})).unwrap()
        };
        let of = |fields: Value| entries(&metadata(fields));
        let several = of(json!([
            {"f:data": {".": {}, "f:tls.crt": {}}, "f:type": {}},
            {"f:data": {"f:tls.key": {}}},
            {"f:stringData": {"f:user": {}}},
        ]));
        assert_eq!(several.unwrap().into_iter().collect::<Vec<_>>(), ["tls.crt", "tls.key", "user"]);
        assert_eq!(of(json!([{"f:data": {".": {}}}])).unwrap().len(), 0);
        assert_eq!(of(json!([{"f:metadata": {"f:labels": {}}}])), None);
        assert_eq!(of(json!([])), None);
    }
}
