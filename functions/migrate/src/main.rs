//! The migrate function: the deployer calls it after each deployment, with any payload.

use heaters_runtime::{Services, diagnostic, make_non_dumpable, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let services = Services::from_env().await;
    telemetry::start(&services.config);
    make_non_dumpable();
    let services = &services;
    lambda_runtime::run(service_fn(move |_: LambdaEvent<serde_json::Value>| async move {
        migrate::handle(&services.config).await.map_err(|failure| diagnostic(&failure))
    }))
    .await
}
