//! Who gets in, and what the others are told.

use crate::common::{Answer, Fixture, SITE, claims, new_key, signed_by, token};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::{Value, json};

fn with(change: &str, value: Value) -> Value {
    let mut claims = claims("tess");
    claims[change] = value;
    claims
}

fn assert_problem(answer: &Answer, status: StatusCode, why: &str) {
    assert_eq!(answer.status, status, "{why}: {}", answer.body);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{why}");
    assert_eq!(answer.body["status"], status.as_u16(), "{why}");
    assert!(answer.body["detail"].as_str().unwrap().ends_with('.'), "{why}");
    assert_eq!(answer.headers.contains_key(header::WWW_AUTHENTICATE), status == StatusCode::UNAUTHORIZED, "{why}");
}

#[tokio::test]
async fn a_reviewer_gets_in_by_client_id_or_by_audience() {
    let fixture = Fixture::new().await;
    let me = fixture.get("/v1/me").await;
    assert_eq!(me.body, json!({ "subject": "tess", "name": "tess", "roles": ["reviewers"] }));
    let mut by_audience = with("aud", json!(["other", "site"]));
    by_audience["client_id"] = json!("other");
    assert_eq!(fixture.get_with("/v1/me", &token(&by_audience)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn tokens_that_do_not_count_are_refused() {
    let fixture = Fixture::new().await;
    let refused = [
        ("another key", signed_by(&new_key(), &claims("tess"))),
        ("another issuer", token(&with("iss", json!("https://evil.test")))),
        ("another client", token(&with("client_id", json!("other")))),
        ("expired", token(&with("exp", json!(1_000_000_000)))),
        ("an id token", token(&with("token_use", json!("id")))),
        ("no token at all", "x".to_owned()),
    ];
    for (why, token) in refused {
        assert_problem(&fixture.get_with("/v1/me", &token).await, StatusCode::UNAUTHORIZED, why);
    }
    let unsigned = "eyJhbGciOiJub25lIiwia2lkIjoib25lIn0.eyJzdWIiOiJ0ZXNzIn0.";
    assert_problem(&fixture.get_with("/v1/me", unsigned).await, StatusCode::UNAUTHORIZED, "no signature");
    let bare = fixture.send(Request::get("/v1/videos").body(Body::empty()).unwrap()).await;
    assert_problem(&bare, StatusCode::UNAUTHORIZED, "no header");
}

#[tokio::test]
async fn a_token_without_a_role_is_not_enough() {
    let fixture = Fixture::new().await;
    for groups in [json!([]), json!(["uploaders"])] {
        let answer = fixture.get_with("/v1/videos", &token(&with("cognito:groups", groups))).await;
        assert_problem(&answer, StatusCode::FORBIDDEN, "no role");
    }
    let operator = token(&with("cognito:groups", json!(["operators"])));
    assert_eq!(fixture.get_with("/v1/videos", &operator).await.status, StatusCode::OK);
}

#[tokio::test]
async fn health_needs_no_token() {
    let fixture = Fixture::new().await;
    let answer = fixture.send(Request::get("/v1/health").body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({ "ok": true })));
}

#[tokio::test]
async fn only_the_site_may_call_from_a_browser() {
    let fixture = Fixture::new().await;
    let preflight = Request::builder()
        .method(Method::OPTIONS)
        .uri("/v1/undo")
        .header(header::ORIGIN, "https://evil.test")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .body(Body::empty())
        .unwrap();
    let answer = fixture.send(preflight).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], SITE);
    assert!(answer.headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap().contains("authorization"));
}

#[tokio::test]
async fn every_error_is_a_problem_with_a_sentence() {
    let fixture = Fixture::new().await;
    let nobody = uuid::Uuid::now_v7();
    assert_problem(&fixture.get("/v2/nothing").await, StatusCode::NOT_FOUND, "no route");
    assert_problem(&fixture.get("/v1/clips/12").await, StatusCode::NOT_FOUND, "not an id");
    assert_problem(&fixture.get(&format!("/v1/clips/{nobody}")).await, StatusCode::NOT_FOUND, "no clip");
    assert_problem(&fixture.get(&format!("/v1/videos/{nobody}")).await, StatusCode::NOT_FOUND, "no video");
    assert_problem(&fixture.get("/v1/videos?limit=101").await, StatusCode::BAD_REQUEST, "too many");
    assert_problem(&fixture.get("/v1/videos?cursor=%2F").await, StatusCode::BAD_REQUEST, "no cursor of ours");
    assert_problem(&fixture.get("/v1/search/random").await, StatusCode::NOT_FOUND, "nothing searchable");
    let undo = fixture.post("/v1/undo", "tess", &json!({ "request_id": nobody })).await;
    assert_problem(&undo, StatusCode::NOT_FOUND, "nothing to undo");
    assert_eq!(undo.body["detail"], "There is nothing to undo.");
}
