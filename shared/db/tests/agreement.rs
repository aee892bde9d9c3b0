//! The domain's enums and the live schema say the same.

use heaters_db::{outbox::OutboxKind, testing::TestDatabase};
use heaters_domain::{ClipState, Outcome, Stage, VideoState, review::EventAction, scenes::BoundaryKind};
use std::collections::BTreeSet;

/// The quoted literals of a CHECK constraint, as PostgreSQL has stored it.
async fn literals(test: &TestDatabase, constraint: &str) -> BTreeSet<String> {
    let session = test.database.session().await.unwrap();
    let sql = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1";
    let definition: String = session.query_one(sql, &[&constraint]).await.unwrap().get(0);
    definition.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

fn names<T: ToString>(all: &[T]) -> BTreeSet<String> {
    all.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn constraints_list_exactly_the_enums() {
    let test = TestDatabase::new().await;
    assert_eq!(literals(&test, "videos_state").await, names(VideoState::ALL));
    assert_eq!(literals(&test, "clips_state").await, names(ClipState::ALL));
    assert_eq!(literals(&test, "cuts_kind").await, names(BoundaryKind::ALL));
    assert_eq!(literals(&test, "review_events_action").await, names(EventAction::ALL));
    assert_eq!(literals(&test, "stage_reports_stage").await, names(Stage::ALL));
    assert_eq!(literals(&test, "stage_reports_outcome").await, names(Outcome::ALL));
    let kinds = OutboxKind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect();
    assert_eq!(literals(&test, "outbox_kind").await, kinds);
}

#[tokio::test]
async fn the_moves_are_those_of_the_domain() {
    let test = TestDatabase::new().await;
    let session = test.database.session().await.unwrap();
    let rows = session.query("SELECT kind, from_state, to_state FROM state_moves", &[]).await.unwrap();
    let stored: BTreeSet<(String, String, String)> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let videos = VideoState::ALL
        .iter()
        .flat_map(|from| from.next().iter().map(|to| ("video".to_owned(), from.to_string(), to.to_string())));
    let clips = ClipState::ALL
        .iter()
        .flat_map(|from| from.next().iter().map(|to| ("clip".to_owned(), from.to_string(), to.to_string())));
    assert_eq!(stored, videos.chain(clips).collect());
}
