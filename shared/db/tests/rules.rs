//! The rules that the database keeps whatever a program does.

use heaters_db::{begin, clips, commit, testing::TestDatabase, videos};
use heaters_domain::{
    VideoId, VideoState,
    contract::{SourceObject, SourceRole},
    scenes::{Boundary, BoundaryKind},
    settings::IngestSettings,
};

fn upload(key: &str) -> videos::NewUpload {
    videos::NewUpload {
        id: VideoId::generate(),
        title: "Title".to_owned(),
        source: SourceObject {
            role: SourceRole::Both,
            bucket: "uploads".to_owned(),
            key: key.to_owned(),
            version: Some("v1".to_owned()),
            size_bytes: 5,
        },
        etag: "etag".to_owned(),
        execution: "execution".to_owned(),
        settings: IngestSettings::default(),
        prefix: "prefix".to_owned(),
    }
}

fn cut(frame: u32) -> Boundary {
    Boundary { frame, kind: BoundaryKind::Cut, start_frame: frame, end_frame: frame, confidence: 0.9 }
}

/// A video of 100 frames with cuts at 20 and 50; returns its number.
async fn tiled_video(test: &TestDatabase) -> i32 {
    let mut session = test.database.session().await.unwrap();
    let work = begin(&mut session).await.unwrap();
    let video = videos::insert_upload(&work, &upload("a.mp4")).await.unwrap().unwrap();
    work.execute("UPDATE videos SET frames = 100 WHERE number = $1", &[&video.number]).await.unwrap();
    assert!(clips::create(&work, &video, 100, &[cut(20), cut(50)], |_| 0).await.unwrap());
    assert!(!clips::create(&work, &video, 100, &[], |_| 0).await.unwrap());
    commit(work).await.unwrap();
    video.number
}

/// Runs statements in one transaction and returns the constraint that refuses it.
async fn refused_by(test: &TestDatabase, sql: &str) -> Option<String> {
    let mut session = test.database.session().await.unwrap();
    let work = session.transaction().await.unwrap();
    let result = match work.batch_execute(sql).await {
        Ok(()) => work.commit().await,
        Err(error) => Err(error),
    };
    let error = result.err()?;
    Some(error.as_db_error().unwrap().constraint().unwrap_or("another error").to_owned())
}

#[tokio::test]
async fn clips_that_do_not_tile_are_refused_at_commit() {
    let test = TestDatabase::new().await;
    let video = tiled_video(&test).await;
    let cases = [
        // A gap.
        format!("UPDATE clips SET state = 'archived' WHERE video_number = {video} AND start_frame = 20"),
        // A gap from a clip that got shorter.
        format!("UPDATE clips SET end_frame = 90 WHERE video_number = {video} AND start_frame = 50"),
        // A cut without a clip boundary.
        format!("INSERT INTO cuts VALUES ({video}, 70, 'cut', 70, 70, 1, 'reviewer')"),
        // A clip boundary without a cut.
        format!("DELETE FROM cuts WHERE video_number = {video} AND frame = 20"),
        // A cut beyond the end.
        format!("INSERT INTO cuts VALUES ({video}, 100, 'cut', 100, 100, 1, 'reviewer')"),
        // A video that became longer than its clips.
        format!("UPDATE videos SET frames = 101 WHERE number = {video}"),
    ];
    for case in &cases {
        assert_eq!(refused_by(&test, case).await.as_deref(), Some("clips_tile_the_video"), "{case}");
    }
    let overlap = format!("UPDATE clips SET end_frame = 21 WHERE video_number = {video} AND start_frame = 0");
    assert_eq!(refused_by(&test, &overlap).await.as_deref(), Some("clips_do_not_overlap"));
}

#[tokio::test]
async fn an_edit_in_one_transaction_passes() {
    let test = TestDatabase::new().await;
    let video = tiled_video(&test).await;
    let merge = format!(
        "UPDATE clips SET state = 'archived' WHERE video_number = {video} AND start_frame < 50;
         DELETE FROM cuts WHERE video_number = {video} AND frame = 20;
         INSERT INTO clips (id, video_number, start_frame, end_frame, state)
         VALUES (gen_random_uuid(), {video}, 0, 50, 'pending_review')"
    );
    assert_eq!(refused_by(&test, &merge).await, None);
    let session = test.database.session().await.unwrap();
    let left: i64 = session.query_one("SELECT count(*) FROM tiling_checks", &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
}

#[tokio::test]
async fn clips_of_different_videos_do_not_collide() {
    let test = TestDatabase::new().await;
    tiled_video(&test).await;
    let mut session = test.database.session().await.unwrap();
    let work = begin(&mut session).await.unwrap();
    let other = videos::insert_upload(&work, &upload("b.mp4")).await.unwrap().unwrap();
    work.execute("UPDATE videos SET frames = 100 WHERE number = $1", &[&other.number]).await.unwrap();
    clips::create(&work, &other, 100, &[], |_| 0).await.unwrap();
    commit(work).await.unwrap();
}

#[tokio::test]
async fn a_move_that_the_domain_does_not_know_is_refused() {
    let test = TestDatabase::new().await;
    let video = tiled_video(&test).await;
    let jump = format!("UPDATE videos SET state = 'ready' WHERE number = {video}");
    assert_eq!(refused_by(&test, &jump).await.as_deref(), Some("video_state_move"));
    let jump = format!("UPDATE clips SET state = 'embedded' WHERE video_number = {video}");
    assert_eq!(refused_by(&test, &jump).await.as_deref(), Some("clip_state_move"));
    let session = test.database.session().await.unwrap();
    videos::set_state(&session, video, VideoState::Downloaded).await.unwrap();
}

#[tokio::test]
async fn the_event_log_only_grows() {
    let test = TestDatabase::new().await;
    let video = tiled_video(&test).await;
    let event = format!(
        "INSERT INTO review_events (video_number, actor, actor_name, action, before, after, request_id)
         VALUES ({video}, 'a', 'A', 'retry', '{{}}', '{{}}', gen_random_uuid())"
    );
    assert_eq!(refused_by(&test, &event).await, None);
    for change in ["UPDATE review_events SET actor = 'b'", "DELETE FROM review_events", "TRUNCATE review_events"] {
        assert!(refused_by(&test, change).await.is_some(), "{change}");
    }
}

#[tokio::test]
async fn a_model_keeps_its_dimension_and_registers_again() {
    let test = TestDatabase::new().await;
    let session = test.database.session().await.unwrap();
    for _ in 0..2 {
        heaters_db::search::register_model(&session, "descriptor-v1", "1", 3).await.unwrap();
    }
    let models = heaters_db::search::models(&session).await.unwrap();
    assert_eq!(
        models.iter().map(|model| (model.name.as_str(), model.dimension)).collect::<Vec<_>>(),
        [("descriptor-v1", 3)]
    );
    heaters_db::search::register_model(&session, "descriptor-v1", "2", 4).await.unwrap();
}
