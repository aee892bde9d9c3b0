//! Migrating once and again.

use heaters_db::testing::TestDatabase;
use heaters_domain::{Outcome, Stage};
use heaters_runtime::Config;

const MODELS: &str = r#"[{"name":"descriptor-v1","version":"1","dimension":8}]"#;

#[tokio::test]
async fn a_migrated_database_is_left_as_it_is_and_learns_its_models() {
    let test = TestDatabase::new().await;
    let config = Config::from_pairs([("DATABASE_URL", &test.url), ("MODELS", MODELS)]);
    for _ in 0..2 {
        let report = migrate::handle(&config).await.unwrap();
        assert_eq!((report.stage, report.outcome), (Stage::Migrate, Outcome::AlreadyDone));
        assert_eq!(report.output.models, ["descriptor-v1"]);
    }
}

#[tokio::test]
async fn an_empty_database_gets_the_whole_schema() {
    let test = TestDatabase::empty().await;
    let config = Config::from_pairs([("DATABASE_URL", &test.url)]);
    let (one, two) = tokio::join!(migrate::handle(&config), migrate::handle(&config));
    let (one, two) = (one.unwrap().output.applied, two.unwrap().output.applied);
    assert!(one.is_empty() != two.is_empty(), "one of two migrators does the work: {one:?} {two:?}");
}

#[tokio::test]
async fn a_model_list_that_is_none_is_named() {
    let config = Config::from_pairs([("DATABASE_URL", "postgresql://nowhere"), ("MODELS", "descriptor")]);
    let failure = migrate::handle(&config).await.unwrap_err();
    assert_eq!(failure.sentence, "The list of embedding models is not valid.");
}
