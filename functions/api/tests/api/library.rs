//! Lists, whole videos, timelines and entity tags.

use crate::common::{Fixture, claims, page_of, seen, token};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use heaters_aws::{ObjectRef, ObjectStore};
use heaters_db::{videos, videos::VideoRow};
use heaters_domain::{
    Rational, VideoState,
    index::{FrameRecord, Head, Index},
    keys::IngestKeys,
    scenes::{Across, FrameScore, LAGS, PictureArea, ScoreTrack},
    storyboard::{self, Cues},
};
use serde_json::{Value, json};
use uuid::Uuid;

async fn titles(fixture: &Fixture, query: &str) -> Vec<String> {
    let page = fixture.get(&format!("/v1/videos{query}")).await;
    let items = page.body["items"].as_array().unwrap_or_else(|| panic!("{}", page.body)).clone();
    items.iter().map(|video| video["title"].as_str().unwrap().to_owned()).collect()
}

fn path(video: &VideoRow) -> String {
    format!("/v1/videos/{}", video.id)
}

#[tokio::test]
async fn a_title_is_changed_and_found_by_any_part_of_it() {
    let fixture = Fixture::new().await;
    let video = fixture.test.new_video("a 100%_b.mp4").await;
    fixture.test.new_video("other.mp4").await;
    let at = path(&video);
    let answer = fixture.call(Method::PATCH, &at, "tess", &json!({ "title": "  Die Würze_  " })).await;
    assert_eq!((answer.status, &answer.body["title"]), (StatusCode::OK, &json!("Die Würze_")));
    for title in ["", " ", "two\nlines", &"x".repeat(201)] {
        let refused = fixture.call(Method::PATCH, &at, "tess", &json!({ "title": title })).await;
        assert_eq!(refused.body["detail"], "A title has 1 to 200 characters on one line.", "{title:?}");
    }
    assert_eq!(titles(&fixture, "?text=W%C3%BCRZE_").await, ["Die Würze_"]);
    // The uploaded file's name counts too; signs that mean something to the database mean nothing.
    assert_eq!(titles(&fixture, "?text=100%25_").await, ["Die Würze_"]);
    assert_eq!(titles(&fixture, "?text=_ther").await, Vec::<String>::new());
    assert_eq!(titles(&fixture, "?text=%20").await.len(), 2);
}

#[tokio::test]
async fn a_cancelled_videos_execution_is_stopped_and_a_retry_starts_another() {
    let fixture = Fixture::new().await;
    let video = fixture.test.new_video("a.mp4").await;
    let at = path(&video);
    let cancelled = fixture.post(&format!("{at}/cancel"), "tess", &json!({})).await;
    assert_eq!((cancelled.status, &cancelled.body["state"]), (StatusCode::OK, &json!("cancelled")));
    assert_eq!(*fixture.started.lock().unwrap(), ["stop test"]);
    let again = fixture.post(&format!("{at}/cancel"), "tess", &json!({})).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    fixture.post(&format!("{at}/retry"), "tess", &json!({})).await;
    // The second attempt has not registered: its execution's name follows from the attempt.
    fixture.post(&format!("{at}/cancel"), "tess", &json!({})).await;
    assert_eq!(*fixture.started.lock().unwrap().last().unwrap(), format!("stop ingest-{}-2", video.id));
    let (ready, _) = fixture.test.ready_video("b.mp4", 100, &[]).await;
    let done = fixture.post(&format!("{}/cancel", path(&ready)), "tess", &json!({})).await;
    assert_eq!(done.status, StatusCode::CONFLICT, "{}", done.body);
}

