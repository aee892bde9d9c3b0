//! The plain tools, and how test films are made with them.

use heaters_media::{Run, Tools};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

const DEADLINE: Duration = Duration::from_mins(2);

/// What stands for what in the command lines of this test. Sizes, rates and seconds are filled in.
pub const SHORT: [(&str, &str); 4] = [
    ("@{size}:{rate}:{seconds}", "-f lavfi -i testsrc2=s={size}:r={rate}:d={seconds}"),
    ("~{seconds}", "-f lavfi -i sine=440:r=48000:d={seconds}"),
    ("x264", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 12"),
    ("x265", "-c:v libx265 -preset ultrafast -g 12 -x265-params log-level=none"),
];

/// A command line with its short forms written out.
fn expand(command: &str) -> Vec<String> {
    let long = |word: &str| match word {
        "x264" => SHORT[2].1.to_owned(),
        "x265" => SHORT[3].1.to_owned(),
        _ if word.starts_with('@') => {
            let mut parts = word[1..].split(':');
            let mut next = || parts.next().expect("a test picture has size, rate and seconds");
            format!("-f lavfi -i testsrc2=s={}:r={}:d={}", next(), next(), next())
        }
        _ if word.starts_with('~') => format!("-f lavfi -i sine=440:r=48000:d={}", &word[1..]),
        _ => word.to_owned(),
    };
    command.split_whitespace().flat_map(|word| long(word).split(' ').map(str::to_owned).collect::<Vec<_>>()).collect()
}

pub fn tools() -> Tools {
    Tools { ffmpeg: PathBuf::from("ffmpeg"), ffprobe: PathBuf::from("ffprobe") }
}

/// Runs ffmpeg with arguments separated by blanks and returns its standard output.
pub fn ffmpeg(folder: &Path, command: &str) -> Vec<u8> {
    let mut args: Vec<String> =
        ["-nostdin", "-hide_banner", "-y", "-loglevel", "level+error"].map(str::to_owned).to_vec();
    args.extend(expand(command));
    let mut output = Vec::new();
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: command };
    let keep = |piece: &[u8]| {
        output.extend_from_slice(piece);
        Ok(())
    };
    tools().ffmpeg(&run, keep, |_| ()).unwrap_or_else(|error| panic!("ffmpeg {command}: {}", error.tail().join(" | ")));
    output
}

/// Runs ffprobe with arguments separated by blanks and returns its standard output.
pub fn ffprobe(folder: &Path, command: &str) -> String {
    let args: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: command };
    let said = tools().ffprobe(&run).unwrap_or_else(|error| panic!("ffprobe {command}: {}", error.tail().join(" | ")));
    String::from_utf8(said).unwrap()
}
