//! Where a chunk's outputs go.

use crate::{
    PreprocessError,
    drain::{CONTENT_TYPE, Drain, SIZES},
};
use futures::future::{join_all, try_join_all};
use heaters_aws::{MultipartStore, ObjectRef, ObjectStore, StoreError};
use heaters_domain::{contract::PreprocessOutput, keys::ChunkKeys};
use heaters_media::{args, pass};
use heaters_runtime::Scratch;
use tokio::sync::watch;

pub struct Outputs<'a> {
    store: &'a dyn MultipartStore,
    bucket: &'a str,
    keys: &'a ChunkKeys,
    picture: Drain<'a>,
    sound: Drain<'a>,
    master: Drain<'a>,
}

impl<'a> Outputs<'a> {
    pub fn new(store: &'a dyn MultipartStore, bucket: &'a str, keys: &'a ChunkKeys, scratch: &Scratch) -> Self {
        let drain = |name, key: String| Drain::new(store, SIZES, scratch.file(name), ObjectRef::new(bucket, key));
        Self {
            store,
            bucket,
            keys,
            picture: drain(args::PICTURE_FILE, keys.media()),
            sound: drain(args::SOUND_FILE, keys.sound()),
            master: drain(args::MASTER_FILE, keys.master()),
        }
    }

    /// Stores what is there of the files until the work ends, which drops the sender of its progress.
    pub fn follow(
        &mut self,
        progress: &watch::Receiver<u32>,
    ) -> impl Future<Output = Result<(), StoreError>> + use<'_, 'a> {
        let drains = [&mut self.picture, &mut self.sound, &mut self.master];
        let all = try_join_all(drains.map(|drain| drain.follow(progress.clone())));
        async { all.await.map(drop) }
    }

    /// Writes all of a chunk at once, and then the index, which says that it is finished. Returns the bytes.
    pub async fn write(self, made: pass::Chunk, output: &PreprocessOutput) -> Result<u64, PreprocessError> {
        let Self { store, bucket, keys, picture, sound, master } = self;
        let (index, tiles) = (made.index.encode(), made.tiles.encode());
        let bytes = (index.len() + tiles.len() + made.thumbs.len()) as u64;
        let read = ObjectRef::new(bucket, keys.read());
        let put = |key: &str, body: Vec<u8>| {
            let object = ObjectRef::new(bucket, key);
            async move { store.put(&object, body.into(), CONTENT_TYPE).await }
        };
        // A picture that is taken as it is has no media of its own.
        let files = try_join_all([
            file(picture, made.index.head.media_bytes > 0),
            file(sound, output.sound_key.is_some()),
            file(master, output.master_key.is_some()),
        ]);
        let (thumbs, tiles) = (put(&output.thumbs_key, made.thumbs), put(&keys.tiles(), tiles));
        let store: &dyn ObjectStore = store;
        let (files, ..) = tokio::try_join!(files, thumbs, tiles, store.put_json(&read, &output.read))?;
        put(&output.index_key, index).await?;
        Ok(bytes + files.iter().sum::<u64>())
    }

    /// Forgets what is in storage already.
    pub async fn abandon(self) {
        join_all([self.picture, self.sound, self.master].map(Drain::abandon)).await;
    }
}

/// Stores what is left of a file and returns its size.
async fn file(drain: Drain<'_>, wanted: bool) -> Result<u64, StoreError> {
    if wanted {
        return drain.finish().await;
    }
    drain.abandon().await;
    Ok(0)
}
