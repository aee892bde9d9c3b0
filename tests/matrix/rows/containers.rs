use crate::row::{Row, frames, refused, row};

pub fn rows() -> Vec<Row> {
    vec![
        row("MP4, header first", "@160x90:25:2 ~2 x264 -c:a aac -movflags +faststart film.mp4", frames(50).sound()),
        row(
            "MP4, fragmented",
            "@160x90:25:2 ~2 x264 -c:a aac -movflags frag_keyframe+empty_moov film.mp4",
            frames(50).sound(),
        ),
        row(
            "MP4 as DASH writes it",
            "@160x90:25:2 x264 -movflags dash+frag_keyframe+default_base_moof film.mp4",
            frames(50),
        ),
        row("MP4, not interleaved", "@160x90:25:2 ~2 x264 -c:a aac picture.mp4", frames(50).sound())
            .then_ffmpeg("-i picture.mp4 -map 0 -c copy -max_interleave_delta 1 -movflags +faststart film.mp4"),
        row("MOV", "@160x90:25:2 ~2 x264 -c:a pcm_s16le film.mov", frames(50).sound()),
        row("MKV", "@160x90:25:2 ~2 x264 -bf 2 -c:a aac film.mkv", frames(50).sound()),
        row("MKV without cues", "@160x90:25:2 ~2 x264 -c:a aac -f matroska -live 1 film.mkv", frames(50).sound()),
        row("AVI", "@160x90:25:2 ~2 x264 -bf 0 -c:a libmp3lame film.avi", frames(50).sound()),
        row("TS", "@160x90:25:2 ~2 x264 -bf 2 -c:a aac film.ts", frames(50).sound()),
        row(
            "TS, MPEG-2 with B-frames",
            "@160x90:25:2 ~2 -c:v mpeg2video -bf 2 -g 12 -c:a mp2 film.ts",
            frames(50).sound(),
        ),
        row("M2TS", "@160x90:25:2 ~2 x264 -bf 2 -c:a ac3 film.m2ts", frames(50).sound()),
        row("FLV", "@160x90:25:2 ~2 x264 -bf 2 -c:a aac film.flv", frames(50).sound()),
        row("MXF", "@160x90:25:2 ~2 -c:v mpeg2video -g 12 -c:a pcm_s16le film.mxf", frames(50).sound()),
        row("MPEG programme stream", "@160x90:25:2 ~2 x264 -c:a mp2 -f vob film.vob", frames(50).sound()),
        row("DVD", "@160x90:25:3 ~3 -c:v mpeg2video -bf 2 -g 12 -c:a ac3 -f vob film.vob", frames(75).sound()),
        row("AVI, H.264 with B-frames", "@160x90:25:3 ~3 x264 -bf 2 -c:a libmp3lame film.avi", frames(75).sound()),
        row("NUT", "@160x90:25:3 ~3 x264 -bf 2 -c:a aac film.nut", frames(75).sound()),
        row("GIF", "@160x90:25:1 film.gif", frames(25)),
        row("IVF", "@160x90:25:2 -c:v libvpx -deadline realtime -cpu-used 8 -g 12 film.ivf", frames(50)),
        row("Raw H.264", "@160x90:25:2 x264 film.264", frames(50)),
        row("Raw H.264 with B-frames", "@160x90:25:2 x264 -bf 2 film.264", frames(50)),
        row("Raw Motion JPEG", "@160x90:25:1 -c:v mjpeg film.mjpeg", refused("This file is not a video.")),
        row("An extension in capitals", "@160x90:25:1 x264 film.MP4", frames(25)),
        row("A wrong extension", "@160x90:25:1 x264 -f mpegts film.mp4", frames(25)),
    ]
}
