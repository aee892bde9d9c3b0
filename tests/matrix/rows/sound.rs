use crate::row::{Row, Step, frames, refused, row};

pub fn rows() -> Vec<Row> {
    vec![
        row("No sound", "@160x90:25:2 x264 film.mp4", frames(50)),
        row("Sound first in the file", "~2 @160x90:25:2 x264 -c:a aac -map 0:a -map 1:v film.mp4", frames(50).sound()),
        row(
            "Three tracks of sound",
            "@160x90:25:2 ~2 ~2 ~2 x264 -c:a aac -map 0 -map 1 -map 2 -map 3 film.mp4",
            frames(50).sound(),
        ),
        row("5.1", "@160x90:25:2 ~2 x264 -ac 6 -c:a ac3 film.mkv", frames(50).sound()),
        row("Mono of 8 kHz", "@160x90:25:2 ~2 x264 -ar 8000 -ac 1 -c:a aac film.mp4", frames(50).sound()),
        row("PCM in TS of discs", "@160x90:25:2 ~2 x264 -ac 2 -c:a pcm_bluray film.m2ts", frames(50).sound()),
        row("ALAC", "@160x90:25:2 ~2 x264 -c:a alac film.mp4", frames(50).sound()),
        row("Sound longer than the picture", "@160x90:25:1 ~3 x264 -c:a aac film.mp4", frames(25).sound()),
        row("Sound shorter than the picture", "@160x90:25:3 ~0.5 x264 -c:a aac film.mp4", frames(75).sound()),
        row("Sound starts late", "@160x90:25:3 -itsoffset 1.5 ~1 x264 -c:a aac film.mp4", frames(75).sound()),
        row("Sound starts late in TS", "@160x90:25:3 -itsoffset 1.5 ~1 x264 -c:a aac film.ts", frames(75).sound()),
        row("Subtitles", "@160x90:25:2 x264 a.mp4", frames(50))
            .then(Step::Write("a.srt", b"1\n00:00:00,200 --> 00:00:01,500\nGood morning\n"))
            .then_ffmpeg("-i a.mp4 -i a.srt -map 0 -map 1 -c:v copy -c:s mov_text film.mp4"),
        row("Subtitles in MKV", "@160x90:25:2 ~2 x264 -c:a aac a.mkv", frames(50).sound())
            .then(Step::Write("a.srt", b"1\n00:00:00,200 --> 00:00:01,500\nGood morning\n"))
            .then_ffmpeg("-i a.mkv -i a.srt -map 1 -map 0 -c copy -c:s srt film.mkv"),
        row("A data track", "@160x90:25:2 ~2 x264 -c:a aac -timecode 01:00:00:00 film.mov", frames(50).sound()),
        row("An attachment", "@160x90:25:2 x264 a.mkv", frames(50))
            .then(Step::Write("a.txt", b"A letter."))
            .then_ffmpeg("-i a.mkv -c copy -attach a.txt -metadata:s:t mimetype=text/plain film.mkv"),
        row("A film with a cover", "@160x90:25:2 ~2 x264 -c:a aac a.mp4", frames(50).sound())
            .then_ffmpeg("@640x640:1:1 -frames:v 1 cover.png")
            .then_ffmpeg("-i a.mp4 -i cover.png -map 0 -map 1 -c copy -disposition:v:1 attached_pic film.mp4"),
        row(
            "Two pictures, the larger second",
            "@160x90:25:2 @320x180:25:2 x264 -map 0 -map 1 film.mp4",
            frames(50).size(320, 180),
        )
        .stream("0:v:1"),
        row(
            "Music with a cover, MP3",
            "@320x320:1:1 -frames:v 1 cover.png",
            refused("The file has sound but no picture."),
        )
        .then_ffmpeg("~2 -i cover.png -map 0 -map 1 -c:a libmp3lame -c:v copy -disposition:v attached_pic film.mp3"),
        row(
            "Music with a cover, M4A",
            "@320x320:1:1 -frames:v 1 cover.png",
            refused("The file has sound but no picture."),
        )
        .then_ffmpeg("~2 -i cover.png -map 0 -map 1 -c:a aac -c:v copy -disposition:v attached_pic film.m4a"),
        row("Sound alone in MP4", "~2 -c:a aac film.mp4", refused("The file has sound but no picture.")),
    ]
}
