//! The API with a database of its own, an issuer, and a stand-in for the AWS services it calls.

use api::{
    auth::{AuthConfig, Verifier},
    cached::Cached,
    state::{App, Settings},
    submission::Submission,
};
use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize, PublicKeyComponents},
    signature::KeyPair as _,
};
use axum::{
    Json, Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use heaters_aws::{DirStore, Functions, Uploads, Workflows, testing::sdk_config_for};
use heaters_db::testing::TestDatabase;
use heaters_domain::VideoId;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, OnceLock};
use tower::ServiceExt;
use uuid::Uuid;

pub const ISSUER: &str = "https://issuer.test";
pub const AUDIENCE: &str = "site";
/// What one reviewer may submit.
pub const URLS_PER_HOUR: u64 = 6;
pub const SITE: &str = "https://site.test";

/// The names of executions that were started, and of those stopped with "stop " before.
pub type Started = Arc<Mutex<Vec<String>>>;

pub struct Fixture {
    pub test: TestDatabase,
    router: Router,
    /// The names of executions that were started.
    pub started: Started,
    pub store: DirStore,
    _folder: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Fixture {
    pub async fn new() -> Self {
        let test = TestDatabase::new().await;
        let folder = tempfile::tempdir().unwrap();
        let started = Arc::new(Mutex::new(Vec::new()));
        let outside = serve_outside(started.clone()).await;
        let sdk = sdk_config_for(&outside);
        let auth = AuthConfig {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            jwks_url: format!("{outside}/jwks.json"),
        };
        let store = DirStore::new(folder.path());
        let app = App {
            db: test.database.clone(),
            store: Arc::new(store.clone()),
            workflows: Workflows::new(&sdk),
            functions: Functions::new(&sdk),
            verifier: Verifier::new(auth),
            uploads: Uploads::new(&sdk, "uploads"),
            cached: Cached::default(),
            settings: Settings {
                media_bucket: "media".to_owned(),
                ingest_machine: "arn:aws:states:us-east-1:000000000000:stateMachine:ingest".to_owned(),
                publish_machine: "arn:aws:states:us-east-1:000000000000:stateMachine:publish".to_owned(),
                playback_function: "playback".to_owned(),
                detect_scenes_function: "detect-scenes".to_owned(),
                site_origin: SITE.to_owned(),
                upload_limit_bytes: 1 << 40,
                model: "descriptor-v1".to_owned(),
                lease_seconds: 60,
            },
            submission: Submission { urls_per_hour: URLS_PER_HOUR, ..Submission::default() },
        };
        Self { test, router: api::router(Arc::new(app)), started, store, _folder: folder }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &token(&claims("tess"))).await
    }

    pub async fn get_with(&self, path: &str, token: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Does an action on the actor's own page.
    pub async fn act(&self, actor: &str, action: &Value) -> Answer {
        let body = json!({ "request_id": Uuid::now_v7(), "took_ms": 800, "page": page_of(actor), "action": action });
        self.post("/v1/actions", actor, &body).await
    }

    pub async fn undo(&self, actor: &str) -> Answer {
        self.post("/v1/undo", actor, &json!({ "request_id": Uuid::now_v7(), "page": page_of(actor) })).await
    }

    pub async fn redo(&self, actor: &str) -> Answer {
        self.post("/v1/redo", actor, &json!({ "request_id": Uuid::now_v7(), "page": page_of(actor) })).await
    }

    /// The active clips of a video as the API gives them.
    pub async fn clips_of(&self, video: VideoId) -> Vec<Value> {
        let page = self.get(&format!("/v1/clips?video={video}&limit=500")).await;
        page.body["items"].as_array().unwrap_or_else(|| panic!("{}", page.body)).clone()
    }

    pub async fn post(&self, path: &str, actor: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, actor, body).await
    }

    pub async fn call(&self, method: Method, path: &str, actor: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", token(&claims(actor))))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

/// Every actor of the tests has one page.
pub fn page_of(actor: &str) -> Uuid {
    Uuid::from_bytes(std::array::from_fn(|at| actor.as_bytes().get(at).copied().unwrap_or_default()))
}

/// A clip as an action names it.
pub fn seen(clip: &Value) -> Value {
    json!({ "id": clip["id"], "version": clip["version"] })
}

/// The claims of a reviewer's access token, as Cognito writes them.
pub fn claims(actor: &str) -> Value {
    json!({
        "sub": actor, "iss": ISSUER, "client_id": AUDIENCE, "token_use": "access", "username": actor,
        "exp": 4_000_000_000u64, "cognito:groups": ["reviewers"],
    })
}

pub fn token(claims: &Value) -> String {
    signed_by(issuer_key(), claims)
}

pub fn signed_by(key: &KeyPair, claims: &Value) -> String {
    let der = AsDer::as_der(key).unwrap();
    let pem =
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines(&STANDARD.encode(der.as_ref())));
    let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::RS256) };
    encode(&header, claims, &EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()).unwrap()
}

fn lines(text: &str) -> String {
    let chunks: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    chunks.join("\n")
}

pub fn issuer_key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(new_key)
}

pub fn new_key() -> KeyPair {
    KeyPair::generate(KeySize::Rsa2048).unwrap()
}

/// The issuer's keys and what Step Functions answers to a start.
async fn serve_outside(started: Started) -> String {
    let parts = PublicKeyComponents::<Vec<u8>>::from(issuer_key().public_key());
    let keys = json!({ "keys": [{
        "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one",
        "n": URL_SAFE_NO_PAD.encode(parts.n), "e": URL_SAFE_NO_PAD.encode(parts.e),
    }] });
    let start = async move |body: String| {
        let call: Value = serde_json::from_str(&body).unwrap();
        let name = match call["executionArn"].as_str() {
            Some(stopped) => format!("stop {}", stopped.rsplit(':').next().unwrap()),
            None => call["name"].as_str().unwrap().to_owned(),
        };
        started.lock().unwrap().push(name);
        Json(json!({ "executionArn": "arn:started", "startDate": 1.0, "stopDate": 1.0 }))
    };
    let router = Router::new().route("/jwks.json", get(async || Json(keys))).route("/", post(start));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
