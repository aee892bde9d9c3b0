//! Databases for tests: each test has its own, cloned from a template that was migrated once.

use crate::{Database, begin, clips, commit, migrations, publications, queue, review, search, videos};
use deadpool_postgres::GenericClient;
use heaters_domain::{
    ClipFilters, ClipState, FrameRange, VideoId, VideoState,
    contract::{FrameVector, Keyframe, Publication, SourceObject, SourceRole},
    keys,
    review::{Action, ClipRef, Doing},
    scenes::{Boundary, BoundaryKind},
    settings::IngestSettings,
};
use time::OffsetDateTime;
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

const SERVER: &str = "HEATERS_TEST_DATABASE_URL";
const LOCK: i64 = 0x7465_6d70;

/// A migrated database of the test's own, dropped with it.
pub struct TestDatabase {
    pub database: Database,
    pub url: String,
    name: String,
    server: Config,
}

impl TestDatabase {
    /// Clones the template, which the first test to come here makes.
    ///
    /// # Panics
    /// Where no server is named or it does not answer: a test without its database must not pass.
    pub async fn new() -> Self {
        let (server_url, server) = server();
        let template = format!("heaters_template_{}", migrations::fingerprint());
        let client = connect(&server).await;
        client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.expect("the template's lock");
        ensure_template(&client, &server, &template).await;
        Self::create(&client, &server_url, server, &format!("TEMPLATE {template}")).await
    }

    /// A database without a schema.
    ///
    /// # Panics
    /// As [`TestDatabase::new`].
    pub async fn empty() -> Self {
        let (server_url, server) = server();
        let client = connect(&server).await;
        Self::create(&client, &server_url, server, "").await
    }

    async fn create(client: &Client, server_url: &str, server: Config, options: &str) -> Self {
        let name = format!("heaters_test_{}", Uuid::now_v7().simple());
        run(client, &format!("CREATE DATABASE {name} {options}")).await;
        let mut config = server.clone();
        config.dbname(&name);
        let database = Database::from_config(config).expect("a pool");
        Self { database, url: url_of(server_url, &name), name, server }
    }
}

impl TestDatabase {
    /// Inserts a new video, as an upload of this key makes it.
    ///
    /// # Panics
    /// Where the database refuses it.
    pub async fn new_video(&self, key: &str) -> videos::VideoRow {
        let id = VideoId::generate();
        let settings = IngestSettings::default();
        let source = SourceObject {
            role: SourceRole::Both,
            bucket: "uploads".to_owned(),
            key: key.to_owned(),
            version: None,
            size_bytes: 1,
        };
        let prefix = keys::ingest_prefix(id, &settings);
        let new = videos::NewUpload {
            id,
            title: key.to_owned(),
            source,
            etag: "etag".to_owned(),
            execution: "arn:execution:test".to_owned(),
            settings,
            prefix,
        };
        let session = self.database.session().await.expect("a connection");
        videos::insert_upload(&session, &new).await.expect("an insert").expect("a new video")
    }

    /// A video at 25 frames a second that is ready for review, and its clips in order.
    ///
    /// # Panics
    /// Where the database refuses it.
    pub async fn ready_video(&self, key: &str, frames: u32, cuts: &[u32]) -> (videos::VideoRow, Vec<clips::ClipRow>) {
        use VideoState::{DetectingScenes, Downloaded, Preprocessed, Preprocessing, Ready};
        let video = self.new_video(key).await;
        let mut session = self.database.session().await.expect("a connection");
        let work = begin(&mut session).await.expect("a transaction");
        let facts = "UPDATE videos SET frames = $2, fps_num = 25, fps_den = 1, chunks_expected = 1 WHERE number = $1";
        work.execute(facts, &[&video.number, &(frames as i32)]).await.expect("an update");
        let boundaries: Vec<Boundary> = cuts.iter().map(|frame| cut(*frame)).collect();
        clips::create(&work, &video, frames, &boundaries, |_| 0).await.expect("clips");
        for state in [Downloaded, Preprocessing, Preprocessed, DetectingScenes, Ready] {
            videos::set_state(&work, video.number, state).await.expect("a move");
        }
        commit(work).await.expect("a commit");
        let filters = ClipFilters { video: Some(video.id), ..ClipFilters::default() };
        let wanted = queue::Wanted { filters, limit: 1000, ..queue::Wanted::default() };
        let clips = queue::page(&session, &wanted).await.expect("clips");
        let video = videos::by_id(&session, video.id).await.expect("a video").expect("the video");
        (video, clips)
    }

