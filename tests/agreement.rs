//! States, stages and names live in one place; these tests hold the others to it, offline.

use heaters_domain::{ErrorClass, Stage};
use heaters_tests::{root, text};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// States of a machine by their name.
type States = BTreeMap<String, Map<String, Value>>;

fn machine(name: &str) -> Value {
    serde_json::from_str(&text(&format!("statemachine/{name}.asl.json"))).unwrap()
}

fn template() -> Value {
    heaters_local::transform::yaml::parse(&text("infra/template.yaml")).unwrap()
}

/// The machines inside a state: that of a Map, or the branches of a Parallel.
fn inner(state: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let branches = state.get("Branches").and_then(Value::as_array);
    state.get("ItemProcessor").into_iter().chain(branches.into_iter().flatten())
}

/// All states of a machine by name, those inside others too.
fn states(machine: &Value) -> States {
    let mut found = BTreeMap::new();
    for (name, state) in machine["States"].as_object().unwrap() {
        let state = state.as_object().unwrap().clone();
        inner(&state).for_each(|machine| found.extend(states(machine)));
        assert!(found.insert(name.clone(), state).is_none(), "two states are called {name}");
    }
    found
}

fn both() -> [(&'static str, States); 2] {
    ["ingest", "publish"].map(|name| (name, states(&machine(name))))
}

fn pascal(stage: Stage) -> String {
    stage.as_str().split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn kebab(stage: Stage) -> String {
    stage.as_str().replace('_', "-")
}

/// Stages that a state machine runs as a function of their own, and those that the catalog does itself.
const ORCHESTRATED: [Stage; 9] = [
    Stage::Download,
    Stage::Probe,
    Stage::Preprocess,
    Stage::Assemble,
    Stage::DetectScenes,
    Stage::Export,
    Stage::Keyframes,
    Stage::Embed,
    Stage::Archive,
];
const BY_CATALOG: [Stage; 2] = [Stage::Register, Stage::CreateClips];
const APART: [Stage; 3] = [Stage::Playback, Stage::Sweep, Stage::Migrate];

#[test]
fn every_stage_is_a_state_and_a_function() {
    let names: BTreeSet<String> = both().into_iter().flat_map(|(_, states)| states.into_keys()).collect();
    let mut seen = BTreeSet::new();
    for stage in ORCHESTRATED.into_iter().chain(BY_CATALOG) {
        assert!(names.contains(&pascal(stage)), "no state {}", pascal(stage));
        seen.insert(stage);
    }
    for stage in ORCHESTRATED.into_iter().chain(APART) {
        let folder = root().join("functions").join(kebab(stage));
        assert!(folder.join("src/main.rs").is_file(), "no function {}", folder.display());
        seen.insert(stage);
    }
    assert_eq!(seen, Stage::ALL.iter().copied().collect());
}

#[test]
fn every_task_names_the_function_of_its_stage() {
    for (machine, states) in both() {
        for (name, state) in states.iter().filter(|(_, state)| state["Type"] == "Task") {
            if state["Resource"] != "arn:aws:states:::lambda:invoke" {
                continue;
            }
            let function = state["Parameters"]["FunctionName"].as_str().unwrap();
            let expected = match ORCHESTRATED.iter().find(|stage| pascal(**stage) == *name) {
                Some(stage) => format!("${{{}Function}}", pascal(*stage)),
                None => "${CatalogFunction}".to_owned(),
            };
            assert_eq!(function, expected, "{machine}: {name}");
        }
    }
}

#[test]
fn every_state_that_works_retries_and_catches() {
    for (machine, states) in both() {
        // What fails in a branch is the error of the whole Parallel, which catches it; a Map's child is on its own.
        let in_branches: BTreeSet<&String> =
            states.values().filter_map(|state| state.get("Branches")?.as_array()).flatten().flat_map(names).collect();
        for (name, state) in &states {
            let at = format!("{machine}: {name}");
            match state["Type"].as_str() {
                Some("Task" | "Map") => {
                    let retry = state.get("Retry").and_then(Value::as_array);
                    assert!(retry.is_some_and(|retry| !retry.is_empty()), "{at}: Retry");
                }
                // Its branches retry; to do all of them again would help nobody.
                Some("Parallel") => {}
                _ => continue,
            }
            if in_branches.contains(name) {
                continue;
            }
            let catches = state.get("Catch").and_then(Value::as_array).unwrap_or_else(|| panic!("{at}: Catch"));
            assert_eq!(catches.last().unwrap()["ErrorEquals"], serde_json::json!(["States.ALL"]), "{at}");
            assert!(states.contains_key(catches[0]["Next"].as_str().unwrap()), "{at}: Catch leads nowhere");
        }
    }
}

/// The names of a machine's own states.
fn names(machine: &Value) -> impl Iterator<Item = &String> {
    machine["States"].as_object().unwrap().keys()
}

#[test]
fn every_error_name_is_a_class_of_ours_or_of_the_service() {
    let classes: BTreeSet<&str> = ErrorClass::ALL.iter().map(|class| class.as_str()).collect();
    for (machine, states) in both() {
        for (name, state) in &states {
            for rule in
                ["Retry", "Catch"].iter().filter_map(|kind| state.get(*kind)).flat_map(|rule| rule.as_array().unwrap())
            {
                for error in rule["ErrorEquals"].as_array().unwrap().iter().map(|error| error.as_str().unwrap()) {
                    let service =
                        ["States.", "Lambda.", "SQS.", "Runtime."].iter().any(|prefix| error.starts_with(prefix));
                    assert!(service || classes.contains(error), "{machine}: {name} matches {error}");
                }
            }
        }
    }
}

#[test]
fn every_state_is_reached_and_every_move_leads_somewhere() {
    for (name, states) in both() {
        let mut reached: BTreeSet<String> = BTreeSet::new();
        let mut open = vec![machine(name)["StartAt"].as_str().unwrap().to_owned()];
        while let Some(at) = open.pop() {
            let state = states.get(&at).unwrap_or_else(|| panic!("{name}: no state {at}"));
            if !reached.insert(at) {
                continue;
            }
            let mut targets = vec![state.get("Next"), state.get("Default")];
            for list in ["Choices", "Catch"].iter().filter_map(|list| state.get(*list)?.as_array()) {
                targets.extend(list.iter().map(|rule| rule.get("Next")));
            }
            targets.extend(inner(state).map(|machine| machine.get("StartAt")));
            open.extend(targets.into_iter().flatten().map(|target| target.as_str().unwrap().to_owned()));
        }
        let all: BTreeSet<String> = states.keys().cloned().collect();
        assert_eq!(reached, all, "{name}");
    }
}

/// The `${Name}`s of a text.
fn placeholders(text: &str) -> BTreeSet<String> {
    text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect()
}

#[test]
fn every_placeholder_is_substituted_by_the_template() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    for name in ["ingest", "publish"] {
        let uri = format!("../statemachine/{name}.asl.json");
        let found = resources.values().find(|resource| resource["Properties"]["DefinitionUri"] == uri.as_str());
        let machine = found.unwrap_or_else(|| panic!("the template has no state machine of {uri}"));
        let given = machine["Properties"]["DefinitionSubstitutions"].as_object().unwrap();
        let wanted = placeholders(&text(&format!("statemachine/{name}.asl.json")));
        assert_eq!(wanted, given.keys().cloned().collect(), "{name}");
        for (placeholder, value) in given {
            let target = value["Ref"].as_str().or_else(|| value["Fn::GetAtt"][0].as_str());
            let target = target.unwrap_or_else(|| panic!("{name}: {placeholder} points at no resource: {value}"));
            assert!(resources.contains_key(target), "{name}: {placeholder} points at {target}");
        }
    }
}

#[test]
fn the_template_has_every_function() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    for folder in std::fs::read_dir(root().join("functions")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        let pascal: String = name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        let function = resources.get(&format!("{pascal}Function"));
        let function = function.unwrap_or_else(|| panic!("the template has no {pascal}Function"));
        assert_eq!(function["Type"], "AWS::Serverless::Function", "{name}");
    }
}

