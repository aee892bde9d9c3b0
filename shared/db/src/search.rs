//! Stills, vectors and the search by similarity.

use crate::{
    DbError, Work,
    query::{Params, count, execute, get, optional, rows, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::contract::{FrameVector, Keyframe};
use pgvector::Vector;
use std::collections::BTreeSet;

/// The most rows that pgvector keeps in view while it walks an index.
const MAX_EF_SEARCH: i64 = 1000;

/// How many stills near each of a clip's are looked at for every clip that is wanted.
const BREADTH: i64 = 6;

/// A model that vectors can be kept for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    pub name: String,
    pub dimension: u32,
}

/// A clip and how much it is like the one in question: cosine, -1..1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    pub clip_number: i64,
    pub similarity: f64,
}

/// What is compared with what, and which part of the ranking is wanted.
#[derive(Debug, Clone)]
pub struct Similar<'a> {
    pub clip_number: i64,
    pub model: &'a ModelRow,
    /// Stills that carry one of these tags take part.
    pub tags: &'a [&'a str],
    pub offset: u32,
    pub limit: u32,
}

/// Makes a model and its index known; again is allowed.
pub async fn register_model(
    client: &impl GenericClient,
    name: &str,
    version: &str,
    dimension: u32,
) -> Result<(), DbError> {
    let params: Params<'_> = &[&name, &version, &(dimension as i32)];
    rows(client, "registering a model", sql!("search/register_model"), params).await.map(drop)
}

pub async fn models(client: &impl GenericClient) -> Result<Vec<ModelRow>, DbError> {
    let found = rows(client, "listing models", sql!("search/models"), &[]).await?;
    found.iter().map(|row| Ok(ModelRow { name: get(row, "name")?, dimension: count(row, "dimension")? })).collect()
}

pub async fn model(client: &impl GenericClient, name: &str) -> Result<Option<ModelRow>, DbError> {
    let row = optional(client, "reading a model", sql!("search/dimension"), &[&name]).await?;
    row.map(|row| Ok(ModelRow { name: name.to_owned(), dimension: count(&row, "dimension")? })).transpose()
}

pub async fn store_keyframes(
    client: &impl GenericClient,
    clip_number: i64,
    version: u32,
    keyframes: &[Keyframe],
) -> Result<(), DbError> {
    for keyframe in keyframes {
        let params: Params<'_> =
            &[&clip_number, &(version as i32), &(keyframe.frame as i32), &keyframe.key, &keyframe.tags];
        execute(client, "storing a still", sql!("search/insert_keyframe"), params).await?;
    }
    Ok(())
}

/// Stores the vectors of stills; vectors of frames that have no still are an error.
pub async fn store_vectors(
    client: &impl GenericClient,
    clip_number: i64,
    version: u32,
    model: &str,
    vectors: &[FrameVector],
) -> Result<(), DbError> {
    for FrameVector { frame, vector } in vectors {
        let vector = Vector::from(vector.clone());
        let params: Params<'_> = &[&clip_number, &(version as i32), &model, &(*frame as i32), &vector];
        let stored = execute(client, "storing a vector", sql!("search/insert_embedding"), params).await?;
        if stored != 1 {
            return Err(DbError::Unreadable { operation: "storing a vector", what: format!("no still {frame}") });
        }
    }
    Ok(())
}

/// Some clip that has vectors of the model.
pub async fn random_clip(client: &impl GenericClient, model: &str) -> Result<Option<i64>, DbError> {
    let row = optional(client, "choosing a clip", sql!("search/random"), &[&model]).await?;
    row.map(|row| get(&row, "clip_number")).transpose()
}

/// The clips most like one, best first. The index proposes candidates for each of the clip's vectors;
/// their similarity is then computed exactly. `None` where the clip has no vectors.
pub async fn most_similar(work: &Work<'_>, wanted: &Similar<'_>) -> Result<Option<Vec<Match>>, DbError> {
    let vectors = query_vectors(work, wanted).await?;
    if vectors.is_empty() {
        return Ok(None);
    }
    // Several stills of one clip may be near, and the best pair does not make the best mean: look wider.
    let breadth = i64::from((wanted.offset + wanted.limit).max(12)) * BREADTH;
    prepare_index_scan(work, breadth).await?;
    let query = sql!("search/candidates")
        .replace("{model}", &wanted.model.name)
        .replace("{dimension}", &wanted.model.dimension.to_string());
    let mut candidates = BTreeSet::new();
    for vector in &vectors {
        let params: Params<'_> = &[vector, &wanted.tags, &wanted.clip_number, &breadth];
        for row in &rows(work, "finding candidates", &query, params).await? {
            candidates.insert(get::<i64>(row, "clip_number")?);
        }
    }
    let candidates: Vec<i64> = candidates.into_iter().collect();
    rank(work, wanted, Some(candidates), false).await.map(Some)
}

/// The clips least like one, worst first: computed over all, for no index knows the farthest.
pub async fn least_similar(work: &Work<'_>, wanted: &Similar<'_>) -> Result<Option<Vec<Match>>, DbError> {
    if query_vectors(work, wanted).await?.is_empty() {
        return Ok(None);
    }
    rank(work, wanted, None, true).await.map(Some)
}

async fn query_vectors(work: &Work<'_>, wanted: &Similar<'_>) -> Result<Vec<Vector>, DbError> {
    let params: Params<'_> = &[&wanted.clip_number, &wanted.model.name, &wanted.tags];
    let found = rows(work, "reading vectors", sql!("search/query_vectors"), params).await?;
    found.iter().map(|row| get(row, "embedding")).collect()
}

/// Lets the index go on until enough rows pass the filter, so that filters never shorten results.
async fn prepare_index_scan(work: &Work<'_>, breadth: i64) -> Result<(), DbError> {
    let settings = format!(
        "SET LOCAL hnsw.iterative_scan = relaxed_order; SET LOCAL hnsw.ef_search = {}",
        breadth.clamp(40, MAX_EF_SEARCH)
    );
    work.batch_execute(&settings).await.map_err(|source| DbError::Query { operation: "preparing a search", source })
}

async fn rank(
    work: &Work<'_>,
    wanted: &Similar<'_>,
    candidates: Option<Vec<i64>>,
    ascending: bool,
) -> Result<Vec<Match>, DbError> {
    let (offset, limit) = (i64::from(wanted.offset), i64::from(wanted.limit));
    let params: Params<'_> =
        &[&wanted.clip_number, &wanted.model.name, &wanted.tags, &candidates, &ascending, &offset, &limit];
    let found = rows(work, "ranking clips", sql!("search/rank"), params).await?;
    found
        .iter()
        .map(|row| Ok(Match { clip_number: get(row, "clip_number")?, similarity: get(row, "similarity")? }))
        .collect()
}
