//! Argument vectors for ffmpeg and ffprobe. Pure; all files are named relative to the working directory.

use crate::source::piped::demuxer;
use heaters_domain::plan::Source;

/// The proxy's picture: an all-intra MP4 without sound.
pub const PICTURE_FILE: &str = "picture.mp4";
/// What the decoder gave: a line for each frame.
pub const STAMPS_FILE: &str = "stamps.crc";
/// The thumbnail track, where it is all that is made.
pub const THUMBS_FILE: &str = "thumbs.bin";
/// What the demuxer gave: a line for each packet of the picture.
pub const PACKETS_FILE: &str = "packets.crc";
/// A pipe of the packets of [`PACKETS_FILE`] themselves, one after another, where they have to be looked into.
pub const PACKETS_DATA_FILE: &str = "packets.bin";
/// The storyboard's tiles as Motion JPEG, and a line for each.
pub const TILES_FILE: &str = "tiles.mjpeg";
pub const TILE_STAMPS_FILE: &str = "tiles.crc";
/// The lossless copy of the picture, its time stamps [`OFFSET_SECONDS`] later.
pub const MASTER_FILE: &str = "master.mkv";
/// The source's sound packets, their time stamps [`OFFSET_SECONDS`] later.
pub const SOUND_FILE: &str = "sound.mka";
const STILLS_PATTERN: &str = "still-%d.jpg";

/// The name of the still that [`stills`] makes of a clip's frame, counted from 0.
pub fn still_file(frame: usize) -> String {
    format!("still-{frame}.jpg")
}

/// Added to the time stamps of [`SOUND_FILE`] and [`MASTER_FILE`]: Matroska has none below 0.
pub const OFFSET_SECONDS: u32 = 10;

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

/// What comes through standard input, in the named container.
pub(crate) fn piped_input(container: &str) -> Vec<String> {
    let mut args = owned(&["-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS, "-f"]);
    args.extend(owned(&[demuxer(container), "-i", "pipe:0"]));
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

/// ffprobe: a line for each packet of what comes through standard input, in the named container.
pub fn stream_packets(container: &str) -> Vec<String> {
    let mut args = owned(&["-loglevel", "level+error", "-print_format", "compact=p=0", "-show_entries"]);
    args.push("packet=stream_index,pts,dts,pos,flags:packet_side_data=side_data_type".to_owned());
    args.extend(piped_input(container));
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

/// ffprobe: all packets and the streams' ids, a line each, as the demuxer gives them: parsers would look into
/// packets that may be holes, and fill in what the container does not say.
pub fn list_packets(file: &str) -> Vec<String> {
    let mut args = owned(&["-loglevel", "level+error", "-nofind_stream_info", "-fflags", "+noparse+nofillin"]);
    args.extend(owned(&["-print_format", "compact=nokey=1", "-show_entries"]));
    args.extend(owned(&["stream=index,id:packet=stream_index,pts,dts,duration,size,pos,flags"]));
    args.extend(input(file));
    args
}

/// ffprobe: all packets of what comes through standard input in the named container, in the lines of [`list_packets`].
pub fn list_streamed(container: &str, fills_in: bool) -> Vec<String> {
    let mut args = owned(&["-loglevel", "level+error", "-print_format", "compact=nokey=1", "-show_entries"]);
    args.push("packet=stream_index,pts,dts,duration,size,pos,flags:packet_side_data=side_data_type".to_owned());
    args.extend(filled_in(fills_in));
    args.extend(piped_input(container));
    args
}

/// Lets a demuxer work out the times that its container leaves out.
fn filled_in(fills_in: bool) -> Vec<String> {
    if fills_in { owned(&["-fflags", "+genpts"]) } else { Vec::new() }
}

/// How packets are copied into another container.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repackaging<'a> {
    pub source: &'a Source,
    /// Times that the container leaves out are worked out.
    pub fills_in: bool,
    /// What the sound becomes, where the other container can't hold its packets.
    pub samples: Option<Samples>,
}

/// What sound becomes whose packets can't be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Samples {
    /// ALAC of as many bits as the samples have, and 24 where they are floating-point numbers.
    Alac,
    /// Floating-point numbers as they are decoded.
    Float,
}

impl Samples {
    /// ffmpeg's name of the codec.
    pub fn codec(self) -> &'static str {
        match self {
            Self::Alac => "alac",
            Self::Float => "pcm_f32le",
        }
    }
}

/// ffmpeg: copies the picture's and the sound's packets from standard input into a MOV file in fragments on standard
/// output, their times [`OFFSET_SECONDS`] later.
pub fn repackage(repackaging: &Repackaging<'_>) -> Vec<String> {
    let Repackaging { source, fills_in, samples } = *repackaging;
    let mut args = begin();
    args.push("-copyts".to_owned());
    args.extend(filled_in(fills_in));
    args.extend(piped_input(&source.media.container));
    for stream in [Some(source.picture), source.sound].into_iter().flatten() {
        args.extend(["-map".to_owned(), format!("0:{stream}")]);
    }
    args.extend(owned(&["-c:v", "copy", "-copyinkf", "-c:a", samples.map_or("copy", Samples::codec)]));
    args.extend(owned(&["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]));
    args.extend(owned(&["-avoid_negative_ts", "disabled", "-output_ts_offset", &OFFSET_SECONDS.to_string()]));
    args.extend(owned(&["-video_track_timescale", &source.media.time_base.den.to_string()]));
    // Edits are rounded to milliseconds; without them fragments have to tell the streams' own times.
    args.extend(owned(&["-use_editlist", "0", "-movflags"]));
    args.push("empty_moov+delay_moov+default_base_moof+frag_discont+skip_trailer".to_owned());
    // The muxer holds a fragment in memory.
    args.extend(owned(&["-frag_duration", "10000000", "-frag_size", "16777216", "-f", "mov", "pipe:1"]));
    args
}

/// ffmpeg: checksums of the first frames of a stream, a line each. One thread decodes, so that no more packets are read
/// than these frames need.
pub fn first_frames(file: &str, stream: u32, frames: usize) -> Vec<String> {
    let mut args = begin();
    args.extend(owned(&["-threads", "1"]));
    args.extend(input(file));
    args.extend(["-map".to_owned(), format!("0:{stream}"), "-frames:v".to_owned(), frames.to_string()]);
    args.extend(owned(&["-fps_mode", "passthrough", "-f", "framecrc", "pipe:1"]));
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
