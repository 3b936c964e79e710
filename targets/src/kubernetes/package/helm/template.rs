//! The templates of an environment: its objects, open to what an operator may change.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Environment;
use super::marks::Marks;
use super::openings::{ENDPOINT, Leaf, Openings, REPLICAS, file, instance, leaves};
use super::roles::{Named, ON_NODE, Roles, in_words};
use super::values::Values;
use crate::kubernetes::names::{INSTANCE, PART_OF, VERSION};
use crate::kubernetes::objects::CONFIG;
use crate::kubernetes::osc::DESCRIPTOR;
use crate::kubernetes::{Shown, pod};

/// What writes the templates of a chart.
pub(super) struct Writer<'a> {
    openings: &'a Openings,
    names: Vec<Named>,
    marks: Marks,
    values: Values,
}

/// The templates by path, and the values that give the objects.
pub(super) fn templates(environment: Environment, openings: &Openings) -> (BTreeMap<String, String>, Values) {
    let Environment { files, marks, names, nodes } = environment;
    let called = if names.is_empty() { Roles::new() } else { nodes.clone() };
    let values = Values { nodes, names: called, ..Values::default() };
    let mut writer = Writer { openings, names, marks, values };
    let mut opened: BTreeMap<String, String> = BTreeMap::new();
    for (path, objects) in files {
        let images: BTreeMap<String, String> = objects.iter().flat_map(images).collect();
        let text = |mut object: Value| {
            writer.open(&mut object, &images);
            serde_yaml::to_string(&object).unwrap_or_default()
        };
        let documents: Vec<String> = objects.into_iter().map(text).collect();
        opened.insert(path, documents.join("---\n"));
    }
    let filled = opened.into_iter().map(|(path, text)| (path, writer.marks.fill(&text))).collect();
    (filled, writer.values)
}

/// The images of a workload by container; none of anything else.
fn images(object: &Value) -> Vec<(String, String)> {
    let containers = object.pointer("/spec/template/spec/containers").and_then(Value::as_array);
    let image = |container: &Value| {
        let text = |name: &str| container.get(name).and_then(Value::as_str).map(str::to_owned);
        Some((text("name")?, text("image")?))
    };
    containers.into_iter().flatten().filter_map(image).collect()
}

