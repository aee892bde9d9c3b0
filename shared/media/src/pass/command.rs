//! ffmpeg's arguments for the one pass. Pure.

use crate::{
    args::{
        MASTER_FILE, OFFSET_SECONDS, PACKETS_DATA_FILE, PACKETS_FILE, PICTURE_FILE, SOUND_FILE, STAMPS_FILE,
        TILE_STAMPS_FILE, TILES_FILE, begin, input, owned, piped_input,
    },
    filters,
    pass::hidden,
    source::{Local, table::Record},
};
use heaters_domain::{
    Rational,
    plan::{Chunk, Reading, Source},
    settings::ProxySettings,
};
use mp4_atom::Stsd;
use std::fmt::Write;

/// x264's output depends on its number of threads, so it is the same on every machine.
const ENCODER_THREADS: u32 = 6;
/// What x264 is told where the source names no frame rate: it must not guess one for each chunk.
pub(super) const FALLBACK_RATE: Rational = Rational { num: 25, den: 1 };

/// One chunk's pass.
#[derive(Debug, Clone, Copy)]
pub struct Pass<'a> {
    pub source: &'a Source,
    pub settings: &'a ProxySettings,
    pub chunk: &'a Chunk,
    /// The chunk's bytes.
    pub local: &'a Local,
    /// The file they are in.
    pub file: &'a str,
    /// Whether a lossless copy of the picture is made.
    pub master: bool,
    /// Where the frames lie in the source, if its picture is taken as it is.
    pub reused: Option<&'a Reused>,
}

/// A source's picture that serves as the proxy's, bytes as they are.
#[derive(Debug, Clone)]
pub struct Reused {
    /// The picture's format.
    pub stsd: Stsd,
    /// The chunk's packets.
    pub records: Vec<Record>,
}

/// What becomes of the sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundMode {
    /// Its packets are copied.
    Copied,
    /// It is decoded to samples, since its packets can't be copied.
    Decoded,
    Dropped,
}

/// ffmpeg: decodes each frame once and gives raw thumbnails on standard output, and the other files of a pass.
/// `piped`: the bytes come through standard input.
pub fn command(pass: &Pass<'_>, sound: SoundMode, piped: bool) -> Vec<String> {
    let Rational { num, den } = pass.source.media.time_base;
    let time_base = format!("{num}:{den}");
    let mut args = begin();
    if pass.local.keeps_clock {
        args.push("-copyts".to_owned());
    }
    args.extend(if piped { piped_input(pass.source.read_container()) } else { input(pass.file) });
    let picture = format!("0:{}", pass.local.picture);
    // Each output has its own simple filter graph: ffmpeg shares the decoder between them, and the time
    // base of a complex graph's outputs can't be told.
    let decoded = ["-map", &picture, "-fps_mode", "passthrough", "-enc_time_base", &time_base];
    let window = window(pass);
    if pass.reused.is_none() {
        args.extend(owned(&decoded));
        args.extend(encode_picture(pass, &window));
    }
    args.extend(owned(&decoded));
    args.extend(thumb_output(&format!("{window}{}", filters::thumb(pass.source))));
    args.extend(owned(&decoded));
    args.extend(tile_output(pass.source, &window));
    if pass.master {
        args.extend(owned(&decoded));
        args.extend(master_output(pass.source, &window));
    }
    args.extend(owned(&["-map", &picture, "-c", "copy", "-copyinkf", "-f"]));
    if hidden::need_data(&pass.source.media.video_codec) {
        args.push("tee".to_owned());
        // Who reads the packets needs their lines first.
        args.push(format!("[f=framecrc:flush_packets=1]{PACKETS_FILE}|[f=rawvideo]{PACKETS_DATA_FILE}"));
    } else {
        args.extend(owned(&["framecrc", PACKETS_FILE]));
    }
    if let (Some(stream), SoundMode::Copied | SoundMode::Decoded) = (pass.local.sound, sound) {
        args.extend(sound_output(pass, stream, sound));
    }
    args
}

