//! How far a download is.

use crate::track::Reader;
use heaters_domain::download::DownloadProgress;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

#[derive(Debug)]
pub struct Meter {
    tracks: usize,
    /// What the site says of all tracks together.
    expected_bytes: Option<u64>,
    max_tries: u32,
    begun: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    finished: usize,
    finished_bytes: u64,
    track_bytes: u64,
    /// What this process received.
    received: u64,
    total: Option<u64>,
    share: Option<f64>,
    faults: u64,
    faults_before: u64,
}

impl Meter {
    pub fn new(tracks: usize, expected_bytes: Option<u64>, max_tries: u64) -> Self {
        let state = Mutex::default();
        Self { tracks: tracks.max(1), expected_bytes, max_tries: max_tries as u32, begun: Instant::now(), state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A track goes on behind so many bytes.
    pub fn begin_track(&self, bytes: u64) {
        let mut state = self.state();
        let faults_before = state.faults;
        (state.track_bytes, state.total, state.share, state.faults_before) = (bytes, None, None, faults_before);
    }

    pub fn received(&self, bytes: u64, reader: &Reader) {
        let at = reader.at();
        let mut state = self.state();
        state.received += bytes;
        state.track_bytes += bytes;
        state.total = at.total;
        state.share = reader.share(state.track_bytes);
        state.faults = state.faults_before + reader.faults();
    }

    pub fn end_track(&self) {
        let mut state = self.state();
        state.finished += 1;
        state.finished_bytes += state.track_bytes;
        (state.track_bytes, state.total, state.share) = (0, None, None);
    }

    pub fn done_bytes(&self) -> u64 {
        let state = self.state();
        state.finished_bytes + state.track_bytes
    }

    pub fn faults(&self) -> u64 {
        self.state().faults
    }

    pub fn received_bytes(&self) -> u64 {
        self.state().received
    }

    pub fn progress(&self) -> DownloadProgress {
        let state = self.state();
        let bytes_done = state.finished_bytes + state.track_bytes;
        let bytes_total = if self.tracks == 1 { state.total.or(self.expected_bytes) } else { self.expected_bytes };
        let by_bytes = bytes_total.map(|total| bytes_done as f64 / total.max(1) as f64);
        let by_share = (state.finished as f64 + state.share.unwrap_or_default()) / self.tracks as f64;
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        DownloadProgress {
            bytes_done,
            bytes_total,
            percent: (by_bytes.is_some() || state.share.is_some() || state.finished > 0)
                .then(|| (by_bytes.unwrap_or(by_share) * 100.0).clamp(0.0, 100.0)),
            bytes_per_second: (state.received as f64 / seconds) as u64,
            tries: state.faults as u32,
            max_tries: self.max_tries,
        }
    }
}