impl Writer<'_> {
    /// Opens an object to what an operator may change.
    fn open(&mut self, object: &mut Value, images: &BTreeMap<String, String>) {
        self.open_decided(object);
        self.open_version(object, images);
        let balancer = object.pointer("/spec/type").and_then(Value::as_str) == Some("LoadBalancer");
        match Shown::of(object).kind {
            "Deployment" | "StatefulSet" => self.open_workload(object, images),
            "ConfigMap" => self.open_descriptor(object, images),
            "Service" if balancer => self.open_balancer(object),
            _ => {}
        }
    }

    fn open_balancer(&mut self, object: &mut Value) {
        if let Some(annotations) = object.pointer_mut("/metadata/annotations") {
            let lines = "{{- with .Values.loadBalancer.annotations }}{{ toYaml . | nindent INDENT }}{{- end }}";
            self.marks.lines(annotations, lines);
        }
        if let Some(spec) = object.get_mut("spec") {
            let class = "{{- with .Values.loadBalancer.class }}\nloadBalancerClass: {{ . | quote }}\n{{- end }}";
            self.marks.lines(spec, class);
        }
    }

    /// The value that holds the image of a container of a thing: one for all instances of a function, unless one has another
    /// image than the others.
    fn image_value(&mut self, object: &Value, container: &str, image: &str) -> String {
        let shown = Shown::of(object);
        let system = shown.label(PART_OF).unwrap_or_default();
        let function = format!("{system}-{}", shown.label("app.kubernetes.io/name").unwrap_or(shown.name));
        let own = shown.label(INSTANCE).unwrap_or(shown.name);
        let apart = if container == pod::CONTAINER { String::new() } else { format!("-{container}") };
        let mut key = in_words(&format!("{function}{apart}"), &self.names);
        if self.values.images.get(&key).is_some_and(|known| *known != image) {
            key = format!("{own}{apart}");
        }
        let key = in_words(&key, &self.names);
        self.values.images.insert(key.clone(), image.to_owned());
        key
    }

    fn image_part(&mut self, part: &str, key: &str) -> Value {
        self.marks.value(format!("{{{{ include \"ranform.image{part}\" (list $ \"{key}\") }}}}"))
    }

    /// The descriptor of an xApp names the images that its workload has.
    fn open_descriptor(&mut self, object: &mut Value, images: &BTreeMap<String, String>) {
        let Some(mut descriptor) = file(object, DESCRIPTOR) else { return };
        for container in descriptor.get_mut("containers").and_then(Value::as_array_mut).into_iter().flatten() {
            let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
            let Some(image) = images.get(name) else { continue };
            let key = self.image_value(object, name, image);
            container["image"] = json!({
                "registry": self.image_part("Registry", &key),
                "name": self.image_part("Name", &key),
                "tag": self.image_part("Tag", &key),
            });
        }
        put_file(object, DESCRIPTOR, &descriptor);
    }

    /// A version that is that of the image everywhere follows the value of the image: the label, and what files say.
    fn open_version(&mut self, object: &mut Value, images: &BTreeMap<String, String>) {
        let follows = instance(object).is_some_and(|instance| self.openings.versions.contains(instance));
        let Some(image) = images.get(pod::CONTAINER).filter(|_| follows) else { return };
        let key = self.image_value(object, pod::CONTAINER, image);
        let included = format!("include \"ranform.imageVersion\" (list $ \"{key}\")");
        let lines = format!("{{{{- with {included} }}}}\n{VERSION}: {{{{ . | quote }}}}\n{{{{- end }}}}");
        for labels in ["/metadata/labels", "/spec/template/metadata/labels"] {
            let Some(labels) = object.pointer_mut(labels) else { continue };
            if let Some(members) = labels.as_object_mut() {
                members.remove(VERSION);
            }
            self.marks.lines(labels, &lines);
        }
        for (name, part) in [(CONFIG, "Version"), (DESCRIPTOR, "Release")] {
            let Some(mut file) = file(object, name).filter(|file| file.get("version").is_some()) else { continue };
            file["version"] = self.image_part(part, &key);
            put_file(object, name, &file);
        }
    }

    /// What the environments' plans decided otherwise.
    fn open_decided(&mut self, object: &mut Value) {
        let Some(key) = instance(object).map(|instance| in_words(instance, &self.names)) else { return };
        let openings = self.openings;
        let Some(opened) = openings.decided.get(&key) else { return };
        let chosen: Vec<Leaf> = leaves(object).into_iter().filter(|(leaf, ..)| opened.contains_key(leaf)).collect();
        for (leaf, places, value) in chosen {
            let expression = format!("{{{{ index .Values.decided \"{key}\" \"{leaf}\" | toJson }}}}");
            if leaf == ENDPOINT {
                let Some(mut file) = file(object, CONFIG) else { continue };
                file[ENDPOINT] = self.marks.value(format!("{{{{ index .Values.decided \"{key}\" \"{leaf}\" }}}}"));
                put_file(object, CONFIG, &file);
            }
            for place in places {
                if let Some(place) = object.pointer_mut(&place) {
                    *place = self.marks.value(expression.clone());
                }
            }
            self.values.decided.entry(key.clone()).or_default().insert(leaf, value);
        }
        if Shown::of(object).kind == "PodDisruptionBudget" && opened.contains_key(REPLICAS) {
            self.open_budget(object, &key);
        }
    }

    /// Of several pods one stays; a budget for the only one would block every drain.
    fn open_budget(&mut self, object: &mut Value, key: &str) {
        let Some(spec) = object.get_mut("spec") else { return };
        if let Some(members) = spec.as_object_mut() {
            members.retain(|name, _| name != "minAvailable" && name != "maxUnavailable");
        }
        let several = format!("ge (int (index .Values.decided \"{key}\" \"{REPLICAS}\")) 2");
        let lines =
            format!("{{{{- if {several} }}}}\nminAvailable: 1\n{{{{- else }}}}\nmaxUnavailable: 1\n{{{{- end }}}}");
        self.marks.lines(spec, &lines);
    }

    fn open_workload(&mut self, object: &mut Value, images: &BTreeMap<String, String>) {
        let keys: BTreeMap<String, String> = images
            .iter()
            .map(|(container, image)| (container.clone(), self.image_value(object, container, image)))
            .collect();
        if let Some(node) = object.pointer_mut(ON_NODE)
            && let Some(role) = self.values.nodes.iter().find(|(_, name)| *node == name.as_str()).map(|(role, _)| role)
        {
            let role = Value::from(role.as_str());
            *node = self.marks.value(format!("{{{{ index .Values.nodes {role} | quote }}}}"));
        }
        let Some(pod) = object.pointer_mut("/spec/template/spec") else { return };
        for container in pod.pointer_mut("/containers").and_then(Value::as_array_mut).into_iter().flatten() {
            let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
            let Some(key) = keys.get(name) else { continue };
            container["image"] =
                self.marks.value(format!("{{{{ include \"ranform.image\" (list $ \"{key}\") | quote }}}}"));
        }
        let own = pod.as_object_mut().and_then(|pod| pod.remove("imagePullSecrets"));
        let secrets = secrets(own.as_ref());
        let lines = format!(
            "{{{{- with {secrets} }}}}\nimagePullSecrets: {{{{- toYaml . | nindent INDENT }}}}\n{{{{- end }}}}"
        );
        self.marks.lines(pod, &lines);
        if let Some(claim) = object.pointer_mut("/spec/volumeClaimTemplates/0/spec") {
            let lines = "{{- with .Values.storageClassName }}\nstorageClassName: {{ . | quote }}\n{{- end }}";
            self.marks.lines(claim, lines);
        }
    }
}

fn put_file(object: &mut Value, name: &str, file: &Value) {
    let text = serde_json::to_string_pretty(file).unwrap_or_default() + "\n";
    object["data"][name] = text.into();
}

/// The Secrets by which a pod's images are pulled: those of the plan, and the operator's after them.
fn secrets(own: Option<&Value>) -> String {
    let names = own.and_then(Value::as_array).into_iter().flatten().filter_map(|one| one.get("name"));
    let own: Vec<String> = names.map(|name| format!("(dict \"name\" {name})")).collect();
    match own.is_empty() {
        true => ".Values.imagePullSecrets".to_owned(),
        false => format!("concat (list {}) (default list .Values.imagePullSecrets)", own.join(" ")),
    }
}
