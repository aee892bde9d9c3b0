//! What comes through a pipe gives the frames and the sound of the file.

use crate::{
    fixture::{DEADLINE, ffmpeg, ready, tools, whole},
    sliced::{Counted, Line, examine, lines, packets, same, whole_of},
};
use heaters_domain::{
    plan::{Chunk, Source, SourceClass},
    settings::ProxySettings,
};
use heaters_media::{
    Run, args,
    pass::{self, Pass},
    source::{
        Local, Part, Span, cued,
        piped::{self, Pipe, demuxer},
        sequential,
    },
};
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    thread,
};

const X264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 2";

/// A film of 270 frames: MXF has a part of its index each 250.
fn make(options: &str, file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let scene = "-f lavfi -i testsrc2=s=160x96:r=50:d=5.4 -f lavfi -i sine=440:d=5.4:r=48000";
    ffmpeg(folder.path(), &format!("-loglevel fatal {scene} {options} {file}"));
    folder
}

/// The parts of a file, put together.
fn bytes(file: &Path, parts: &[Part]) -> Vec<u8> {
    let file = fs::read(file).unwrap();
    let of = |part: &Part| match part {
        Part::Source(range) => file[range.start as usize..range.end as usize].to_vec(),
        Part::Own(bytes) => bytes.clone(),
    };
    parts.iter().flat_map(of).collect()
}

/// The frames of a stream that comes through a pipe.
fn piped_frames(folder: &Path, stream: &[u8], source: &Source) -> Vec<Line> {
    let (base, container) = (source.media.time_base, demuxer(&source.media.container));
    let args = format!(
        "-hide_banner -loglevel level+warning -copyts -f {container} -i pipe:0 -map 0:{} -fps_mode passthrough \
         -enc_time_base {}:{} -f framecrc pipe:1",
        source.picture, base.num, base.den
    );
    let args: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: "a stream" };
    let mut text = Vec::new();
    let keep = |piece: &[u8]| {
        text.extend_from_slice(piece);
        Ok(())
    };
    tools().ffmpeg_fed(&run, |input: &mut dyn Write| input.write_all(stream), keep, |_| ()).unwrap();
    crate::sliced::read_lines(&text)
}

/// A pass over what is in a file or comes through a pipe.
fn made(folder: &Path, file: &str, source: &Source, chunk: &Chunk, local: &Local, pipe: Option<&Pipe>) -> pass::Chunk {
    let settings = ProxySettings { long_side: 160, short_side: 96, ..ProxySettings::default() };
    let pass = Pass { source, settings: &settings, chunk, local, file, master: false, reused: None };
    pass::run_piped(&tools(), folder, &pass, pipe, DEADLINE, |_| ()).unwrap()
}

/// Does some work with a pipe that gives parts. Returns what was read for it too.
fn served<T>(counted: &Counted, parts: &[Part], work: impl FnOnce(Pipe) -> T) -> (T, Vec<Span>) {
    let (pipe, reader) = piped::pipe();
    thread::scope(|scope| {
        let serving = scope.spawn(|| futures::executor::block_on(reader.serve(&counted.object(), parts)).unwrap());
        (work(pipe), serving.join().unwrap())
    })
}

