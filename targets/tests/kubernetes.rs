//! Objects of a cluster: they read back as what they were made of, keep the rules of restricted pods, and say what others changed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::software::full;
use common::*;
use proptest::prelude::*;
use ranform_network::Address;
use ranform_network::deployment::*;
use ranform_network::network::{PodSecurity, RicProfile};
use ranform_targets::kubernetes::{Shown, values};
use ranform_targets::*;
use serde_json::Value;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_rendered_reads_back(x in software::compute(), y in software::compute()) {
        round_trip(&x, &y, software::scramble);
    }

    #[test]
    fn every_pod_is_restricted_pinned_to_its_node_and_has_what_it_demands(x in software::compute()) {
        let objects = objects(&folder_of(&x));
        let workloads = objects.iter().filter(|object| matches!(Shown::of(object).kind, "Deployment" | "StatefulSet"));
        let mut pods = 0;
        for workload in workloads {
            let pod = &workload["spec"]["template"]["spec"];
            let namespace = workload["metadata"]["namespace"].as_str().unwrap_or_default();
            let restricted = namespace == "ric-metro";
            if restricted {
                prop_assert_eq!(&pod["securityContext"]["runAsNonRoot"], &Value::from(true));
                prop_assert!(pod["securityContext"]["runAsUser"].as_i64().is_some_and(|user| user > 0));
                prop_assert!(pod["hostNetwork"].is_null());
            }
            prop_assert_eq!(&pod["securityContext"]["seccompProfile"]["type"], &Value::from("RuntimeDefault"));
            prop_assert_eq!(&pod["automountServiceAccountToken"], &Value::from(false));
            for container in pod["containers"].as_array().unwrap() {
                prop_assert_eq!(&container["securityContext"]["allowPrivilegeEscalation"], &Value::from(false));
                prop_assert_eq!(&container["securityContext"]["capabilities"]["drop"][0], &Value::from("ALL"));
                prop_assert!(!restricted || container["securityContext"]["capabilities"]["add"].is_null());
                prop_assert_eq!(&container["resources"]["requests"], &container["resources"]["limits"]);
                prop_assert!(writable(pod, container, "/tmp"), "its root is read-only");
            }
            let claims = !workload["spec"]["volumeClaimTemplates"].is_null();
            let secrets: Vec<&Value> = pod["volumes"].as_array().unwrap().iter().filter(|one| one["secret"].is_object()).collect();
            let read = claims || !secrets.is_empty();
            prop_assert_eq!(pod["securityContext"]["fsGroup"].is_i64(), read, "a volume that its user can write or read");
            prop_assert!(secrets.iter().all(|one| one["secret"]["defaultMode"] == 0o440), "{:?}", secrets);
            for container in pod["containers"].as_array().unwrap() {
                let mounts = container["volumeMounts"].as_array().unwrap().iter();
                let mut of_secrets = mounts.filter(|mount| mount["name"].as_str().unwrap().starts_with("secret-"));
                prop_assert!(of_secrets.all(|mount| mount["readOnly"] == true && secrets.iter().any(|one| one["name"] == mount["name"])));
            }
            let of = workload["metadata"]["labels"]["app.kubernetes.io/component"].as_str().unwrap();
            let keeps = Shown::of(workload).kind == "StatefulSet";
            prop_assert_eq!(claims || writable(pod, &pod["containers"][0], "/data"), keeps, "{}", of);
            prop_assert_eq!(probed(&pod["containers"][0]), !["xapp", "rapp", "dapp"].contains(&of), "{}", of);
            prop_assert!(pod["nodeName"].is_null());
            let rule = &pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"][0]["matchExpressions"][0];
            prop_assert_eq!(&rule["values"][0], &Value::from("edge-3"));
            pods += 1;
        }
        prop_assert_eq!(pods, x.placed.len());
        // Each instance has its own budget, account and policy, and no name is used twice.
        let mut names: Vec<_> = objects.iter().map(|object| { let shown = Shown::of(object); (shown.kind, shown.namespace, shown.name) }).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        prop_assert_eq!(names.len(), all);
    }
}

