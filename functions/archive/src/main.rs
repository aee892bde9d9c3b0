use heaters_domain::{Stage, contract::IngestInput};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    heaters_runtime::serve(Stage::Archive, |services, input: IngestInput| async move {
        archive::run(services.store.as_ref(), input).await
    })
    .await
}
