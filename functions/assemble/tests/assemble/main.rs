//! The stage over a folder as storage, with the real ffmpeg.

#[path = "../../../../shared/media/tests/media/fixture.rs"]
#[allow(dead_code, reason = "shared with the media library's own tests")]
mod fixture;
mod join;
mod maker;
mod master;
mod reuse;
mod sound;
