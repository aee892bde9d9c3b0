//! What the runner keeps hostile media from doing.

use crate::fixture::{DEADLINE, ffmpeg, tools};
use heaters_media::{Run, RunError, probe};
use std::{fs, path::Path, time::Duration};

fn attempt(args: &[&str], deadline: Duration) -> Result<Vec<u8>, RunError> {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let mut output = Vec::new();
    let run = Run { args: &args, folder: Path::new("/tmp"), deadline, subject: "a trial" };
    let keep = |piece: &[u8]| {
        output.extend_from_slice(piece);
        Ok(())
    };
    tools().ffmpeg(&run, keep, |_| ())?;
    Ok(output)
}

#[test]
fn a_tool_can_not_open_a_socket() {
    let input = ["-protocol_whitelist", "http,tcp", "-i", "http://127.0.0.1:9/a.mp4", "-f", "null", "-"];
    let error = attempt(&[&["-nostdin"], &input[..]].concat(), DEADLINE).unwrap_err();
    assert!(error.tail().iter().any(|line| line.contains("Operation not permitted")), "{error}");
}

#[test]
fn a_tool_gets_no_environment() {
    let copy =
        ["-nostdin", "-f", "data", "-i", "/proc/self/environ", "-map", "0", "-c", "copy", "-f", "data", "pipe:1"];
    assert_eq!(attempt(&copy, DEADLINE).unwrap_or_default(), b"");
    assert!(!fs::read("/proc/self/environ").unwrap().is_empty());
}

#[test]
fn a_tool_is_killed_at_its_deadline() {
    let endless = ["-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"];
    let error = attempt(&endless, Duration::from_millis(300)).unwrap_err();
    assert!(matches!(error, RunError::Deadline { .. }), "{error}");
}

#[test]
fn a_tool_that_is_missing_is_named() {
    let mut missing = tools();
    missing.ffprobe = "no-such-tool".into();
    let run = Run { args: &[], folder: Path::new("/tmp"), deadline: DEADLINE, subject: "a trial" };
    let error = missing.ffprobe(&run).unwrap_err();
    assert!(matches!(&error, RunError::Start { tool, .. } if tool == "no-such-tool"));
}

#[test]
fn what_is_no_video_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = |name: &str, body: &[u8]| {
        fs::write(folder.path().join(name), body).unwrap();
        probe::examine(&tools(), folder.path(), name).unwrap_err().sentence()
    };
    assert_eq!(sentence("empty.mp4", b""), "The file is empty.");
    assert_eq!(
        sentence("text.mp4", b"Dear reader, this is a letter. ".repeat(40).as_slice()),
        "This file is not a video."
    );
    let playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://169.254.169.254/a.ts\n#EXT-X-ENDLIST\n";
    assert_eq!(sentence("list.m3u8", playlist), "This file is not a video.");
    assert_eq!(sentence("concat.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n"), "This file is not a video.");
    ffmpeg(folder.path(), "-loglevel error -f lavfi -i testsrc2=s=64x36:d=1 -c:v libx264 whole.mp4");
    let whole = fs::read(folder.path().join("whole.mp4")).unwrap();
    assert!(sentence("cut.mp4", &whole[..whole.len() / 2]).contains("header can't be read"));
    ffmpeg(folder.path(), "-loglevel error -f lavfi -i sine=440:d=1 -c:a aac sound.m4a");
    let sound = fs::read(folder.path().join("sound.m4a")).unwrap();
    assert_eq!(sentence("sound.mp4", &sound), "The file has sound but no picture.");
}
