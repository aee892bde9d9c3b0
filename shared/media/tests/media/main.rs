//! Tests with the real ffmpeg.

mod chain;
#[allow(dead_code, reason = "shared with the tests of functions")]
mod fixture;
mod mkv;
mod names_others;
mod pass_chunks;
mod pass_proof;
mod runner;
mod sliced;
mod sound;
mod source_cued;
mod source_indexed;
mod source_piped;
mod source_repackaged;
mod source_sequential;
