//! What an instance of the function keeps in memory: things made of an ingest's outputs, which never change.

use heaters_domain::{
    FrameRange,
    contract::PlaybackOutput,
    scenes::{FrameScore, ScoreTrack},
};
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{self, DefaultLifecycle},
};
use std::{hash::Hash, sync::Arc};

/// Bounds in bytes.
const PLAYBACK_BYTES: u64 = 64 << 20;
const SCORES_BYTES: u64 = 128 << 20;
const STORYBOARD_BYTES: u64 = 16 << 20;

/// How much memory a thing takes, about.
pub(crate) trait Size {
    fn bytes(&self) -> u64;
}

/// What was used last, up to a size. Two who ask for the same thing at once wait for one making of it.
pub(crate) struct Cache<K, V> {
    inner: sync::Cache<K, Arc<V>, BySize>,
}

#[derive(Clone)]
struct BySize;

impl<K, V: Size> Weighter<K, Arc<V>> for BySize {
    fn weight(&self, _key: &K, value: &Arc<V>) -> u64 {
        value.bytes()
    }
}

impl<K: Hash + Eq + Clone, V: Size> Cache<K, V> {
    fn new(bytes: u64) -> Self {
        // One shard: a shard takes nothing that is larger than its part of the whole.
        let options = OptionsBuilder::new().estimated_items_capacity(256).weight_capacity(bytes).shards(1).build();
        let options = options.expect("all that has no default is given");
        let inner =
            sync::Cache::with_options(options, BySize, DefaultHashBuilder::default(), DefaultLifecycle::default());
        Self { inner }
    }

    pub(crate) async fn get_or_make<E>(&self, key: K, make: impl Future<Output = Result<V, E>>) -> Result<Arc<V>, E> {
        self.inner.get_or_insert_async(&key, async { make.await.map(Arc::new) }).await
    }
}

/// The caches. Keys begin with the ingest's prefix.
pub struct Cached {
    pub(crate) playback: Cache<(String, FrameRange), PlaybackOutput>,
    pub(crate) scores: Cache<String, Scored>,
    pub(crate) storyboards: Cache<String, Board>,
}

impl Default for Cached {
    fn default() -> Self {
        Self {
            playback: Cache::new(PLAYBACK_BYTES),
            scores: Cache::new(SCORES_BYTES),
            storyboards: Cache::new(STORYBOARD_BYTES),
        }
    }
}

impl Size for PlaybackOutput {
    fn bytes(&self) -> u64 {
        (self.header.len() + 8 * self.pts.len() + 16 * self.pieces.len()) as u64
    }
}

/// A video's score track and what deciding needs beside it.
pub(crate) struct Scored {
    pub track: ScoreTrack,
    /// The mean rate, frames a second.
    pub fps: f64,
}

impl Size for Scored {
    fn bytes(&self) -> u64 {
        (self.track.frames.len() * size_of::<FrameScore>()) as u64
    }
}

/// A storyboard with its tiles' frames.
#[derive(Default)]
pub(crate) struct Board {
    pub tile_width: u32,
    pub tile_height: u32,
    pub sheets: u32,
    pub tiles: Vec<crate::types::StoryboardTile>,
}

impl Size for Board {
    fn bytes(&self) -> u64 {
        (self.tiles.len() * size_of::<crate::types::StoryboardTile>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing(u64);

    impl Size for Thing {
        fn bytes(&self) -> u64 {
            self.0
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_made_once_and_bounded() {
        let cache: Cache<u32, Thing> = Cache::new(100);
        let thing = cache.get_or_make(1, async { Ok::<_, ()>(Thing(60)) }).await.unwrap();
        let again = cache.get_or_make(1, async { Err(()) }).await.unwrap();
        assert!(Arc::ptr_eq(&thing, &again));
        assert!(cache.get_or_make(2, async { Err(()) }).await.is_err(), "a failure is not kept");
        for key in 2..9 {
            cache.get_or_make(key, async { Ok::<_, ()>(Thing(60)) }).await.unwrap();
        }
        assert!(cache.inner.weight() <= 100);
    }
}
