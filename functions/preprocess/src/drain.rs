//! What a chunk makes leaves the scratch disk while it is made, so that a chunk of hours takes no more of it than one
//! of minutes.
//!
//! ffmpeg writes MP4 and Matroska files from the front to the back, but for their headers, which it completes at the
//! end. Parts of such a file go to storage once there is enough behind them, and become a hole in the file, so that
//! whoever reads its header and its end goes on as if it were whole.

use heaters_aws::{MultipartStore, ObjectRef, StoreError, Upload};
use nix::fcntl::{FallocateFlags, fallocate};
use std::{
    fs::{File, Metadata},
    io,
    ops::Range,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::watch, task::spawn_blocking, time::MissedTickBehavior};

const EVERY: Duration = Duration::from_millis(250);
pub const CONTENT_TYPE: &str = "application/octet-stream";

/// How a file leaves the disk.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// What goes to storage at once. The first so many bytes stay until the end, since the header is in them.
    pub part: u64,
    /// What stays behind a part: MP4's sample table goes behind the media data and is cut off in the end, so that it
    /// must not go to storage. It has some 12 bytes a frame.
    pub behind: u64,
}

pub const SIZES: Sizes = Sizes { part: 16 << 20, behind: 64 << 20 };
/// What a file takes of the disk, or about as much: what stays, and what comes while a part goes to storage.
pub const HELD_BYTES: u64 = 2 * SIZES.part + SIZES.behind + (64 << 20);

/// A file that is being made.
pub struct Drain<'a> {
    store: &'a dyn MultipartStore,
    sizes: Sizes,
    path: PathBuf,
    object: ObjectRef,
    begun: Option<Begun<'a>>,
}

/// A file of which parts are in storage.
struct Begun<'a> {
    /// As long as it is open, no other file has its number.
    file: Arc<File>,
    upload: Upload<'a>,
    /// How many parts are stored, the first apart.
    parts: u32,
}

impl<'a> Drain<'a> {
    pub fn new(store: &'a dyn MultipartStore, sizes: Sizes, path: PathBuf, object: ObjectRef) -> Self {
        Self { store, sizes, path, object, begun: None }
    }

    /// Stores parts until the work ends, which drops the sender of its progress.
    pub async fn follow(&mut self, mut progress: watch::Receiver<u32>) -> Result<(), StoreError> {
        let mut clock = tokio::time::interval(EVERY);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ended = async { while progress.changed().await.is_ok() {} };
        tokio::pin!(ended);
        loop {
            tokio::select! {
                _ = clock.tick() => self.store_what_is_there().await?,
                () = &mut ended => return Ok(()),
            }
        }
    }

    /// Stores all parts that have enough behind them.
    async fn store_what_is_there(&mut self) -> Result<(), StoreError> {
        let Some(there) = self.metadata()? else { return Ok(()) };
        self.forget_another(&there).await;
        // What is there of it now: the next attempt may begin at any time.
        let there = self.begun.as_ref().and_then(|begun| begun.file.metadata().ok()).unwrap_or(there).len();
        loop {
            let part = self.part(self.begun.as_ref().map_or(0, |begun| begun.parts) + 2);
            if there < part.end + self.sizes.behind {
                return Ok(());
            }
            self.store_part(part).await?;
        }
    }

    /// The bytes of a part; numbers count from 1.
    fn part(&self, number: u32) -> Range<u64> {
        let start = u64::from(number - 1) * self.sizes.part;
        start..start + self.sizes.part
    }

