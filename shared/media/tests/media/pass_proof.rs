//! The proof over sources of all kinds, and what it refuses.

use crate::fixture::{DEADLINE, ffmpeg, proxy, tools, whole};
use heaters_domain::{Fault, settings::ProxySettings};
use heaters_media::{
    pass::{self, Pass},
    probe,
};
use std::fs;

fn made(args: &str, file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(folder.path(), &format!("-loglevel error {args} {file}"));
    folder
}

#[test]
fn codecs_and_containers_of_all_kinds_are_proved() {
    let picture = "-f lavfi -i testsrc2=s=64x48:r=25:d=1.2";
    let moving = "-f lavfi -i mandelbrot=s=64x48:r=25 -t 1.2";
    for (args, file) in [
        (format!("{picture} -c:v mpeg4 -bf 2"), "a.avi"),
        (format!("{picture} -c:v mpeg4 -bf 2"), "a.mp4"),
        (format!("{picture} -c:v libx264 -bf 2"), "a.avi"),
        (format!("{picture} -c:v libx264 -bf 2"), "a.h264"),
        (format!("{picture} -c:v libx264 -bf 2"), "a.flv"),
        (format!("{picture} -c:v mpeg2video -bf 2"), "a.mpg"),
        (format!("{picture} -c:v mpeg2video -flags +ilme+ildct -top 1"), "a.ts"),
        (format!("{moving} -c:v libvpx -auto-alt-ref 1 -lag-in-frames 12 -b:v 60k"), "a.webm"),
        (format!("{moving} -c:v libvpx-vp9 -auto-alt-ref 1 -lag-in-frames 12 -b:v 60k"), "b.webm"),
        (format!("{picture} -c:v libx265 -x265-params log-level=none:open-gop=1:keyint=10:bframes=3"), "a.mkv"),
        (format!("{picture} -c:v prores"), "a.mov"),
        (format!("{picture} -c:v mjpeg"), "b.avi"),
        (format!("{picture} -c:v wmv2"), "a.wmv"),
        (format!("{picture} -pix_fmt rgb24 -c:v gif"), "a.gif"),
    ] {
        let proxy = proxy(made(&args, file), file);
        assert_eq!((proxy.index.frames.len(), proxy.chunk.undecodable), (30, 0), "{file}: {args}");
        assert_eq!(proxy.index.frames[0].flags, 1, "{file}: {args}");
    }
}

#[test]
fn frames_that_an_edit_list_hides_are_not_missed() {
    let folder = made("-f lavfi -i testsrc2=s=64x48:r=25:d=2 -c:v libx264 -bf 2 -g 25", "whole.mp4");
    ffmpeg(folder.path(), "-loglevel error -ss 0.6 -i whole.mp4 -c copy a.mp4");
    let proxy = proxy(folder, "a.mp4");
    assert_eq!((proxy.index.frames.len(), proxy.chunk.undecodable), (35, 0));
}

#[test]
fn frames_lost_to_damage_are_counted() {
    let folder =
        made("-f lavfi -i mandelbrot=s=160x90:r=25 -t 2 -c:v libx265 -x265-params log-level=none:keyint=10", "a.mkv");
    let path = folder.path().join("a.mkv");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 1500].fill(0x55);
    fs::write(&path, bytes).unwrap();
    let source = probe::examine(&tools(), folder.path(), "a.mkv").unwrap();
    let (local, plan) = whole(&source, None, None);
    let settings = ProxySettings::default();
    let pass = Pass {
        source: &source,
        settings: &settings,
        chunk: &plan,
        local: &local,
        file: "a.mkv",
        master: false,
        reused: None,
    };
    let chunk = pass::run(&tools(), folder.path(), &pass, DEADLINE, |_| ()).unwrap();
    assert!(chunk.complaints > 0);
    let packets = fs::read_to_string(folder.path().join("packets.crc")).unwrap();
    let packets = packets.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(chunk.index.frames.len() + chunk.undecodable as usize, packets);
}

/// MPEG-4 video of 30 pictures, `b.mp4`, of whose tenth nothing was coded; so many zeros are behind it.
fn with_empty_picture(padding: usize) -> tempfile::TempDir {
    let folder = made("-f lavfi -i testsrc2=s=64x48:r=25:d=1.2 -c:v mpeg4 -bf 0 -g 12 -f m4v", "a.es");
    let path = folder.path();
    let mut bytes = fs::read(path.join("a.es")).unwrap();
    let codes = bytes.windows(4).enumerate().filter(|(_, code)| *code == [0, 0, 1, 0xB6]);
    let starts: Vec<usize> = codes.map(|(at, _)| at).collect();
    // Behind the code: two bits of type, ones for seconds and a zero, a marker, five bits of time, a marker, and
    // whether it is coded.
    let (at, next) = (starts[10], starts[11]);
    let seconds = (bytes[at + 4] << 2).leading_ones() as usize;
    let flag = 2 + seconds + 1 + 1 + 5 + 1;
    let mut empty = bytes[at..=at + 4 + flag / 8].to_vec();
    // Not coded, then a zero and ones up to the byte's end.
    let bit = 7 - flag % 8;
    let last = empty.len() - 1;
    empty[last] &= 0xFF << (bit + 1);
    if bit == 0 {
        empty.push(0x7F);
    } else {
        empty[last] |= (1 << (bit - 1)) - 1;
    }
    empty.extend(vec![0; padding]);
    bytes.splice(at..next, empty);
    fs::write(path.join("b.es"), bytes).unwrap();
    ffmpeg(path, "-loglevel error -f m4v -framerate 25 -i b.es -c copy -bsf:v setts=pts=N*48000:dts=N*48000 b.mp4");
    folder
}

#[test]
fn a_picture_of_which_nothing_was_coded_is_not_missed() {
    let proxy = proxy(with_empty_picture(0), "b.mp4");
    assert_eq!((proxy.index.frames.len(), proxy.chunk.undecodable, proxy.chunk.complaints), (29, 0, 0));
}

#[test]
fn a_frame_that_is_lost_without_a_complaint_fails_the_chunk() {
    // Longer than any picture that says so: for the proof one that the decoder lost.
    let folder = with_empty_picture(30);
    let path = folder.path();
    let source = probe::examine(&tools(), path, "b.mp4").unwrap();
    let (local, plan) = whole(&source, None, None);
    let settings = ProxySettings::default();
    let pass = Pass {
        source: &source,
        settings: &settings,
        chunk: &plan,
        local: &local,
        file: "b.mp4",
        master: false,
        reused: None,
    };
    let error = pass::run(&tools(), path, &pass, DEADLINE, |_| ()).unwrap_err();
    assert!(error.sentence().starts_with("The frame at 0.400 s was lost in decoding without"), "{error}");
}
