//! Tests with the real ffmpeg.

mod chain;
mod fixture;
mod mkv;
mod runner;
mod source_indexed;
mod sliced;
mod source_cued;
mod source_sequential;