/// ffmpeg: decodes each frame once and gives raw thumbnails on standard output and [`STAMPS_FILE`].
///
/// Frames that no other is predicted from are left blocky: nothing can drift, and what a thumbnail takes the mean of
/// hides the blocks. An ingest's pass can't do that, since its proxy is made of the same frames.
pub fn thumbnails(source: &Source, file: &str) -> Vec<String> {
    let Rational { num, den } = source.media.time_base;
    let mut args = begin();
    args.extend(owned(&["-skip_loop_filter", "noref"]));
    args.extend(input(file));
    args.extend(["-map".to_owned(), format!("0:{}", source.picture)]);
    args.extend(owned(&["-fps_mode", "passthrough", "-enc_time_base", &format!("{num}:{den}")]));
    args.extend(thumb_output(&filters::thumb(source)));
    args
}

/// The filters that every output begins with: onto the source's clock, and the chunk's frames alone. Ends with a
/// comma where there are any.
fn window(pass: &Pass<'_>) -> String {
    let Rational { num, den } = pass.source.media.time_base;
    // A container may count in other than whole parts of a second.
    let mut filters = match pass.chunk.reading {
        Reading::Whole { .. } => format!("settb={num}/{den},"),
        Reading::Samples { .. } | Reading::Slice { .. } => String::new(),
    };
    if pass.local.shift != 0 {
        // Writing to a String can't fail.
        let _ = write!(filters, "setpts=PTS+({}),", pass.local.shift);
    }
    let bound = |test: &str, ticks: Option<i64>| ticks.map(|ticks| format!("{test}(pts,{ticks})"));
    let inside: Vec<_> = [bound("gte", pass.chunk.start), bound("lt", pass.chunk.end)].into_iter().flatten().collect();
    if !inside.is_empty() {
        let _ = write!(filters, "select='isnan(pts)+{}',", inside.join("*"));
    }
    filters
}

fn thumb_output(filter: &str) -> Vec<String> {
    let mut args = owned(&["-vf", filter, "-c:v", "rawvideo", "-pix_fmt", "yuv420p", "-f", "tee"]);
    args.push(format!("[f=rawvideo]pipe\\:1|[f=framecrc]{STAMPS_FILE}"));
    args
}

fn tile_output(source: &Source, window: &str) -> Vec<String> {
    let Rational { num, den } = source.media.time_base;
    let length = u64::from(den) * u64::from(source.tile_seconds.max(1));
    let bucket = |ticks: &str| format!("floor({ticks}*{num}/{length})");
    let first = format!("select='isnan(prev_selected_pts)+gt({},{})'", bucket("pts"), bucket("prev_selected_pts"));
    let filter = format!("{window}{},{first},{}", filters::STAMPS_FILTER, filters::tile(source));
    let mut args = owned(&["-vf", &filter, "-c:v", "mjpeg", "-q:v", "3", "-threads", "1", "-flags", "+bitexact"]);
    args.extend(owned(&["-f", "tee"]));
    args.push(format!("[f=mjpeg]{TILES_FILE}|[f=framecrc]{TILE_STAMPS_FILE}"));
    args
}

fn encode_picture(pass: &Pass<'_>, window: &str) -> Vec<String> {
    let ProxySettings { crf, preset, .. } = pass.settings;
    let (crf, threads) = (crf.to_string(), ENCODER_THREADS.to_string());
    let rate = pass.source.media.fps.unwrap_or(FALLBACK_RATE);
    let filter = format!("{window}{}", filters::picture(pass.source, pass.settings));
    let mut args = owned(&["-vf", &filter, "-c:v", "libx264", "-preset", preset, "-crf", &crf, "-g", "1", "-bf", "0"]);
    args.extend(owned(&["-pix_fmt", "yuv420p", "-threads", &threads]));
    // Chunks are joined into one stream: their headers must not depend on what is in them, and decoders need
    // the delimiter where two key frames with the same identifier meet.
    let Rational { num, den } = rate;
    args.push("-x264-params".to_owned());
    args.push(format!("sliced-threads=0:aud=1:stitchable=1:fps={num}/{den}"));
    let (width, height) = filters::proxy_size(pass.source.media.width, pass.source.media.height, pass.settings);
    args.extend(owned(&["-level", level(width, height, rate)]));
    let tag = filters::colour_tag(pass.source);
    args.extend(owned(&["-colorspace", tag, "-color_primaries", tag, "-color_trc", tag]));
    args.extend(owned(&["-color_range", "tv", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]));
    args.extend(owned(&["-f", "mp4", PICTURE_FILE]));
    args
}