/// Compares each frame of the stream with the file's, and what a pass makes of both.
fn check(folder: &Path, file: &str) {
    let source = examine(folder, file, SourceClass::Whole);
    assert!(piped::streams(&source.media.container), "{file}: {}", source.media.container);
    let counted = Counted::open(&folder.join(file));
    let (_, chunk) = whole(&source, None, None);
    let (local, parts) = ready(piped::open(&counted.object(), &counted.object(), &source, &chunk)).unwrap();
    assert_eq!(local, whole_of(&source));
    let stream = bytes(&folder.join(file), &parts);
    let base = source.media.time_base;
    let options = format!("-fps_mode passthrough -enc_time_base {}:{}", base.num, base.den);
    let (frames, _) = lines(folder, file, true, source.picture, &options);
    assert!(frames.len() > 200, "{file} has {} frames", frames.len());
    same(&piped_frames(folder, &stream, &source), &frames, file);

    let of = |pipe: Option<Pipe>| {
        let made = made(folder, file, &source, &chunk, &local, pipe.as_ref());
        let media = fs::read(folder.join(args::PICTURE_FILE)).unwrap();
        let sound = made.has_sound.then(|| packets(File::open(folder.join(args::SOUND_FILE)).unwrap()));
        (made, media, sound)
    };
    let of_file = of(None);
    let (of_pipe, read) = served(&counted, &parts, |pipe| of(Some(pipe)));
    let ranges = parts.iter().filter_map(|part| match part {
        Part::Source(range) => Some(range.clone()),
        Part::Own(_) => None,
    });
    assert!(read.iter().map(|span| span.range.clone()).eq(ranges), "{file}: what is said to be read");
    assert_eq!(of_pipe.0.index, of_file.0.index, "{file}");
    assert!(of_pipe.1 == of_file.1, "{file}: pictures");
    assert!(of_pipe.0.thumbs == of_file.0.thumbs, "{file}: thumbnails");
    assert!(of_pipe.2 == of_file.2, "{file}: sound");
    assert_eq!((of_pipe.0.complaints, of_pipe.0.undecodable), (of_file.0.complaints, 0), "{file}");
}

#[test]
fn matroska_streams() {
    let vp8 = "-c:v libvpx -deadline good -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 16 -g 999 -c:a libvorbis";
    let vp9 = "-c:v libvpx-vp9 -deadline good -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 16 -g 999 -c:a libopus";
    for (options, file) in [
        (&*format!("{X264} -g 999 -c:a aac"), "a.mkv"),
        // A recorded live stream.
        (&*format!("{X264} -g 999 -c:a aac -live 1"), "live.mkv"),
        ("-c:v ffv1 -c:a flac", "lossless.mkv"),
        (vp8, "a.webm"),
        (vp9, "b.webm"),
    ] {
        check(make(options, file).path(), file);
    }
}

#[test]
fn matroska_of_unknown_size_streams() {
    let folder = make(&format!("{X264} -g 999 -c:a aac"), "a.mkv");
    let unknown = ffmpeg(folder.path(), "-loglevel error -i a.mkv -c copy -f matroska pipe:1");
    fs::write(folder.path().join("b.mkv"), unknown).unwrap();
    check(folder.path(), "b.mkv");
}

#[test]
fn slices_stream() {
    for file in ["a.mkv", "live.webm", "a.ts", "a.flv"] {
        let codec = if file == "live.webm" {
            "-c:v libvpx -deadline good -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 16 -g 50 -c:a libvorbis -live 1"
        } else {
            "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 2 -g 50 -c:a aac"
        };
        let folder = make(codec, file);
        let path = folder.path();
        let cued = file.ends_with("mkv") || file.ends_with("webm");
        let source = examine(path, file, if cued { SourceClass::Cued } else { SourceClass::Sequential });
        let counted = Counted::open(&path.join(file));
        let cut = if cued {
            ready(cued::plan(&counted.object(), &source, 2))
        } else {
            futures::executor::block_on(sequential::plan(&counted.object(), &tools(), path, &source, 2))
        };
        let chunks = cut.unwrap().unwrap().chunks;
        assert!(chunks.len() > 1, "{file}");
        let mut times = Vec::new();
        for chunk in &chunks {
            assert!(piped::can_be_piped(&source, chunk));
            let (local, parts) = ready(piped::open(&counted.object(), &counted.object(), &source, chunk)).unwrap();
            let work = |pipe: Pipe| made(path, file, &source, chunk, &local, Some(&pipe));
            let (made, _) = served(&counted, &parts, work);
            assert_eq!((made.complaints, made.undecodable), (0, 0), "{file}: chunk {}", chunk.index);
            times.extend(made.index.frames.iter().map(|frame| frame.pts));
        }
        let base = source.media.time_base;
        let options = format!("-fps_mode passthrough -enc_time_base {}:{}", base.num, base.den);
        let (frames, _) = lines(path, file, true, source.picture, &options);
        assert_eq!(times, frames.iter().map(|frame| frame.0).collect::<Vec<_>>(), "{file}");
    }
}

