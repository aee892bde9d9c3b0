//! How long the API takes with 100,000 clips. Not a check: `make bench-api`.

#[path = "../../../../shared/domain/examples/hour/mod.rs"]
mod hour;

use crate::{
    common::{Fixture, page_of, seen},
    library::store_scores,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use uuid::Uuid;

const ROUNDS: usize = 100;

/// 200 videos of 500 clips, of which six in ten wait; behind the first video, which lends them its settings.
const CLIPS: &str = "
    SET session_replication_role = replica;
    INSERT INTO videos (id, title, state, origin, settings, prefix, frames, fps_num, fps_den)
        SELECT gen_random_uuid(), 'Video number ' || video, 'ready', 'upload', '{}', 'p', 50000, 25, 1
        FROM generate_series(1, 200) AS video;
    INSERT INTO cuts SELECT video, cut * 100, 'cut', cut * 100, cut * 100, random(), 'detector'
        FROM generate_series(2, 201) AS video, generate_series(1, 499) AS cut;
    INSERT INTO clips (id, video_number, start_frame, end_frame, state, look, seconds, confidence)
        SELECT gen_random_uuid(), video, clip * 100, clip * 100 + 100,
            CASE WHEN (clip * 7 + video) % 10 < 6 THEN 'pending_review' ELSE 'review_skipped' END,
            (random() * 1e12)::bigint, 4, random()
        FROM generate_series(2, 201) AS video, generate_series(0, 499) AS clip;
    INSERT INTO clip_counts SELECT video_number, state, count(*) FROM clips GROUP BY video_number, state;
    SET session_replication_role = origin;
    UPDATE videos SET settings = (SELECT settings FROM videos WHERE title = 'pattern.mp4');
    ANALYZE";

#[derive(Default)]
struct Times(Vec<Duration>);

impl Times {
    async fn of<T>(&mut self, work: impl Future<Output = T>) -> T {
        let started = Instant::now();
        let result = work.await;
        self.0.push(started.elapsed());
        result
    }

    fn tell(&mut self, what: &str) {
        self.0.sort_unstable();
        let at = |share: f64| self.0[((self.0.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        println!("{what:32} p50 {:6.1} ms   p95 {:6.1} ms", at(0.5), at(0.95));
    }
}

#[tokio::test]
#[ignore = "it measures"]
async fn latency() {
    let fixture = Fixture::new().await;
    fixture.test.new_video("pattern.mp4").await;
    fixture.test.database.session().await.unwrap().batch_execute(CLIPS).await.unwrap();
    let [mut claims, mut acts, mut splits, mut undos, mut history, mut leaves] =
        std::array::from_fn(|_| Times::default());
    for round in 0..ROUNDS {
        let order = ["time", "confidence", "look_alike"][round % 3];
        let ask = json!({ "page": page_of("tess"), "limit": 6, "order": order });
        let claimed = claims.of(fixture.post("/v1/claims", "tess", &ask)).await;
        let clips: Vec<Value> = claimed.body["clips"].as_array().unwrap().clone();
        let skip = json!({ "kind": "skip", "clips": [seen(&clips[0])] });
        let skipped = acts.of(fixture.act("tess", &skip)).await;
        assert!(skipped.status.is_success(), "{}", skipped.body);
        let frame = clips[1]["start_frame"].as_u64().unwrap() + 50;
        let split = json!({ "kind": "split", "clip": seen(&clips[1]), "frame": frame });
        let divided = splits.of(fixture.act("tess", &split)).await;
        assert!(divided.status.is_success(), "{}", divided.body);
        let undone = undos.of(fixture.undo("tess")).await;
        assert!(undone.status.is_success(), "{}", undone.body);
        history.of(fixture.get("/v1/history")).await;
        let page = Uuid::now_v7();
        fixture.post("/v1/claims", "ugo", &json!({ "page": page, "limit": 12 })).await;
        let left = leaves.of(fixture.post("/v1/claims/leave", "ugo", &json!({ "page": page }))).await;
        assert_eq!(left.body["released"].as_array().map(Vec::len), Some(12), "{}", left.body);
    }
    claims.tell("claim 6 clips");
    acts.tell("skip");
    splits.tell("split");
    undos.tell("undo a split");
    history.tell("history");
    leaves.tell("leave a page with 12 clips");
    for query in
        ["", "&order=confidence", "&order=look_alike", "&max_confidence=0.01", "&text=number%2017", "&limit=500"]
    {
        let mut times = Times::default();
        for _ in 0..ROUNDS {
            let page = times.of(fixture.get(&format!("/v1/clips?state=pending_review{query}"))).await;
            assert!(!page.body["items"].as_array().unwrap().is_empty());
        }
        times.tell(&format!("list {query}"));
    }
}

/// What a reviewer waits for at the slider: an hour's boundaries at another sensitivity, of a function that has just
/// started and has to read the scores, and of one that has them.
#[tokio::test]
#[ignore = "it measures"]
async fn latency_of_a_preview() {
    let shot = (3.0 * hour::FPS) as u32;
    let cuts: Vec<u32> = (1..hour::FRAMES / shot).map(|cut| cut * shot).collect();
    let [mut first, mut later] = std::array::from_fn(|_| Times::default());
    for _ in 0..3 {
        let fixture = Fixture::new().await;
        let (video, _) = fixture.test.ready_video("hour.mp4", hour::FRAMES, &cuts).await;
        store_scores(&fixture, &video, &hour::track()).await;
        for round in 0..10 {
            let times = if round == 0 { &mut first } else { &mut later };
            let path = format!("/v1/videos/{}/boundaries?sensitivity={}", video.id, 0.3 + 0.06 * f64::from(round));
            let preview = times.of(fixture.get(&path)).await;
            assert!(preview.body["boundaries"].as_array().unwrap().len() > 500, "{}", preview.body);
        }
    }
    first.tell("preview of an hour, first");
    later.tell("preview of an hour, after it");
}
