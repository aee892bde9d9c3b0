//! The issuer's public keys, fetched when they are needed and kept.

use jsonwebtoken::{DecodingKey, jwk::JwkSet};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// An unknown key id makes the keys be fetched anew, but not more often than this: ids are the caller's
/// to make up.
const REFETCH_AFTER: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
#[error("the issuer's keys could not be fetched")]
pub(crate) struct KeysUnavailable(#[from] reqwest::Error);

pub(crate) struct Keys {
    url: String,
    client: reqwest::Client,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    keys: HashMap<String, DecodingKey>,
    fetched_at: Option<Instant>,
}

impl Keys {
    pub(crate) fn new(url: String) -> Self {
        Self { url, client: reqwest::Client::new(), cache: Mutex::default() }
    }

    /// The key of an id; `None` when the issuer does not have it.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<DecodingKey>, KeysUnavailable> {
        let mut cache = self.cache.lock().await;
        if let Some(key) = cache.keys.get(id) {
            return Ok(Some(key.clone()));
        }
        if cache.fetched_at.is_some_and(|at| at.elapsed() < REFETCH_AFTER) {
            return Ok(None);
        }
        cache.keys = self.fetch().await?;
        cache.fetched_at = Some(Instant::now());
        Ok(cache.keys.get(id).cloned())
    }

    async fn fetch(&self) -> Result<HashMap<String, DecodingKey>, reqwest::Error> {
        let answer = self.client.get(&self.url).timeout(TIMEOUT).send().await?.error_for_status()?;
        let set: JwkSet = answer.json().await?;
        let keys = set.keys.iter().filter_map(|key| {
            let id = key.common.key_id.clone()?;
            DecodingKey::from_jwk(key).ok().map(|key| (id, key))
        });
        Ok(keys.collect())
    }
}
