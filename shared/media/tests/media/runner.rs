//! What the runner keeps hostile media from doing.

use crate::fixture::{DEADLINE, ffmpeg, tools};
use heaters_domain::Fault;
use heaters_media::{Run, RunError, probe};
use std::{
    fs,
    io::{self, Write},
    path::Path,
    time::Duration,
};

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

fn raw_frames(args: &str) -> Vec<String> {
    let input = "-nostdin -loglevel error -f rawvideo -pix_fmt gray -s 64x48 -r 25 -i pipe:0";
    format!("{input} {args}").split_whitespace().map(str::to_owned).collect()
}

fn run_on(args: &[String]) -> Run<'_> {
    Run { args, folder: Path::new("/tmp"), deadline: DEADLINE, subject: "a trial" }
}

const FRAME: usize = 64 * 48;

#[test]
fn what_is_fed_comes_out_at_the_same_time() {
    // More than pipes hold in either direction.
    let args = raw_frames("-f rawvideo pipe:1");
    let (mut sum, mut bytes) = (0u64, 0);
    let feed = |input: &mut dyn Write| (0..400u32).try_for_each(|at| input.write_all(&[at as u8; FRAME]));
    let keep = |piece: &[u8]| {
        bytes += piece.len();
        sum += piece.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        Ok(())
    };
    tools().ffmpeg_fed(&run_on(&args), feed, keep, |_| ()).unwrap();
    assert_eq!(bytes, 400 * FRAME);
    assert_eq!(sum, (0..400u64).map(|at| at % 256 * FRAME as u64).sum::<u64>());
}

#[test]
fn a_tool_that_has_what_it_needs_may_close_its_input() {
    let args = raw_frames("-frames:v 2 -f rawvideo pipe:1");
    let mut bytes = 0;
    let mut refused = false;
    let feed = |input: &mut dyn Write| {
        while !refused {
            refused = input.write_all(&[7; FRAME]).is_err();
        }
        Err(io::Error::other("the tool took no more"))
    };
    let keep = |piece: &[u8]| {
        bytes += piece.len();
        Ok(())
    };
    tools().ffmpeg_fed(&run_on(&args), feed, keep, |_| ()).unwrap();
    assert_eq!((bytes, refused), (2 * FRAME, true));
}

#[test]
fn input_that_breaks_off_is_an_error_of_its_own() {
    let args = raw_frames("-f null -");
    let feed = |input: &mut dyn Write| {
        input.write_all(&[7; FRAME])?;
        Err(io::Error::other("storage is away"))
    };
    let error = tools().ffmpeg_fed(&run_on(&args), feed, |_| Ok(()), |_| ()).unwrap_err();
    assert!(matches!(&error, RunError::Input { source, .. } if source.to_string() == "storage is away"), "{error}");
}

#[test]
fn the_deadline_holds_while_input_is_written() {
    let mut args = raw_frames("-f null -");
    args.insert(0, "-re".to_owned());
    let run = Run { deadline: Duration::from_millis(300), ..run_on(&args) };
    let feed = |input: &mut dyn Write| {
        loop {
            input.write_all(&[7; FRAME])?;
        }
    };
    let error = tools().ffmpeg_fed(&run, feed, |_| Ok(()), |_| ()).unwrap_err();
    assert!(matches!(error, RunError::Deadline { .. }), "{error}");
}

#[test]
fn ffprobe_reads_what_it_is_fed_and_is_read_line_by_line() {
    let args = "-loglevel error -show_entries packet=pts -of csv=p=0 -f rawvideo -pixel_format gray -video_size 64x48 \
                -framerate 25 -i pipe:0";
    let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
    let mut times = Vec::new();
    let feed = |input: &mut dyn Write| input.write_all(&vec![7; 50 * FRAME]);
    let keep = |line: &str| {
        times.push(line.trim_end_matches(',').parse::<u32>().map_err(io::Error::other)?);
        Ok(())
    };
    tools().ffprobe_fed(&run_on(&args), feed, keep).unwrap();
    assert_eq!(times, (0..50).collect::<Vec<_>>());
}