    /// Approves a pending clip, as the API does it; its publication is asked for and not started.
    ///
    /// # Panics
    /// Where the database refuses it.
    pub async fn approve(&self, clip: &clips::ClipRow) -> Publication {
        let mut session = self.database.session().await.expect("a connection");
        let work = begin(&mut session).await.expect("a transaction");
        let video = videos::lock(&work, clip.video_id).await.expect("a video").expect("the video");
        let loaded = review::load(&work, &video, review::Which::Ids(&[clip.id])).await.expect("a clip");
        let event = review::next_id(&work).await.expect("a number");
        let action = Action::Approve { clips: vec![ClipRef { id: clip.id, version: clip.version }] };
        let mut doing = Doing { event, name: "Tess", at: OffsetDateTime::now_utc(), new_id: &mut Uuid::now_v7 };
        let change = loaded.review.apply(&action, &mut doing).expect("an approval");
        let recording = review::Recording {
            event,
            action: action.kind(),
            change: &change,
            undoes: None,
            source: review::Source { actor: "tess", actor_name: "Tess", took_ms: None, request_id: Uuid::now_v7() },
            claim: None,
            publishing: review::Publishing { bucket: "media", model: "descriptor-v1" },
        };
        review::record(&work, &video, &loaded, &recording).await.expect("a record");
        let sent = "UPDATE outbox SET sent_at = now() WHERE kind = 'start_publish'";
        work.execute(sent, &[]).await.expect("an update");
        commit(work).await.expect("a commit");
        let publication = publications::get_version(&session, clip.number, clip.version).await.expect("a publication");
        publication.expect("the publication").payload
    }

    /// Publishes a pending clip whose stills, at 25, 50 and 75 %, have these vectors.
    ///
    /// # Panics
    /// Where the database refuses it.
    pub async fn publish(&self, clip: &clips::ClipRow, vectors: [Vec<f32>; 3]) {
        use ClipState::{Embedded, Embedding, Exported, Exporting, Keyframed, Keyframing};
        self.approve(clip).await;
        let session = self.database.session().await.expect("a connection");
        for state in [Exporting, Exported, Keyframing, Keyframed, Embedding, Embedded] {
            clips::set_state(&session, clip.number, state).await.expect("a move");
        }
        self.store_stills(&session, clip, vectors).await;
    }

    /// Stores a clip's stills with their vectors.
    ///
    /// # Panics
    /// Where the database refuses it.
    pub async fn store_stills(&self, client: &impl GenericClient, clip: &clips::ClipRow, vectors: [Vec<f32>; 3]) {
        let stills = stills(clip.range);
        search::store_keyframes(client, clip.number, clip.version, &stills).await.expect("stills");
        let vectors: Vec<FrameVector> =
            stills.iter().zip(vectors).map(|(still, vector)| FrameVector { frame: still.frame, vector }).collect();
        search::store_vectors(client, clip.number, clip.version, "descriptor-v1", &vectors).await.expect("vectors");
    }
}

fn cut(frame: u32) -> Boundary {
    Boundary { frame, kind: BoundaryKind::Cut, start_frame: frame, end_frame: frame, confidence: 1.0 }
}

fn stills(range: FrameRange) -> Vec<Keyframe> {
    let still = |share: f64, tags: &[&str]| Keyframe {
        frame: range.frame_at(share),
        key: format!("keyframe-{}.jpg", range.frame_at(share)),
        tags: tags.iter().map(ToString::to_string).collect(),
    };
    vec![still(0.25, &["multi_25"]), still(0.5, &["multi_50", "midpoint"]), still(0.75, &["multi_75"])]
}

impl Drop for TestDatabase {
    /// Tests share a server that is thrown away, but its disk may be small.
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let client = connect(&server).await;
                let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            });
            std::io::Result::Ok(())
        });
        let _ = dropping.join();
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration but the environment")]
fn server() -> (String, Config) {
    let url = std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} is not set: run the tests through the set-up that starts PostgreSQL (`make test`)")
    });
    let config = url.parse().unwrap_or_else(|error| panic!("{SERVER} is not an address: {error}"));
    (url, config)
}

fn url_of(server_url: &str, name: &str) -> String {
    let (base, options) = server_url.split_once('?').map_or((server_url, ""), |(base, options)| (base, options));
    let authority = base.find("://").map_or(0, |at| at + 3);
    let end = base[authority..].find('/').map_or(base.len(), |at| authority + at);
    let options = if options.is_empty() { String::new() } else { format!("?{options}") };
    format!("{}/{name}{options}", &base[..end])
}

async fn ensure_template(client: &Client, server: &Config, template: &str) {
    let found =
        client.query("SELECT FROM pg_database WHERE datname = $1", &[&template]).await.expect("a list of databases");
    if !found.is_empty() {
        return;
    }
    // Made under another name first: a test that is killed here leaves no half-migrated template.
    let draft = format!("{template}_draft");
    run(client, &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await;
    run(client, &format!("CREATE DATABASE {draft}")).await;
    let mut config = server.clone();
    config.dbname(&draft);
    let database = Database::from_config(config).expect("a pool");
    migrations::run(&database).await.expect("migrations that run");
    database.close();
    run(client, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{draft}'")).await;
    run(client, &format!("ALTER DATABASE {draft} RENAME TO {template}")).await;
}

async fn connect(server: &Config) -> Client {
    let (client, connection) = server.connect(NoTls).await.expect("a PostgreSQL server");
    tokio::spawn(connection);
    client
}

async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[cfg(test)]
mod tests {
    use super::url_of;

    #[test]
    fn a_databases_address_keeps_server_and_options() {
        assert_eq!(url_of("postgresql://u@h:1/postgres?a=b", "x"), "postgresql://u@h:1/x?a=b");
        assert_eq!(url_of("postgresql://u@h:1", "x"), "postgresql://u@h:1/x");
    }
}
