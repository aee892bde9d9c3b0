use crate::row::{Expect, Row, Step, change, refused, row, some};

const NO_VIDEO: &str = "This file is not a video.";
const CUT_OFF: &str = "The file's header can't be read; the upload may be cut off. Upload it again.";

pub fn rows() -> Vec<Row> {
    let mut rows = spoilt();
    rows.extend(refused_rows());
    rows
}

fn spoilt() -> Vec<Row> {
    let mp4 = "@160x90:25:3 ~3 x264 -bf 2 -c:a aac -movflags +faststart film.mp4";
    let mkv = "@160x90:25:3 ~3 x264 -bf 2 -c:a aac film.mkv";
    let ts = "@160x90:25:3 ~3 x264 -bf 2 -c:a aac film.ts";
    let avi = "@160x90:25:7 ~7 -c:v mpeg4 -bf 2 -g 12 -c:a libmp3lame film.avi";
    let mpg = "@160x90:25:7 ~7 -c:v mpeg2video -bf 2 -g 12 -c:a mp2 film.mpg";
    let wmv = "@160x90:25:7 ~7 -c:v wmv2 -g 12 -c:a wmav2 film.wmv";
    let mxf = "@160x90:25:7 ~7 -c:v mpeg2video -bf 2 -g 12 -c:a pcm_s16le film.mxf";
    let half = |what, command| row(what, command, some().sound()).then(Step::Keep(50));
    let spoil = |what, command| row(what, command, some().sound()).then(Step::Spoil { at: 60, bytes: 300 });
    vec![
        half("MP4 cut off", mp4),
        half("MKV cut off", mkv),
        half("TS cut off", ts),
        half("FLV cut off", "@160x90:25:3 ~3 x264 -bf 2 -c:a aac film.flv"),
        half("AVI cut off", "@160x90:25:3 ~3 -c:v mpeg4 -g 12 -c:a libmp3lame film.avi"),
        half("AVI of several chunks cut off", avi),
        half("MPEG programme stream cut off", mpg),
        half("WMV cut off", wmv),
        half("MXF cut off", mxf),
        half("Fragmented MP4 cut off", "@160x90:25:3 ~3 x264 -c:a aac -movflags frag_keyframe+empty_moov film.mp4"),
        row("Raw H.264 cut off", "@160x90:25:3 x264 film.264", some()).then(Step::Keep(50)),
        spoil("MP4 with bytes overwritten", mp4),
        spoil("MKV with bytes overwritten", mkv),
        spoil("TS with bytes overwritten", ts),
        spoil("FLV with bytes overwritten", "@160x90:25:3 ~3 x264 -bf 2 -c:a aac film.flv"),
        spoil("AVI with bytes overwritten", avi),
        spoil("MPEG programme stream with bytes overwritten", mpg),
        spoil("WMV with bytes overwritten", wmv),
        spoil("MXF with bytes overwritten", mxf),
        row("TS with a stretch missing", ts, some().sound()).then(Step::Other("20 packets taken out", |folder| {
            change(folder, |bytes| drop(bytes.drain(188 * 100..188 * 120)));
        })),
        row("TS that starts between packets", ts, some().sound()).then(Step::Other(
            "the first 5,000 bytes taken off",
            |folder| {
                change(folder, |bytes| drop(bytes.drain(..5000)));
            },
        )),
        row("Letters after an MP4", mp4, some().sound())
            .then(Step::Other("1,000 letters after it", |folder| change(folder, |bytes| bytes.extend([b'x'; 1000])))),
    ]
}

fn refused_rows() -> Vec<Row> {
    let written = |what, bytes: &'static [u8], sentence| Row {
        what,
        steps: vec![Step::Write("film.mp4", bytes)],
        expect: Expect::Refused(sentence),
        stream: "0:v:0",
    };
    vec![
        written("No bytes", b"", "The file is empty."),
        written("A letter", b"Dear reader, this is a letter and no film. It says so itself.", NO_VIDEO),
        written("A playlist", b"#EXTM3U\n#EXTINF:10,\nhttp://169.254.169.254/a.ts\n#EXT-X-ENDLIST\n", NO_VIDEO),
        row("MP4 cut off before its header", "@160x90:25:2 x264 film.mp4", refused(CUT_OFF)).then(Step::Keep(60)),
        row(
            "MP4, header only",
            "@160x90:25:2 x264 -movflags +faststart film.mp4",
            refused("No frame of this video can be decoded."),
        )
        .then(Step::Other("the bytes up to the media", |folder| {
            change(folder, |bytes| {
                let media = bytes.windows(4).position(|kind| kind == b"mdat").unwrap();
                bytes.truncate(media + 4);
            });
        })),
        row("MKV, header only", "@160x90:25:2 x264 film.mkv", refused(CUT_OFF)).then(Step::Other(
            "the bytes up to the first cluster",
            |folder| {
                change(folder, |bytes| {
                    let cluster = bytes.windows(4).position(|id| id == [0x1f, 0x43, 0xb6, 0x75]).unwrap();
                    bytes.truncate(cluster);
                });
            },
        )),
        row(
            "MP4 whose frames are zeros",
            "@160x90:25:2 x264 -movflags +faststart film.mp4",
            refused("No frame of this video can be decoded."),
        )
        .then(Step::Other("the media filled with zeros", |folder| {
            change(folder, |bytes| {
                let media = bytes.windows(4).position(|kind| kind == b"mdat").unwrap();
                bytes[media + 4..].fill(0);
            });
        })),
        row("A picture, JPEG", "@160x90:1:1 -frames:v 1 film.jpg", refused(NO_VIDEO)),
    ]
}