#[test]
fn mxf_streams_with_its_index_in_front() {
    let long = "-c:v mpeg2video -bf 2 -g 12 -c:a pcm_s16le";
    let avc = "-c:v libx264 -preset veryfast -bf 0 -g 25 -pix_fmt yuv422p10le -c:a pcm_s16le";
    for (options, file) in [(long, "a.mxf"), (avc, "b.mxf"), ("-c:v prores -c:a pcm_s16le", "c.mxf")] {
        let folder = make(options, file);
        check(folder.path(), file);
        let source = examine(folder.path(), file, SourceClass::Whole);
        let counted = Counted::open(&folder.path().join(file));
        let (_, chunk) = whole(&source, None, None);
        let (_, parts) = ready(piped::open(&counted.object(), &counted.object(), &source, &chunk)).unwrap();
        assert!(parts.iter().any(|part| matches!(part, Part::Own(_))), "{file} has an index that is not in front");
        assert!(counted.share() < 0.5, "{file}: {}", counted.share());
    }
}

#[test]
fn mxf_that_is_damaged_is_given_as_it_is() {
    let folder = make("-c:v mpeg2video -bf 2 -g 12 -c:a pcm_s16le", "a.mxf");
    let path = folder.path();
    let source = examine(path, "a.mxf", SourceClass::Whole);
    let (_, chunk) = whole(&source, None, None);
    let bytes = fs::read(path.join("a.mxf")).unwrap();
    let of = |bytes: &[u8]| {
        fs::write(path.join("b.mxf"), bytes).unwrap();
        let counted = Counted::open(&path.join("b.mxf"));
        ready(piped::open(&counted.object(), &counted.object(), &source, &chunk)).unwrap().1
    };
    let as_it_is = |bytes: &[u8]| vec![Part::Source(0..bytes.len() as u64)];
    assert_ne!(of(&bytes), as_it_is(&bytes));
    let cut = &bytes[..bytes.len() / 2];
    assert_eq!(of(cut), as_it_is(cut));
    // A recorder that did not go back to say where the last part is: the list at the end does.
    let mut unsaid = bytes.clone();
    let footer = u64::from_be_bytes(bytes[20 + 24..20 + 32].try_into().unwrap());
    assert!(footer > bytes.len() as u64 / 2);
    unsaid[20 + 24..20 + 32].fill(0);
    assert_eq!(of(&unsaid), of(&bytes));
    let mut seed = 1_u64;
    for _ in 0..200 {
        let mut wrong = bytes.clone();
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Heads are at the beginning and at the end.
            let at = (seed >> 33) as usize % 7000;
            let at = if seed & 1 == 1 { wrong.len() - 1 - at } else { at };
            wrong[at] = (seed >> 20) as u8;
        }
        for part in of(&wrong) {
            assert!(!matches!(part, Part::Source(range) if range.end > wrong.len() as u64));
        }
    }
}

#[test]
fn other_containers_stream() {
    for (options, file) in [
        ("-c:v mpeg4 -bf 2 -g 12 -c:a libmp3lame", "a.avi"),
        ("-c:v mpeg2video -bf 2 -g 12 -c:a mp2", "a.mpg"),
        ("-c:v wmv2 -g 12 -c:a wmav2", "a.wmv"),
        ("-c:v libtheora -g 12 -c:a libvorbis", "a.ogv"),
        (&*format!("{X264} -c:a aac"), "a.nut"),
        (&*format!("{X264} -g 999 -c:a aac"), "a.ts"),
        (&*format!("{X264} -g 999 -c:a aac"), "a.flv"),
        ("-c:v libvpx -deadline realtime -cpu-used 8 -an", "a.ivf"),
        ("-c:v rv20 -c:a ac3", "a.rm"),
        ("-c:v flv -c:a libmp3lame -ar 44100", "a.swf"),
        (&*format!("{X264} -an"), "a.264"),
    ] {
        check(make(options, file).path(), file);
    }
}
