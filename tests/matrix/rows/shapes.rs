use crate::row::{Row, Step, frames, join, row};

pub fn rows() -> Vec<Row> {
    vec![
        row("64x48", "@64x48:25:2 x264 film.mp4", frames(50).size(64, 48)),
        row("2x2", "@2x2:25:1 -c:v ffv1 film.mkv", frames(25).size(2, 2)),
        row("Odd sides", "@161x91:25:2 -c:v ffv1 -g 12 film.mkv", frames(50)),
        row("4K", "@3840x2160:25:0.2 x264 film.mp4", frames(5).size(1280, 720)),
        row("4K, HEVC, 10 bits", "@3840x2160:25:0.12 x265 -pix_fmt yuv420p10le film.mkv", frames(3).size(1280, 720)),
        row("Vertical", "@90x160:25:2 x264 film.mp4", frames(50).size(90, 160)),
        row("Turned by 90°", "@160x90:25:2 x264 flat.mp4", frames(50).size(90, 160))
            .then_ffmpeg("-i flat.mp4 -c copy -metadata:s:v rotate=90 film.mp4"),
        row("Turned by 180°", "@160x90:25:2 x264 flat.mp4", frames(50))
            .then_ffmpeg("-i flat.mp4 -c copy -metadata:s:v rotate=180 film.mov"),
        row("Turned by 270°", "@160x90:25:2 ~2 x264 -c:a aac flat.mp4", frames(50).size(90, 160).sound())
            .then_ffmpeg("-i flat.mp4 -c copy -metadata:s:v rotate=270 film.mp4"),
        row("Anamorphic", "@144x90:25:2 x264 -aspect 16:9 film.mp4", frames(50)),
        row("Anamorphic MPEG-2", "@144x96:25:2 -c:v mpeg2video -g 12 -aspect 16:9 film.ts", frames(50).size(170, 96)),
        row(
            "Interlaced, top field first",
            "@160x96:50:2 -vf interlace=scan=tff x264 -flags +ilme+ildct film.mp4",
            frames(50).size(160, 96),
        ),
        row(
            "Interlaced, bottom field first",
            "@160x96:50:2 -vf interlace=scan=bff x264 -flags +ilme+ildct -x264-params bff=1 film.mkv",
            frames(50).size(160, 96),
        ),
        row(
            "Interlaced MPEG-2",
            "@160x96:50:2 -vf interlace -c:v mpeg2video -bf 2 -g 12 -flags +ilme+ildct film.ts",
            frames(50).size(160, 96),
        ),
        row("Size changes midway", "@160x90:25:1 x264 a.ts", frames(50))
            .then_ffmpeg("@320x180:25:1 x264 -output_ts_offset 1 b.ts")
            .then(Step::Other("one after the other", |folder| join(folder, &["a.ts", "b.ts"]))),
    ]
}
