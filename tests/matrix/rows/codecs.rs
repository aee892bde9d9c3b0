use crate::row::{Row, frames, row};

pub fn rows() -> Vec<Row> {
    vec![
        row("H.264", "@160x90:25:2 ~2 x264 -bf 2 -c:a aac film.mp4", frames(50).sound()),
        row("H.264, open GOP", "@160x90:25:2 x264 -bf 3 -flags -cgop -x264-params open-gop=1 film.mp4", frames(50)),
        row("H.264, open GOP, in MKV", "@160x90:25:2 x264 -bf 3 -x264-params open-gop=1 film.mkv", frames(50)),
        row("H.264, open GOP, in TS", "@160x90:25:2 x264 -bf 3 -x264-params open-gop=1 film.ts", frames(50)),
        row("H.264, refreshed row by row", "@160x90:25:2 x264 -x264-params intra-refresh=1 film.mp4", frames(50)),
        row("H.264, one key frame", "@160x90:25:2 x264 -g 999 film.mp4", frames(50)),
        row("H.264, 10 bits", "@160x90:25:2 x264 -pix_fmt yuv420p10le film.mp4", frames(50)),
        row("HEVC", "@160x90:25:2 ~2 x265 -c:a aac film.mp4", frames(50).sound()),
        row("HEVC, 10 bits", "@160x90:25:2 x265 -pix_fmt yuv420p10le film.mkv", frames(50)),
        row(
            "HEVC, open GOP",
            "@160x90:25:2 x265 -preset veryfast -x265-params open-gop=1:log-level=none film.mp4",
            frames(50),
        ),
        row(
            "HEVC, open GOP, in TS",
            "@160x90:25:2 x265 -preset veryfast -x265-params open-gop=1:log-level=none film.ts",
            frames(50),
        ),
        row("AV1", "@160x90:25:2 ~2 -c:v libsvtav1 -preset 12 -g 12 -c:a libopus film.webm", frames(50).sound()),
        row(
            "VP8",
            "@160x90:25:2 ~2 -c:v libvpx -deadline realtime -cpu-used 8 -g 12 -c:a libvorbis film.webm",
            frames(50).sound(),
        ),
        row(
            "VP8 with hidden frames",
            "@160x90:25:2 -c:v libvpx -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 10 -g 25 film.webm",
            frames(50),
        ),
        row(
            "VP9",
            "@160x90:25:2 ~2 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 12 -c:a libopus film.webm",
            frames(50).sound(),
        ),
        row(
            "VP9 with hidden frames",
            "@160x90:25:2 -c:v libvpx-vp9 -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 10 -g 25 film.mp4",
            frames(50),
        ),
        row("MPEG-2", "@160x90:25:2 ~2 -c:v mpeg2video -bf 2 -g 12 -c:a mp2 film.mpg", frames(50).sound()),
        row("MPEG-4 ASP", "@160x90:25:2 ~2 -c:v mpeg4 -bf 2 -g 12 -c:a libmp3lame film.avi", frames(50).sound()),
        row("MPEG-4 ASP by Xvid", "@160x90:25:2 -c:v libxvid -bf 2 -g 12 film.avi", frames(48)),
        row("Motion JPEG", "@160x90:25:2 ~2 -c:v mjpeg -c:a pcm_s16le film.avi", frames(50).sound()),
        row("ProRes", "@160x90:25:2 ~2 -c:v prores -c:a pcm_s16le film.mov", frames(50).sound()),
        row(
            "DV",
            "@720x576:25:1 ~1 -c:v dvvideo -pix_fmt yuv420p -ac 2 -c:a pcm_s16le film.dv",
            frames(25).sound().size(768, 576),
        ),
        row("FFV1", "@160x90:25:2 ~2 -c:v ffv1 -c:a flac film.mkv", frames(50).sound()),
        row("HuffYUV", "@160x90:25:2 -c:v huffyuv film.avi", frames(50)),
        row("Theora", "@160x90:25:2 ~2 -c:v libtheora -g 12 -c:a libvorbis film.ogv", frames(50).sound()),
        row("WMV2", "@160x90:25:2 ~2 -c:v wmv2 -g 12 -c:a wmav2 film.wmv", frames(50).sound()),
    ]
}
