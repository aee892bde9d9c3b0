//! A row of the matrix: how a film is made, and what must come of it.

use crate::{
    ingest::{self, Made},
    plain,
    tools::ffmpeg,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How a film is made, or spoilt.
pub enum Step {
    /// A command line of ffmpeg. The film itself is named `film` with any extension.
    Ffmpeg(&'static str),
    /// Only this many per cent of the film's bytes are left.
    Keep(usize),
    /// At so many per cent of the film, this many bytes are overwritten.
    Spoil { at: usize, bytes: usize },
    /// A file of these bytes.
    Write(&'static str, &'static [u8]),
    /// Whatever else is done to the folder, in words.
    Other(&'static str, fn(&Path)),
}

/// What must come of a film.
pub enum Expect {
    /// As many frames as a plain decode gives.
    Film(Film),
    /// This sentence.
    Refused(&'static str),
}

pub struct Film {
    /// How many frames were made; `None` where it can't be known, as in damaged films.
    pub frames: Option<usize>,
    /// The proxy's size.
    pub size: (u32, u32),
    pub sound: bool,
    /// The source's frames carry their times, so the proxy's must be the same.
    pub timed: bool,
}

pub struct Row {
    pub what: &'static str,
    pub steps: Vec<Step>,
    pub expect: Expect,
    /// The picture's stream, as ffmpeg names it.
    pub stream: &'static str,
}

/// What came of a film, for the page.
pub struct Came {
    pub frames: usize,
    pub size: (u32, u32),
    pub sound: bool,
    pub class: &'static str,
    pub chunks: usize,
}

/// A film that one command makes.
pub fn row(what: &'static str, command: &'static str, expect: Expect) -> Row {
    Row { what, steps: vec![Step::Ffmpeg(command)], expect, stream: "0:v:0" }
}

/// So many frames of 160x90, without sound.
pub fn frames(frames: usize) -> Expect {
    Expect::Film(Film { frames: Some(frames), size: (160, 90), sound: false, timed: true })
}

/// As many frames of 160x90 as a plain decode finds, without sound.
pub fn some() -> Expect {
    Expect::Film(Film { frames: None, size: (160, 90), sound: false, timed: true })
}

pub fn refused(sentence: &'static str) -> Expect {
    Expect::Refused(sentence)
}

impl Expect {
    fn change(mut self, change: impl FnOnce(&mut Film)) -> Self {
        if let Self::Film(film) = &mut self {
            change(film);
        }
        self
    }

    pub fn sound(self) -> Self {
        self.change(|film| film.sound = true)
    }

    pub fn size(self, width: u32, height: u32) -> Self {
        self.change(|film| film.size = (width, height))
    }

    /// The frames carry no times, or damaged ones.
    pub fn untimed(self) -> Self {
        self.change(|film| film.timed = false)
    }
}

impl Row {
    pub fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    pub fn then_ffmpeg(self, command: &'static str) -> Self {
        self.then(Step::Ffmpeg(command))
    }

    pub fn stream(self, stream: &'static str) -> Self {
        Self { stream, ..self }
    }

    /// How the film is made, for the page.
    pub fn made_how(&self) -> String {
        let steps = self.steps.iter().map(|step| match step {
            Step::Ffmpeg(command) => format!("`{command}`"),
            Step::Keep(share) => format!("the first {share} % of it"),
            Step::Spoil { at, bytes } => format!("{bytes} bytes overwritten at {at} %"),
            Step::Write(_, bytes) => format!("{} bytes", bytes.len()),
            Step::Other(words, _) => (*words).to_owned(),
        });
        steps.collect::<Vec<_>>().join("; ")
    }

    /// Makes the film and ingests it. Panics where it is not as expected.
    pub fn run(&self) -> Result<Came, String> {
        let folder = tempfile::tempdir().unwrap();
        for step in &self.steps {
            step.run(folder.path());
        }
        let film = film(folder.path());
        let made = ingest::ingest(&film, &ingest::settings(1));
        match (&self.expect, made) {
            (Expect::Refused(expected), Err(sentence)) => {
                assert_eq!(sentence, *expected);
                Err(sentence)
            }
            (Expect::Refused(expected), Ok(made)) => {
                panic!("{} frames instead of {expected:?}", made.output.frames)
            }
            (Expect::Film(_), Err(sentence)) => panic!("refused: {sentence}"),
            (Expect::Film(expected), Ok(made)) => {
                let came = check(expected, &made);
                let times = plain::times(&film, self.stream, made.index.head.time_base);
                assert_times(&made, &times, expected.timed);
                Ok(came)
            }
        }
    }
}

fn check(expected: &Film, made: &Made) -> Came {
    let output = &made.output;
    let frames = output.frames as usize;
    assert!(expected.frames.is_none_or(|expected| expected == frames), "{frames} frames, made {:?}", expected.frames);
    assert_eq!((output.width, output.height), expected.size, "size");
    assert_eq!((made.index.frames.len(), made.thumbs.len()), (frames, frames), "index and thumbnails");
    let held = plain::held(&made.folder(), "proxy.mp4");
    assert_eq!(held.frames, frames, "frames of the proxy");
    assert_eq!((output.has_sound, held.sound_seconds.is_some()), (expected.sound, expected.sound), "sound");
    let (picture, sound) = (held.picture_seconds, held.sound_seconds);
    assert!(sound.is_none_or(|sound| (sound - picture).abs() < 0.05), "{sound:?} s of sound, {picture} s of picture");
    Came { frames, size: expected.size, sound: expected.sound, class: made.class.as_str(), chunks: made.chunks }
}

/// Every frame of a plain decode is in the index, at its time after the first; one that a plain decode has not
/// after the frame before comes a tick after it.
pub fn assert_times(made: &Made, plain: &[i64], timed: bool) {
    let index: Vec<i64> = made.index.frames.iter().map(|frame| frame.pts).collect();
    assert_eq!(index.len(), plain.len(), "frames, and frames of a plain decode");
    assert!(index.is_sorted_by(|one, next| one < next), "times that do not rise: {index:?}");
    let mut plain = plain.to_vec();
    for at in 1..plain.len() {
        plain[at] = plain[at].max(plain[at - 1] + 1);
    }
    if timed {
        let late = (0..)
            .zip(index.iter().zip(&plain))
            .find(|(_, (ours, theirs))| ((*ours - index[0]) - (*theirs - plain[0])).abs() > 1);
        assert!(late.is_none(), "frame {late:?} is not where a plain decode has it: {index:?} {plain:?}");
    }
}

impl Step {
    fn run(&self, folder: &Path) {
        match self {
            Self::Ffmpeg(command) => drop(ffmpeg(folder, command)),
            Self::Keep(share) => change(folder, |bytes| bytes.truncate(bytes.len() * share / 100)),
            Self::Spoil { at, bytes: count } => change(folder, |bytes| {
                let start = bytes.len() * at / 100;
                let end = bytes.len().min(start + count);
                for (number, byte) in (0u32..).zip(&mut bytes[start..end]) {
                    // Noise, the same each time.
                    *byte = (number.wrapping_mul(2_654_435_761) >> 13) as u8;
                }
            }),
            Self::Write(name, bytes) => fs::write(folder.join(name), bytes).unwrap(),
            Self::Other(_, change) => change(folder),
        }
    }
}

fn film(folder: &Path) -> PathBuf {
    let mut found = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    found.find(|path| path.file_stem().is_some_and(|stem| stem == "film")).expect("the last step makes the film")
}

/// Changes the film's bytes.
pub fn change(folder: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let film = film(folder);
    let mut bytes = fs::read(&film).unwrap();
    change(&mut bytes);
    fs::write(film, bytes).unwrap();
}

/// Makes `film.ts` of files one after another.
pub fn join(folder: &Path, parts: &[&str]) {
    let whole: Vec<u8> = parts.iter().flat_map(|part| fs::read(folder.join(part)).unwrap()).collect();
    fs::write(folder.join("film.ts"), whole).unwrap();
}
