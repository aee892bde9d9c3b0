//! Leases: no clip on two pages.

use crate::common::{Answer, Fixture, page_of, seen};
use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

async fn claim_on(fixture: &Fixture, actor: &str, page: Uuid, limit: u32) -> Answer {
    fixture.post("/v1/claims", actor, &json!({ "page": page, "limit": limit })).await
}

async fn claim(fixture: &Fixture, actor: &str, limit: u32) -> Vec<Value> {
    let answer = claim_on(fixture, actor, page_of(actor), limit).await;
    answer.body["clips"].as_array().unwrap_or_else(|| panic!("{}", answer.body)).clone()
}

async fn leave(fixture: &Fixture, actor: &str, page: Uuid, keep: &[&Value]) -> Value {
    let answer = fixture.post("/v1/claims/leave", actor, &json!({ "page": page, "keep": keep })).await;
    answer.body["released"].clone()
}

fn starts(clips: &[Value]) -> Vec<u64> {
    clips.iter().map(|clip| clip["start_frame"].as_u64().unwrap()).collect()
}

/// Lets every lease run out.
async fn wait_a_lease(fixture: &Fixture) {
    let session = fixture.test.database.session().await.unwrap();
    session.execute("UPDATE clips SET claim_expires_at = claim_expires_at - interval '61 seconds'", &[]).await.unwrap();
}

#[tokio::test]
async fn pages_get_different_clips_and_the_same_page_the_same_ones() {
    let fixture = Fixture::new().await;
    fixture.test.ready_video("a.mp4", 100, &[20, 40, 60]).await;
    let tess = claim_on(&fixture, "tess", page_of("tess"), 2).await;
    assert_eq!((&tess.body["lease_seconds"], &tess.body["pending"]), (&json!(60), &json!(4)));
    assert_eq!(starts(tess.body["clips"].as_array().unwrap()), [0, 20]);
    assert_eq!(starts(&claim(&fixture, "ugo", 2).await), [40, 60]);
    assert_eq!(starts(&claim(&fixture, "tess", 2).await), [0, 20], "a page that asks again");
    let other_page = claim_on(&fixture, "tess", Uuid::now_v7(), 9).await;
    assert_eq!(other_page.body["clips"], json!([]), "another page of the same reviewer");
    let shown = fixture.get("/v1/clips?state=pending_review").await;
    let names: Vec<&Value> = shown.body["items"].as_array().unwrap().iter().map(|clip| &clip["claimed_by"]).collect();
    assert_eq!(names, [&Value::Null, &Value::Null, &json!("ugo"), &json!("ugo")]);
}

#[tokio::test]
async fn many_pages_at_once_never_share_a_clip() {
    let fixture = Fixture::new().await;
    let cuts: Vec<u32> = (1..120).collect();
    fixture.test.ready_video("a.mp4", 120, &cuts).await;
    let pages: Vec<(String, Uuid)> = (0..24).map(|number| (format!("reviewer {number}"), Uuid::now_v7())).collect();
    let answers = join_all(pages.iter().map(|(actor, page)| claim_on(&fixture, actor, *page, 5))).await;
    let given: Vec<u64> = answers.iter().flat_map(|answer| starts(answer.body["clips"].as_array().unwrap())).collect();
    let different: BTreeSet<u64> = given.iter().copied().collect();
    assert_eq!((given.len(), different.len()), (120, 120), "each page gets its five, none twice");
    let late = claim_on(&fixture, "late", Uuid::now_v7(), 12).await;
    assert_eq!(late.body["clips"], json!([]));
}

