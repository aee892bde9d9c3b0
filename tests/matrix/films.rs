//! The real films beside the project, where they are.

use crate::{ingest, plain, row::assert_times};
use std::path::PathBuf;

#[test]
fn every_real_film_keeps_all_its_frames() {
    let folder = heaters_tests::root().join("../shared/media");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: there are no films in {}", folder.display());
        return;
    };
    let mut films: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    films.retain(|film| film.extension().is_some_and(|extension| extension != "md"));
    films.sort();
    let results = crate::page::on_all_cores(&films, |film| {
        let made = ingest::ingest(film, &ingest::settings(2)).unwrap_or_else(|sentence| panic!("{film:?}: {sentence}"));
        let times = plain::times(film, "0:v:0", made.index.head.time_base);
        eprintln!("{}: {} frames, {} chunks", film.display(), times.len(), made.chunks);
        assert_eq!(plain::held(&made.folder(), "proxy.mp4").frames, times.len(), "{film:?}");
        assert_eq!(made.thumbs.len(), times.len(), "{film:?}");
        assert_times(&made, &times, true);
    });
    let failed: Vec<_> = films.iter().zip(results).filter_map(|(film, result)| Some((film, result.err()?))).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}
