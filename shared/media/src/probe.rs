//! What a source is: ffprobe's JSON turned into [`SourceMedia`], or a typed reason why it can't be used.

use crate::{
    args,
    runner::{Run, RunError, Tools},
};
use heaters_domain::{
    Fault, Rational, Told,
    contract::SourceMedia,
    plan::{Colour, Source, SourceClass},
};
use serde::Deserialize;
use std::{collections::HashMap, io, path::Path, time::Duration};

const HEADER_DEADLINE: Duration = Duration::from_mins(1);
const MOST_TILES: f64 = 900.0;
const ALPHA_FORMATS: [&str; 8] = ["yuva", "gbrap", "rgba", "bgra", "argb", "abgr", "ya8", "ya16"];
/// Codecs whose alpha means something; elsewhere, as in uncompressed AVI, it is mostly a filler of zeros.
const ALPHA_CODECS: [&str; 9] = ["prores", "qtrle", "png", "apng", "gif", "webp", "ffv1", "cfhd", "hap"];
const COUNT_DEADLINE: Duration = Duration::from_mins(10);

#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("{0} is empty")]
    Empty(String),
    #[error("{name} is in no container or codec that is known")]
    NotVideo { name: String, source: RunError },
    #[error("{name} has a header that can't be read")]
    Unreadable { name: String, source: RunError },
    #[error("{name} has sound but no picture")]
    NoPicture { name: String },
    #[error("{name} has neither picture nor sound")]
    NoStreams { name: String },
    #[error(transparent)]
    Run(RunError),
    #[error("ffprobe's answer about {name} can't be read")]
    Answer { name: String, source: serde_json::Error },
    #[error("{name} can't be read")]
    File { name: String, source: io::Error },
}

impl Fault for ProbeError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Empty(_) => Told::rejected("The file is empty."),
            Self::NotVideo { .. } | Self::NoStreams { .. } => Told::rejected("This file is not a video."),
            Self::Unreadable { .. } => {
                Told::rejected("The file's header can't be read; the upload may be cut off. Upload it again.")
            }
            Self::NoPicture { .. } => Told::rejected("The file has sound but no picture."),
            Self::Run(error) => Told::By(error),
            Self::Answer { .. } => Told::tool_failure("The video could not be examined."),
            Self::File { .. } => Told::scratch(),
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize, Default)]
struct Format {
    #[serde(default, rename = "format_name")]
    container: String,
    duration: Option<String>,
    #[serde(default)]
    tags: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Stream {
    index: u32,
    #[serde(default)]
    codec_type: String,
    codec_name: Option<String>,
    codec_tag_string: Option<String>,
    profile: Option<String>,
    pix_fmt: Option<String>,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    sample_aspect_ratio: Option<String>,
    avg_frame_rate: Option<String>,
    r_frame_rate: Option<String>,
    #[serde(default)]
    time_base: String,
    duration: Option<String>,
    field_order: Option<String>,
    color_transfer: Option<String>,
    color_space: Option<String>,
    color_range: Option<String>,
    nb_read_packets: Option<String>,
    #[serde(default)]
    has_b_frames: u32,
    #[serde(default)]
    channels: u32,
    #[serde(default)]
    disposition: HashMap<String, u8>,
    #[serde(default)]
    side_data_list: Vec<SideData>,
    #[serde(default)]
    tags: HashMap<String, String>,
}

#[derive(Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

impl Stream {
    fn is(&self, disposition: &str) -> bool {
        self.disposition.get(disposition).is_some_and(|set| *set != 0)
    }

    /// A stream that can be decoded to moving pictures: not a cover, not of an unknown codec.
    fn is_picture(&self) -> bool {
        let covers = ["attached_pic", "still_image", "timed_thumbnails"];
        self.codec_type == "video"
            && self.codec_name.is_some()
            && self.width > 0
            && self.height > 0
            && !covers.iter().any(|cover| self.is(cover))
    }

    fn is_sound(&self) -> bool {
        self.codec_type == "audio" && self.codec_name.is_some() && self.channels > 0
    }

