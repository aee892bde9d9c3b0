//! How far work is, for whoever waits for it.

use crate::store::{ObjectRef, ObjectStore};
use serde::Serialize;
use std::{convert::Infallible, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(1);

/// Writes how far work is, at once and about once a second where it has gone on, for as long as somebody waits for this.
pub async fn tell_progress<T: Serialize + PartialEq + Sync>(
    store: &dyn ObjectStore,
    object: &ObjectRef,
    progress: impl Fn() -> T,
) -> Infallible {
    let mut clock = interval(EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = None;
    loop {
        clock.tick().await;
        let now = progress();
        if told.as_ref() == Some(&now) {
            continue;
        }
        if let Err(error) = store.put_json(object, &now).await {
            // Progress is a courtesy: the work goes on without.
            tracing::warn!(%error, "the progress could not be written");
        }
        told = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DirStore;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn work_is_told_at_once_and_as_it_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let (store, object) = (DirStore::new(folder.path()), ObjectRef::new("media", "progress.json"));
        let store: &dyn ObjectStore = &store;
        let (done, asked) = (AtomicU32::new(3), AtomicU32::new(0));
        let progress = || {
            asked.fetch_add(1, Ordering::Relaxed);
            done.load(Ordering::Relaxed)
        };
        let waiting = async {
            while asked.load(Ordering::Relaxed) < 1 {
                tokio::task::yield_now().await;
            }
            tokio::time::sleep(EVERY / 2).await;
            assert_eq!(store.get_json::<u32>(&object).await.unwrap(), 3);
            done.store(5, Ordering::Relaxed);
            tokio::time::sleep(EVERY).await;
            assert_eq!(store.get_json::<u32>(&object).await.unwrap(), 5);
        };
        tokio::select! {
            () = waiting => {}
            never = tell_progress(store, &object, progress) => match never {},
        }
    }
}
