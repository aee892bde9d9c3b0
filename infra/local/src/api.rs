//! The HTTP API, as far as the command line needs it.

use crate::access::Access;
use anyhow::{Context, bail};
use heaters_domain::{Failure, VideoState, download::DownloadProgress};
use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};
use time::OffsetDateTime;

#[derive(Debug, Clone, Deserialize)]
pub struct Video {
    pub id: String,
    pub title: String,
    pub state: VideoState,
    pub progress: u8,
    pub failure: Option<Failure>,
    pub frames: Option<u32>,
    pub fps: Option<Value>,
    pub duration_seconds: Option<f64>,
    pub clips: BTreeMap<String, u32>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(default)]
    pub source_key: Option<String>,
    #[serde(default)]
    pub source_version: Option<String>,
    pub stages: Vec<StageSummary>,
    #[serde(default)]
    pub download: Option<DownloadProgress>,
}

/// What became of a submitted address.
#[derive(Debug, Deserialize)]
pub struct SubmittedUrl {
    pub url: String,
    pub outcome: String,
    pub video: Option<String>,
    pub sentence: Option<String>,
}

#[derive(Debug, Deserialize)]
struct UrlsAnswer {
    items: Vec<SubmittedUrl>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageSummary {
    pub stage: String,
    pub attempt: u32,
    pub outcome: String,
    pub duration_ms: u64,
    #[serde(default)]
    pub chunk: Option<u32>,
    #[serde(default)]
    pub clip: Option<String>,
    #[serde(flatten)]
    pub others: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Page {
    items: Vec<Video>,
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Problem {
    #[serde(default)]
    detail: String,
}

pub struct Api {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Api {
    pub fn new(access: &Access) -> anyhow::Result<Self> {
        let Some(token) = access.token.clone() else {
            bail!(
                "A token is needed to ask the API. Sign in on {}, and set HEATERS_TOKEN to the access token.",
                access.site_url
            );
        };
        let client = reqwest::Client::builder().timeout(Duration::from_secs(35)).build()?;
        Ok(Self { client, base: access.api_url.trim_end_matches('/').to_owned(), token })
    }

    pub async fn videos(&self) -> anyhow::Result<Vec<Video>> {
        let mut videos = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut query = vec![("limit", "100".to_owned())];
            query.extend(cursor.map(|cursor| ("cursor", cursor)));
            let page: Page = self.get("/v1/videos", &query).await?;
            videos.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(videos),
            }
        }
    }

    pub async fn video(&self, id: &str) -> anyhow::Result<Video> {
        self.get(&format!("/v1/videos/{id}"), &[]).await
    }

    /// Retries a video or a clip, whichever has the id. Returns a sentence about it.
    pub async fn retry(&self, id: &str) -> anyhow::Result<String> {
        if !id.chars().all(|character| character.is_ascii_hexdigit() || character == '-') || id.is_empty() {
            bail!("{id} is not the id of a video or clip. `heaters status` lists them.");
        }
        for (path, kind) in [("videos", "video"), ("clips", "clip")] {
            let answer = self.send(Method::POST, &format!("/v1/{path}/{id}/retry"), &[]).await?;
            if answer.status() != StatusCode::NOT_FOUND {
                read::<Value>(answer).await?;
                return Ok(format!("The {kind} {id} starts again."));
            }
        }
        bail!("There is no video or clip {id}. `heaters status` lists them.")
    }

    /// Submits addresses, at most as many as one request takes.
    pub async fn submit(&self, urls: &[String], anyway: bool) -> anyhow::Result<Vec<SubmittedUrl>> {
        let request = self.client.post(format!("{}/v1/videos/urls", self.base)).bearer_auth(&self.token);
        let answer = request.json(&serde_json::json!({ "urls": urls, "anyway": anyway })).send().await;
        let answer = answer.with_context(|| format!("The API at {} does not answer.", self.base))?;
        Ok(read::<UrlsAnswer>(answer).await?.items)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, String)]) -> anyhow::Result<T> {
        read(self.send(Method::GET, path, query).await?).await
    }

    async fn send(&self, method: Method, path: &str, query: &[(&str, String)]) -> anyhow::Result<reqwest::Response> {
        let request = self.client.request(method, format!("{}{path}", self.base)).query(query);
        let answer = request.bearer_auth(&self.token).send().await;
        answer.with_context(|| format!("The API at {} does not answer.", self.base))
    }
}

async fn read<T: DeserializeOwned>(answer: reqwest::Response) -> anyhow::Result<T> {
    let status = answer.status();
    if status.is_success() {
        return answer.json().await.context("The API's answer was not understood. Are both of the same version?");
    }
    let text = answer.text().await.unwrap_or_default();
    let detail = serde_json::from_str::<Problem>(&text).map(|problem| problem.detail).unwrap_or_default();
    match (status, detail.is_empty()) {
        (StatusCode::UNAUTHORIZED, _) => {
            bail!("The API does not accept the token. Sign in again and set HEATERS_TOKEN.")
        }
        (_, false) => bail!(detail),
        _ => bail!("The API answered {status}. Its log says more: `heaters logs api`."),
    }
}
