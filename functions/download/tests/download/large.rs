//! What a large file costs while it streams through. Takes a while, so it is run by hand: `make bench-download`.

use crate::{
    fixture::{Fixture, noise},
    server::{Answer, Server, head},
};
use async_trait::async_trait;
use bytes::Bytes;
use download::run;
use heaters_aws::{
    DirStore, MultipartStore, ObjectHead, ObjectRef, ObjectStore, Part, StoreError, StoredPart, StoredVersion, Validity,
};
use std::{
    collections::BTreeMap,
    ops::Range,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A store that keeps no more of parts than their sizes: what S3 keeps is not this machine's.
struct Elsewhere {
    small: DirStore,
    parts: Mutex<BTreeMap<u32, u64>>,
}

#[async_trait]
impl ObjectStore for Elsewhere {
    async fn head(&self, object: &ObjectRef) -> Result<Option<ObjectHead>, StoreError> {
        self.small.head(object).await
    }
    async fn get(&self, object: &ObjectRef, range: Option<Range<u64>>) -> Result<Bytes, StoreError> {
        self.small.get(object, range).await
    }
    async fn get_to_file(&self, object: &ObjectRef, path: &Path) -> Result<u64, StoreError> {
        self.small.get_to_file(object, path).await
    }
    async fn put(&self, object: &ObjectRef, body: Bytes, content_type: &str) -> Result<(), StoreError> {
        self.small.put(object, body, content_type).await
    }
    async fn put_file(&self, object: &ObjectRef, path: &Path, content_type: &str) -> Result<(), StoreError> {
        self.small.put_file(object, path, content_type).await
    }
    async fn put_once(&self, object: &ObjectRef, body: Bytes, content_type: &str) -> Result<bool, StoreError> {
        self.small.put_once(object, body, content_type).await
    }
    async fn concat(&self, object: &ObjectRef, parts: &[Part], content_type: &str) -> Result<(), StoreError> {
        self.small.concat(object, parts, content_type).await
    }
    async fn delete(&self, object: &ObjectRef) -> Result<(), StoreError> {
        self.small.delete(object).await
    }
    async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.small.list(bucket, prefix).await
    }
    async fn list_versions(&self, bucket: &str) -> Result<Vec<StoredVersion>, StoreError> {
        self.small.list_versions(bucket).await
    }
    async fn tag(&self, object: &ObjectRef, tags: &[(&str, &str)]) -> Result<(), StoreError> {
        self.small.tag(object, tags).await
    }
    async fn delete_all(&self, bucket: &str, keys: &[String]) -> Result<(), StoreError> {
        self.small.delete_all(bucket, keys).await
    }
    async fn presign_get(&self, object: &ObjectRef, valid: &Validity) -> Result<String, StoreError> {
        self.small.presign_get(object, valid).await
    }
}

#[async_trait]
impl MultipartStore for Elsewhere {
    async fn begin_parts(&self, _object: &ObjectRef, _content_type: &str) -> Result<String, StoreError> {
        Ok("upload".to_owned())
    }
    async fn put_part(&self, _object: &ObjectRef, _upload: &str, number: u32, body: Bytes) -> Result<(), StoreError> {
        self.parts.lock().unwrap().insert(number, body.len() as u64);
        Ok(())
    }
    async fn list_parts(&self, _object: &ObjectRef, _upload: &str) -> Result<Option<Vec<StoredPart>>, StoreError> {
        let parts = self.parts.lock().unwrap();
        let stored = |(number, size_bytes): (&u32, &u64)| StoredPart {
            number: *number,
            etag: String::new(),
            size_bytes: *size_bytes,
        };
        Ok(Some(parts.iter().map(stored).collect()))
    }
    async fn finish_parts(&self, _object: &ObjectRef, _upload: &str, _parts: &[StoredPart]) -> Result<(), StoreError> {
        Ok(())
    }
    async fn abort_parts(&self, _object: &ObjectRef, _upload: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => folder_bytes(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}

/// A line of `/proc/self/status`, in bytes.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "streams 2 GB"]
async fn two_gigabytes_stream_through_without_a_disk() {
    const PIECE: usize = 1 << 20;
    const PIECES: usize = 2 << 10;
    let fixture = Fixture::new();
    let piece = noise(PIECE);
    let length = (PIECE * PIECES).to_string();
    let server = Server::start(move |_, before| {
        let head = head("200 OK", &[("Content-Type", "video/mp4".to_owned()), ("Content-Length", length.clone())]);
        Answer::Repeated(head, piece.clone(), if before == 0 { 1 } else { PIECES })
    })
    .await;
    let store = Elsewhere { small: DirStore::new(fixture.folder.path()), parts: Mutex::default() };
    let (peak, running) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(true)));
    let watcher = std::thread::spawn({
        let (folder, peak, running) = (fixture.folder.path().to_owned(), peak.clone(), running.clone());
        move || {
            while running.load(Ordering::Relaxed) {
                peak.fetch_max(folder_bytes(&folder), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    });
    let (before, begun) = (memory("VmRSS:"), Instant::now());
    let url = server.url("/large.mp4");
    let done = run(&store, &fixture.settings, fixture.resolver.clone(), fixture.input(&url)).await.unwrap();
    running.store(false, Ordering::Relaxed);
    watcher.join().unwrap();
    let (disk, memory) = (peak.load(Ordering::Relaxed), memory("VmHWM:") - before);
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{} bytes in {seconds:.1} s: {disk} bytes on the disk and {memory} more of memory at the peak",
        done.output.sources[0].size_bytes
    );
    assert_eq!(done.output.sources[0].size_bytes, (PIECE * PIECES) as u64);
    assert!(disk < 1 << 20, "the disk holds checkpoints and progress alone: {disk}");
    assert!(memory < 100 << 20, "a few parts at once: {memory}");
}
