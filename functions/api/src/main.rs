//! The API function.

use api::state::App;
use heaters_runtime::{Services, make_non_dumpable, telemetry};
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let services = Services::from_env().await;
    telemetry::start(&services.config);
    make_non_dumpable();
    let app = Arc::new(App::new(&services)?);
    lambda_http::run(api::router(app)).await
}
