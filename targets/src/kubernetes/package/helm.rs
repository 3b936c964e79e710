//! A Helm chart: templates that are the objects, with values for what an operator may change without the plan's proof
//! becoming untrue.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{File, HEADER, Objects};
use crate::kubernetes::names::{INSTANCE, PART_OF};
use crate::kubernetes::osc::DESCRIPTOR;
use crate::kubernetes::{HOSTNAME, Shown};

/// What a chart is called and which intents it is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// Its name, a DNS label.
    pub name: String,
    /// The first digits of the digest of the intents.
    pub digest: String,
}

/// `Chart.yaml`, `values.yaml` with its schema, `templates/`, and `values-NAME.yaml` for each environment that differs
/// in values only. The second part names the environments that do not: each is a chart of its own.
pub fn helm(chart: &Chart, base: &Objects, environments: &BTreeMap<String, Objects>) -> (Vec<File>, Vec<String>) {
    let (templates, values) = templates(base);
    let mut files: Vec<File> =
        templates.iter().map(|(path, text)| file(&format!("templates/{path}"), HEADER.to_owned() + text)).collect();
    files.push(file("Chart.yaml", about(chart)));
    files.push(file("values.yaml", values.text(true)));
    files.push(file("values.schema.json", values.schema()));
    files.push(file("templates/_helpers.tpl", HELPERS.to_owned()));
    let mut apart = Vec::new();
    for (name, objects) in environments {
        let (others, values) = self::templates(objects);
        match others == templates {
            true => files.push(file(&format!("values-{name}.yaml"), values.text(false))),
            false => apart.push(name.clone()),
        }
    }
    files.sort();
    (files, apart)
}

fn file(path: &str, text: String) -> File {
    File { path: path.to_owned(), text }
}

fn about(chart: &Chart) -> String {
    let about = json!({
        "apiVersion": "v2",
        "name": chart.name,
        "description": "Functions of a radio access network, placed by ranform",
        "type": "application",
        "version": format!("1.0.0+{}", chart.digest),
        "appVersion": chart.digest,
    });
    HEADER.to_owned() + &serde_yaml::to_string(&about).unwrap_or_default()
}

/// An image by its key, from the mirror where one is given.
const HELPERS: &str = r#"{{- /* Written by `ranform render`; change the intents, not this file. */ -}}
{{- define "ranform.image" -}}
{{- $image := index (index . 0).Values.images (index . 1) -}}
{{- with (index . 0).Values.registry -}}
{{- regexReplaceAll "^[^/]+/" $image (printf "%s/" .) -}}
{{- else -}}
{{- $image -}}
{{- end -}}
{{- end -}}
{{- /* Its parts, as the descriptor of an xApp has them. */ -}}
{{- define "ranform.imageRest" -}}
{{- $image := include "ranform.image" . -}}
{{- $first := regexFind "^[^/]+/" $image -}}
{{- if regexMatch "[.:]" $first -}}
{{- trimPrefix $first $image -}}
{{- else if $first -}}
{{- $image -}}
{{- else -}}
{{- printf "library/%s" $image -}}
{{- end -}}
{{- end -}}
{{- define "ranform.imageRegistry" -}}
{{- $first := regexFind "^[^/]+/" (include "ranform.image" .) -}}
{{- if regexMatch "[.:]" $first -}}
{{- trimSuffix "/" $first -}}
{{- else -}}
docker.io
{{- end -}}
{{- end -}}
{{- define "ranform.imageName" -}}
{{- $rest := include "ranform.imageRest" . -}}
{{- if contains "@sha256:" $rest -}}
{{- printf "%s@sha256" (regexReplaceAll ":[^:]*$" (regexReplaceAll "@.*$" $rest "") "") -}}
{{- else -}}
{{- regexReplaceAll ":[^:]*$" $rest "" -}}
{{- end -}}
{{- end -}}
{{- define "ranform.imageTag" -}}
{{- $image := include "ranform.image" . -}}
{{- if contains "@sha256:" $image -}}
{{- regexReplaceAll "^.*@sha256:" $image "" -}}
{{- else -}}
{{- regexReplaceAll "^.*:" $image "" -}}
{{- end -}}
{{- end -}}
"#;

/// What an operator may change, as it is in the plan.
#[derive(Clone, Debug, Default)]
struct Values {
    images: BTreeMap<String, String>,
    nodes: BTreeMap<String, String>,
}