#[tokio::test]
async fn a_deleted_video_is_nowhere_until_it_is_restored() {
    let fixture = Fixture::new().await;
    let session = fixture.test.database.session().await.unwrap();
    heaters_db::search::register_model(&session, "descriptor-v1", "1", 2).await.unwrap();
    let (video, clips) = fixture.test.ready_video("a.mp4", 100, &[50]).await;
    fixture.test.publish(&clips[0], [vec![1.0, 0.0], vec![1.0, 0.0], vec![1.0, 0.0]]).await;
    let (at, clip) = (path(&video), format!("/v1/clips/{}", clips[0].id));
    let deleted = fixture.call(Method::DELETE, &at, "tess", &json!({})).await;
    assert_eq!((deleted.status, &deleted.body["state"]), (StatusCode::OK, &json!("deleted")));
    assert!(deleted.body["restorable_until"].is_string());
    assert_eq!(
        fixture.call(Method::DELETE, &at, "tess", &json!({})).await.status,
        StatusCode::OK,
        "it is deleted already"
    );

    for gone in [&at, &format!("{at}/timeline"), "/v1/search/random", &format!("{clip}/playback")] {
        assert_eq!(fixture.get(gone).await.status, StatusCode::NOT_FOUND, "{gone}");
    }
    assert_eq!(fixture.get("/v1/review/summary").await.body["pending"], 0);
    assert_eq!(fixture.get("/v1/clips").await.body["items"], json!([]));
    assert_eq!((titles(&fixture, "").await.len(), titles(&fixture, "?deleted=true").await.len()), (0, 1));

    let restored = fixture.post(&format!("{at}/restore"), "tess", &json!({})).await;
    assert_eq!((restored.status, &restored.body["state"]), (StatusCode::OK, &json!("ready")));
    assert_eq!(fixture.get("/v1/review/summary").await.body["pending"], 1);
    assert_eq!(fixture.get("/v1/search/random").await.status, StatusCode::OK, "its vectors are back");
    assert!(fixture.started.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_video_restored_before_it_was_ready_starts_again_and_one_deleted_too_long_ago_does_not() {
    let fixture = Fixture::new().await;
    let video = fixture.test.new_video("a.mp4").await;
    let at = path(&video);
    fixture.call(Method::DELETE, &at, "tess", &json!({})).await;
    assert_eq!(*fixture.started.lock().unwrap(), ["stop test"]);
    let restored = fixture.post(&format!("{at}/restore"), "ugo", &json!({})).await;
    assert_eq!((&restored.body["state"], &restored.body["deleted_at"]), (&json!("new"), &json!(null)));
    assert_eq!(*fixture.started.lock().unwrap().last().unwrap(), format!("ingest-{}-2", video.id));
    fixture.call(Method::DELETE, &at, "tess", &json!({})).await;
    let session = fixture.test.database.session().await.unwrap();
    session.batch_execute("UPDATE videos SET deleted_at = now() - interval '30 days'").await.unwrap();
    let late = fixture.post(&format!("{at}/restore"), "tess", &json!({})).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body["detail"].as_str().unwrap().contains("30 days"));
    let log = "SELECT string_agg(action, ' ' ORDER BY id) FROM review_events";
    let log: String = session.query_one(log, &[]).await.unwrap().get(0);
    assert_eq!(log, "delete restore delete");
}

const BASE: Rational = Rational { num: 1, den: 1000 };
const FRAMES: u32 = 100;

/// What an ingest leaves of a video whose frames vary between 20 and 60 ms, with a storyboard tile each 25 frames.
async fn store_outputs(fixture: &Fixture, video: &VideoRow) {
    let mut pts = 7000;
    let times: Vec<i64> = (0..FRAMES)
        .map(|frame| {
            pts += if frame % 3 == 0 { 60 } else { 20 };
            pts
        })
        .collect();
    let head = Head {
        frames: FRAMES,
        time_base: BASE,
        start_pts: times[0],
        end_pts: pts + 40,
        width: 160,
        height: 90,
        stsd: Vec::new(),
        sound: None,
        media_bytes: 0,
        fps: None,
    };
    let frames = times.iter().map(|pts| FrameRecord { pts: *pts, offset: 0, size: 1, flags: 0 }).collect();
    let starts: Vec<i64> = times.iter().copied().step_by(25).collect();
    let cues = Cues { times: &starts, start: times[0], end: pts + 40, time_base: BASE, width: 160, height: 90 };
    let still = FrameScore {
        dissimilarity: 0.02,
        luma: 110.0,
        contrast: 50.0,
        chroma_difference: 0.5,
        ..FrameScore::default()
    };
    let mut scores = vec![still; FRAMES as usize];
    // A sure cut, and one of shots that look much alike.
    for (frame, score, alike, chroma_difference) in [(30, 0.9, 0.9, 12.0), (60, 0.45, 0.2, 0.5)] {
        let across = Across {
            near: alike,
            far: alike,
            mean: alike,
            moved: alike,
            moved_far: alike,
            changed_at: [alike; 2],
            changed_around: [alike; 2],
            light: [alike; 2],
            chroma: [alike; 2],
        };
        scores[frame] = FrameScore { dissimilarity: score, across: Some(across), chroma_difference, ..still };
        // Pictures on both sides of the cut differ, those on one side don't.
        for (lag, behind) in LAGS.into_iter().enumerate() {
            scores[frame..frame + behind].iter_mut().for_each(|later| later.lagged[lag] = alike);
        }
    }
    let area = PictureArea { left: 0, top: 0, width: 64, height: 36 };
    let track = ScoreTrack { area, frames: scores };
    let vtt = storyboard::vtt(&cues, |sheet| format!("storyboard-{sheet:03}.jpg"));
    store_scores(fixture, video, &track).await;
    let keys = IngestKeys(video.prefix.clone());
    for (key, bytes) in
        [(keys.index(), Index { head, frames, sound: Vec::new() }.encode()), (keys.storyboard(), vtt.into_bytes())]
    {
        fixture.store.put(&ObjectRef::new("media", key), bytes.into(), "").await.unwrap();
    }
}

/// What the detection leaves: the scores, and beside them what the probe found.
pub async fn store_scores(fixture: &Fixture, video: &VideoRow, track: &ScoreTrack) {
    let frames = track.frames.len();
    let media = json!({
        "container": "mov", "video_codec": "h264", "width": 160, "height": 90, "packets": frames, "fps": null,
        "time_base": BASE, "duration_seconds": frames as f64 / 25.0, "has_sound": false, "interlaced": false, "hdr_transfer": null,
        "title": null,
    });
    let source = json!({
        "media": media, "class": "whole", "picture": 0, "sound": null, "colour": { "matrix": null }, "tile_seconds": 1,
    });
    let keys = IngestKeys(video.prefix.clone());
    for (key, bytes) in [(keys.scores(), track.encode().unwrap()), (keys.source(), source.to_string().into_bytes())] {
        fixture.store.put(&ObjectRef::new("media", key), bytes.into(), "").await.unwrap();
    }
}

#[tokio::test]
async fn a_timeline_has_tiles_at_their_frames_and_a_curve_with_its_peaks() {
    let fixture = Fixture::new().await;
    let (video, clips) = fixture.test.ready_video("a.mp4", FRAMES, &[30, 60]).await;
    store_outputs(&fixture, &video).await;
    let timeline = fixture.get(&format!("{}/timeline", path(&video))).await;
    assert_eq!(timeline.status, StatusCode::OK, "{}", timeline.body);
    let tiles = timeline.body["storyboard"]["tiles"].as_array().unwrap();
    let starts: Vec<u64> = tiles.iter().map(|tile| tile["start_frame"].as_u64().unwrap()).collect();
    assert_eq!((starts, &tiles[3]["end_frame"], &tiles[1]["x"]), (vec![0, 25, 50, 75], &json!(100), &json!(160)));
    assert_eq!(timeline.body["clips"][1]["id"], clips[1].id.to_string());
    assert_eq!(
        timeline.body["cuts"][1],
        json!({
            "frame": 60, "kind": "cut", "start_frame": 60, "end_frame": 60, "confidence": 1.0, "origin": "detector",
        })
    );
    assert_eq!(timeline.body["waveform"], json!(null), "a video without sound has none");
    let curve = |query: &str| format!("{}/scores{query}", path(&video));
    let scores = fixture.get(&curve("?buckets=4")).await;
    let values: Vec<f64> =
        scores.body["values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
    let rounded: Vec<f64> = values.iter().map(|value| (value * 100.0).round() / 100.0).collect();
    assert_eq!(rounded, [0.02, 0.9, 0.45, 0.02]);
    assert_eq!(fixture.get(&curve("?start_frame=29&end_frame=31&buckets=9")).await.body["buckets"], 2);
    for wrong in ["?buckets=0", "?buckets=4001", "?end_frame=101", "?start_frame=9&end_frame=9"] {
        assert_eq!(fixture.get(&curve(wrong)).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let new = fixture.test.new_video("b.mp4").await;
    assert_eq!(fixture.get(&format!("{}/timeline", path(&new))).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn scores_of_another_version_that_cant_be_made_anew_are_told_with_a_sentence() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", FRAMES, &[30]).await;
    store_outputs(&fixture, &video).await;
    let scores = ObjectRef::new("media", IngestKeys(video.prefix.clone()).scores());
    let mut bytes = fixture.store.get(&scores, None).await.unwrap().to_vec();
    bytes[4] += 1;
    fixture.store.put(&scores, bytes.into(), "").await.unwrap();
    // There is no function here that could.
    let refused = fixture.get(&format!("{}/boundaries", path(&video))).await;
    assert_eq!(refused.status, StatusCode::BAD_GATEWAY, "{}", refused.body);
    assert!(refused.body["detail"].as_str().unwrap().contains("scored anew"), "{}", refused.body);
}

#[tokio::test]
async fn a_preview_says_what_would_become_of_the_clips() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", FRAMES, &[30, 60]).await;
    store_outputs(&fixture, &video).await;
    let preview = async |query: &str| fixture.get(&format!("{}/boundaries{query}", path(&video))).await;
    let most = preview("?sensitivity=1").await.body;
    assert_eq!((&most["cuts_after"], &most["clips_kept"]), (&json!([30, 60]), &json!(3)), "{most}");
    let least = preview("?sensitivity=0.05").await.body;
    assert_eq!(
        (&least["cuts_after"], &least["clips_now"], &least["clips_after"]),
        (&json!([30]), &json!(3), &json!(2))
    );
    let long = preview("?sensitivity=1&min_length_seconds=3600").await.body;
    assert_eq!((&long["cuts_after"], &long["boundaries"]), (&json!([]), &json!([])));
    for wrong in ["?sensitivity=1.1", "?min_length_seconds=-1", "?sensitivity=x"] {
        assert_eq!(preview(wrong).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let (bare, _) = fixture.test.ready_video("b.mp4", 10, &[]).await;
    let missing = fixture.get(&format!("{}/boundaries", path(&bare))).await;
    assert_eq!(missing.status, StatusCode::CONFLICT, "{}", missing.body);
}

#[tokio::test]
async fn detecting_again_keeps_what_people_touched_and_comes_back_with_one_undo() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", FRAMES, &[10, 50, 80]).await;
    store_outputs(&fixture, &video).await;
    let before = fixture.clips_of(video.id).await;
    fixture.act("ugo", &json!({ "kind": "skip", "clips": [seen(&before[3])] })).await;
    // Someone else has the first clip on a page just now.
    let claim = json!({ "page": page_of("vera"), "limit": 1 });
    let claimed = fixture.post("/v1/claims", "vera", &claim).await;
    assert_eq!(claimed.body["clips"][0]["start_frame"], 0, "{}", claimed.body);

    let now = fixture.clips_of(video.id).await;
    let preview = fixture.get(&format!("{}/boundaries?sensitivity=1&min_length_seconds=0", path(&video))).await.body;
    assert_eq!(preview["cuts_after"], json!([10, 30, 60, 80]), "{preview}");
    let request = json!({ "request_id": Uuid::now_v7(), "sensitivity": 1.0, "min_length_seconds": 0.0 });
    let at = format!("{}/redetect", path(&video));
    let done = fixture.post(&at, "tess", &request).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let archived = json!([now[1]["id"], now[2]["id"]]);
    assert_eq!((&done.body["created"], &done.body["kept"], &done.body["archived"]), (&json!(3), &json!(2), &archived));
    let after = fixture.clips_of(video.id).await;
    assert_eq!((&after[0], &after[4]), (&now[0], &now[3]));
    assert_eq!(fixture.get(&path(&video)).await.body["scenes"]["sensitivity"], 1.0);
    let again = fixture.post(&at, "tess", &request).await;
    assert_eq!((again.status, again.body), (StatusCode::OK, done.body), "the same request is done once");
    let nothing = json!({ "request_id": Uuid::now_v7(), "sensitivity": 1.0, "min_length_seconds": 0.0 });
    let same = fixture.post(&at, "tess", &nothing).await;
    assert_eq!(same.body["detail"], "With these settings the cuts stay as they are.");

    let undone = fixture.undo("tess").await;
    assert_eq!(undone.body["undone_action"], "redetect", "{}", undone.body);
    let ids = |clips: &[Value]| clips.iter().map(|clip| clip["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&fixture.clips_of(video.id).await), ids(&before));
}

#[tokio::test]
async fn the_settings_are_those_of_the_latest_detection_that_stands() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", FRAMES, &[10, 50, 80]).await;
    store_outputs(&fixture, &video).await;
    let settings = async || fixture.get(&path(&video)).await.body["scenes"].clone();
    let detect = async |actor: &str, sensitivity: f64| {
        let asked = json!({ "request_id": Uuid::now_v7(), "sensitivity": sensitivity, "min_length_seconds": 0.0 });
        let done = fixture.post(&format!("{}/redetect", path(&video)), actor, &asked).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        settings().await
    };
    let first = settings().await;
    let most = detect("tess", 1.0).await;
    let least = detect("tess", 0.05).await;
    assert_eq!((&most["sensitivity"], &least["sensitivity"]), (&json!(1.0), &json!(0.05)));

    fixture.undo("tess").await;
    assert_eq!(settings().await, most);
    fixture.undo("tess").await;
    assert_eq!(settings().await, first, "those of the ingest");
    fixture.redo("tess").await;
    assert_eq!(settings().await, most);
    fixture.redo("tess").await;
    assert_eq!(settings().await, least);
    fixture.undo("tess").await;
    assert_eq!(settings().await, most, "an undo of what was done again");
    // What is no detection leaves them.
    let clip = seen(&fixture.clips_of(video.id).await[0]);
    fixture.act("tess", &json!({ "kind": "skip", "clips": [clip] })).await;
    fixture.undo("tess").await;
    assert_eq!(settings().await, most);
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let fixture = Fixture::new().await;
    let video = fixture.test.new_video("a.mp4").await;
    let ask = async |tag: &str| {
        let request = Request::get("/v1/videos")
            .header(header::AUTHORIZATION, format!("Bearer {}", token(&claims("tess"))))
            .header(header::ORIGIN, crate::common::SITE)
            .header(header::IF_NONE_MATCH, tag);
        fixture.send(request.body(Body::empty()).unwrap()).await
    };
    let first = ask("\"none\"").await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(first.headers[header::ACCESS_CONTROL_EXPOSE_HEADERS], "etag");
    let tag = first.headers[header::ETAG].to_str().unwrap().to_owned();
    let again = ask(&tag).await;
    assert_eq!((again.status, again.body), (StatusCode::NOT_MODIFIED, Value::Null));
    assert_eq!(again.headers[header::ETAG], *tag);
    let session = fixture.test.database.session().await.unwrap();
    videos::set_state(&session, video.number, VideoState::Downloading).await.unwrap();
    let changed = ask(&tag).await;
    assert!(changed.status == StatusCode::OK && changed.headers[header::ETAG] != *tag);
    // Errors have no tag, and signed addresses stay the same for a while.
    assert!(fixture.get("/v1/nowhere").await.headers.get(header::ETAG).is_none());
}

#[tokio::test]
async fn an_upload_that_can_t_be_is_refused_with_a_sentence() {
    let fixture = Fixture::new().await;
    let begin = async |size: u64| {
        let body = json!({ "name": "a.mp4", "size_bytes": size, "last_modified_ms": 0 });
        fixture.post("/v1/uploads", "tess", &body).await
    };
    assert_eq!(begin(0).await.body["detail"], "The file is empty.");
    let large = begin(2 << 40).await;
    assert_eq!(large.body["detail"], "The file has 2199.0 GB; 1099.5 GB is the most that can be uploaded.");
    assert_eq!(fixture.get("/v1/uploads/nonsense").await.status, StatusCode::NOT_FOUND);
}
