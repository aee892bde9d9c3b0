//! The pictures beside a proxy: the storyboard's sheets and the poster, made by one run of ffmpeg.

use crate::{
    args::{begin, input, owned},
    runner::{Run, RunError, Said, Tools},
};
use heaters_domain::storyboard::{ACROSS, DOWN};
use std::{io::Write, path::Path, time::Duration};

/// The poster in the folder.
pub const POSTER_FILE: &str = "poster.jpg";
const SHEETS_PATTERN: &str = "sheet-%d.jpg";
/// JPEG files are full-range BT.601 by convention.
const JPEG: &str = "scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p";

/// The file of the sheet of a number, counted from 0.
pub fn sheet_file(sheet: u32) -> String {
    format!("sheet-{sheet}.jpg")
}

/// Makes [`POSTER_FILE`] of the first frame of `clip` and, where there are tiles, their sheets, all in `folder`.
/// The tiles are JPEGs of one size. Blocks.
pub fn make(tools: &Tools, folder: &Path, clip: &str, tiles: &[&[u8]], deadline: Duration) -> Result<Said, RunError> {
    let args = command(clip, !tiles.is_empty());
    let run = Run { args: &args, folder, deadline, subject: "the storyboard" };
    if tiles.is_empty() {
        return tools.ffmpeg(&run, |_| Ok(()), |_| ());
    }
    let feed = |input: &mut dyn Write| tiles.iter().try_for_each(|tile| input.write_all(tile));
    tools.ffmpeg_fed(&run, feed, |_| Ok(()), |_| ())
}

fn command(clip: &str, sheets: bool) -> Vec<String> {
    let mut args = begin();
    args.extend(input(clip));
    if sheets {
        args.extend(owned(&["-protocol_whitelist", "pipe", "-f", "mjpeg", "-framerate", "1", "-i", "pipe:0"]));
    }
    args.extend(owned(&["-map", "0:v:0", "-frames:v", "1", "-vf", JPEG, "-q:v", "2", "-update", "1"]));
    args.extend(owned(&["-f", "image2", POSTER_FILE]));
    if sheets {
        let tile = format!("tile={ACROSS}x{DOWN},format=yuvj420p");
        args.extend(owned(&["-map", "1:v:0", "-fps_mode", "passthrough", "-vf", &tile, "-q:v", "4"]));
        args.extend(owned(&["-start_number", "0", "-f", "image2", SHEETS_PATTERN]));
    }
    args
}
