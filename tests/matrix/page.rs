//! Runs the rows, and holds the page beside this file to what they gave.

use crate::{
    row::{Came, Row},
    rows,
    tools::SHORT,
};
use std::{
    fmt::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

const PAGE: &str = "tests/matrix/README.md";
const WRITE: &str = "HEATERS_WRITE_MATRIX";
const ONLY: &str = "HEATERS_MATRIX_ONLY";

#[expect(clippy::disallowed_methods, reason = "a test has no configuration of its own")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[test]
fn every_kind_of_input_becomes_what_it_should() {
    let groups = rows::all();
    let only = setting(ONLY);
    let chosen: Vec<&Row> = groups
        .iter()
        .flat_map(|(_, rows)| rows)
        .filter(|row| only.as_ref().is_none_or(|part| row.what.contains(part.as_str())))
        .collect();
    let results = on_all_cores(&chosen, |row| {
        let begun = Instant::now();
        let came = row.run();
        eprintln!("{} ms: {}", begun.elapsed().as_millis(), row.what);
        came
    });
    let failed: Vec<String> = chosen
        .iter()
        .zip(&results)
        .filter_map(|(row, result)| Some(format!("{}: {}", row.what, result.as_ref().err()?)))
        .collect();
    assert!(failed.is_empty(), "{} of {} rows:\n{}", failed.len(), chosen.len(), failed.join("\n"));
    if only.is_some() {
        return;
    }
    let mut results = results.into_iter().map(Result::unwrap);
    let page = page(&groups, &mut results);
    if setting(WRITE).is_some() {
        std::fs::write(heaters_tests::root().join(PAGE), page).unwrap();
    } else {
        assert_eq!(heaters_tests::text(PAGE), page, "{PAGE} is not what came; {WRITE}=1 writes it");
    }
}

/// Does the same with each of many, as many at a time as there are cores. The error is why one panicked.
pub fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<Result<R, String>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let result = catch_unwind(AssertUnwindSafe(|| work(item))).map_err(|panic| words(&*panic));
                    results.lock().unwrap().push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    text.unwrap_or("it panicked").to_owned()
}

fn page(groups: &[(&str, Vec<Row>)], results: &mut impl Iterator<Item = Result<Came, String>>) -> String {
    let mut page = String::from(
        "# What may be uploaded, and what comes of it\n\n\
         Written by the test `matrix`, which makes each of these films, takes it through probe, preprocess and \
         assemble with chunks of a second, and checks that the proxy has the frames of a plain decode at their \
         times, as many thumbnails, and sound as long as the picture. `HEATERS_WRITE_MATRIX=1 cargo nextest run -p \
         heaters-tests --test matrix` writes this page anew.\n\n",
    );
    for (short, long) in SHORT {
        writeln!(page, "- `{short}` stands for `{long}`").unwrap();
    }
    for (heading, rows) in groups {
        write!(page, "\n## {heading}\n\n| what | made how | what comes |\n|---|---|---|\n").unwrap();
        for row in rows {
            let came = match results.next().expect("a result for each row") {
                Err(sentence) => format!("“{sentence}”"),
                Ok(came) => describe(&came),
            };
            writeln!(page, "| {} | {} | {came} |", row.what, row.made_how().replace('|', "\\|")).unwrap();
        }
    }
    page
}

fn describe(came: &Came) -> String {
    let Came { frames, size: (width, height), sound, class, chunks } = came;
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let sound = if *sound { "with sound" } else { "silent" };
    format!("{}, {width}x{height}, {sound}, {} ({class})", plural(*frames, "frame"), plural(*chunks, "chunk"))
}