    async fn store_part(&mut self, part: Range<u64>) -> Result<(), StoreError> {
        if self.begun.is_none() {
            let file = File::options().read(true).write(true).open(&self.path);
            let file = Arc::new(file.map_err(|error| self.failed("open", error))?);
            let upload = Upload::begin(self.store, self.object.clone(), CONTENT_TYPE).await?;
            self.begun = Some(Begun { file, upload, parts: 0 });
        }
        let Some(begun) = &mut self.begun else { return Ok(()) };
        let body = read(begun.file.clone(), part.clone()).await;
        let body = body.map_err(|error| failed(&self.path, "read", error))?;
        begun.upload.put(begun.parts + 2, body.into()).await?;
        begun.parts += 1;
        if let Err(error) = make_hole(&begun.file, part) {
            // A file system that can't do it keeps the bytes, which may be no harm.
            tracing::warn!(path = %self.path.display(), %error, "room on the disk could not be given back");
        }
        Ok(())
    }

    /// An attempt that failed may have begun another file, whose parts are of no use.
    async fn forget_another(&mut self, there: &Metadata) {
        let same = |begun: &Begun<'_>| begun.file.metadata().is_ok_and(|held| held.ino() == there.ino());
        if let Some(begun) = self.begun.take_if(|begun| !same(begun)) {
            begun.upload.abort().await;
        }
    }

    /// Stores what is left of the file, which is complete, and gives its size.
    pub async fn finish(mut self) -> Result<u64, StoreError> {
        let Some(there) = self.metadata()? else { return self.put_whole().await };
        self.forget_another(&there).await;
        let size = there.len();
        let Some(Begun { file, upload, mut parts }) = self.begun.take() else { return self.put_whole().await };
        let mut next = self.part(parts + 2).start;
        if next > size {
            upload.abort().await;
            let error = io::Error::other("more of it is in storage than there is");
            return Err(self.failed("storing", error));
        }
        let first = read(file.clone(), self.part(1)).await.map_err(|error| self.failed("read", error))?;
        upload.put(1, first.into()).await?;
        while next < size {
            let part = next..size.min(next + self.sizes.part);
            let body = read(file.clone(), part.clone()).await.map_err(|error| self.failed("read", error))?;
            upload.put(parts + 2, body.into()).await?;
            parts += 1;
            next = part.end;
        }
        upload.finish(parts + 1).await?;
        Ok(size)
    }

    /// Forgets what is in storage of a file that nobody wants.
    pub async fn abandon(self) {
        if let Some(begun) = self.begun {
            begun.upload.abort().await;
        }
    }

    async fn put_whole(&self) -> Result<u64, StoreError> {
        self.store.put_file(&self.object, &self.path, CONTENT_TYPE).await?;
        Ok(self.metadata()?.map_or(0, |file| file.len()))
    }

    fn metadata(&self) -> Result<Option<Metadata>, StoreError> {
        match std::fs::metadata(&self.path) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("look at", error)),
        }
    }

    fn failed(&self, operation: &'static str, source: io::Error) -> StoreError {
        failed(&self.path, operation, source)
    }
}

fn failed(path: &Path, operation: &'static str, source: io::Error) -> StoreError {
    StoreError::File { operation, path: path.to_owned(), source }
}

