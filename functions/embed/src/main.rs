use heaters_domain::{Stage, contract::PublicationInput};
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let models = Arc::new(embed::Models::default());
    heaters_runtime::serve(Stage::Embed, move |services, input: PublicationInput| {
        let models = models.clone();
        async move {
            let embedder = models.get(&services.config, &input.publication.model).await?;
            embed::run(services.store.as_ref(), embedder, input).await
        }
    })
    .await
}
