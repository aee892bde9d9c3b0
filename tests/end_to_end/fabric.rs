//! A client of the running fabric, as an uploader and a reviewer use it.

use aws_sdk_s3::primitives::ByteStream;
use heaters_tests::root;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// No stage takes this long on a short video; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_mins(5);

pub struct Fabric {
    pub s3: aws_sdk_s3::Client,
    sfn: aws_sdk_sfn::Client,
    pub http: reqwest::Client,
    pub api_url: String,
    pub site_url: String,
    pub token: String,
    upload_bucket: String,
    media_bucket: String,
    ingest_machine: String,
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the fabric is")]
pub fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run these tests by `make test`"))
}

impl Fabric {
    pub async fn connect() -> Self {
        let described: Value = serde_json::from_str(&setting("HEATERS_TEST_FABRIC")).unwrap();
        let text = |name: &str| described[name].as_str().unwrap_or_else(|| panic!("no {name}")).to_owned();
        let config = aws_config::from_env()
            .endpoint_url(text("aws_endpoint_url"))
            .region("us-east-1")
            .test_credentials()
            .load()
            .await;
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            sfn: aws_sdk_sfn::Client::new(&config),
            http: reqwest::Client::new(),
            api_url: text("api_url"),
            site_url: text("site_url"),
            token: text("token"),
            upload_bucket: text("upload_bucket"),
            media_bucket: text("media_bucket"),
            ingest_machine: text("ingest_state_machine_arn"),
        }
    }

    /// Puts a file into the upload bucket under a key, as an uploader does.
    pub async fn upload(&self, key: &str, file: &Path) {
        let body = ByteStream::from_path(file).await.unwrap();
        self.s3.put_object().bucket(&self.upload_bucket).key(key).body(body).send().await.unwrap();
    }

    /// The body of an object of the media bucket, as a file.
    pub async fn fetch(&self, key: &str, folder: &Path) -> PathBuf {
        let object = self.s3.get_object().bucket(&self.media_bucket).key(key).send().await.unwrap();
        let path = folder.join(key.replace('/', "-"));
        std::fs::write(&path, object.body.collect().await.unwrap().into_bytes()).unwrap();
        path
    }

    /// Gives a video's score track the number of an earlier version.
    pub async fn age_scores(&self, video: &Value) {
        let prefix = format!("videos/{}/", video["id"].as_str().unwrap());
        let key = self.keys(&prefix).await.into_iter().find(|key| key.ends_with("/scores.bin")).unwrap();
        let stored = self.s3.get_object().bucket(&self.media_bucket).key(&key).send().await.unwrap();
        let mut track = stored.body.collect().await.unwrap().to_vec();
        // The version is behind four bytes that say what it is.
        track[4..6].copy_from_slice(&1u16.to_le_bytes());
        let put = self.s3.put_object().bucket(&self.media_bucket).key(&key).body(track.into());
        put.send().await.unwrap();
    }

    /// The keys of the media bucket below a prefix, and when each was written.
    pub async fn objects(&self, prefix: &str) -> Vec<(String, String)> {
        let page = self.s3.list_objects_v2().bucket(&self.media_bucket).prefix(prefix).send().await.unwrap();
        let found = page.contents().iter();
        found.filter_map(|object| Some((object.key.clone()?, format!("{:?}", object.last_modified)))).collect()
    }

    /// The keys of the media bucket below a prefix.
    pub async fn keys(&self, prefix: &str) -> Vec<String> {
        self.objects(prefix).await.into_iter().map(|(key, _)| key).collect()
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.try_get(path).await;
        assert!(status.is_success(), "GET {path}: {status} {body}");
        body
    }

    pub async fn try_get(&self, path: &str) -> (reqwest::StatusCode, Value) {
        let call = self.http.get(format!("{}{path}", self.api_url)).bearer_auth(&self.token);
        answer(call.send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.try_post(path, body).await;
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        answer
    }

    pub async fn try_post(&self, path: &str, body: &Value) -> (reqwest::StatusCode, Value) {
        let call = self.http.post(format!("{}{path}", self.api_url)).bearer_auth(&self.token);
        let call = call.header("content-type", "application/json").body(body.to_string());
        answer(call.send().await.unwrap()).await
    }

    /// All items of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let mark = if path.contains('?') { '&' } else { '?' };
            let rest = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let page = self.get(&format!("{path}{mark}limit=100{rest}")).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return items,
            }
        }
    }

    /// All videos that were made of an upload key.
    pub async fn videos_of(&self, key: &str) -> Vec<Value> {
        self.all("/v1/videos").await.into_iter().filter(|video| video["source_key"] == key).collect()
    }

    /// The one video of a key, once it is ready or has failed.
    pub async fn settled(&self, key: &str) -> Value {
        wait_for(&format!("the video of {key} to be ready or failed"), async || {
            let videos = self.videos_of(key).await;
            assert!(videos.len() <= 1, "{key} made {} videos", videos.len());
            let state = videos.first()?["state"].as_str()?.to_owned();
            (state == "ready" || state.ends_with("_failed")).then(|| videos[0].clone())
        })
        .await
    }

    /// Delivers the bucket's event for an object once more, twice at the same time, and says how the
    /// executions ended.
    pub async fn repeat_event(&self, key: &str) -> Vec<String> {
        let head = self.s3.head_object().bucket(&self.upload_bucket).key(key).send().await.unwrap();
        let event = serde_json::json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": {
            "bucket": { "name": self.upload_bucket },
            "object": {
                "key": key, "size": head.content_length(), "version-id": head.version_id(),
                "etag": head.e_tag().map(|etag| etag.trim_matches('"')),
            },
        }});
        let mut executions = Vec::new();
        for _ in 0..2 {
            let start = self.sfn.start_execution().state_machine_arn(&self.ingest_machine).input(event.to_string());
            executions.push(start.send().await.unwrap().execution_arn);
        }
        let mut outcomes = Vec::new();
        for execution in &executions {
            outcomes.push(
                wait_for("a repeated event's execution to end", async || {
                    let found = self.sfn.describe_execution().execution_arn(execution).send().await.unwrap();
                    (found.status.as_str() != "RUNNING").then(|| found.status.as_str().to_owned())
                })
                .await,
            );
        }
        outcomes
    }

    pub async fn decide(&self, clip: &Value, action: &str) -> Value {
        let body = serde_json::json!({
            "action": { "kind": action, "clips": [{ "id": clip["id"], "version": clip["version"] }] },
            "request_id": request_id(), "took_ms": 700, "page": request_id(),
        });
        self.post("/v1/actions", &body).await
    }
}