#[test]
fn the_archive_tag_is_the_one_the_lifecycle_rule_looks_for() {
    let template = text("infra/template.yaml");
    let code = text("functions/archive/src/lib.rs");
    let tag = code.split("ARCHIVE_TAG: (&str, &str) = (\"").nth(1).unwrap();
    let (key, value) = (tag.split('"').next().unwrap(), tag.split('"').nth(2).unwrap());
    assert!(template.contains(key) && template.contains(value), "no lifecycle rule for {key}={value}");
}

/// The functions that touch media bytes, by their way out.
#[test]
fn only_the_download_has_a_way_out_and_nothing_a_way_inside() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let subnets = |name: &str| resources[name]["Properties"]["VpcConfig"]["SubnetIds"].to_string();
    for name in ["Probe", "Preprocess", "Assemble", "DetectScenes", "Playback", "Export", "Keyframes", "Embed"] {
        assert!(!subnets(&format!("{name}Function")).contains("ServiceSubnet"), "{name} has a way out");
    }
    assert!(subnets("DownloadFunction").contains("ServiceSubnet"));
    let download = &resources["DownloadFunction"]["Properties"];
    let group = &resources["DownloadSecurityGroup"]["Properties"]["SecurityGroupEgress"];
    let mut ports: Vec<u64> = group.as_array().unwrap().iter().map(|rule| rule["ToPort"].as_u64().unwrap()).collect();
    ports.sort_unstable();
    let reach = heaters_domain::egress::Reach::default();
    assert_eq!(ports, reach.ports.iter().copied().map(u64::from).collect::<Vec<_>>());
    assert!(!reach.loopback);
    // It writes nothing but sources.
    for statement in download["Policies"][0]["Statement"].as_array().unwrap() {
        let (action, resource) = (statement["Action"].to_string(), statement["Resource"].to_string());
        assert!(resource.contains("/source/") || action.contains("ListBucket"), "{statement}");
    }
    assert!(!text("infra/template.yaml").contains("GUARD_ALLOW_LOOPBACK"), "production lets nobody in");
    let settings = &template["Parameters"]["DownloadSettings"]["Default"];
    assert_eq!(settings, "", "the defaults are the best quality");
}