#[tokio::test]
async fn a_decision_on_a_clip_that_another_reviewer_has_is_refused() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[20]).await;
    claim(&fixture, "tess", 1).await;
    let clips = fixture.clips_of(video.id).await;
    let skip = json!({ "kind": "skip", "clips": [seen(&clips[0])] });
    let refused = fixture.act("ugo", &skip).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.body["detail"], "tess is reviewing this clip just now. Go on with another one.");
    let merge = json!({ "kind": "merge", "clips": [seen(&clips[0]), seen(&clips[1])] });
    assert_eq!(fixture.act("ugo", &merge).await.status, StatusCode::CONFLICT);
    let note = json!({ "kind": "note", "clip": seen(&clips[0]), "text": "Nice." });
    assert_eq!(fixture.act("ugo", &note).await.status, StatusCode::OK, "a remark disturbs nobody");
    assert_eq!(fixture.act("tess", &skip).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_lease_ends_by_itself_and_a_late_decision_on_what_someone_took_is_refused() {
    let fixture = Fixture::new().await;
    fixture.test.ready_video("a.mp4", 100, &[]).await;
    let clip = claim(&fixture, "tess", 1).await.remove(0);
    assert!(claim(&fixture, "ugo", 1).await.is_empty());
    wait_a_lease(&fixture).await;
    let renew = json!({ "page": page_of("tess"), "clips": [clip["id"]] });
    let kept = fixture.post("/v1/claims/renew", "tess", &renew).await;
    assert_eq!(kept.body, json!({ "kept": [clip["id"]], "lost": [] }), "nobody took it");
    wait_a_lease(&fixture).await;
    assert_eq!(claim(&fixture, "ugo", 1).await.len(), 1);
    let lost = fixture.post("/v1/claims/renew", "tess", &renew).await;
    assert_eq!(lost.body, json!({ "kept": [], "lost": [clip["id"]] }));
    let skip = json!({ "kind": "skip", "clips": [seen(&clip)] });
    assert_eq!(
        fixture.act("tess", &skip).await.body["detail"],
        "ugo is reviewing this clip just now. Go on with another one."
    );
    // Nobody ends a page of somebody else's.
    assert_eq!(leave(&fixture, "tess", page_of("ugo"), &[]).await, json!([]));
    assert_eq!(claim(&fixture, "ugo", 1).await.len(), 1);
    assert_eq!(leave(&fixture, "ugo", page_of("ugo"), &[]).await, json!([clip["id"]]));
    assert_eq!(fixture.act("tess", &skip).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_an_edit_makes_and_an_undo_brings_back_is_the_acting_page_s() {
    let fixture = Fixture::new().await;
    fixture.test.ready_video("a.mp4", 100, &[]).await;
    let clip = claim(&fixture, "tess", 1).await.remove(0);
    fixture.act("tess", &json!({ "kind": "split", "clip": seen(&clip), "frame": 30 })).await;
    assert!(claim(&fixture, "ugo", 9).await.is_empty());
    let halves = claim(&fixture, "tess", 9).await;
    fixture.act("tess", &json!({ "kind": "skip", "clips": [seen(&halves[0])] })).await;
    assert_eq!(fixture.undo("tess").await.body["clips"][0]["claimed_by"], Value::Null);
    assert!(claim(&fixture, "ugo", 9).await.is_empty());
}

#[tokio::test]
async fn a_page_that_is_left_holds_only_what_it_keeps_and_late_requests_of_it_claim_nothing() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[20, 40]).await;
    let page = page_of("tess");
    let clips = claim(&fixture, "tess", 3).await;
    let ids: Vec<&Value> = clips.iter().map(|clip| &clip["id"]).collect();
    let released = leave(&fixture, "tess", page, &[ids[0]]).await;
    assert_eq!(released, json!([ids[1], ids[2]]));
    // What was on its way when the page was left.
    assert!(claim(&fixture, "tess", 3).await.is_empty());
    let renewed = fixture.post("/v1/claims/renew", "tess", &json!({ "page": page, "clips": ids })).await;
    assert_eq!(renewed.body, json!({ "kept": [], "lost": ids }));
    let split = json!({ "kind": "split", "clip": seen(&clips[0]), "frame": 10 });
    assert_eq!(fixture.act("tess", &split).await.status, StatusCode::OK, "a decision counts nevertheless");
    assert_eq!(starts(&claim(&fixture, "ugo", 9).await), [0, 10, 20, 40], "nobody waits for a lease to end");
    leave(&fixture, "ugo", page_of("ugo"), &[]).await;
    fixture.undo("tess").await;
    assert_eq!(starts(&claim(&fixture, "vera", 9).await), [0, 20, 40]);
    assert_eq!(fixture.clips_of(video.id).await.len(), 3);
}

#[tokio::test]
async fn a_claim_and_the_leave_of_its_page_may_come_at_once() {
    let fixture = Fixture::new().await;
    let cuts: Vec<u32> = (1..60).collect();
    fixture.test.ready_video("a.mp4", 60, &cuts).await;
    let pages: Vec<Uuid> = (0..20).map(|_| Uuid::now_v7()).collect();
    join_all(pages.iter().map(async |page| {
        let (claimed, _) = tokio::join!(claim_on(&fixture, "tess", *page, 3), leave(&fixture, "tess", *page, &[]));
        claimed
    }))
    .await;
    let mut given = 0;
    for _ in 0..5 {
        given += claim_on(&fixture, "ugo", Uuid::now_v7(), 12).await.body["clips"].as_array().unwrap().len();
    }
    assert_eq!(given, 60, "no page that is left holds anything");
}

#[tokio::test]
async fn the_queue_goes_on_after_a_clip_with_its_filters() {
    let fixture = Fixture::new().await;
    fixture.test.ready_video("a.mp4", 100, &[20, 40, 60]).await;
    let (other, _) = fixture.test.ready_video("b.mp4", 50, &[10]).await;
    let first = claim(&fixture, "tess", 1).await.remove(0);
    let ask = json!({ "page": page_of("tess"), "limit": 2, "after": first["id"] });
    let next = fixture.post("/v1/claims", "tess", &ask).await;
    assert_eq!(starts(next.body["clips"].as_array().unwrap()), [20, 40]);
    let ask = json!({ "page": page_of("tess"), "limit": 9, "filters": { "video": other.id, "min_seconds": 1.0 } });
    let filtered = fixture.post("/v1/claims", "tess", &ask).await;
    assert_eq!(starts(filtered.body["clips"].as_array().unwrap()), [10]);
    for limit in [0, 13] {
        assert_eq!(claim_on(&fixture, "tess", page_of("tess"), limit).await.status, StatusCode::BAD_REQUEST);
    }
}
