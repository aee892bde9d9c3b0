//! The catalog function: the pipeline's one way to the database.

use heaters_runtime::{Services, diagnostic, make_non_dumpable, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let services = Services::from_env().await;
    telemetry::start(&services.config);
    make_non_dumpable();
    let catalog = Arc::new(catalog::Catalog::new(&services)?);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<_>| {
        let catalog = catalog.clone();
        async move { catalog::handler::handle(&catalog, event.payload).await.map_err(|failure| diagnostic(&failure)) }
    }))
    .await
}
