//! Edits of the cuts, tags and notes.

use crate::common::{Fixture, seen};
use axum::http::StatusCode;
use serde_json::{Value, json};

fn ranges(clips: &[Value]) -> Vec<(u64, u64)> {
    clips.iter().map(|clip| (clip["start_frame"].as_u64().unwrap(), clip["end_frame"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn split_merge_move_and_trim_keep_the_tiling_and_come_back_exactly() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[20, 50]).await;
    let first = fixture.clips_of(video.id).await;
    let mut states = vec![first.clone()];
    let actions: [fn(&[Value]) -> Value; 4] = [
        |clips| json!({ "kind": "split", "clip": seen(&clips[1]), "frame": 33 }),
        |clips| json!({ "kind": "merge", "clips": [seen(&clips[0]), seen(&clips[1])] }),
        |clips| json!({ "kind": "move_cut", "clips": [seen(&clips[0]), seen(&clips[1])], "to": 40 }),
        |clips| json!({ "kind": "trim", "clip": seen(&clips[2]), "start": 55, "end": 90 }),
    ];
    let expected = [
        vec![(0, 20), (20, 33), (33, 50), (50, 100)],
        vec![(0, 33), (33, 50), (50, 100)],
        vec![(0, 40), (40, 50), (50, 100)],
        vec![(0, 40), (40, 50), (50, 55), (55, 90), (90, 100)],
    ];
    for (action, expected) in actions.iter().zip(expected) {
        let clips = states.last().unwrap();
        let answer = fixture.act("tess", &action(clips)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let after = fixture.clips_of(video.id).await;
        assert_eq!(ranges(&after), expected);
        let made = answer.body["clips"].as_array().unwrap();
        assert!(made.iter().all(|clip| after.contains(clip)), "the answer is what the list says");
        states.push(after);
    }
    let states_of = |clips: &[Value]| -> Vec<String> { clips.iter().map(|clip| clip["state"].to_string()).collect() };
    assert_eq!(states_of(&states[4])[2..5], ["\"review_archived\"", "\"pending_review\"", "\"review_archived\""]);
    let timeless = |clips: &[Value]| -> Vec<Value> {
        let mut clips = clips.to_vec();
        for clip in &mut clips {
            clip["version"] = json!(0);
        }
        clips
    };
    for earlier in states[..4].iter().rev() {
        assert_eq!(fixture.undo("tess").await.status, StatusCode::OK);
        assert_eq!(timeless(&fixture.clips_of(video.id).await), timeless(earlier));
    }
    for later in &states[1..] {
        assert_eq!(fixture.redo("tess").await.status, StatusCode::OK);
        assert_eq!(timeless(&fixture.clips_of(video.id).await), timeless(later));
    }
}

#[tokio::test]
async fn cuts_that_cannot_be_are_refused_and_change_nothing() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[20, 50]).await;
    let clips = fixture.clips_of(video.id).await;
    let [one, two, three] = [0, 1, 2].map(|at: usize| seen(&clips[at]));
    let cases = [
        (json!({ "kind": "split", "clip": two, "frame": 20 }), "Frame 20 is not inside the clip"),
        (json!({ "kind": "split", "clip": two, "frame": 50 }), "Frame 50 is not inside the clip"),
        (json!({ "kind": "merge", "clips": [one, three] }), "These two clips are not neighbours."),
        (json!({ "kind": "move_cut", "clips": [one, two], "to": 50 }), "The cut can't go to frame 50"),
        (json!({ "kind": "move_cut", "clips": [one, two], "to": 20 }), "The cut is at frame 20 already."),
        (json!({ "kind": "trim", "clip": two, "start": 20, "end": 50 }), "A trimmed clip keeps"),
        (json!({ "kind": "trim", "clip": two, "start": 10, "end": 30 }), "A trimmed clip keeps"),
    ];
    for (action, sentence) in cases {
        let refused = fixture.act("tess", &action).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{action}");
        assert!(refused.body["detail"].as_str().unwrap().starts_with(sentence), "{}", refused.body);
    }
    assert_eq!(fixture.clips_of(video.id).await, clips);
    assert_eq!(fixture.get("/v1/history").await.body, json!({ "undo": null, "redo": null }));
}

#[tokio::test]
async fn the_clip_tells_its_cuts_and_how_sure_they_are() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[20]).await;
    let session = fixture.test.database.session().await.unwrap();
    let clips = fixture.clips_of(video.id).await;
    assert_eq!((&clips[0]["start_cut"], &clips[0]["end_cut"]), (&Value::Null, &json!("cut")));
    session.execute("UPDATE clips SET confidence = 0.25 WHERE start_frame = 20", &[]).await.unwrap();
    let split = fixture.act("tess", &json!({ "kind": "split", "clip": seen(&clips[0]), "frame": 7 })).await;
    assert_eq!(split.body["clips"][0]["confidence"], 1.0, "a reviewer is sure");
    assert_eq!(fixture.clips_of(video.id).await[2]["confidence"], 0.25);
}

#[tokio::test]
async fn tags_and_notes_stay_with_the_frames_and_can_be_found() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    let clips = fixture.clips_of(video.id).await;
    let tag = |tags: Value| json!({ "kind": "tag", "clip": seen(&clips[0]), "tags": tags });
    assert_eq!(fixture.act("ugo", &tag(json!(["sea", "dusk"]))).await.body["clips"][0]["tags"], json!(["sea", "dusk"]));
    let note = json!({ "kind": "note", "clip": seen(&clips[0]), "text": "Gegenlicht, 100%" });
    assert_eq!(fixture.act("tess", &note).await.body["clips"][0]["version"], 1, "a remark leaves the version alone");
    fixture.act("tess", &json!({ "kind": "split", "clip": seen(&clips[0]), "frame": 20 })).await;
    let tags = json!([{ "tag": "dusk", "clips": 2 }, { "tag": "sea", "clips": 2 }]);
    assert_eq!(fixture.get("/v1/tags").await.body, tags);
    for query in ["tag=sea", "text=gegenLICHT", "text=100%25", "tag=sea&state=pending_review"] {
        let found = fixture.get(&format!("/v1/clips?{query}")).await;
        assert_eq!(found.body["items"].as_array().unwrap().len(), 2, "{query}");
    }
    let missed = fixture.get("/v1/clips?text=nothing").await;
    assert_eq!(missed.body["items"], json!([]));
    assert_eq!(fixture.act("ugo", &tag(json!(["sky"]))).await.status, StatusCode::CONFLICT, "the clip is replaced");
    let now = &fixture.clips_of(video.id).await[0];
    let wrong = json!({ "kind": "tag", "clip": seen(now), "tags": ["x".repeat(41)] });
    assert_eq!(fixture.act("ugo", &wrong).await.status, StatusCode::BAD_REQUEST);
}
