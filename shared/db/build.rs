//! Builds the crate again when a migration is added or changed: they are embedded by a macro.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
