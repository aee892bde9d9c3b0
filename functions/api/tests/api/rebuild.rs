//! The review state follows from the log alone.

use crate::common::{Fixture, seen};
use axum::http::StatusCode;
use heaters_db::{begin, review, review::Which, videos};
use heaters_domain::{VideoId, review::VideoReview};
use serde_json::{Value, json};

const REVIEWERS: [&str; 3] = ["tess", "ugo", "vera"];

/// A small generator of numbers, the same ones at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

fn any_action(dice: &mut Dice, clips: &[Value]) -> Value {
    let at = dice.roll(clips.len());
    let (clip, next) = (seen(&clips[at]), seen(&clips[(at + 1) % clips.len()]));
    let frame = dice.roll(200);
    match dice.roll(11) {
        0 | 1 => json!({ "kind": "approve", "clips": [clip] }),
        2 => json!({ "kind": "skip", "clips": [clip, next] }),
        3 => json!({ "kind": "archive", "clips": [clip] }),
        4 => json!({ "kind": "reopen", "clips": [clip] }),
        5 => json!({ "kind": "group", "clips": [clip, next] }),
        6 => json!({ "kind": "split", "clip": clip, "frame": frame }),
        7 => json!({ "kind": "merge", "clips": [clip, next] }),
        8 => json!({ "kind": "move_cut", "clips": [clip, next], "to": frame }),
        9 => json!({ "kind": "trim", "clip": clip, "start": frame, "end": frame + 9 }),
        _ if frame.is_multiple_of(2) => json!({ "kind": "tag", "clip": clip, "tags": [frame.to_string()] }),
        _ => json!({ "kind": "note", "clip": clip, "text": format!("Frame {frame}.") }),
    }
}

/// What the tables say, and what the log says.
async fn both(fixture: &Fixture, id: VideoId) -> (VideoReview, VideoReview) {
    let mut session = fixture.test.database.session().await.unwrap();
    let work = begin(&mut session).await.unwrap();
    let video = videos::lock(&work, id).await.unwrap().unwrap();
    let stored = review::load(&work, &video, Which::All).await.unwrap().review;
    let log = review::changes(&work, video.number).await.unwrap();
    let frames = video.frames.unwrap();
    let replayed = VideoReview::replay(frames, log.iter().map(|(event, change)| (*event, change))).unwrap();
    (stored, replayed)
}

#[tokio::test]
async fn what_three_reviewers_did_is_rebuilt_from_the_log() {
    let fixture = Fixture::new().await;
    let (video, _) = fixture.test.ready_video("a.mp4", 200, &[20, 50, 90, 150]).await;
    let (mut dice, mut done) = (Dice(7), 0);
    for _ in 0..160 {
        let actor = REVIEWERS[dice.roll(REVIEWERS.len())];
        let answer = match dice.roll(6) {
            0 => fixture.undo(actor).await,
            1 => fixture.redo(actor).await,
            _ => {
                let clips = fixture.clips_of(video.id).await;
                fixture.act(actor, &any_action(&mut dice, &clips)).await
            }
        };
        assert!(!answer.status.is_server_error(), "{}", answer.body);
        done += usize::from(answer.status == StatusCode::OK);
    }
    assert!(done >= 50, "only {done} of the actions were done");
    let (stored, replayed) = both(&fixture, video.id).await;
    assert_eq!(stored.clips, replayed.clips);
    assert_eq!(stored.cuts, replayed.cuts);
    let session = fixture.test.database.session().await.unwrap();
    let miscounted = "SELECT video_number, state, clips FROM clip_counts WHERE clips <> 0
        EXCEPT SELECT video_number, state, count(*) FROM clips GROUP BY video_number, state";
    assert!(session.query(miscounted, &[]).await.unwrap().is_empty(), "the counts are those of the clips");
    let approved_and_out: Vec<bool> = session
        .query(
            "SELECT (clips.state = 'review_approved') = (publications.clip_number IS NOT NULL) FROM clips
             LEFT JOIN publications ON clip_number = number AND publications.version = clips.version
                 AND publications.state = 'active'",
            &[],
        )
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert!(approved_and_out.iter().all(|fits| *fits), "exactly the approved versions are on their way");
}
