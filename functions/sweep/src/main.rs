//! The sweep function: a schedule calls it, with any payload.

use heaters_runtime::{Services, diagnostic, make_non_dumpable, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use sweep::Sweep;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let services = Services::from_env().await;
    telemetry::start(&services.config);
    make_non_dumpable();
    let sweep = &Sweep::new(&services)?;
    lambda_runtime::run(service_fn(move |_: LambdaEvent<serde_json::Value>| async move {
        sweep::handle(sweep).await.map_err(|failure| diagnostic(&failure))
    }))
    .await
}
