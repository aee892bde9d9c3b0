//! A source in one pass and in windows of it: nothing depends on where the windows are.

use crate::fixture::{DEADLINE, ffmpeg, ffprobe, tools, whole};
use heaters_domain::{
    settings::ProxySettings,
    thumbs::{self, Thumb},
    tiles,
};
use heaters_media::{
    args,
    pass::{self, Chunk, Pass, PassError},
    probe,
    source::Local,
};
use std::fs;

const X264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 10 -sc_threshold 0";

/// A source in a folder of its own.
struct Film {
    folder: tempfile::TempDir,
    file: String,
    source: heaters_domain::plan::Source,
}

impl Film {
    fn new(args: &str, file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        ffmpeg(folder.path(), &format!("-loglevel error {args} {file}"));
        let source = probe::examine(&tools(), folder.path(), file).unwrap();
        Self { folder, file: file.to_owned(), source }
    }

    fn chunk(&self, start: Option<i64>, end: Option<i64>, master: bool) -> Result<Chunk, PassError> {
        let (local, plan) = whole(&self.source, start, end);
        self.chunk_of(&local, &plan, master)
    }

    fn chunk_of(&self, local: &Local, plan: &heaters_domain::plan::Chunk, master: bool) -> Result<Chunk, PassError> {
        let settings = ProxySettings { long_side: 320, short_side: 180, ..ProxySettings::default() };
        let pass = Pass {
            source: &self.source,
            settings: &settings,
            chunk: plan,
            local,
            file: &self.file,
            master,
            reused: None,
        };
        pass::run(&tools(), self.folder.path(), &pass, DEADLINE, |_| ())
    }

    /// The chunks between times, one after another, and the sizes of their media.
    fn chunks(&self, borders: &[i64]) -> Vec<(Chunk, u64)> {
        let starts = [None].into_iter().chain(borders.iter().copied().map(Some));
        let ends = borders.iter().copied().map(Some).chain([None]);
        let size = || fs::metadata(self.folder.path().join(args::PICTURE_FILE)).unwrap().len();
        starts.zip(ends).map(|(start, end)| (self.chunk(start, end, false).unwrap(), size())).collect()
    }

    fn key_times(&self) -> Vec<i64> {
        let said = ffprobe(
            self.folder.path(),
            &format!("-loglevel error -select_streams v:0 -show_entries packet=pts,flags -of csv=p=0 {}", self.file),
        );
        let keys = said.lines().filter(|line| line.contains(",K"));
        keys.map(|line| line.split(',').next().unwrap().parse().unwrap()).collect()
    }
}

fn times(chunk: &Chunk) -> Vec<(i64, u32)> {
    chunk.index.frames.iter().map(|frame| (frame.pts, frame.flags)).collect()
}

fn thumbs_of(chunk: &Chunk) -> Vec<Thumb> {
    thumbs::decode(&chunk.thumbs).unwrap()
}

/// One pass and the passes between these times give the same frames.
fn assert_union(film: &Film, borders: &[i64]) {
    let one = film.chunk(None, None, false).unwrap();
    let parts = film.chunks(borders);
    let (base, seconds) = (film.source.media.time_base, film.source.tile_seconds);
    assert_eq!(parts.iter().flat_map(|(part, _)| times(part)).collect::<Vec<_>>(), times(&one));
    assert!(parts.iter().flat_map(|(part, _)| thumbs_of(part)).eq(thumbs_of(&one)));
    assert!(parts.iter().all(|(part, _)| part.index.head.stsd == one.index.head.stsd));
    let mut tiles = Vec::new();
    for tile in parts.iter().flat_map(|(part, _)| &part.tiles.tiles) {
        let bucket = tiles::bucket(tile.pts, base, seconds);
        if tiles.last().is_none_or(|(last, _)| *last != bucket) {
            tiles.push((bucket, tile.clone()));
        }
    }
    let tiles: Vec<_> = tiles.into_iter().map(|(_, tile)| tile).collect();
    assert_eq!(tiles, one.tiles.tiles);
    assert!(
        tiles.len() > 2 && tiles.iter().all(|tile| tile.jpeg.starts_with(&[0xff, 0xd8]) && tile.jpeg.len() < 25_000)
    );
}

#[test]
fn windows_of_a_film_add_up_to_it() {
    let film = Film::new(&format!("-f lavfi -i testsrc2=s=160x90:r=25:d=4 {X264} -bf 2"), "a.mp4");
    let keys = film.key_times();
    assert_union(&film, &[keys[3], keys[7]]);
    let one = film.chunk(None, None, false).unwrap();
    let flagged: Vec<_> = times(&one).into_iter().filter(|(_, flags)| *flags == 1).map(|(pts, _)| pts).collect();
    assert_eq!(flagged, keys);
}

#[test]
fn windows_of_a_stream_with_its_own_clock_and_a_variable_rate_add_up_to_it() {
    let vary = "-vf select='not(mod(n,3))+lt(n,30)' -fps_mode vfr -output_ts_offset 7";
    let film = Film::new(&format!("-f lavfi -i testsrc2=s=160x90:r=30:d=4 {vary} {X264} -bf 2"), "a.mkv");
    let keys = film.key_times();
    let one = film.chunk(None, None, false).unwrap();
    assert_eq!(one.index.head.start_pts, 7000);
    assert_union(&film, &[keys[1], keys[keys.len() - 2]]);
}

