//! The errors that ffmpeg logs and goes on after: whose they are.

use std::collections::BTreeMap;

/// Different speakers that are told apart: a hostile file can't make up many, but it costs nothing to be sure.
const MOST_SPEAKERS: usize = 64;
/// Decoders whose names don't begin as their codecs' do.
const OTHER_NAMES: [(&str, &str); 4] =
    [("av1", "libdav1d"), ("av1", "libaom"), ("vp8", "libvpx"), ("vp9", "libvpx-vp9")];

/// What demuxers say of files that are as they should be, where these come through a pipe: MXF's end is not known before
/// it is there.
const HARMLESS: [&str; 1] = ["unable to compute the size of the last packet"];

/// Who logged an error.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Speaker {
    /// The decoder, demuxer or whatever else says so; `None`: ffmpeg itself.
    name: Option<String>,
    /// The input stream that it is about, where it says which.
    stream: Option<u32>,
}

/// How many errors were logged, by who logged them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Complaints {
    counts: BTreeMap<Speaker, u32>,
    total: u32,
}

/// The parts of ffmpeg that work on the picture.
#[derive(Debug, Clone, Copy)]
pub struct PictureTools<'a> {
    pub codec: &'a str,
    /// The demuxer's name.
    pub container: &'a str,
    pub stream: u32,
}

impl Complaints {
    /// Takes a line of the log, which is an error or not.
    pub(crate) fn take(&mut self, line: &str) {
        let Some((before, text)) = line.split_once("[error]").or_else(|| line.split_once("[fatal]")) else { return };
        if HARMLESS.contains(&text.trim()) {
            return;
        }
        self.total += 1;
        let speaker = Speaker { name: context(before), stream: stream(text) };
        if self.counts.len() < MOST_SPEAKERS || self.counts.contains_key(&speaker) {
            *self.counts.entry(speaker).or_default() += 1;
        }
    }

    pub fn total(&self) -> u32 {
        self.total
    }

    /// How many are of the picture's decoder or of the demuxer, those about other streams left out.
    pub fn of_picture(&self, tools: PictureTools<'_>) -> u32 {
        let of_picture = |speaker: &Speaker| match (&speaker.name, speaker.stream) {
            (_, Some(stream)) if stream != tools.stream => false,
            (Some(name), _) => tools.has(name),
            (None, stream) => stream.is_some(),
        };
        self.counts.iter().filter(|(speaker, _)| of_picture(speaker)).map(|(_, count)| count).sum()
    }
}

impl PictureTools<'_> {
    fn has(&self, name: &str) -> bool {
        let other = OTHER_NAMES.iter().any(|(codec, other)| *codec == self.codec && name.starts_with(other));
        // "flv" decodes flv1, "msmpeg4" decodes msmpeg4v3.
        other || name == self.container || (name.len() > 2 && self.codec.starts_with(name))
    }
}

/// `[h264 @ 0x55d0c2]` is the decoder of that name.
fn context(before: &str) -> Option<String> {
    let (name, _) = before.trim().strip_prefix('[')?.rsplit_once(" @ ")?;
    Some(name.trim().to_owned())
}

/// `stream #0:1` and `stream = 1` and `stream 1` are about that stream.
fn stream(text: &str) -> Option<u32> {
    text.match_indices("stream ").find_map(|(at, word)| {
        let rest = text[at + word.len()..].trim_start_matches(['=', ' ']);
        let rest = rest.strip_prefix("#0:").unwrap_or(rest);
        let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
        digits.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: PictureTools<'_> = PictureTools { codec: "h264", container: "mpegts", stream: 0 };

    fn of(lines: &[&str]) -> (u32, u32) {
        let mut complaints = Complaints::default();
        for line in lines {
            complaints.take(line);
        }
        (complaints.total(), complaints.of_picture(PICTURE))
    }

    #[test]
    fn the_picture_s_decoder_and_demuxer_speak_for_the_picture() {
        assert_eq!(of(&["[h264 @ 0x55d0] [error] error while decoding MB 3 4, bytestream -7"]), (1, 1));
        assert_eq!(of(&["[error] Error while decoding stream #0:0: Invalid data found when processing input"]), (1, 1));
        assert_eq!(of(&["[mpegts @ 0x1] [error] no frame at all", "[h264 @ 0x2] [warning] x"]), (1, 1));
        let av1 = PictureTools { codec: "av1", ..PICTURE };
        assert!(av1.has("libdav1d") && !av1.has("libopus") && !av1.has("h264"));
        assert!(PictureTools { codec: "flv1", ..PICTURE }.has("flv"));
    }

    #[test]
    fn sound_muxers_and_filters_do_not() {
        assert_eq!(of(&["[aac @ 0x55d0] [error] channel element 0.0 is not allocated"]), (1, 0));
        assert_eq!(of(&["[error] Error while decoding stream #0:1: Invalid data found"]), (1, 0));
        assert_eq!(of(&["[mpegts @ 0x1] [error] corrupt packet (stream = 1, dts = 4)"]), (1, 0));
        assert_eq!(of(&["[matroska @ 0x2] [error] Can't write packet", "[fatal] Conversion failed"]), (2, 0));
        assert_eq!(of(&["[NULL @ 0x2] [error] sps_id 4 out of range"]), (1, 0));
        assert_eq!(of(&["[mxf @ 0x2] [error] unable to compute the size of the last packet"]), (0, 0));
    }
}