/// H.264's lowest level from 3.1 on that allows this size and rate, so that it is the same for all chunks.
fn level(width: u32, height: u32, rate: Rational) -> &'static str {
    /// Macroblocks of a frame and of a second.
    const LIMITS: [(&str, u32, u32); 11] = [
        ("3.1", 3_600, 108_000),
        ("3.2", 5_120, 216_000),
        ("4", 8_192, 245_760),
        ("4.2", 8_704, 522_240),
        ("5", 22_080, 589_824),
        ("5.1", 36_864, 983_040),
        ("5.2", 36_864, 2_073_600),
        ("6", 139_264, 4_177_920),
        ("6.1", 139_264, 8_355_840),
        ("6.2", 139_264, 16_711_680),
        ("6.2", u32::MAX, u32::MAX),
    ];
    let (columns, rows) = (width.div_ceil(16), height.div_ceil(16));
    let blocks = u64::from(columns) * u64::from(rows);
    let fits = |frame: u32, second: u32| {
        // No side may be longer than the root of eight frames' macroblocks.
        let side = u64::from(columns.max(rows));
        blocks <= u64::from(frame)
            && side * side <= 8 * u64::from(frame)
            && blocks as f64 * rate.as_f64() <= f64::from(second)
    };
    LIMITS.iter().find(|(_, frame, second)| fits(*frame, *second)).map_or("6.2", |(name, ..)| name)
}

fn master_output(source: &Source, window: &str) -> Vec<String> {
    let mut filter = format!("{window}{}", filters::STAMPS_FILTER);
    if source.colour.full_range {
        // Else the samples are squeezed into limited range where the source has a format of its own for full range.
        filter.push_str(",scale=in_range=pc:out_range=pc");
    }
    let mut args = owned(&["-vf", &filter, "-c:v", "ffv1", "-level", "3", "-coder", "1", "-context", "1", "-g", "1"]);
    args.extend(owned(&["-slices", "4", "-slicecrc", "1", "-threads", "4", "-flags", "+bitexact"]));
    args.extend(matroska(f64::from(OFFSET_SECONDS), MASTER_FILE));
    args
}

fn sound_output(pass: &Pass<'_>, stream: u32, mode: SoundMode) -> Vec<String> {
    // Floating point holds every sample of up to 24 bits, and what lossy codecs decode to.
    let codec = if mode == SoundMode::Copied { "copy" } else { "pcm_f32le" };
    let mut args = vec!["-map".to_owned(), format!("0:{stream}")];
    args.extend(owned(&["-c", codec]));
    let shift = pass.local.shift as f64 * pass.source.media.time_base.as_f64();
    args.extend(matroska(f64::from(OFFSET_SECONDS) + shift, SOUND_FILE));
    args
}

fn matroska(offset_seconds: f64, file: &str) -> Vec<String> {
    let offset = format!("{offset_seconds:.6}");
    let mut args = owned(&["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]);
    args.extend(owned(&["-avoid_negative_ts", "disabled", "-output_ts_offset", &offset, "-f", "matroska", file]));
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_that_of_the_size_and_rate() {
        let rate = |num| Rational { num, den: 1 };
        assert_eq!(level(640, 360, rate(25)), "3.1");
        assert_eq!(level(1280, 720, rate(30)), "3.1");
        assert_eq!(level(1280, 720, rate(60)), "3.2");
        assert_eq!(level(1920, 1080, rate(30)), "4");
        assert_eq!(level(2, 1280, rate(25)), "3.1");
        assert_eq!(level(16, 4096, rate(25)), "4");
        assert_eq!(level(8192, 8192, rate(1000)), "6.2");
    }
}
