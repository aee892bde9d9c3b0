//! Argument vectors for ffmpeg and ffprobe. Pure; all files are named relative to the working directory.

use crate::filters;
use heaters_domain::{Rational, plan::Source, settings::ProxySettings};

/// The proxy's picture: an all-intra MP4 without sound.
pub const PICTURE_FILE: &str = "picture.mp4";
/// The time stamps of the decoded frames, a line each.
pub const STAMPS_FILE: &str = "stamps.crc";
/// The source's sound packets.
pub const SOUND_FILE: &str = "sound.nut";
/// The encoded sound, an MP4 of its own.
pub const ENCODED_SOUND_FILE: &str = "sound.mp4";
const STILLS_PATTERN: &str = "still-%d.jpg";

/// The name of the still that [`stills`] makes of a clip's frame, counted from 0.
pub fn still_file(frame: usize) -> String {
    format!("still-{frame}.jpg")
}

/// Thumbnails as they leave ffmpeg: yuv420p of 64x36.
pub const RAW_THUMB_BYTES: usize = 64 * 36 * 3 / 2;

/// Added to the time stamps of [`SOUND_FILE`], so that sound from before the picture stays positive.
const SOUND_OFFSET_SECONDS: u32 = 10;
/// x264's output depends on its number of threads, so it is the same on every machine.
const ENCODER_THREADS: u32 = 6;
const SOUND_RATE: u32 = 48_000;

/// The containers and raw streams that may be opened. Playlists, image sequences and ffmpeg's own
/// scripting formats are left out: they name other files.
const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpegtsraw,mpeg,mpegvideo,flv,live_flv,asf,\
asf_o,ogg,mxf,mxf_opatom,h264,hevc,m4v,h263,vc1,ivf,av1,obu,nut,dv,rm,gxf,wtv,yuv4mpegpipe,gif,swf,nsv,mjpeg,vob,\
mp3,aac,ac3,eac3,flac,wav,aiff,opus,dts,amr,au,caf,w64";

