//! The proof over sources of all kinds, and what it refuses.

use crate::fixture::{DEADLINE, ffmpeg, proxy, tools, whole};
use heaters_domain::settings::ProxySettings;
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
