//! Filters and orders of the clips.

use crate::common::{Fixture, seen};
use axum::http::StatusCode;
use serde_json::{Value, json};

fn starts(page: &Value) -> Vec<u64> {
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    items.iter().map(|clip| clip["start_frame"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn clips_come_in_every_order_and_in_pages() {
    let fixture = Fixture::new().await;
    fixture.test.ready_video("a.mp4", 100, &[20, 50]).await;
    fixture.test.ready_video("b.mp4", 100, &[10]).await;
    let session = fixture.test.database.session().await.unwrap();
    // Of the five clips in order; two with the same confidence, one with none.
    let facts = "UPDATE clips SET confidence = (ARRAY[0.9, 0.2, 0.9, NULL, 0.5])[number], look = (ARRAY[3, 1, 3, 2, -5])[number]";
    session.execute(facts, &[]).await.unwrap();
    for (order, expected) in
        [("time", [0, 20, 50, 0, 10]), ("confidence", [20, 10, 0, 50, 0]), ("look_alike", [10, 20, 0, 0, 50])]
    {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = fixture.get(&format!("/v1/clips?state=pending_review&limit=2&order={order}{cursor}")).await;
            seen.extend(starts(&page.body));
            let Some(next) = page.body["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, expected, "{order}");
        let all = fixture.get(&format!("/v1/clips?order={order}")).await;
        assert_eq!(starts(&all.body), expected, "{order} of any state");
    }
}

#[tokio::test]
async fn filters_narrow_and_combine() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("Harbour at Dusk.mp4", 100, &[20, 50]).await;
    fixture.test.ready_video("other.mp4", 100, &[10]).await;
    let session = fixture.test.database.session().await.unwrap();
    session.execute("UPDATE clips SET confidence = number / 10.0", &[]).await.unwrap();
    let clips = fixture.clips_of(video.id).await;
    fixture.act("tess", &json!({ "kind": "skip", "clips": [seen(&clips[2])] })).await;
    for (query, expected) in [
        ("text=dusk", vec![0, 20, 50]),
        ("text=DUSK&state=review_skipped", vec![50]),
        ("min_seconds=1.2&max_seconds=1.2", vec![20]),
        ("min_confidence=0.2&max_confidence=0.3", vec![20, 50]),
        ("state=review_skipped", vec![50]),
        (&format!("video={}", video.id), vec![0, 20, 50]),
    ] {
        assert_eq!(starts(&fixture.get(&format!("/v1/clips?{query}")).await.body), expected, "{query}");
    }
    for wrong in ["limit=501", "min_seconds=-1", "min_confidence=NaN", "order=colour", "group=x"] {
        assert_eq!(fixture.get(&format!("/v1/clips?{wrong}")).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
