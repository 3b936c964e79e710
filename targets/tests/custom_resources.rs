//! Custom resources: their definitions, and what is said of objects that are wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use ranform_network::diagnostic::codes;
use ranform_network::source::Sources;
use ranform_targets::custom_resources::{KINDS, Type, definition, definitions_yaml, read};

/// The findings of a text: code, place and message, one a line.
fn findings(text: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let id = sources.add("objects.yaml", text);
    let (_, findings) = read(sources.get(id).unwrap());
    let told = findings.iter().map(|found| {
        assert!(!found.help.is_empty(), "{found:?}");
        let place = found.span.map(|span| sources.text(span).lines().next().unwrap_or_default().to_owned());
        format!("{} at `{}`: {}; {}", found.code.id, place.unwrap_or_default(), found.message, found.help.join("; "))
    });
    told.collect()
}

#[test]
fn the_definitions_in_the_repository_are_those_of_the_kinds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("kubernetes/crds.yaml");
    let wanted = definitions_yaml();
    if std::env::var("RANFORM_BLESS").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "targets/kubernetes/crds.yaml is not up to date (RANFORM_BLESS=1 rewrites it)");
}

#[test]
fn every_field_is_described_and_every_rule_has_a_message_in_one_line() {
    fn walk(at: &str, of: &Type) {
        match of {
            Type::Object(shape) => {
                for rule in shape.rules {
                    assert!(!rule.message.is_empty() && !rule.message.contains('\n'), "{at}");
                }
                for field in shape.fields {
                    let at = format!("{at}.{}", field.name);
                    assert!(!field.about.is_empty() && !field.about.ends_with('.'), "{at}");
                    assert!(field.rules.iter().all(|rule| !rule.message.is_empty()), "{at}");
                    walk(&at, &field.of);
                }
            }
            Type::List(of, most, _) | Type::Map(of, most) => {
                assert!(*most > 0, "{at}");
                walk(at, of);
            }
            _ => {}
        }
    }
    for kind in &KINDS {
        walk(kind.name, &Type::Object(kind.spec));
        let definition = definition(kind);
        assert_eq!(definition["metadata"]["name"], format!("{}.ranform.dev", kind.plural));
    }
}

#[test]
fn what_is_no_file_of_objects_is_told() {
    let unreadable = codes::RESOURCES_UNREADABLE.id;
    for text in ["", "# nothing\n", "a: [1, 2\n", &"[".repeat(100_000), &format!("a: {}", "x".repeat(65 << 20))] {
        let told = findings(text);
        assert!(told.len() == 1 && told[0].starts_with(unreadable), "{told:?}");
    }
}

#[test]
fn objects_that_are_none_of_ours_are_told() {
    insta::assert_snapshot!(
        findings(concat!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\n",
            "apiVersion: ranform.dev/v2\nkind: Chunk\n---\n",
            "apiVersion: ranform.dev/v1alpha1\nkind: Chnk\n---\n",
            "- 1\n"
        ))
        .join("\n")
    );
    assert!(findings("kind: Chunk\n")[0].starts_with(codes::RESOURCE_KIND.id));
}

#[test]
fn names_that_do_not_fit_are_told() {
    let chunk = |metadata: &str| {
        format!(
            "apiVersion: ranform.dev/v1alpha1\nkind: Chunk\nmetadata: {metadata}\nspec: {{tenant: red, interfaces: [node.a/cell.b]}}\n"
        )
    };
    let annotated = |name: &str, address: &str| {
        chunk(&format!("{{name: {name}, annotations: {{ranform.dev/address: '{address}'}}}}"))
    };
    assert_eq!(findings(&annotated("red", "chunk.red")), Vec::<String>::new());
    assert_eq!(findings(&annotated("north.red", "module.north.chunk.red")), Vec::<String>::new());
    let texts = [
        chunk("{}"),
        chunk("{name: ''}"),
        annotated("blue", "chunk.red"),
        annotated("red", "service.red"),
        annotated("red", "chunk/red"),
        format!("{}---\n{0}", chunk("{name: red}")),
    ];
    let told: Vec<String> = texts.iter().flat_map(|text| findings(text)).collect();
    assert!(told.iter().all(|told| told.starts_with(codes::RESOURCE_NAME.id)), "{told:?}");
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn fields_that_are_wrong_are_told_each_with_its_place() {
    let told = findings(concat!(
        "apiVersion: ranform.dev/v1alpha1\n",
        "kind: Service\n",
        "metadata: {name: red-data}\n",
        "spec:\n",
        "  chunk: 5\n",
        "  plmn: {mcc: '01', mnc: x}\n",
        "  slice: {sst: one, sd: 00000g}\n",
        "  vlan: '101'\n",
        "  Vlan: 101\n",
        "  ssid: ''\n",
        "  colour: red\n",
        "  ratios: [{technology: 6g, share: 10}, {technology: nr, share: 10%}, {technology: nr, share: 20%}]\n",
        "  latency: 10\n",
        "  throughputDownlink: 10MHz\n",
        "  userEquipments: 0\n",
        "---\n",
        "apiVersion: ranform.dev/v1alpha1\n",
        "kind: ServiceSla\n",
        "metadata: {name: plaza}\n",
        "spec: {interfaces: [node.gnb-1], shares: all, theta: 0.1, bestEffort: yes please}\n",
        "---\n",
        "apiVersion: ranform.dev/v1alpha1\n",
        "kind: Chunk\n",
        "metadata: {name: a}\n",
        "---\n",
        "apiVersion: ranform.dev/v1alpha1\n",
        "kind: Chunk\n",
        "metadata: {name: b}\n",
        "spec: {interfaces: [node.a/cell.b, node.a/cell.b]}\n",
    ));
    assert!(told.iter().all(|told| told.starts_with(codes::RESOURCE_FIELD.id)), "{told:?}");
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn lists_of_kubectl_and_json_are_read_and_what_the_server_adds_is_passed_over() {
    let text = r#"{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "ranform.dev/v1alpha1", "kind": "Chunk",
        "metadata": {"name": "red", "uid": "x", "generation": 3, "managedFields": [{"manager": "kubectl"}]},
        "spec": {"tenant": "red", "interfaces": ["node.a/cell.b"], "ratio": null},
        "status": {"observedGeneration": 3, "whatever": []}}]}"#;
    let mut sources = Sources::new();
    let id = sources.add("list.json", text);
    let (resources, findings) = read(sources.get(id).unwrap());
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!((resources[0].name.as_str(), resources[0].spec.as_object().unwrap().len()), ("red", 2));
}