pub(crate) fn owned(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

pub(crate) fn input(file: &str) -> Vec<String> {
    let mut args = owned(&["-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS, "-i"]);
    args.push(format!("file:{file}"));
    args
}

pub(crate) fn begin() -> Vec<String> {
    owned(&["-hide_banner", "-loglevel", "level+warning", "-nostdin", "-y", "-stats", "-stats_period", "0.5"])
}

/// ffprobe: the streams and the format as JSON, from the header and the first packets.
pub fn probe(file: &str) -> Vec<String> {
    let mut args = owned(&["-loglevel", "level+error", "-print_format", "json", "-show_format", "-show_streams"]);
    args.extend(input(file));
    args
}

/// ffprobe: how many packets a stream has, as JSON.
pub fn count_packets(file: &str, stream: u32) -> Vec<String> {
    let mut args = owned(&["-loglevel", "level+error", "-print_format", "json", "-count_packets"]);
    args.extend(owned(&["-show_entries", "stream=index,nb_read_packets", "-select_streams"]));
    args.push(stream.to_string());
    args.extend(input(file));
    args
}

/// The one pass over a source.
#[derive(Debug, Clone, Copy)]
pub struct Pass<'a> {
    pub source: &'a Source,
    pub picture_file: &'a str,
    /// The file and stream of the sound to keep.
    pub sound: Option<(&'a str, u32)>,
    pub settings: &'a ProxySettings,
}

/// ffmpeg: decodes each frame once and gives [`PICTURE_FILE`], raw thumbnails on standard output,
/// [`STAMPS_FILE`] and [`SOUND_FILE`].
pub fn preprocess(pass: &Pass<'_>) -> Vec<String> {
    let Rational { num, den } = pass.source.media.time_base;
    let time_base = format!("{num}:{den}");
    let mut args = begin();
    args.extend(input(pass.picture_file));
    let sound_input = match pass.sound {
        Some((file, _)) if file != pass.picture_file => {
            args.extend(input(file));
            1
        }
        _ => 0,
    };
    let picture = format!("0:{}", pass.source.picture);
    // Each output has its own simple filter graph: ffmpeg shares the decoder between them, and the time
    // base of a complex graph's outputs can't be told.
    let stamps = ["-map", &picture, "-fps_mode", "passthrough", "-enc_time_base", &time_base];
    args.extend(owned(&stamps));
    args.extend(encode_picture(pass));
    args.extend(owned(&stamps));
    args.extend(thumb_output(pass.source));
    if let Some((_, stream)) = pass.sound {
        args.extend(["-map".to_owned(), format!("{sound_input}:{stream}")]);
        args.extend(owned(&["-c", "copy", "-map_metadata", "-1", "-avoid_negative_ts", "disabled"]));
        args.extend(["-output_ts_offset".to_owned(), SOUND_OFFSET_SECONDS.to_string()]);
        args.extend(owned(&["-f", "nut", SOUND_FILE]));
    }
    args
}

/// ffmpeg: decodes each frame once and gives raw thumbnails on standard output and [`STAMPS_FILE`].
pub fn thumbnails(source: &Source, file: &str) -> Vec<String> {
    let Rational { num, den } = source.media.time_base;
    let mut args = begin();
    args.extend(input(file));
    args.extend(["-map".to_owned(), format!("0:{}", source.picture)]);
    args.extend(owned(&["-fps_mode", "passthrough", "-enc_time_base", &format!("{num}:{den}")]));
    args.extend(thumb_output(source));
    args
}

fn thumb_output(source: &Source) -> Vec<String> {
    let mut args = vec!["-vf".to_owned(), filters::thumb(source)];
    args.extend(owned(&["-c:v", "rawvideo", "-pix_fmt", "yuv420p", "-f", "tee"]));
    args.push(format!("[f=rawvideo]pipe\\:1|[f=framecrc]{STAMPS_FILE}"));
    args
}

fn encode_picture(pass: &Pass<'_>) -> Vec<String> {
    let ProxySettings { crf, preset, .. } = pass.settings;
    let (crf, threads) = (crf.to_string(), ENCODER_THREADS.to_string());
    let mut args = vec!["-vf".to_owned(), filters::picture(pass.source, pass.settings)];
    args.extend(owned(&["-c:v", "libx264", "-preset", preset, "-crf", &crf, "-g", "1", "-bf", "0"]));
    args.extend(owned(&["-pix_fmt", "yuv420p", "-threads", &threads, "-x264-params", "sliced-threads=0"]));
    let tag = filters::colour_tag(pass.source);
    args.extend(owned(&["-colorspace", tag, "-color_primaries", tag, "-color_trc", tag]));
    args.extend(owned(&["-color_range", "tv", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]));
    args.extend(owned(&["-f", "mp4", PICTURE_FILE]));
    args
}

/// ffmpeg: encodes [`SOUND_FILE`] so that it starts at `start_seconds`, the picture's start on the source's
/// clock, and is as long as the picture.
pub fn encode_sound(start_seconds: f64, duration_seconds: f64, kbps: u32) -> Vec<String> {
    let shift = f64::from(SOUND_OFFSET_SECONDS) + start_seconds;
    let mut args = begin();
    args.push("-copyts".to_owned());
    args.extend(input(SOUND_FILE));
    args.extend(owned(&["-map", "0:a:0", "-af"]));
    args.push(format!(
        "asetpts=PTS-{shift:.9}/TB,aresample={SOUND_RATE}:async=1:first_pts=0,apad,atrim=end={duration_seconds:.9}"
    ));
    args.extend(owned(&["-c:a", "aac", "-ac", "2", "-b:a"]));
    args.push(format!("{kbps}k"));
    args.extend(owned(&["-map_metadata", "-1", "-fflags", "+bitexact", "-f", "mp4", ENCODED_SOUND_FILE]));
    args
}

/// ffmpeg: every frame of a clip as a JPEG named by [`STILLS_PATTERN`].
pub fn stills(file: &str) -> Vec<String> {
    let mut args = begin();
    args.extend(input(file));
    args.extend(owned(&["-map", "0:v:0", "-fps_mode", "passthrough", "-vf"]));
    // JPEG files are full-range BT.601 by convention.
    args.extend(owned(&["scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p", "-q:v", "2"]));
    args.extend(owned(&["-start_number", "0", "-f", "image2", STILLS_PATTERN]));
    args
}

/// ffmpeg: decodes a clip's picture and throws it away.
pub fn decode(file: &str) -> Vec<String> {
    let mut args = begin();
    args.extend(input(file));
    args.extend(owned(&["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "null", "-"]));
    args
}
