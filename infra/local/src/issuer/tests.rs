use super::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const SITE: &str = "http://127.0.0.1:4599/site/";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct Running {
    address: String,
    client: reqwest::Client,
    _folder: tempfile::TempDir,
}

async fn start() -> Running {
    let folder = tempfile::tempdir().unwrap();
    let home = Home { root: folder.path().to_owned(), data: folder.path().to_owned() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = address(listener.local_addr().unwrap().port());
    let app = router(address.clone(), SITE, Keys::load_or_make(&home).unwrap()).unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    Running { address, client, _folder: folder }
}

impl Running {
    async fn authorize(&self, redirect: &str) -> reqwest::Response {
        let query = [
            ("client_id", CLIENT_ID),
            ("redirect_uri", redirect),
            ("response_type", "code"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "s t"),
            ("nonce", "once"),
        ];
        self.client.get(format!("{}/authorize", self.address)).query(&query).send().await.unwrap()
    }

    async fn code(&self) -> String {
        let answer = self.authorize(&format!("{SITE}index.html")).await;
        let location = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        assert!(
            location.as_str().starts_with(SITE)
                && location.query_pairs().any(|pair| pair == ("state".into(), "s t".into()))
        );
        location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
    }

    async fn exchange(&self, body: &str) -> (StatusCode, Value) {
        let request = self.client.post(format!("{}/token", self.address));
        let request = request
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, "http://127.0.0.1:4599");
        let answer = request.body(body.to_owned()).send().await.unwrap();
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "http://127.0.0.1:4599");
        (answer.status(), answer.json().await.unwrap())
    }
}

fn code_body(code: &str, verifier: &str) -> String {
    format!(
        "grant_type=authorization_code&client_id={CLIENT_ID}&code={code}&code_verifier={verifier}&redirect_uri={SITE}index.html"
    )
}

#[tokio::test]
async fn the_browser_is_sent_straight_back_and_gets_tokens() {
    let issuer = start().await;
    let (status, tokens) = issuer.exchange(&code_body(&issuer.code().await, VERIFIER)).await;
    assert_eq!(status, StatusCode::OK);
    let payload = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    assert_eq!(
        (&claims["nonce"], &claims["aud"], &claims["iss"]),
        (&json!("once"), &json!(CLIENT_ID), &json!(issuer.address))
    );

    let refresh = tokens["refresh_token"].as_str().unwrap();
    let (status, _) =
        issuer.exchange(&format!("grant_type=refresh_token&client_id={CLIENT_ID}&refresh_token={refresh}")).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_good_once_and_only_with_its_verifier() {
    let issuer = start().await;
    let code = issuer.code().await;
    let (status, error) = issuer.exchange(&code_body(&code, "wrong")).await;
    assert_eq!((status, &error["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")));
    let (status, _) = issuer.exchange(&code_body(&code, VERIFIER)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "it was used up");
}

#[tokio::test]
async fn codes_go_to_the_review_site_only() {
    let issuer = start().await;
    for redirect in ["https://elsewhere.example/", "http://127.0.0.1:4599/other/index.html"] {
        assert_eq!(issuer.authorize(redirect).await.status(), StatusCode::BAD_REQUEST, "{redirect}");
    }
}

#[tokio::test]
async fn the_discovery_document_names_the_keys() {
    let issuer = start().await;
    let get = |path: &str| issuer.client.get(format!("{}{path}", issuer.address)).send();
    let found: Value = get("/.well-known/openid-configuration").await.unwrap().json().await.unwrap();
    assert_eq!(found["jwks_uri"], format!("{}/jwks.json", issuer.address));
    let keys: Value = get("/jwks.json").await.unwrap().json().await.unwrap();
    assert_eq!(keys["keys"][0]["alg"], "RS256");
}
