//! Turns a clip's keyframes into vectors for the search.

mod models;

pub use models::Models;

use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::{
    ClipId, Fault, Told,
    contract::{EmbedOutput, FrameVector, Publication, PublicationInput},
    stage::Done,
};
use heaters_embedding::{Embedder, EmbeddingError, Rgb};
use heaters_runtime::ConfigError;
use std::{path::PathBuf, sync::Arc};

#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the embedding model {name:?} can't be used")]
    Model { name: String, source: EmbeddingError },
    #[error("the folder {folder} of the embedding model {asked:?} holds {found:?}")]
    OtherModel { asked: String, found: String, folder: PathBuf },
    #[error("clip {clip} version {version} has no keyframes")]
    NoKeyframes { clip: ClipId, version: u32 },
    #[error("the key {key:?} is not one of a keyframe")]
    StrangeKey { key: String },
    #[error("the keyframe {object} can't be embedded")]
    Picture { object: ObjectRef, source: EmbeddingError },
    #[error("embedding the keyframe {object} stopped in the middle")]
    Stopped { object: ObjectRef, source: tokio::task::JoinError },
}

impl Fault for EmbedError {
    fn told(&self) -> Told<'_> {
        let not_searchable = "A still picture of the clip could not be made searchable. Retry it.";
        match self {
            Self::Store(error) => Told::By(error),
            Self::Config(error) => Told::By(error),
            Self::Model { name, .. } | Self::OtherModel { asked: name, .. } => {
                Told::internal(format!("The search model {name} is not set up as it should be. Tell an operator."))
            }
            Self::NoKeyframes { .. } => {
                Told::internal("The clip has no still pictures to search by. Retry it; they are made again.")
            }
            Self::StrangeKey { key } => Told::internal(format!("A stored file has an unexpected name: {key}.")),
            Self::Picture { source: EmbeddingError::Inference { .. } | EmbeddingError::NoDirection { .. }, .. } => {
                Told::tool_failure(not_searchable)
            }
            Self::Picture { .. } | Self::Stopped { .. } => Told::internal(not_searchable),
        }
    }
}

/// Reads the keyframes of a clip's version and writes their vectors. Vectors of the same frames and
/// dimension that exist are left as they are.
pub async fn run(
    store: &dyn ObjectStore,
    embedder: Arc<Embedder>,
    input: PublicationInput,
) -> Result<Done<EmbedOutput>, EmbedError> {
    let publication = input.publication;
    let manifest = embedder.manifest();
    let keyframes = keyframes(store, &publication).await?;
    let target = ObjectRef::new(&publication.bucket, publication.keys().vectors(&publication.model));
    let output = EmbedOutput {
        model: publication.model.clone(),
        dimension: manifest.dimension,
        vectors: keyframes.len() as u32,
        vectors_key: target.key.clone(),
    };
    if let Some(stored) = stored_vectors(store, &target).await? {
        let same_frames = stored.iter().map(|vector| vector.frame).eq(keyframes.iter().map(|(frame, _)| *frame));
        if same_frames && stored.iter().all(|vector| vector.vector.len() == manifest.dimension as usize) {
            return Ok(Done::already(output));
        }
    }
    let mut vectors = Vec::with_capacity(keyframes.len());
    for (frame, object) in keyframes {
        let vector = vector(store, embedder.clone(), object).await?;
        vectors.push(FrameVector { frame, vector });
    }
    store.put_json(&target, &vectors).await?;
    let count = vectors.len() as f64;
    Ok(Done::completed(output).metric("vectors", count).tool(&manifest.name, &manifest.version))
}

/// The frames and places of the keyframes, by frame.
async fn keyframes(store: &dyn ObjectStore, publication: &Publication) -> Result<Vec<(u32, ObjectRef)>, EmbedError> {
    let prefix = format!("{}/keyframe-", publication.keys().0);
    let mut keyframes = Vec::new();
    for key in store.list(&publication.bucket, &prefix).await? {
        let frame = key.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(".jpg")?.parse().ok());
        let Some(frame) = frame else { return Err(EmbedError::StrangeKey { key }) };
        keyframes.push((frame, ObjectRef::new(&publication.bucket, key)));
    }
    if keyframes.is_empty() {
        return Err(EmbedError::NoKeyframes { clip: publication.clip, version: publication.version });
    }
    keyframes.sort_by_key(|(frame, _)| *frame);
    Ok(keyframes)
}

async fn stored_vectors(store: &dyn ObjectStore, object: &ObjectRef) -> Result<Option<Vec<FrameVector>>, StoreError> {
    match store.get_json(object).await {
        Ok(vectors) => Ok(Some(vectors)),
        Err(StoreError::NotFound { .. } | StoreError::Json { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn vector(store: &dyn ObjectStore, embedder: Arc<Embedder>, object: ObjectRef) -> Result<Vec<f32>, EmbedError> {
    let jpeg = store.get(&object, None).await?;
    let result = tokio::task::spawn_blocking(move || embedder.embed(&[Rgb::from_jpeg(&jpeg)?])).await;
    match result {
        Ok(Ok(vectors)) => Ok(vectors.into_iter().flatten().collect()),
        Ok(Err(source)) => Err(EmbedError::Picture { object, source }),
        Err(source) => Err(EmbedError::Stopped { object, source }),
    }
}
