//! A download with a folder as its bucket.

use async_trait::async_trait;
use download::{
    DownloadError,
    guard::{Resolve, SystemResolver},
    run,
    settings::{Settings, YtDlp},
};
use heaters_aws::{DirStore, ObjectRef, ObjectStore};
use heaters_domain::{
    Fault, VideoId,
    contract::{Ingest, IngestInput, SourceRole},
    download::{DownloadOutput, DownloadSettings, UrlOrigin},
    egress::Reach,
    keys::{self, SourceKeys},
    settings::IngestSettings,
    stage::Done,
};
use std::{
    io,
    net::IpAddr,
    path::PathBuf,
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

pub const BUCKET: &str = "media";

pub struct Fixture {
    pub folder: tempfile::TempDir,
    pub store: Arc<DirStore>,
    pub settings: Settings,
    pub video: VideoId,
    pub resolver: Arc<dyn Resolve>,
}

/// Python with yt-dlp, as `make setup` installs it.
pub fn yt_dlp() -> YtDlp {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".heaters/venv/bin/python");
    assert!(python.exists(), "yt-dlp is not installed: run `make setup`");
    YtDlp { python, packages: None }
}

impl Fixture {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            download: DownloadSettings { max_tries: 4, stall_seconds: 2, ..DownloadSettings::default() },
            reach: Reach { loopback: true, ..Reach::default() },
            yt_dlp: yt_dlp(),
            scratch_root: folder.path().join("scratch"),
            invocation: Duration::from_mins(1),
            first_pause: Duration::from_millis(10),
            extra_root: None,
        };
        let store = Arc::new(DirStore::new(folder.path()));
        Self { store, settings, video: VideoId::generate(), resolver: Arc::new(SystemResolver), folder }
    }

    pub fn input(&self, url: &str) -> IngestInput {
        let settings = IngestSettings::default();
        IngestInput {
            ingest: Ingest {
                video: self.video,
                attempt: 1,
                source: Vec::new(),
                url: Some(UrlOrigin { url: url.to_owned(), in_playlist: false }),
                bucket: BUCKET.to_owned(),
                prefix: keys::ingest_prefix(self.video, &settings),
                settings,
            },
        }
    }

    pub async fn run(&self, url: &str) -> Result<Done<DownloadOutput>, DownloadError> {
        run(&*self.store, &self.settings, self.resolver.clone(), self.input(url)).await
    }

    /// The sentence of a download that fails.
    pub async fn sentence(&self, url: &str) -> String {
        let error = self.run(url).await.expect_err("the download should fail");
        let sentence = error.sentence();
        assert!(sentence.ends_with('.'), "{sentence}");
        sentence
    }

    pub async fn track(&self, role: SourceRole) -> Vec<u8> {
        let object = ObjectRef::new(BUCKET, SourceKeys(self.video).track(role));
        self.store.get(&object, None).await.unwrap().to_vec()
    }
}

/// A resolver that gives its answers one after another, and the last for ever.
pub struct Changing {
    answers: Vec<IpAddr>,
    asked: AtomicUsize,
}

impl Changing {
    pub fn new(answers: &[&str]) -> Self {
        Self { answers: answers.iter().map(|answer| answer.parse().unwrap()).collect(), asked: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl Resolve for Changing {
    async fn resolve(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(vec![self.answers[asked.min(self.answers.len() - 1)]])
    }
}

/// Bytes that differ everywhere.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// What looks like a film to whoever looks at its beginning.
pub fn film(length: usize) -> Vec<u8> {
    let mut body = noise(length);
    body[..16].copy_from_slice(b"\0\0\0\x10ftypisom\0\0\0\0");
    body
}
