//! Which way up, how wide, and which field: told by pixels.

use crate::{
    ingest::{Made, ingest, settings},
    tools::ffmpeg,
};
use heaters_domain::settings::IngestSettings;

/// Makes a film by several commands, the last one of `film.mp4` or what `file` says, and ingests it.
fn made_with(settings: &IngestSettings, file: &str, commands: &[&str]) -> Made {
    let folder = tempfile::tempdir().unwrap();
    for command in commands {
        ffmpeg(folder.path(), command);
    }
    ingest(&folder.path().join(file), settings).unwrap()
}

fn made(file: &str, commands: &[&str]) -> Made {
    made_with(&settings(1), file, commands)
}

/// The luma of the proxy's frame, row by row.
fn luma(made: &Made, frame: u32) -> Vec<Vec<u8>> {
    let command = format!("-i proxy.mp4 -vf select='eq(n,{frame})',format=gray -frames:v 1 -f rawvideo pipe:1");
    let pixels = ffmpeg(&made.folder(), &command);
    pixels.chunks_exact(made.output.width as usize).map(<[u8]>::to_vec).collect()
}

/// Whether the corners are bright: top left, top right, bottom left, bottom right.
fn corners(rows: &[Vec<u8>]) -> [bool; 4] {
    let (bottom, right) = (rows.len() - 8, rows[0].len() - 8);
    [(8, 8), (8, right), (bottom, 8), (bottom, right)].map(|(row, column)| rows[row][column] > 128)
}

/// Black, with a white box in the top left corner.
const MARKED: &str = "-f lavfi -i color=black:s=160x96:r=25:d=1.4,drawbox=w=40:h=40:color=white:t=fill x264 flat.mp4";

#[test]
fn turned_films_stand_upright() {
    let turned = |degrees: &str| {
        let turn = format!("-i flat.mp4 -c copy -metadata:s:v rotate={degrees} film.mp4");
        made("film.mp4", &[MARKED, &turn])
    };
    // ffmpeg 5 writes what it is told as the angle counter-clockwise.
    for (degrees, size, expected) in [
        ("0", (160, 96), [true, false, false, false]),
        ("90", (96, 160), [false, false, true, false]),
        ("180", (160, 96), [false, false, false, true]),
        ("270", (96, 160), [false, true, false, false]),
    ] {
        let made = turned(degrees);
        assert_eq!((made.output.width, made.output.height), size, "{degrees}°");
        // The last chunk's frame too.
        for frame in [0, 34] {
            assert_eq!(corners(&luma(&made, frame)), expected, "{degrees}°, frame {frame}");
        }
        let thumb = &made.thumbs[3];
        let bright = |row: usize, column: usize| thumb.luma[row * 64 + column] > 128;
        assert_eq!([bright(3, 5), bright(3, 58), bright(32, 5), bright(32, 58)], expected, "{degrees}°, thumbnail");
    }
}

#[test]
fn pixels_become_square() {
    // A box of 40x40 stored pixels that are shown twice as wide as high.
    let made = made("film.mp4", &[MARKED, "-i flat.mp4 x264 -vf setsar=2 film.mp4"]);
    assert_eq!((made.output.width, made.output.height), (320, 96));
    let rows = luma(&made, 3);
    assert!(rows[20][70] > 200 && rows[20][90] < 50 && rows[30][40] > 200 && rows[50][40] < 50);
}

#[test]
fn a_proxy_fits_its_limits_in_either_orientation() {
    let full = {
        let mut settings = settings(1);
        (settings.proxy.long_side, settings.proxy.short_side) = (1920, 1080);
        settings
    };
    let sized = |settings: &IngestSettings, size: &str| {
        let film = format!("@{size}:25:0.08 x264 film.mp4");
        let made = made_with(settings, "film.mp4", &[&film]);
        (made.output.width, made.output.height)
    };
    assert_eq!(sized(&settings(1), "1920x1080"), (1280, 720));
    assert_eq!(sized(&settings(1), "1080x1920"), (720, 1280));
    assert_eq!(sized(&full, "2048x1152"), (1920, 1080));
    assert_eq!(sized(&full, "1152x2048"), (1080, 1920));
    assert_eq!(sized(&full, "640x362"), (640, 362));
}

/// How far neighbouring rows are apart at most, away from the borders.
fn combing(rows: &[Vec<u8>]) -> u8 {
    let pairs = rows[8..rows.len() - 8].windows(2);
    pairs.map(|pair| pair[0][60].abs_diff(pair[1][60])).max().unwrap()
}

#[test]
fn fields_are_taken_apart_one_frame_to_one_frame() {
    // Bright and dark in turn at 50 a second, woven into 25 frames: each has bright and dark rows.
    let flicker = "-f lavfi -i color=black:s=160x96:r=50:d=1.6,geq=lum='if(mod(N,2),40,200)':cb=128:cr=128";
    for (scan, first, options, file) in [
        ("tff", 200, "x264 -flags +ilme+ildct", "film.mp4"),
        ("bff", 200, "x264 -flags +ilme+ildct -x264-params bff=1", "film.mkv"),
        ("tff", 200, "-c:v mpeg2video -q:v 2 -flags +ilme+ildct", "film.ts"),
        ("tff", 200, "-c:v mpeg4 -q:v 2 -flags +ilme+ildct", "film.avi"),
        ("bff", 200, "-s 720x576 -sws_flags neighbor -c:v dvvideo -pix_fmt yuv420p -r 25", "film.dv"),
    ] {
        let size = if file == "film.dv" { "scale=720:576:flags=neighbor," } else { "" };
        let options = options.replace("-s 720x576 -sws_flags neighbor ", "");
        let film = format!("{flicker} -vf {size}interlace=scan={scan}:lowpass=off {options} {file}");
        let made = made(file, &[&film]);
        assert_eq!(made.output.frames, 40, "{scan} {options}");
        for frame in [1, 12, 38] {
            let rows = luma(&made, frame);
            assert!(combing(&rows) < 20, "{scan} {options}: frame {frame} has {} between rows", combing(&rows));
            let shown = rows[rows.len() / 2][60];
            // Limited-range samples are shown wider.
            let expected = (f64::from(first - 16) * 255.0 / 219.0) as u8;
            assert!(shown.abs_diff(expected) < 12, "{scan} {options}: frame {frame} shows {shown}");
        }
    }
}

#[test]
fn progressive_frames_keep_every_row() {
    // Stripes of one row each: a de-interlacer that took them for fields would blur them.
    let stripes = "-f lavfi -i color=black:s=160x96:r=25:d=1,geq=lum='if(mod(Y,2),40,200)':cb=128:cr=128";
    for (options, file) in
        [("x264 -qp 4", "film.mp4"), ("-c:v mpeg4 -q:v 1", "film.avi"), ("-c:v mjpeg -q:v 1", "film.avi")]
    {
        let made = made(file, &[&format!("{stripes} {options} {file}")]);
        assert!(combing(&luma(&made, 5)) > 150, "{options}");
    }
}