async fn read(file: Arc<File>, range: Range<u64>) -> io::Result<Vec<u8>> {
    let read = move || {
        let mut bytes = vec![0; (range.end - range.start) as usize];
        file.read_exact_at(&mut bytes, range.start)?;
        Ok(bytes)
    };
    spawn_blocking(read).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Gives a range's room on the disk back.
fn make_hole(file: &File, range: Range<u64>) -> nix::Result<()> {
    let how = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
    fallocate(file, how, range.start as i64, (range.end - range.start) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_aws::{DirStore, ObjectStore};
    use std::{fs, io::Write};

    const SMALL: Sizes = Sizes { part: 64 << 10, behind: 256 << 10 };
    const STEP: u64 = 48 << 10;

    fn bytes(seed: u8, length: u64) -> Vec<u8> {
        (0..length).map(|at| (at / 7 + at / 65_536) as u8 ^ seed).collect()
    }

    struct Making {
        folder: tempfile::TempDir,
        store: DirStore,
        object: ObjectRef,
    }

    impl Making {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = DirStore::new(folder.path().join("store"));
            Self { folder, store, object: ObjectRef::new("media", "chunk/media") }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("made")
        }

        fn drain(&self) -> Drain<'_> {
            Drain::new(&self.store, SMALL, self.path(), self.object.clone())
        }

        /// Writes a file as ffmpeg does, with a drain at work. Gives the most it took of the disk.
        async fn write(&self, drain: &mut Drain<'_>, bytes: &[u8]) -> u64 {
            let _ = fs::remove_file(self.path());
            let (mut file, mut most) = (File::create(self.path()).unwrap(), 0);
            for piece in bytes.chunks(STEP as usize) {
                file.write_all(piece).unwrap();
                drain.store_what_is_there().await.unwrap();
                most = most.max(fs::metadata(self.path()).unwrap().blocks() * 512);
            }
            most
        }

        /// Completes the header, and cuts off what is behind the media data.
        fn complete(&self, length: u64) {
            let file = File::options().write(true).open(self.path()).unwrap();
            file.write_all_at(b"completed", 4).unwrap();
            file.set_len(length).unwrap();
        }

        async fn stored(&self) -> Vec<u8> {
            self.store.get(&self.object, None).await.unwrap().to_vec()
        }
    }

    fn completed(mut bytes: Vec<u8>, length: u64) -> Vec<u8> {
        bytes[4..13].copy_from_slice(b"completed");
        bytes.truncate(length as usize);
        bytes
    }

    #[tokio::test]
    async fn a_file_is_stored_as_it_is_in_the_end() {
        let made = bytes(0, 4 << 20);
        for length in [4 << 20, (4 << 20) - 1, (4 << 20) - SMALL.behind] {
            let making = Making::new();
            let mut drain = making.drain();
            let most = making.write(&mut drain, &made).await;
            making.complete(length);
            assert!(most <= SMALL.behind + 2 * SMALL.part + 2 * STEP, "{most}");
            assert_eq!(drain.finish().await.unwrap(), length);
            assert!(making.stored().await == completed(made.clone(), length), "{length}");
        }
    }

    #[tokio::test]
    async fn a_small_file_is_stored_at_once() {
        let making = Making::new();
        let (mut drain, made) = (making.drain(), bytes(0, SMALL.behind));
        making.write(&mut drain, &made).await;
        assert!(drain.begun.is_none());
        making.complete(SMALL.behind);
        drain.finish().await.unwrap();
        assert!(making.stored().await == completed(made, SMALL.behind));
    }

    #[tokio::test]
    async fn a_second_attempt_takes_nothing_of_the_first() {
        let making = Making::new();
        let mut drain = making.drain();
        making.write(&mut drain, &bytes(0, 1 << 20)).await;
        let second = bytes(90, 2 << 20);
        making.write(&mut drain, &second).await;
        making.complete(2 << 20);
        drain.finish().await.unwrap();
        assert!(making.stored().await == completed(second, 2 << 20));
        assert_eq!(making.store.list(".uploads", "").await.unwrap(), [""; 0]);
    }

    #[tokio::test]
    async fn what_nobody_wants_is_forgotten() {
        let making = Making::new();
        let mut drain = making.drain();
        making.write(&mut drain, &bytes(0, 1 << 20)).await;
        assert!(!making.store.list(".uploads", "").await.unwrap().is_empty());
        drain.abandon().await;
        assert_eq!(making.store.list(".uploads", "").await.unwrap(), [""; 0]);
    }

    #[tokio::test]
    async fn a_file_that_lost_what_is_stored_is_an_error() {
        let making = Making::new();
        let mut drain = making.drain();
        making.write(&mut drain, &bytes(0, 1 << 20)).await;
        making.complete(SMALL.part);
        assert!(drain.finish().await.is_err());
        assert_eq!(making.store.list(".uploads", "").await.unwrap(), [""; 0]);
    }
}
