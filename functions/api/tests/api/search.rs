//! Similarity, as the page asks for it.

use crate::common::Fixture;
use axum::http::StatusCode;
use serde_json::Value;

/// Unit vectors at an angle to the first axis, in degrees.
fn at(degrees: f32) -> Vec<f32> {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    vec![cosine, sine]
}

/// Five published clips; the middle still of each is at 0, 10, 20, 90 and 180 degrees, the others beside.
async fn published() -> (Fixture, Vec<String>) {
    let fixture = Fixture::new().await;
    let session = fixture.test.database.session().await.unwrap();
    heaters_db::search::register_model(&session, "descriptor-v1", "1", 2).await.unwrap();
    let (_, clips) = fixture.test.ready_video("a.mp4", 600, &[100, 200, 300, 400, 500]).await;
    for (clip, angle) in clips.iter().zip([0.0, 10.0, 20.0, 90.0, 180.0]) {
        fixture.test.publish(clip, [at(angle - 1.0), at(angle), at(angle + 1.0)]).await;
    }
    let ids = clips.iter().map(|clip| clip.id.to_string()).collect();
    (fixture, ids)
}

fn ranked(body: &Value) -> Vec<(String, u64)> {
    let items = body["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| (item["clip"]["id"].as_str().unwrap().to_owned(), item["percent"].as_u64().unwrap()))
        .collect()
}

#[tokio::test]
async fn the_nearest_come_first_and_never_the_clip_itself() {
    let (fixture, ids) = published().await;
    for (strategy, percents) in [("multi", [99, 95, 2, 0]), ("midpoint", [98, 94, 0, 0])] {
        let answer = fixture.get(&format!("/v1/clips/{}/similar?strategy={strategy}", ids[0])).await;
        let expected: Vec<_> = ids[1..5].iter().cloned().zip(percents).collect();
        assert_eq!(ranked(&answer.body), expected, "{strategy}: {}", answer.body);
    }
    let least = fixture.get(&format!("/v1/clips/{}/similar?order=least&limit=1", ids[0])).await;
    assert_eq!(ranked(&least.body), [(ids[4].clone(), 0)]);
    assert!(least.body["items"][0]["similarity"].as_f64().unwrap() < -0.99);
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let (fixture, ids) = published().await;
    let path = format!("/v1/clips/{}/similar?limit=3", ids[0]);
    let first = fixture.get(&path).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = fixture.get(&format!("{path}&cursor={cursor}")).await;
    assert_eq!((ranked(&first.body).len(), ranked(&second.body)[0].0.as_str()), (3, ids[4].as_str()));
    assert_eq!(second.body["next_cursor"], Value::Null);
}

#[tokio::test]
async fn a_clip_that_is_not_published_has_nothing_similar() {
    let (fixture, ids) = published().await;
    let answer = fixture.get(&format!("/v1/clips/{}/similar", ids[5])).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let random = fixture.get("/v1/search/random").await;
    assert!(ids[..5].iter().any(|id| random.body["id"] == **id), "{}", random.body);
    assert!(random.body["keyframe_url"].is_string());
}
