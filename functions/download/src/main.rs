use heaters_domain::{Stage, contract::IngestInput};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    heaters_runtime::serve(Stage::Download, |_services, input: IngestInput| async { download::run(input) }).await
}