/// Whether a container may write in a folder that is bounded and goes with its pod.
fn writable(pod: &Value, container: &Value, folder: &str) -> bool {
    let mounts = container["volumeMounts"].as_array().into_iter().flatten();
    let mount = mounts.filter(|mount| mount["readOnly"] != true).find(|mount| mount["mountPath"] == folder);
    let volume = |mount: &Value| {
        let volumes = pod["volumes"].as_array().into_iter().flatten();
        volumes.into_iter().any(|one| one["name"] == mount["name"] && one["emptyDir"]["sizeLimit"].is_string())
    };
    mount.is_some_and(volume)
}

/// Whether a container is asked at a TCP port that it has.
fn probed(container: &Value) -> bool {
    let port = &container["readinessProbe"]["tcpSocket"]["port"];
    let ports = container["ports"].as_array().into_iter().flatten();
    let tcp = ports.filter(|one| one["protocol"] == "TCP").any(|one| one["name"] == *port);
    tcp && container["startupProbe"]["tcpSocket"]["port"] == *port
}

/// The files of a whole deployment.
fn folder_of(x: &Deployment) -> Folder {
    let mut folder = Folder::new();
    apply(&mut folder, &Deployment { devices: x.devices.clone(), ..Deployment::default() }, x);
    folder
}

fn objects(folder: &Folder) -> Vec<Value> {
    documents(folder).iter().flat_map(|document| values(document).unwrap()).collect()
}

/// What is read once somebody has changed an object of a kind.
fn read_after(x: &Deployment, kind: &str, change: impl Fn(&mut Value)) -> Reading {
    let mut all = objects(&folder_of(x));
    let at = all.iter().position(|object| Shown::of(object).kind == kind && !Shown::of(object).name.contains("deny"));
    change(&mut all[at.unwrap()]);
    let documents: Vec<Document> =
        all.iter().map(|object| Document { path: String::new(), bytes: serde_json::to_vec(object).unwrap() }).collect();
    let query = Query { device: &device_address(), profile: &profile("kubernetes"), known: &recorded(x) };
    find("kubernetes").unwrap().read(&documents, &query).unwrap()
}

fn deviations(reading: &Reading) -> Vec<String> {
    reading.resources.values().filter_map(Resource::cluster).flat_map(|place| place.altered.clone()).collect()
}

#[test]
fn what_others_change_is_named_and_what_servers_add_is_not() {
    let x = full();
    let reading = read_after(&x, "Deployment", |object| object["spec"]["progressDeadlineSeconds"] = 600.into());
    assert_eq!(deviations(&reading), Vec::<String>::new());
    assert_eq!(reading.resources, resources(&x));

    let reading = read_after(&x, "Service", |object| object["spec"]["ports"][0]["port"] = 1.into());
    assert_eq!(deviations(&reading).len(), 1, "{:?}", deviations(&reading));
    assert!(deviations(&reading)[0].ends_with(".port"), "{:?}", deviations(&reading));

    let reading = read_after(&x, "NetworkPolicy", |object| object["kind"] = "Other".into());
    assert!(deviations(&reading)[0].ends_with("is gone"), "{:?}", deviations(&reading));

    let scaled = read_after(&x, "Deployment", |object| object["spec"]["replicas"] = 7.into());
    assert!(scaled.resources.values().filter_map(Resource::cluster).any(|place| place.replicas == 7));

    // Half an instance is still one: what is gone is named.
    let half = read_after(&x, "ConfigMap", |object| object["kind"] = "Other".into());
    assert_eq!(half.resources.len(), x.placed.len());
    assert!(deviations(&half)[0].starts_with("ConfigMap"), "{:?}", deviations(&half));
}

