//! The archive stage on a folder of objects.

use archive::ArchiveError;
use heaters_aws::{DirStore, ObjectRef, ObjectStore};
use heaters_domain::{
    ErrorClass, Fault,
    contract::{IngestInput, ObjectChecksums, ReadRange, SourceChecksums, SourceObject, SourceRole},
    settings::{IngestSettings, MasterMode},
};

/// SHA-256 of `abc` and of `bc`, and CRC-64/NVME of `abc`, by other tools.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const BC: &str = "1e0bbd6c686ba050b8eb03ffeedc64fdc9d80947fce821abbe5d6dc8d252c5ac";
const ABC_CRC: &str = "BeXKuz/B+us=";

fn source() -> SourceObject {
    SourceObject {
        role: SourceRole::Both,
        bucket: "uploads".to_owned(),
        key: "a.mp4".to_owned(),
        version: None,
        size_bytes: 3,
    }
}

fn input(master: MasterMode) -> IngestInput {
    serde_json::from_value(serde_json::json!({ "ingest": {
        "video": "01890a5d-ac96-774b-bcce-b302099a8057", "attempt": 1, "bucket": "media", "prefix": "p",
        "source": [source()], "settings": IngestSettings { master, ..IngestSettings::default() },
    }}))
    .unwrap()
}

/// A store with the original and the checksums of its ingest.
async fn stored(folder: &tempfile::TempDir, crc64nvme: Option<&str>, sha256_of_bc: &str) -> DirStore {
    let store = DirStore::new(folder.path());
    store.put(&ObjectRef::new("uploads", "a.mp4"), "abc".into(), "video/mp4").await.unwrap();
    let ranges = vec![ReadRange { role: SourceRole::Both, start: 1, end: 3, sha256: sha256_of_bc.to_owned() }];
    let crc64nvme = crc64nvme.map(str::to_owned);
    let known =
        SourceChecksums { objects: vec![ObjectChecksums { object: source(), crc64nvme, sha256: None, ranges }] };
    (&store as &dyn ObjectStore).put_json(&ObjectRef::new("media", "p/checksums.json"), &known).await.unwrap();
    store
}

#[tokio::test]
async fn an_original_that_is_gone_is_a_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let error = archive::run(&DirStore::new(folder.path()), input(MasterMode::Original)).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict);
}

#[tokio::test]
async fn what_is_as_it_was_is_archived_with_its_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let store = stored(&folder, Some(ABC_CRC), BC).await;
    for _ in 0..2 {
        let done = archive::run(&store, input(MasterMode::Original)).await.unwrap();
        assert_eq!((done.output.objects, done.metrics["archived_bytes"]), (1, 3.0));
        let checksums: SourceChecksums =
            (&store as &dyn ObjectStore).get_json(&ObjectRef::new("media", "p/checksums.json")).await.unwrap();
        assert_eq!(checksums.objects[0].sha256.as_deref(), Some(ABC));
        assert_eq!(checksums.objects[0].crc64nvme.as_deref(), Some(ABC_CRC));
    }
}

#[tokio::test]
async fn a_changed_original_is_not_archived() {
    for (crc, range) in [(Some("AAAAAAAAAAA="), BC), (None, ABC)] {
        let folder = tempfile::tempdir().unwrap();
        let store = stored(&folder, crc, range).await;
        let error = archive::run(&store, input(MasterMode::Original)).await.unwrap_err();
        assert!(matches!(error, ArchiveError::Changed { .. }), "{error}");
        assert!(error.sentence().contains("not what was ingested"));
    }
}

#[tokio::test]
async fn the_lossless_master_goes_with_the_original() {
    let folder = tempfile::tempdir().unwrap();
    let store = stored(&folder, None, BC).await;
    store.put(&ObjectRef::new("media", "p/master.mkv"), "m".into(), "video/x-matroska").await.unwrap();
    assert_eq!(archive::run(&store, input(MasterMode::Ffv1)).await.unwrap().output.objects, 2);
    let kept = archive::run(&store, input(MasterMode::None)).await.unwrap().output;
    assert_eq!(kept.storage_class, "STANDARD");
}