impl Values {
    /// The file: all of it with explanations, or only what an environment has otherwise.
    fn text(&self, whole: bool) -> String {
        let yaml = |members: &Value| serde_yaml::to_string(members).unwrap_or_default();
        let images = yaml(&json!({"images": self.images}));
        if !whole {
            return format!("{HEADER}{images}");
        }
        format!(
            "{HEADER}# The image of each function; a tag that can become another image is refused by the next plan.\n{images}\
             # A registry that mirrors all of them: takes the place of the part before the first `/`.\nregistry: \"\"\n\
             # Secrets to pull them with, beside those of the plan: [{{name: regcred}}].\nimagePullSecrets: []\n\
             # What the chosen nodes are called in this cluster (their label {HOSTNAME}): for hardware that is replaced.\n{}\
             # The class of the storage of what keeps state; the cluster's default where it is empty.\nstorageClassName: \"\"\n\
             # How E2 nodes reach the E2 terminations.\nloadBalancer:\n  class: \"\"\n  annotations: {{}}\n",
            yaml(&json!({"nodes": self.nodes}))
        )
    }

    /// Their schema (JSON Schema draft-07): any other value is refused by Helm.
    fn schema(&self) -> String {
        // What is required cannot be taken away with `null`: a function without an image or a node would be rendered.
        let texts = |of: &BTreeMap<String, String>, each: Value| {
            let properties: BTreeMap<&String, &Value> = of.keys().map(|name| (name, &each)).collect();
            let required: Vec<&String> = of.keys().collect();
            json!({"type": "object", "additionalProperties": false, "properties": properties, "required": required})
        };
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "description": "Written by `ranform render`. Replicas, resources, places and policies are decided in the plan.",
            "type": "object",
            "additionalProperties": false,
            "required": ["images", "nodes"],
            "properties": {
                "global": {"type": "object"},
                "images": texts(&self.images, pinned()),
                "nodes": texts(&self.nodes, json!({"type": "string", "minLength": 1})),
                "registry": {"type": "string"},
                "imagePullSecrets": {"type": "array", "items": {"type": "object"}},
                "storageClassName": {"type": "string"},
                "loadBalancer": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "class": {"type": "string"},
                        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                },
            },
        });
        format!("{schema:#}\n")
    }
}

/// The schema of an image that is always the same one ([`ranform_network::image::is_pinned`]). Helm's regular expressions
/// have no look-ahead.
fn pinned() -> Value {
    json!({
        "type": "string",
        "description": "an image by digest, or by a tag that is not `latest`",
        "anyOf": [
            {"pattern": "@"},
            {"pattern": ":[^:/]+$", "not": {"pattern": ":[lL][aA][tT][eE][sS][tT]$"}},
        ],
    })
}

/// The templates by path, and the values that give the objects.
fn templates(objects: &Objects) -> (BTreeMap<String, String>, Values) {
    let whole: String = objects.all().map(Value::to_string).collect();
    let mut mark = "RANFORM".to_owned();
    while whole.contains(&mark) {
        mark.push('X');
    }
    let mut values = Values::default();
    let mut templates = BTreeMap::new();
    for (path, objects) in objects.files() {
        let mut marks = Marks { mark: &mark, expressions: Vec::new() };
        let images: BTreeMap<String, String> = objects.iter().flat_map(|object| images(object)).collect();
        let documents: Vec<String> = objects
            .into_iter()
            .map(|object| {
                let mut object = object.clone();
                open(&mut object, &images, &mut marks, &mut values);
                serde_yaml::to_string(&object).unwrap_or_default()
            })
            .collect();
        templates.insert(path.to_owned(), marks.fill(&documents.join("---\n")));
    }
    (templates, values)
}

/// Places in a text that expressions of the template language take.
struct Marks<'a> {
    mark: &'a str,
    expressions: Vec<String>,
}

impl Marks<'_> {
    /// A value that is written by an expression.
    fn value(&mut self, expression: String) -> Value {
        self.expressions.push(expression);
        format!("{}{:06}E", self.mark, self.expressions.len() - 1).into()
    }

    /// A member of `object` that an expression writes, name and all, over lines of their own.
    fn lines(&mut self, object: &mut Value, expression: &str) {
        let Value::String(name) = self.value(expression.to_owned()) else { return };
        if let Some(members) = object.as_object_mut() {
            members.insert(name, Value::Null);
        }
    }

    /// The text with the expressions in their places. `{{` of the text itself is written as such.
    fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        for line in text.replace("{{", "{{ \"{{\" }}").lines() {
            let indent = line.len() - line.trim_start().len();
            let mut line = line.to_owned();
            for (at, expression) in self.expressions.iter().enumerate() {
                let mark = format!("{}{at:06}E", self.mark);
                if line.trim_start() == format!("{mark}: null") {
                    let block = expression.replace("INDENT", &indent.to_string());
                    line =
                        block.lines().map(|one| format!("{}{one}", " ".repeat(indent))).collect::<Vec<_>>().join("\n");
                } else if line.contains(&mark) {
                    line = line.replace(&mark, expression);
                }
            }
            filled.push_str(&line);
            filled.push('\n');
        }
        filled
    }
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

