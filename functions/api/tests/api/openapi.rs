//! The document that the page's types are made from.

#[test]
fn the_stored_document_is_the_api_s_own() {
    let stored = include_str!("../../../../web/openapi.json");
    let regenerate = "run `cargo run -p api --example openapi > web/openapi.json`";
    assert!(stored == api::openapi::text(), "web/openapi.json is out of date: {regenerate}");
}

#[test]
fn every_reference_points_somewhere() {
    let text = api::openapi::text();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is not described");
    }
}
