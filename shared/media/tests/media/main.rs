//! Tests with the real ffmpeg.

mod chain;
mod fixture;
mod mkv;
mod runner;
mod source_indexed;