/// The value that holds the image of a container of a thing: one for all instances of a function, unless one has another
/// image than the others.
fn image_value(shown: &Shown<'_>, container: &str, image: &str, values: &mut Values) -> String {
    let system = shown.label(PART_OF).unwrap_or_default();
    let function = format!("{system}-{}", shown.label("app.kubernetes.io/name").unwrap_or(shown.name));
    let instance = shown.label(INSTANCE).unwrap_or(shown.name);
    let apart = if container == crate::kubernetes::pod::CONTAINER { String::new() } else { format!("-{container}") };
    let mut key = format!("{function}{apart}");
    if values.images.get(&key).is_some_and(|known| *known != image) {
        key = format!("{instance}{apart}");
    }
    values.images.insert(key.clone(), image.to_owned());
    key
}

/// The descriptor of an xApp names the images that its workload has.
fn open_descriptor(object: &mut Value, images: &BTreeMap<String, String>, marks: &mut Marks<'_>, values: &mut Values) {
    let Some(text) = object.pointer("/data").and_then(|data| data.get(DESCRIPTOR)?.as_str()) else { return };
    let Ok(mut descriptor) = serde_json::from_str::<Value>(text) else { return };
    let shown = Shown::of(object);
    for container in descriptor.get_mut("containers").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
        let Some(image) = images.get(name) else { continue };
        let key = image_value(&shown, name, image, values);
        let mut part =
            |part: &str| marks.value(format!("{{{{ include \"ranform.image{part}\" (list $ \"{key}\") }}}}"));
        container["image"] = json!({"registry": part("Registry"), "name": part("Name"), "tag": part("Tag")});
    }
    let text = serde_json::to_string_pretty(&descriptor).unwrap_or_default() + "\n";
    object["data"][DESCRIPTOR] = text.into();
}

/// Opens an object to what an operator may change.
fn open(object: &mut Value, images: &BTreeMap<String, String>, marks: &mut Marks<'_>, values: &mut Values) {
    let shown = Shown::of(object);
    let balancer = object.pointer("/spec/type").and_then(Value::as_str) == Some("LoadBalancer");
    match shown.kind {
        "Deployment" | "StatefulSet" => open_workload(object, images, marks, values),
        "ConfigMap" => open_descriptor(object, images, marks, values),
        "Service" if balancer => {
            if let Some(annotations) = object.pointer_mut("/metadata/annotations") {
                marks.lines(
                    annotations,
                    "{{- with .Values.loadBalancer.annotations }}{{ toYaml . | nindent INDENT }}{{- end }}",
                );
            }
            if let Some(spec) = object.get_mut("spec") {
                let class = "{{- with .Values.loadBalancer.class }}\nloadBalancerClass: {{ . | quote }}\n{{- end }}";
                marks.lines(spec, class);
            }
        }
        _ => {}
    }
}

fn open_workload(object: &mut Value, images: &BTreeMap<String, String>, marks: &mut Marks<'_>, values: &mut Values) {
    let shown = Shown::of(object);
    let of =
        |(container, image): (&String, &String)| (container.clone(), image_value(&shown, container, image, values));
    let keys: BTreeMap<String, String> = images.iter().map(of).collect();
    let Some(pod) = object.pointer_mut("/spec/template/spec") else { return };
    for container in pod.pointer_mut("/containers").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
        let Some(key) = keys.get(name) else { continue };
        container["image"] = marks.value(format!("{{{{ include \"ranform.image\" (list $ \"{key}\") | quote }}}}"));
    }
    let rules = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0/values/0";
    if let Some(node) = pod.pointer_mut(rules)
        && let Some(name) = node.as_str().map(str::to_owned)
    {
        values.nodes.insert(name.clone(), name.clone());
        *node = marks.value(format!("{{{{ index .Values.nodes {} | quote }}}}", Value::from(name)));
    }
    let own = pod.as_object_mut().and_then(|pod| pod.remove("imagePullSecrets"));
    let secrets = secrets(own.as_ref());
    let lines =
        format!("{{{{- with {secrets} }}}}\nimagePullSecrets: {{{{- toYaml . | nindent INDENT }}}}\n{{{{- end }}}}");
    marks.lines(pod, &lines);
    if let Some(claim) = object.pointer_mut("/spec/volumeClaimTemplates/0/spec") {
        marks.lines(claim, "{{- with .Values.storageClassName }}\nstorageClassName: {{ . | quote }}\n{{- end }}");
    }
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
