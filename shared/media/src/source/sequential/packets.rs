//! What ffprobe says of a source's packets while the source streams through it.

use super::{ReadAt, SourceError};
use crate::{
    args,
    runner::{Run, RunError, Tools},
    source::parts::{Part, Pieces},
};
use futures::{SinkExt, StreamExt, channel::mpsc, executor};
use heaters_domain::plan::Source;
use std::{
    io::{self, Write},
    path::Path,
    thread,
    time::Duration,
};

/// Below Lambda's limit of 15 minutes.
const DEADLINE: Duration = Duration::from_mins(13);
/// More packets than anybody films; each takes memory.
const MOST_PACKETS: usize = 16_000_000;

/// A packet of the picture, in decoding order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) pts: Option<i64>,
    pub(super) dts: Option<i64>,
    /// Where in the source the packet of the container begins that it begins in.
    pub(super) at: Option<u64>,
    pub(super) key: bool,
    pub(super) discard: bool,
}

/// The packets of a source.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) pictures: Vec<Picture>,
    /// Where the sound's packets begin, rising.
    pub(super) sounds: Vec<u64>,
    /// The decoder's parameters change on the way.
    changes: bool,
    too_many: bool,
}

impl Seen {
    fn take(&mut self, line: &str, picture: u32, sound: Option<u32>) {
        let mut found = Picture { pts: None, dts: None, at: None, key: false, discard: false };
        let mut stream = None;
        for field in line.split('|') {
            match field.split_once('=') {
                Some(("stream_index", value)) => stream = value.parse().ok(),
                Some(("pts", value)) => found.pts = value.parse().ok(),
                Some(("dts", value)) => found.dts = value.parse().ok(),
                Some(("pos", value)) => found.at = value.parse().ok(),
                Some(("flags", value)) => {
                    found.key = value.contains('K');
                    found.discard = value.contains('D');
                }
                Some(("side_data_type", "New Extradata")) => self.changes = true,
                _ => {}
            }
        }
        self.too_many |= self.pictures.len().max(self.sounds.len()) == MOST_PACKETS;
        if self.too_many {
        } else if stream == Some(picture) {
            self.pictures.push(found);
        } else if stream.is_some()
            && stream == sound
            && let Some(at) = found.at
            && self.sounds.last().is_none_or(|last| *last < at)
        {
            self.sounds.push(at);
        }
    }

    /// Whether the pictures' clock goes back, or on by more than `most` ticks.
    pub(super) fn jumps(&self, most: i64) -> bool {
        let times: Vec<i64> = self.pictures.iter().filter_map(|picture| picture.dts).collect();
        times.windows(2).any(|pair| pair[1] < pair[0] || i128::from(pair[1]) - i128::from(pair[0]) > i128::from(most))
    }
}

/// Streams a source's parts through ffprobe, and their bytes past `pass`, which says `false` where it can't be cut after
/// all. `None`: it can't be cut.
pub(super) async fn see<R: ReadAt>(
    object: &R,
    parts: Vec<Part>,
    tools: &Tools,
    folder: &Path,
    source: &Source,
    mut pass: impl FnMut(u64, &[u8]) -> bool,
) -> Result<Option<Seen>, SourceError<R::Error>> {
    let (mut pieces, taken) = mpsc::channel::<Vec<u8>>(1);
    let (tell, told) = futures::channel::oneshot::channel();
    let probe = {
        let (tools, folder, source) = (tools.clone(), folder.to_owned(), source.clone());
        move || {
            // Nobody listens when the planning was given up.
            let _ = tell.send(probe(&tools, &folder, &source, taken));
        }
    };
    // A thread of its own: the tool dies with the one that starts it.
    thread::Builder::new().name("packets".to_owned()).spawn(probe)?;
    let (mut reading, mut at, mut steady) = (Pieces::new(object, parts), 0, true);
    while steady && let Some(piece) = reading.next().await? {
        steady = pass(at, &piece);
        at += piece.len() as u64;
        // An error means that the tool has stopped, which it tells itself.
        if pieces.send(piece).await.is_err() {
            break;
        }
    }
    drop(pieces);
    let seen = match told.await.map_err(|_| io::Error::other("the examination was broken off"))? {
        // What ffprobe can't follow may still be decoded as a whole.
        Err(RunError::Failed { .. }) => return Ok(None),
        seen => seen?,
    };
    let usable = steady && !seen.changes && !seen.too_many && !seen.pictures.is_empty();
    Ok(usable.then_some(seen))
}

/// Blocks until the pieces end.
fn probe(tools: &Tools, folder: &Path, source: &Source, mut pieces: mpsc::Receiver<Vec<u8>>) -> Result<Seen, RunError> {
    let args = args::stream_packets(&source.media.container);
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: "the source" };
    let feed = |input: &mut dyn Write| {
        while let Some(piece) = executor::block_on(pieces.next()) {
            input.write_all(&piece)?;
        }
        Ok(())
    };
    let mut seen = Seen::default();
    tools.ffprobe_fed(&run, feed, |line| {
        seen.take(line, source.picture, source.sound);
        Ok(())
    })?;
    Ok(seen)
}