    /// Quarter turns, 0..4.
    fn quarter_turns(&self) -> i64 {
        let from_matrix = self.side_data_list.iter().find_map(|data| data.rotation);
        let tagged = || self.tags.get("rotate").and_then(|turn| turn.parse().ok());
        let degrees = from_matrix.or_else(tagged).unwrap_or(0.0);
        ((degrees / 90.0).round() as i64).rem_euclid(4)
    }

    /// H.264 that every browser plays and that is shown as it is stored.
    fn fits_a_proxy(&self) -> bool {
        let square = self.sample_aspect_ratio.as_deref().is_none_or(|ratio| matches!(ratio, "1:1" | "0:1" | "N/A"));
        self.codec_name.as_deref() == Some("h264")
            && self.codec_tag_string.as_deref() == Some("avc1")
            && self.pix_fmt.as_deref() == Some("yuv420p")
            && self.field_order.as_deref() == Some("progressive")
            && self.quarter_turns() == 0
            && square
    }

    fn is_simple_aac(&self) -> bool {
        self.codec_name.as_deref() == Some("aac") && self.profile.as_deref() == Some("LC")
    }

    fn colour(&self) -> Colour {
        let format = self.pix_fmt.as_deref().unwrap_or_default();
        let codec = self.codec_name.as_deref().unwrap_or_default();
        Colour {
            matrix: self.color_space.clone().filter(|space| space != "unknown"),
            full_range: self.color_range.as_deref() == Some("pc") || format.starts_with("yuvj"),
            alpha: ALPHA_FORMATS.iter().any(|alpha| format.contains(alpha)) && ALPHA_CODECS.contains(&codec),
        }
    }

    /// Width and height as shown.
    fn shown(&self) -> (u32, u32) {
        let ratio = self.sample_aspect_ratio.as_deref().and_then(|text| rational(text, ':'));
        let stretch = ratio.map_or(1.0, Rational::as_f64);
        // Nonsense ratios come up in damaged files; nobody films 20 times as wide as high.
        let stretch = if (0.05..=20.0).contains(&stretch) { stretch } else { 1.0 };
        let width = ((f64::from(self.width) * stretch).round() as u32).max(1);
        if self.quarter_turns() % 2 == 1 { (self.height, width) } else { (width, self.height) }
    }
}

fn rational(text: &str, separator: char) -> Option<Rational> {
    let (num, den) = text.split_once(separator)?;
    Rational::new(num.parse().ok()?, den.parse().ok()?)
}

/// Examines a file's header. `name` is the file's name within `folder` and in errors. The number of packets
/// is still 0: [`count_packets`] reads the whole file for it.
pub fn examine(tools: &Tools, folder: &Path, name: &str) -> Result<Source, ProbeError> {
    examine_closely(tools, folder, name).map(|(source, _)| source)
}

/// What of a source's streams could serve as a proxy's, by their headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fitness {
    /// H.264 in MP4, 8 bits, 4:2:0, progressive, with square pixels and no rotation.
    pub picture: bool,
    /// AAC-LC.
    pub sound: bool,
}

/// A sound stream as its container has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundDetails {
    pub codec: String,
    pub channels: u32,
    /// Seconds a tick.
    pub time_base: Rational,
}

/// What of a source matters to some ways of reading it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub fitness: Fitness,
    /// Seconds a tick of the picture's packets as the container has them.
    pub time_base: Rational,
    /// Pictures are shown in the order in which they are decoded.
    pub in_order: bool,
    pub sound: Option<SoundDetails>,
}

/// Like [`examine`], and says more.
pub fn examine_closely(tools: &Tools, folder: &Path, name: &str) -> Result<(Source, Details), ProbeError> {
    let size =
        std::fs::metadata(folder.join(name)).map_err(|source| ProbeError::File { name: name.to_owned(), source })?;
    if size.len() == 0 {
        return Err(ProbeError::Empty(name.to_owned()));
    }
    let run = Run { args: &args::probe(name), folder, deadline: HEADER_DEADLINE, subject: name };
    let answer = tools.ffprobe(&run).map_err(|source| rejection(folder, name, source))?;
    read(&answer, name)
}