/// An id for one request, so that repeating it does nothing twice.
pub fn request_id() -> String {
    heaters_domain::ClipId::generate().to_string()
}

async fn answer(response: reqwest::Response) -> (reqwest::StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Asks until there is an answer.
pub async fn wait_for<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Runs a tool on local files and returns what it prints.
#[expect(clippy::disallowed_methods, reason = "the tests check with the plain tools what the product made")]
pub fn tool(name: &str, arguments: &[&str]) -> String {
    let output = std::process::Command::new(name).args(arguments).output().unwrap();
    assert!(output.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Makes a video with ffmpeg: test pictures, or what the arguments say instead.
pub fn make(path: &Path, arguments: &[&str]) {
    let out = path.to_str().unwrap();
    let all: Vec<&str> = ["-v", "error", "-y"].iter().chain(arguments).chain(&[out]).copied().collect();
    tool("ffmpeg", &all);
}

/// A checksum of each decoded frame.
pub fn frame_checksums(path: &Path) -> Vec<String> {
    let listed = tool(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-i",
            path.to_str().unwrap(),
            "-map",
            "0:v",
            "-fps_mode",
            "passthrough",
            "-f",
            "framemd5",
            "-",
        ],
    );
    let frames = listed.lines().filter(|line| !line.starts_with('#'));
    frames.map(|line| line.rsplit(',').next().unwrap().trim().to_owned()).collect()
}

/// The sample that `make run` ingests too.
pub fn sample() -> PathBuf {
    let path = root().join(setting("HEATERS_TEST_SAMPLE"));
    assert!(path.is_file(), "{} is missing", path.display());
    path
}