#[test]
fn a_local_files_times_are_moved_onto_the_sources_clock() {
    let film =
        Film::new(&format!("-f lavfi -i testsrc2=s=160x90:r=25:d=2 -f lavfi -i sine=440:d=2 {X264} -c:a aac"), "a.mp4");
    let keys = film.key_times();
    let (local, chunk) = whole(&film.source, Some(keys[1] + 9000), Some(keys[3] + 9000));
    let moved = film.chunk_of(&Local { shift: 9000, ..local }, &chunk, false).unwrap();
    let plain = film.chunk(Some(keys[1]), Some(keys[3]), false).unwrap();
    let expected: Vec<_> = times(&plain).into_iter().map(|(pts, flags)| (pts + 9000, flags)).collect();
    assert_eq!(times(&moved), expected);
}

#[test]
fn chunks_of_unlike_content_have_one_header() {
    let noise = "-f lavfi -i nullsrc=s=160x90:r=25:d=1,geq=random(1)*255:128:128";
    let graph = "-filter_complex [0:v]format=yuv420p[a];[1:v]format=yuv420p,settb=1/25[b];\
                 [2:v]format=yuv420p,settb=1/25[c];[a][b][c]concat=n=3";
    let inputs =
        format!("-f lavfi -i testsrc2=s=160x90:r=25:d=1 {noise} -f lavfi -i color=red:s=160x90:r=25:d=3 {graph}");
    let film = Film::new(&format!("{inputs} {X264} -bf 0"), "a.mp4");
    let keys = film.key_times();
    assert_eq!(keys.len(), 13);
    let parts = film.chunks(&[keys[1], keys[3], keys[5], keys[8], keys[12]]);
    assert!(parts.iter().all(|(part, _)| part.index.head.stsd == parts[0].0.index.head.stsd));
}

#[test]
fn chunks_take_hardly_more_room_than_the_whole() {
    let film = Film::new(&format!("-f lavfi -i mandelbrot=s=160x90:r=25 -t 6 {X264}"), "a.mp4");
    let keys = film.key_times();
    // Each chunk's first frame names the encoder, which would count in such short ones.
    let size = |borders: &[i64]| film.chunks(borders).iter().map(|(_, size)| size - 750).sum::<u64>() as f64;
    let ratio = size(&[keys[5], keys[10]]) / size(&[]);
    assert!(ratio < 1.02, "{ratio}");
}

#[test]
fn a_lossless_copy_has_the_sources_samples() {
    for (pixels, codec) in [
        ("yuv420p", "-c:v libx264 -g 10"),
        ("yuvj420p", "-c:v mjpeg -huffman optimal"),
        ("yuv422p10le", "-c:v libx264 -g 10"),
        ("bgr0", "-c:v ffv1 -g 10"),
    ] {
        let args = format!("-f lavfi -i testsrc2=s=64x48:r=25:d=1.2 -pix_fmt {pixels} {codec}");
        let mut film = Film::new(&args, "a.mkv");
        film.source.colour.full_range = pixels == "yuvj420p";
        let sums = |args: &str| {
            let text =
                ffmpeg(film.folder.path(), &format!("-loglevel error {args} -fps_mode passthrough -f framemd5 pipe:1"));
            let text = String::from_utf8(text).unwrap();
            let lines = text.lines().filter(|line| !line.starts_with('#'));
            lines.map(|line| line.rsplit(',').next().unwrap().trim().to_owned()).collect::<Vec<_>>()
        };
        let mut copied = Vec::new();
        let mut headers = Vec::new();
        for (start, end) in [(None, Some(400)), (Some(400), None)] {
            film.chunk(start, end, true).unwrap();
            copied.extend(sums(&format!("-i {} -map 0:v", args::MASTER_FILE)));
            let fields = "-show_entries stream=extradata_size,pix_fmt,start_time";
            let said = ffprobe(
                film.folder.path(),
                &format!("-loglevel error -show_data_hash md5 {fields} -of csv=p=0 {}", args::MASTER_FILE),
            );
            headers.push(said.split(',').filter(|field| !field.contains('.')).collect::<String>());
            let start = said.split(',').find(|field| field.contains('.')).unwrap().trim().parse::<f64>().unwrap();
            assert!((start - if headers.len() == 1 { 10.0 } else { 10.4 }).abs() < 0.002, "{start}");
        }
        assert_eq!(copied, sums("-i a.mkv -map 0:v"), "{pixels}");
        assert_eq!(headers[0], headers[1], "{pixels}");
    }
}

#[test]
fn sound_that_the_container_refuses_is_kept_as_samples() {
    let args = format!("-f lavfi -i testsrc2=s=64x48:r=25:d=1 -f lavfi -i sine=440:d=1 {X264} -ar 11025 -ac 1");
    for (codec, kept) in [("libmp3lame", "mp3"), ("nellymoser", "pcm_f32le")] {
        let film = Film::new(&format!("{args} -c:a {codec}"), "a.flv");
        let chunk = film.chunk(None, None, false).unwrap();
        assert!(chunk.has_sound && !chunk.sound_dropped && chunk.index.frames.len() == 25, "{codec}");
        let said = ffprobe(
            film.folder.path(),
            &format!("-loglevel error -show_entries stream=codec_name -of csv=p=0 {}", args::SOUND_FILE),
        );
        assert_eq!(said.trim(), kept);
    }
}
