use crate::row::{Row, Step, frames, join, row, some};

pub fn rows() -> Vec<Row> {
    vec![
        row("12 frames a second", "@160x90:12:3 x264 film.mp4", frames(36)),
        row("23.976", "@160x90:24000/1001:3 x264 film.mkv", frames(72)),
        row("29.97", "@160x90:30000/1001:3 x264 film.mp4", frames(90)),
        row("50", "@160x90:50:3 x264 -g 25 film.mp4", frames(150)),
        row("59.94", "@160x90:60000/1001:3 x264 -g 25 film.mkv", frames(180)),
        row("120", "@160x90:120:2 x264 -g 40 film.mp4", frames(240)),
        row("1 in 5 s", "@160x90:1/5:20 x264 -g 1 film.mp4", frames(4)),
        row(
            "Variable rate",
            "@160x90:30:3 -vf select='not(mod(n,3))+lt(n,9)' -fps_mode vfr x264 -bf 2 film.mp4",
            frames(36),
        ),
        row("A hole of 10 s", "@160x90:25:2 -vf setpts='PTS+gt(T,1)*10/TB' -fps_mode vfr x264 film.mp4", frames(50)),
        row("Starts at 5 s", "@160x90:25:2 ~2 x264 -bf 2 -c:a aac -output_ts_offset 5 film.mp4", frames(50).sound()),
        row(
            "Starts at 5 s in MKV",
            "@160x90:25:2 ~2 x264 -bf 2 -c:a aac -output_ts_offset 5 film.mkv",
            frames(50).sound(),
        ),
        row(
            "Starts at 5 h in TS",
            "@160x90:25:2 ~2 x264 -bf 2 -c:a aac -output_ts_offset 18000 film.ts",
            frames(50).sound(),
        ),
        row("Starts before 0", "@160x90:25:2 ~2 x264 -bf 2 -c:a aac a.mp4", some().sound())
            .then_ffmpeg("-i a.mp4 -c copy -output_ts_offset -0.5 -avoid_negative_ts disabled film.mp4"),
        row(
            "The clock of TS wraps",
            "@160x90:25:3 ~3 x264 -bf 2 -c:a aac -output_ts_offset 95442.2 film.ts",
            frames(75).sound(),
        ),
        row(
            "The clock jumps back",
            "@160x90:25:1.5 ~1.5 x264 -c:a aac -output_ts_offset 50 a.ts",
            some().sound().untimed(),
        )
        .then_ffmpeg("@160x90:25:1.5 ~1.5 x264 -c:a aac -output_ts_offset 20 b.ts")
        .then(Step::Other("one after the other", |folder| join(folder, &["a.ts", "b.ts"]))),
        row("Edit list: the middle second", "@160x90:25:3 ~3 x264 -c:a aac a.mp4", some().sound())
            .then_ffmpeg("-ss 0.7 -i a.mp4 -t 1.5 -c copy film.mp4"),
        row("Edit list: the picture is late", "@160x90:25:2 ~2 x264 -bf 2 -c:a aac a.mp4", frames(50).sound())
            .then_ffmpeg("-i a.mp4 -itsoffset 0.4 -i a.mp4 -map 1:v -map 0:a -c copy film.mp4"),
        row("B-frames without a shift", "@160x90:25:3 x264 -bf 3 -movflags negative_cts_offsets film.mp4", frames(75)),
        row("One frame", "@160x90:25:0.04 x264 film.mp4", frames(1)),
        row("One frame in TS", "@160x90:25:0.04 x264 film.ts", frames(1)),
        row("Two frames", "@160x90:25:0.08 ~2 x264 -c:a aac film.mp4", frames(2).sound()),
    ]
}