#[test]
fn an_image_that_others_set_is_told_as_such_and_nothing_else_with_it() {
    let x = full();
    let edited = read_after(&x, "Deployment", |object| {
        object["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example/another:9.9".into();
    });
    assert_eq!(deviations(&edited), Vec::<String>::new());
    let differ =
        |(address, resource): &(&Address, &Resource)| resource.leaves() != x.placed[*address].resource.leaves();
    let changed: Vec<_> = edited.resources.iter().filter(differ).collect();
    assert_eq!(changed.len(), 1);
    let (was, is) = (x.placed[changed[0].0].resource.leaves(), changed[0].1.leaves());
    let leaves: Vec<_> =
        is.iter().filter(|(leaf, value)| was.get(*leaf) != Some(value)).map(|(leaf, _)| leaf).collect();
    assert!(leaves.len() == 1 && leaves[0].ends_with(".image"), "{leaves:?}");
}

#[test]
fn a_budget_that_blocks_drains_a_pause_another_command_and_a_broken_configuration_are_seen() {
    let x = full();
    let budget = |replicas: u32| {
        let mut x = x.clone();
        for placed in x.placed.values_mut() {
            placed.resource.cluster_mut().unwrap().replicas = replicas;
        }
        let reading = read_after(&x, "PodDisruptionBudget", |object| {
            object["spec"]["minAvailable"] = 1.into();
            object["spec"].as_object_mut().unwrap().remove("maxUnavailable");
        });
        deviations(&reading)
    };
    assert_eq!(budget(2), Vec::<String>::new());
    assert!(matches!(&budget(1)[..], [told] if told.starts_with("PodDisruptionBudget")), "{:?}", budget(1));

    let reading = read_after(&x, "Deployment", |object| object["spec"]["paused"] = true.into());
    assert!(
        matches!(&deviations(&reading)[..], [told] if told.ends_with(" spec.paused")),
        "{:?}",
        deviations(&reading)
    );
    let reading = read_after(&x, "Deployment", |object| {
        object["spec"]["template"]["spec"]["containers"][0]["command"] = serde_json::json!(["sleep", "inf"]);
    });
    assert!(matches!(&deviations(&reading)[..], [told] if told.ends_with("].command")), "{:?}", deviations(&reading));

    for broken in
        ["{", "[]", "{}", "{\"kind\": \"node\", \"cores\": []}", "{\"kind\": \"ric-instance\", \"e2_nodes\": 7}"]
    {
        let reading = read_after(&x, "ConfigMap", |object| object["data"]["instance.json"] = broken.into());
        assert_eq!(reading.resources.len(), x.placed.len(), "{broken}");
        let told = deviations(&reading);
        assert!(
            matches!(&told[..], [told] if told.starts_with("ConfigMap") && told.contains("instance.json")),
            "{told:?}"
        );
    }
}

/// The pod templates of all workloads once all instances are changed.
fn templates(change: impl Fn(&mut Resource)) -> Vec<Value> {
    let mut x = full();
    x.placed.values_mut().for_each(|placed| change(&mut placed.resource));
    let workloads = objects(&folder_of(&x)).into_iter();
    let workloads = workloads.filter(|object| matches!(Shown::of(object).kind, "Deployment" | "StatefulSet"));
    workloads.map(|workload| workload["spec"]["template"].clone()).collect()
}

#[test]
fn pods_start_anew_for_what_they_are_told_at_the_start_and_not_for_whom_they_serve() {
    let ric = |change: fn(&mut RicInstanceResource)| {
        templates(move |resource| {
            if let Resource::RicInstance(instance) = resource {
                change(instance);
            }
        })
    };
    let model = |change: fn(&mut ModelInstanceResource)| {
        templates(move |resource| {
            if let Resource::ModelInstance(model) = resource {
                change(model);
            }
        })
    };
    let before = templates(|_| {});
    assert!(before.iter().all(|one| one["metadata"]["annotations"]["ranform.dev/config-digest"].is_string()));
    assert_eq!(ric(|one| one.e2_nodes.clear()), before, "an E2 node that moves");
    assert_eq!(ric(|one| one.stands_by_for = vec![ranform_network::Address::new("node", "gnb-9")]), before);
    assert_eq!(model(|one| one.consumers.clear()), before);
    assert_ne!(ric(|one| one.stores = vec!["ric-metro/edge-9".to_owned()]), before, "a store that moves");
    assert_ne!(ric(|one| one.chain = vec!["guard".to_owned()]), before);
    assert_ne!(ric(|one| one.reads_sdl ^= true), before);
    assert_ne!(model(|one| one.controls = vec!["cell-offset".to_owned()]), before);
}

#[test]
fn policies_reach_the_management_at_the_port_of_its_url_and_nobody_else_is_let_in() {
    let listens = |url: &str| {
        let mut x = full();
        for placed in x.placed.values_mut() {
            match &mut placed.resource {
                Resource::RicInstance(instance) if instance.component == RicPart::Management => {
                    instance.endpoint = Some(url.to_owned());
                    // With conventions of its own it has its own Services.
                    instance.profile = RicProfile::Plain;
                }
                _ => {}
            }
        }
        let all = objects(&folder_of(&x));
        let numbers = |kind: &str, path: &str, number: &str| -> Vec<i64> {
            let found =
                all.iter().filter(|one| Shown::of(one).kind == kind && Shown::of(one).name.contains("management"));
            let lists = found.filter_map(|one| one.pointer(path)?.as_array());
            lists.flatten().filter_map(|one| one.pointer(number)?.as_i64()).collect()
        };
        let open = all.iter().filter(|one| Shown::of(one).kind == "NetworkPolicy");
        let open = open.filter_map(|one| one.pointer("/spec/ingress")?.as_array()).flatten();
        let open = open.filter(|rule| !rule["from"][0]["ipBlock"].is_null() && rule["ports"][0]["protocol"] == "TCP");
        let open: Vec<i64> = open.filter_map(|rule| rule["ports"][0]["port"].as_i64()).collect();
        (numbers("Service", "/spec/ports", "/port"), open)
    };
    assert_eq!(listens("https://ric.example:8443"), (vec![8443, 3800, 3801, 4561], vec![8443]));
    assert_eq!(listens("http://ric.example"), (vec![80, 3800, 3801, 4561], vec![80]));
    assert_eq!(listens("http://ric.example:3800"), (vec![3800, 3801, 4561], vec![3800]));
}

#[test]
fn images_that_can_change_and_amounts_too_fine_are_refused() {
    let refused = |change: &dyn Fn(&mut RicInstanceResource)| {
        let mut x = full();
        for placed in x.placed.values_mut() {
            if let Resource::RicInstance(instance) = &mut placed.resource {
                change(instance);
            }
        }
        let empty = Deployment { devices: x.devices.clone(), ..Deployment::default() };
        let (profile, changes, device) = (profile("kubernetes"), changes(&empty, &x), device_address());
        let job =
            Job { deployment: &x, changes: &changes, device: &device, profile: &profile, present: &[], folder: None };
        let found = render(&job).unwrap_err().findings;
        found.first().map(|finding| finding.code.id).unwrap()
    };
    for image in ["app", "app:latest", "app:Latest", "registry.example:5000/app", "registry.example/app:"] {
        assert_eq!(refused(&|instance| instance.image = Some(image.to_owned())), "RF766", "{image}");
    }
    assert_eq!(refused(&|instance| instance.image = None), "RF761");
    assert_eq!(
        refused(&|instance| {
            instance.demand.insert("cpu".to_owned(), 0.00025);
        }),
        "RF760"
    );
    assert_eq!(
        refused(&|instance| {
            instance.demand.insert("memory".to_owned(), 0.5);
        }),
        "RF760"
    );
    for (pages, size) in [("hugepages-1gi", 2e9), ("hugepages-1gi", 0.0), ("hugepages-big", 1e9)] {
        assert_eq!(
            refused(&|instance| {
                instance.pod_security = Some(PodSecurity::Privileged);
                instance.demand.insert(pages.to_owned(), size);
            }),
            "RF760",
            "{pages} {size}"
        );
    }
    assert_eq!(refused(&|instance| instance.cluster = None), "RF761");
}

/// What the xApp onboarder demands of a descriptor, as in its embedded schema.
fn onboarder() -> Value {
    serde_json::json!({
        "type": "object",
        "required": ["xapp_name", "version", "containers", "messaging"],
        "properties": {
            "xapp_name": {"type": "string"},
            "version": {"type": "string", "pattern": r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$"},
            "containers": {"type": "array", "minItems": 1, "items": {
                "type": "object",
                "required": ["name", "image"],
                "properties": {"image": {
                    "type": "object",
                    "required": ["registry", "name", "tag"],
                    "properties": {
                        "registry": {"type": "string", "pattern": r"^[A-Za-z0-9.-]+\.[A-Za-z]+(:\d+)?$"},
                        "name": {"type": "string", "minLength": 1},
                        "tag": {"type": "string", "minLength": 1},
                    },
                }},
            }},
            "messaging": {"type": "object", "required": ["ports"], "properties": {"ports": {"type": "array", "items": {
                "type": "object",
                "required": ["name", "container", "port"],
                "properties": {"port": {"type": "integer"}},
                "dependencies": {
                    "txMessages": ["rxMessages", "policies"],
                    "rxMessages": ["txMessages", "policies"],
                    "policies": ["rxMessages", "txMessages"],
                },
            }}}},
        },
    })
}

#[test]
fn descriptors_of_xapps_are_what_the_onboarder_wants_and_their_controls_fit_their_own_schema() {
    let onboarder = jsonschema::validator_for(&onboarder()).unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = 0;
    for _ in 0..64 {
        let x = proptest::strategy::Strategy::new_tree(&software::compute(), &mut runner).unwrap();
        let x = proptest::strategy::ValueTree::current(&x);
        for object in objects(&folder_of(&x)) {
            let Some(text) = object.pointer("/data/config-file.json").and_then(Value::as_str) else { continue };
            let descriptor: Value = serde_json::from_str(text).unwrap();
            let errors: Vec<String> = onboarder.iter_errors(&descriptor).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}: {text}");
            let schema: Value = serde_json::from_str(object["data"]["schema.json"].as_str().unwrap()).unwrap();
            let schema = jsonschema::validator_for(&schema).unwrap();
            assert!(schema.is_valid(&descriptor["controls"]), "{text}");
            let containers: Vec<&Value> =
                descriptor["containers"].as_array().unwrap().iter().map(|container| &container["name"]).collect();
            let ports = descriptor["messaging"]["ports"].as_array().unwrap();
            assert!(ports.iter().all(|port| containers.contains(&&port["container"])), "{text}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn pods_of_others_in_the_namespace_are_none_of_our_policies_business() {
    let all = objects(&folder_of(&full()));
    let labels = |object: &Value| object["spec"]["template"]["metadata"]["labels"].as_object().cloned();
    let foreign = serde_json::json!({"app": "database", "app.kubernetes.io/managed-by": "Helm"});
    let mut selected = 0;
    for policy in all.iter().filter(|object| Shown::of(object).kind == "NetworkPolicy") {
        let selector = &policy["spec"]["podSelector"];
        let selects = |pod: &serde_json::Map<String, Value>| {
            let labels = selector["matchLabels"].as_object().into_iter().flatten();
            let rules = selector["matchExpressions"].as_array().into_iter().flatten();
            labels.into_iter().all(|(key, value)| pod.get(key) == Some(value))
                && rules.into_iter().all(|rule| {
                    let values = rule["values"].as_array().unwrap();
                    pod.get(rule["key"].as_str().unwrap()).is_some_and(|value| values.contains(value))
                })
        };
        assert!(!selects(foreign.as_object().unwrap()), "{policy}");
        if policy["metadata"]["name"] == "deny-all" {
            let inside = all.iter().filter(|object| object["metadata"]["namespace"] == policy["metadata"]["namespace"]);
            let pods: Vec<_> = inside.filter_map(labels).collect();
            assert!(pods.iter().all(selects), "{policy}");
            selected += pods.len();
        }
    }
    assert_eq!(selected, full().placed.len(), "each of ours is denied what is not declared");
}

#[test]
fn instances_are_told_where_those_are_that_they_work_with() {
    for (profile, sdl) in [
        (ranform_network::network::RicProfile::Plain, "metro-sdl-edge-1.ric-metro:6379"),
        (ranform_network::network::RicProfile::Osc, "service-ric-metro-dbaas-tcp-edge-1.ric-metro:6379"),
    ] {
        let mut x = full();
        x.placed.values_mut().for_each(|placed| match &mut placed.resource {
            Resource::RicInstance(one) => (one.profile, one.version) = (profile, Some("1.0".to_owned())),
            Resource::ModelInstance(model) => (model.profile, model.version) = (profile, Some("1.0".to_owned())),
            _ => {}
        });
        x.placed.retain(|address, _| !address.as_str().contains("nib"));
        let mut told = 0;
        for map in objects(&folder_of(&x)).iter().filter(|object| Shown::of(object).kind == "ConfigMap") {
            let Some(text) = map["data"]["instance.json"].as_str() else { continue };
            let config: Value = serde_json::from_str(text).unwrap();
            if config["component"] == "sdl" {
                continue;
            }
            assert_eq!(config["services"]["sdl"][0], sdl, "{text}");
            assert!(config["services"]["management"][0].as_str().unwrap().ends_with(".ric-metro:3800"), "{text}");
            told += 1;
        }
        assert!(told >= 5, "{told}");
    }
}

#[test]
fn the_priority_of_a_model_is_that_of_the_consumer_with_the_least_time() {
    let classes = |within: Option<u64>| {
        let pods = templates(move |resource| {
            if let Resource::ModelInstance(model) = resource {
                model.application = Application::Xapp;
                model.within_ns = within.map(|ms| ms * 1_000_000);
            }
        });
        let name = |pod: &Value| pod["metadata"]["labels"]["app.kubernetes.io/name"].to_string();
        let models = pods.into_iter().filter(|pod| name(pod).starts_with("\"storm-v2"));
        let classes = models.map(|pod| pod["spec"]["priorityClassName"].as_str().unwrap().to_owned());
        classes.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    for (within, class) in [
        (Some(10), "ranform-loop-10ms"),
        (Some(100), "ranform-loop-100ms"),
        (Some(1000), "ranform-loop-1s"),
        (Some(60_000), "ranform-no-loop"),
        (None, "ranform-loop-1s"),
    ] {
        assert_eq!(classes(within), [class], "{within:?}");
    }
}

#[test]
fn names_are_asked_of_the_cluster_of_the_node_s_cache_and_of_openshift() {
    let all = objects(&folder_of(&full()));
    let policy =
        all.iter().find(|one| one["metadata"]["name"] == "metro-e2t-edge-3" && Shown::of(one).kind == "NetworkPolicy");
    let rules = policy.unwrap()["spec"]["egress"].as_array().unwrap();
    let reaches = |peer: &str, port: u64| {
        rules.iter().any(|rule| {
            rule["to"].to_string().contains(peer)
                && rule["ports"].as_array().unwrap().iter().any(|one| one["port"] == port)
        })
    };
    assert!(reaches("kube-system", 53) && reaches("169.254.20.10/32", 53) && reaches("openshift-dns", 5353));
    assert!(!reaches("openshift-dns", 53) && !reaches("0.0.0.0/0", 53));
}

#[test]
fn the_version_of_what_says_none_is_its_image_s_tag() {
    let pods = templates(|resource| {
        if let Resource::RicInstance(one) = resource
            && one.component == RicPart::E2t
        {
            (one.version, one.image) = (None, Some("registry.example:5000/ran/app:6.0".to_owned()));
        }
    });
    let label = |pod: &Value| pod["metadata"]["labels"]["app.kubernetes.io/version"].clone();
    let platform = pods.iter().filter(|pod| pod["metadata"]["labels"]["app.kubernetes.io/component"] == "e2t");
    assert_eq!(platform.map(label).collect::<Vec<_>>(), ["6.0"]);
}
