//! Submitting URLs.

use crate::common::{Fixture, URLS_PER_HOUR};
use axum::http::StatusCode;
use serde_json::{Value, json};

async fn submit(fixture: &Fixture, actor: &str, urls: &[&str], anyway: bool) -> Vec<Value> {
    let answer = fixture.post("/v1/videos/urls", actor, &json!({ "urls": urls, "anyway": anyway })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body["items"].as_array().unwrap().clone()
}

fn outcomes(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_url_becomes_a_video_that_starts() {
    let fixture = Fixture::new().await;
    let items = submit(&fixture, "tess", &["https://site.example/watch?v=1#t=9"], false).await;
    assert_eq!((outcomes(&items), &items[0]["sentence"]), (vec!["accepted"], &Value::Null));
    let id = items[0]["video"].as_str().unwrap();
    let video = fixture.get(&format!("/v1/videos/{id}")).await.body;
    assert_eq!((&video["origin"], &video["origin_url"]), (&json!("url"), &json!("https://site.example/watch?v=1")));
    assert_eq!((&video["state"], &video["title"]), (&json!("new"), &json!("site.example/watch?v=1")));
    assert_eq!((&video["download"], &video["site"]), (&Value::Null, &Value::Null));
    assert_eq!(*fixture.started.lock().unwrap(), [format!("ingest-{id}-1")]);
}

#[tokio::test]
async fn the_same_url_is_offered_as_the_video_it_is_and_taken_anyway() {
    let fixture = Fixture::new().await;
    let urls = ["https://site.example/a?b=1&c=2", "http://www.site.example/a?c=2&b=1&utm_source=x"];
    let items = submit(&fixture, "tess", &urls, false).await;
    assert_eq!(outcomes(&items), ["accepted", "duplicate"]);
    assert_eq!(items[1]["video"], items[0]["video"]);
    assert_eq!(items[1]["url"], urls[1], "as it was submitted");
    assert!(items[1]["sentence"].as_str().unwrap().contains("“site.example/a?b=1&c=2”"));
    let anyway = submit(&fixture, "tess", &urls[1..], true).await;
    assert_eq!(outcomes(&anyway), ["accepted"]);
    assert_ne!(anyway[0]["video"], items[0]["video"]);
}

#[tokio::test]
async fn what_can_not_be_fetched_is_refused_at_once_and_the_rest_goes_on() {
    let fixture = Fixture::new().await;
    let urls =
        ["http://169.254.169.254/", "file:///etc/passwd", "https://a:b@site.example/", "x", "https://site.example/1"];
    let items = submit(&fixture, "tess", &urls, true).await;
    assert_eq!(outcomes(&items), ["refused", "refused", "refused", "refused", "accepted"]);
    for item in &items[..4] {
        assert!(item["video"].is_null() && item["sentence"].as_str().unwrap().ends_with('.'), "{item}");
    }
}

#[tokio::test]
async fn one_person_submits_so_many_in_an_hour() {
    let fixture = Fixture::new().await;
    let urls: Vec<String> = (0..=URLS_PER_HOUR).map(|number| format!("https://site.example/{number}")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let items = submit(&fixture, "tess", &urls, false).await;
    assert_eq!(outcomes(&items[..URLS_PER_HOUR as usize]), ["accepted"; URLS_PER_HOUR as usize]);
    let last = items.last().unwrap();
    assert_eq!(last["outcome"], "refused");
    assert!(last["sentence"].as_str().unwrap().contains("within an hour"));
    assert_eq!(outcomes(&submit(&fixture, "kim", &["https://site.example/kim"], false).await), ["accepted"]);
}

#[tokio::test]
async fn a_request_has_its_bounds() {
    let fixture = Fixture::new().await;
    for urls in [vec![], vec!["https://site.example/"; 51]] {
        let answer = fixture.post("/v1/videos/urls", "tess", &json!({ "urls": urls })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}
