//! Dependencies point one way: domain ← {media, vision, embedding, db, aws} ← runtime ← functions.
//! Adapters do not know each other; functions do not know functions.

use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use heaters_tests::root;
use std::collections::BTreeSet;

const ADAPTERS: [&str; 5] = ["heaters-media", "heaters-vision", "heaters-embedding", "heaters-db", "heaters-aws"];
/// Functions that work on media bytes. They reach no database.
const MEDIA_FUNCTIONS: [&str; 8] =
    ["download", "probe", "preprocess", "assemble", "playback", "export", "keyframes", "embed"];

fn packages() -> Vec<Package> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    metadata.packages
}

/// The workspace crates a package is built from; what only its tests use may know more.
fn ours(package: &Package, all: &[Package]) -> BTreeSet<String> {
    let names: BTreeSet<&str> = all.iter().map(|package| package.name.as_str()).collect();
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .filter(|dependency| names.contains(dependency.name.as_str()))
        .map(|dependency| dependency.name.clone())
        .collect()
}

fn folder(package: &Package) -> String {
    let path = package.manifest_path.parent().unwrap();
    path.components().rev().nth(1).unwrap().to_string()
}

#[test]
fn dependencies_point_one_way() {
    let all = packages();
    for package in &all {
        let name = package.name.as_str();
        let used = ours(package, &all);
        let allowed: BTreeSet<&str> = match name {
            "heaters-domain" => BTreeSet::new(),
            adapter if ADAPTERS.contains(&adapter) => BTreeSet::from(["heaters-domain"]),
            "heaters-runtime" => BTreeSet::from(["heaters-domain", "heaters-aws"]),
            _ if folder(package) == "functions" => {
                ADAPTERS.into_iter().chain(["heaters-domain", "heaters-runtime"]).collect()
            }
            _ => continue,
        };
        let wrong: Vec<_> = used.iter().filter(|used| !allowed.contains(used.as_str())).collect();
        assert!(wrong.is_empty(), "{name} must not depend on {wrong:?}");
    }
}

#[test]
fn the_domain_is_pure() {
    let all = packages();
    let domain = all.iter().find(|package| package.name.as_str() == "heaters-domain").unwrap();
    for banned in ["tokio", "aws-config", "reqwest", "tracing", "async-trait", "futures"] {
        assert!(domain.dependencies.iter().all(|dependency| dependency.name != banned), "the domain uses {banned}");
    }
}

#[test]
fn media_functions_reach_no_database() {
    let all = packages();
    for package in all.iter().filter(|package| MEDIA_FUNCTIONS.contains(&package.name.as_str())) {
        for dependency in &package.dependencies {
            assert!(
                !matches!(dependency.name.as_str(), "heaters-db" | "tokio-postgres" | "deadpool-postgres"),
                "{} depends on {}",
                package.name,
                dependency.name
            );
        }
    }
}

#[test]
fn every_main_is_short() {
    for package in packages().iter().filter(|package| folder(package) == "functions") {
        let main = package.manifest_path.parent().unwrap().join("src/main.rs");
        let lines = std::fs::read_to_string(&main).unwrap().lines().count();
        assert!(lines < 40, "{main} has {lines} lines");
    }
}
