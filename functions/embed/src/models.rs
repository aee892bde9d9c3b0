use crate::EmbedError;
use heaters_embedding::Embedder;
use heaters_runtime::Config;
use std::{collections::HashMap, path::Path, sync::Arc};
use tokio::sync::Mutex;

/// The models that this process has loaded. A session takes longer to load than a clip to embed, so
/// each is kept from its first use on.
#[derive(Debug, Default)]
pub struct Models(Mutex<HashMap<String, Arc<Embedder>>>);

impl Models {
    /// The model of that name below `MODEL_DIR`.
    pub async fn get(&self, config: &Config, name: &str) -> Result<Arc<Embedder>, EmbedError> {
        let mut loaded = self.0.lock().await;
        if let Some(embedder) = loaded.get(name) {
            return Ok(embedder.clone());
        }
        let folder = Path::new(config.require("MODEL_DIR")?).join(name);
        let runtime = Path::new(config.require("ORT_DYLIB_PATH")?);
        let embedder =
            Embedder::load(&folder, runtime).map_err(|source| EmbedError::Model { name: name.to_owned(), source })?;
        // Vectors of another model under this one's name would spoil the search without a sign.
        if embedder.manifest().name != name {
            let found = embedder.manifest().name.clone();
            return Err(EmbedError::OtherModel { asked: name.to_owned(), found, folder });
        }
        let embedder = Arc::new(embedder);
        loaded.insert(name.to_owned(), embedder.clone());
        Ok(embedder)
    }
}