/// The number of packets of one stream; reads the whole file.
pub fn count_packets(tools: &Tools, folder: &Path, name: &str, stream: u32) -> Result<u32, ProbeError> {
    let run = Run { args: &args::count_packets(name, stream), folder, deadline: COUNT_DEADLINE, subject: name };
    let answer = tools.ffprobe(&run).map_err(ProbeError::Run)?;
    let answer: Answer =
        serde_json::from_slice(&answer).map_err(|source| ProbeError::Answer { name: name.to_owned(), source })?;
    let counted = answer.streams.first().and_then(|stream| stream.nb_read_packets.as_deref()?.parse().ok());
    Ok(counted.unwrap_or(0))
}

fn rejection(folder: &Path, name: &str, error: RunError) -> ProbeError {
    if !matches!(error, RunError::Failed { .. }) {
        return ProbeError::Run(error);
    }
    let name = name.to_owned();
    if begins_like_video(&folder.join(&name)) {
        return ProbeError::Unreadable { name, source: error };
    }
    ProbeError::NotVideo { name, source: error }
}

/// Whether a file starts as an MP4, MOV, MKV, WebM, AVI or FLV does.
fn begins_like_video(path: &Path) -> bool {
    let mut start = [0; 12];
    let read = std::fs::File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut start));
    let boxes = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"];
    read.is_ok()
        && (boxes.iter().any(|kind| start[4..8] == **kind)
            || start.starts_with(&[0x1a, 0x45, 0xdf, 0xa3])
            || start.starts_with(b"FLV")
            || (start.starts_with(b"RIFF") && start.ends_with(b"AVI ")))
}

