//! Writes the API's description: `cargo run -p api --example openapi > web/openapi.json`.

fn main() {
    print!("{}", api::openapi::text());
}