fn read(answer: &[u8], name: &str) -> Result<(Source, Details), ProbeError> {
    let name = name.to_owned();
    let Answer { streams, format } = match serde_json::from_slice(answer) {
        Ok(answer) => answer,
        Err(source) => return Err(ProbeError::Answer { name, source }),
    };
    // The largest picture is the film; the default flag decides between equals.
    let picture = streams.iter().filter(|stream| stream.is_picture()).max_by_key(|stream| {
        (u64::from(stream.width) * u64::from(stream.height), stream.is("default"), std::cmp::Reverse(stream.index))
    });
    let sound = streams
        .iter()
        .filter(|stream| stream.is_sound())
        .max_by_key(|stream| (stream.is("default"), stream.channels, std::cmp::Reverse(stream.index)));
    let Some(picture) = picture else {
        let has_sound = sound.is_some();
        return Err(if has_sound { ProbeError::NoPicture { name } } else { ProbeError::NoStreams { name } });
    };
    let (width, height) = picture.shown();
    let time_base = rational(&picture.time_base, '/').unwrap_or(Rational { num: 1, den: 90_000 });
    let rate = |text: &Option<String>| text.as_deref().and_then(|text| rational(text, '/'));
    let seconds = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    let hdr = picture.color_transfer.clone().filter(|name| matches!(name.as_str(), "smpte2084" | "arib-std-b67"));
    let media = SourceMedia {
        container: format.container,
        video_codec: picture.codec_name.clone().unwrap_or_default(),
        width,
        height,
        packets: 0,
        fps: rate(&picture.avg_frame_rate).or_else(|| rate(&picture.r_frame_rate)),
        // A copy in another container must have the same, and MP4 counts in whole parts of a second.
        time_base: Rational { num: 1, den: time_base.den },
        duration_seconds: seconds(&picture.duration).or_else(|| seconds(&format.duration)).unwrap_or(0.0),
        has_sound: sound.is_some(),
        interlaced: matches!(picture.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt")),
        hdr_transfer: hdr,
        title: format.tags.get("title").filter(|title| !title.trim().is_empty()).cloned(),
    };
    let tile_seconds = tile_seconds(media.duration_seconds);
    let fitness = Fitness { picture: picture.fits_a_proxy(), sound: sound.is_some_and(Stream::is_simple_aac) };
    let source = Source {
        media,
        class: SourceClass::Whole,
        picture: picture.index,
        sound: sound.map(|stream| stream.index),
        colour: picture.colour(),
        reusable: false,
        tile_seconds,
        repackaged: None,
    };
    let sound = sound.map(|sound| SoundDetails {
        codec: sound.codec_name.clone().unwrap_or_default(),
        channels: sound.channels,
        time_base: rational(&sound.time_base, '/').unwrap_or(Rational { num: 1, den: 90_000 }),
    });
    Ok((source, Details { fitness, time_base, in_order: picture.has_b_frames == 0, sound }))
}

/// How far apart a storyboard's tiles are, so that there are at most [`MOST_TILES`] or so.
fn tile_seconds(duration_seconds: f64) -> u32 {
    ((duration_seconds / MOST_TILES).ceil() as u32).max(1)
}

/// Examines a file that is meant to hold sound alone, and gives its best sound stream.
pub fn examine_sound(tools: &Tools, folder: &Path, name: &str) -> Result<Option<u32>, ProbeError> {
    let run = Run { args: &args::probe(name), folder, deadline: HEADER_DEADLINE, subject: name };
    let answer = tools.ffprobe(&run).map_err(|source| rejection(folder, name, source))?;
    let answer: Answer =
        serde_json::from_slice(&answer).map_err(|source| ProbeError::Answer { name: name.to_owned(), source })?;
    let best = answer.streams.iter().filter(|stream| stream.is_sound()).max_by_key(|stream| stream.channels);
    Ok(best.map(|stream| stream.index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn source(streams: &serde_json::Value) -> Result<Source, ProbeError> {
        let answer = json!({ "streams": streams, "format": { "format_name": "mov", "tags": { "title": " " } } });
        read(answer.to_string().as_bytes(), "a.mp4").map(|(source, _)| source)
    }

    fn picture(index: u32, width: u32) -> serde_json::Value {
        json!({ "index": index, "codec_type": "video", "codec_name": "h264", "width": width, "height": 720,
                "time_base": "1/12800", "avg_frame_rate": "25/1", "disposition": { "attached_pic": 0 } })
    }

    #[test]
    fn a_cover_is_not_a_picture() {
        let mut cover = picture(0, 4000);
        cover["disposition"]["attached_pic"] = 1.into();
        let sound = json!({ "index": 1, "codec_type": "audio", "codec_name": "mp3", "channels": 2 });
        let error = source(&json!([cover, sound])).unwrap_err();
        assert_eq!(error.sentence(), "The file has sound but no picture.");
        let film = source(&json!([cover, sound, picture(2, 1280)])).unwrap();
        assert_eq!((film.picture, film.sound, film.media.title), (2, Some(1), None));
    }

    #[test]
    fn rotation_and_pixel_aspect_make_the_shown_size() {
        let mut stream = picture(0, 1440);
        stream["sample_aspect_ratio"] = "4:3".into();
        assert_eq!(source(&json!([stream])).unwrap().media.width, 1920);
        stream["side_data_list"] = json!([{ "side_data_type": "Display Matrix", "rotation": -90 }]);
        let media = source(&json!([stream])).unwrap().media;
        assert_eq!((media.width, media.height), (720, 1920));
    }

    #[test]
    fn colour_is_told_by_tags_and_formats() {
        let colour = |changes: serde_json::Value| {
            let mut stream = picture(0, 640);
            stream.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            source(&json!([stream])).unwrap().colour
        };
        assert_eq!(colour(json!({ "color_space": "unknown", "pix_fmt": "yuv420p" })), Colour::default());
        let tagged = colour(json!({ "color_space": "bt709", "color_range": "pc" }));
        assert_eq!((tagged.matrix.as_deref(), tagged.full_range), (Some("bt709"), true));
        assert!(colour(json!({ "pix_fmt": "yuvj422p" })).full_range);
        assert!(colour(json!({ "codec_name": "prores", "pix_fmt": "yuva444p12le" })).alpha);
        assert!(!colour(json!({ "codec_name": "rawvideo", "pix_fmt": "bgra" })).alpha);
    }

    #[test]
    fn an_unknown_rate_is_none() {
        let mut stream = picture(0, 640);
        stream["avg_frame_rate"] = "0/0".into();
        assert_eq!(source(&json!([stream])).unwrap().media.fps, None);
    }
}
