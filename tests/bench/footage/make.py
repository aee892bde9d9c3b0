#!/usr/bin/env python3
"""Labelled footage: shots of known clips under known transitions and traps, so that the truth is exact.

    tests/bench/footage/make.py OUT --half tune|held --videos N [--seed S] [--media DIR] [--photos DIR]

Writes OUT/<id>.<container> and OUT/<id>.json, labels as evaluate.py of the labelled set reads them. Needs
numpy and ffmpeg. A video follows from half, seed and number alone.
"""

import argparse
import json
import pathlib
import subprocess
from concurrent.futures import ProcessPoolExecutor

import numpy
import sources
import transitions
import traps

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
FPS = [("24000/1001", 23.976), ("25", 25.0), ("30000/1001", 29.97), ("30", 30.0), ("50", 50.0), ("60", 60.0), ("15", 15.0)]
FPS_WEIGHTS = [0.2, 0.25, 0.15, 0.2, 0.1, 0.05, 0.05]
# Container, encoder's arguments, size.
FORMATS = [
    ("mp4", ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23"], (426, 240)),
    ("mp4", ["-c:v", "libx264", "-preset", "veryfast", "-crf", "33"], (320, 180)),
    ("mkv", ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "26"], (341, 192)),
    ("ts", ["-c:v", "mpeg2video", "-q:v", "6", "-output_ts_offset", "9.6"], (352, 198)),
    ("avi", ["-c:v", "mpeg4", "-q:v", "6"], (426, 240)),
    ("avi", ["-c:v", "mjpeg", "-q:v", "5"], (426, 240)),
    ("webm", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "36", "-b:v", "0"], (426, 240)),
    ("mp4", ["-c:v", "libx265", "-preset", "ultrafast", "-crf", "28", "-x265-params", "log-level=none"], (256, 144)),
    ("mov", ["-c:v", "prores_ks", "-profile:v", "0"], (320, 180)),
    ("mp4", ["-c:v", "libx264", "-preset", "superfast", "-crf", "24", "-flags", "+ildct+ilme"], (360, 288)),
]
# What the videos are about, and how often.
PROFILES = {
    "cuts": dict(gradual=0.0, traps=0.15, similar=0.05),
    "gradual": dict(gradual=0.75, traps=0.1, similar=0.05),
    "trapped": dict(gradual=0.1, traps=1.3, similar=0.05),
    "mixed": dict(gradual=0.35, traps=0.5, similar=0.1),
    "similar": dict(gradual=0.2, traps=0.2, similar=0.6),
    "montage": dict(gradual=0.05, traps=0.1, similar=0.05, montage=True),
}
WEIGHTS = [0.12, 0.28, 0.2, 0.25, 0.08, 0.07]
# By name only: real clips as they were taken, mostly under cuts, without traps.
EDITED = dict(gradual=0.15, traps=0.0, similar=0.0, plain=True)
SECONDS = 32
GRADUAL = ["dissolve", "wipe", "slide", "fade_black", "fade_white"]
GRADUAL_WEIGHTS = [0.42, 0.2, 0.16, 0.15, 0.07]
# Mean difference of small grey pictures from which on a jump is one that people see.
LEAST_JUMP = 14


def small(frame):
    return frame[::5, ::5].mean(-1)


class Video:
    def __init__(self, rng, found, fps, profile):
        self.rng, self.fps, self.profile = rng, fps, profile
        kinds = rng.dirichlet([6, 2.5, 1.0])
        if profile.get("plain"):
            found = [source for source in found if source[1] == "clip"]
        weights = numpy.array([kinds[("clip", "photo", "generated").index(kind)] for _, kind, _ in found])
        chosen = rng.choice(len(found), min(len(found), 14), replace=False)
        self.found, weights = [found[at] for at in chosen], weights[chosen]
        self.weights = weights / weights.sum()
        self.frames, self.boundaries, self.traps = [], [], []

    def next_shot(self, before, length):
        """A shot that differs visibly from the one before, of another scene or the same."""
        similar = before is not None and self.rng.random() < self.profile["similar"]
        for _ in range(30):
            at = self.rng.choice(len(self.found), p=self.weights)
            source = before[0] if similar and before[0][1] != "generated" else self.found[at]
            if before is not None and not similar and source is before[0]:
                continue
            cut_out = sources.stretch if self.profile.get("plain") else sources.shot
            made = cut_out(self.rng, source, length)
            if before is None:
                return source, made, "normal"
            apart = abs(small(before[1][-1]) - small(made[0])).mean()
            if apart >= LEAST_JUMP:
                return source, made, "similar" if similar else "normal"
            similar = similar and self.rng.random() < 0.8
        return source, made, "similar"

    def shot_length(self):
        if self.profile.get("montage") and self.rng.random() < 0.7:
            return max(5, round(self.rng.uniform(0.16, 0.6) * self.fps))
        return round(min(7.0, max(0.8, self.rng.gamma(3.0, 0.9))) * self.fps)

    def compose(self, seconds):
        tail, source = None, None
        while len(self.frames) < seconds * self.fps:
            length = self.shot_length()
            gradual = tail is not None and self.rng.random() < self.profile["gradual"]
            kind = str(self.rng.choice(GRADUAL, p=GRADUAL_WEIGHTS)) if gradual else "cut"
            mixed = transitions.length(self.rng, kind, self.fps) if gradual else 0
            # There is a while of each shot on either side of a transition.
            length = max(length, mixed + round(0.7 * self.fps)) if gradual else length
            before = None if tail is None else (source, tail)
            source, made, tag = self.next_shot(before, length)
            if gradual:
                mixed = min(mixed, min(len(tail), len(made)) - max(3, round(0.5 * self.fps)))
            if gradual and mixed >= 4:
                self.add_shot(tail[:-mixed])
                start = len(self.frames)
                self.frames += transitions.transition(self.rng, kind, tail[-mixed:], made[:mixed])
                self.boundaries.append((kind, start, len(self.frames), kind))
                made = made[mixed:]
            elif tail is not None:
                self.add_shot(tail)
                self.boundaries.append(("cut", len(self.frames), len(self.frames), tag))
            tail = made
        self.add_shot(tail)

    def add_shot(self, frames):
        """Adds a shot's own frames, with traps in some of them, a while from its ends and each other."""
        rate, at = self.profile["traps"], round(0.5 * self.fps)
        frames = frames.copy()
        while rate and at < len(frames):
            at += round(self.rng.exponential(1.5 / rate) * self.fps)
            kind = str(self.rng.choice(traps.KINDS))
            length = traps.length(self.rng, kind, self.fps)
            if at + length + round(0.5 * self.fps) >= len(frames):
                break
            extra = self.found[self.rng.integers(len(self.found))]
            extra = sources.shot(self.rng, extra, min(length, 60))
            traps.spring(self.rng, kind, frames[at : at + length], extra)
            self.traps.append((kind, len(self.frames) + at, len(self.frames) + at + length))
            at += length + round(0.5 * self.fps)
        self.frames += list(frames)


def finish(rng, size):
    """The filters behind composing: grain, softness, bars."""
    width, height = size
    filters = [f"scale={width}:{height}:flags=bicubic"]
    if rng.random() < 0.25:
        filters.append(f"noise=alls={rng.integers(4, 22)}:allf=t")
    if rng.random() < 0.12:
        filters.append("boxblur=3:1")
    bars = rng.random()
    if bars < 0.12:
        filters.append(f"scale={width}:{int(height * 0.76) // 2 * 2},pad={width}:{height}:0:-1:black")
    elif bars < 0.2:
        filters.append(f"scale={int(width * 0.72) // 2 * 2}:{height},pad={width}:{height}:-1:0:black")
    return ",".join([*filters, "scale=trunc(iw/2)*2:trunc(ih/2)*2", "format=yuv420p"])


def encode(frames, file, rate, arguments, filters):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{sources.WIDTH}x{sources.HEIGHT}", "-r", rate, "-i", "-", "-vf", filters, *arguments]
    tool = subprocess.Popen([*command, "-threads", "1", str(file)], stdin=subprocess.PIPE)
    for frame in frames:
        tool.stdin.write(frame.tobytes())
    tool.stdin.close()
    if tool.wait():
        raise RuntimeError(f"{file} could not be encoded")


def thumbnails(frames, file, filters, fps):
    """Raw thumbnails without an encoding between, which costs most; the times are the nominal ones."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s"]
    command += [f"{sources.WIDTH}x{sources.HEIGHT}", "-i", "-", "-vf", f"{filters},scale=64:36:flags=area"]
    tool = subprocess.Popen([*command, "-threads", "1", "-f", "rawvideo", str(file)], stdin=subprocess.PIPE)
    tool.communicate(b"".join(frame.tobytes() for frame in frames))
    if tool.returncode:
        raise RuntimeError(f"{file} could not be made")
    return [at / fps for at in range(len(frames))]


def times(file):
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0"]
    printed = subprocess.run([*command, str(file)], capture_output=True, check=True, text=True).stdout
    return [float(line.strip().strip(",")) for line in printed.split()]


def make(options, number):
    half = options.half
    rng = numpy.random.default_rng([options.seed, number, half == sources.HELD_OUT])
    found = sources.sources(half, options.media, options.cache, options.photos)
    rate, fps = FPS[rng.choice(len(FPS), p=FPS_WEIGHTS)]
    name = "edited" if options.edited else str(rng.choice(list(PROFILES), p=WEIGHTS))
    container, arguments, size = FORMATS[int(rng.integers(len(FORMATS)))]
    if arguments[1] == "mpeg2video" and fps == 15.0:
        rate, fps = "25", 25.0
    video = Video(rng, found, fps, EDITED if options.edited else PROFILES[name])
    video.compose(options.seconds)
    identity = f"{half[0]}{options.seed}-{number:03}"
    file = options.out / f"{identity}.{'raw' if options.thumbs else container}"
    if options.thumbs:
        pts = thumbnails(video.frames, file, finish(rng, (sources.WIDTH, sources.HEIGHT)), fps)
    else:
        encode(video.frames, file, rate, arguments, finish(rng, size))
        pts = times(file)
    if len(pts) != len(video.frames):
        raise RuntimeError(f"{file} has {len(pts)} frames instead of {len(video.frames)}")
    pts.append(pts[-1] + 1 / fps)
    boundaries = [
        dict(kind=kind, tag=tag, frame=(start + end) // 2, start_frame=start, end_frame=end,
             start=pts[start], end=pts[end], t=(pts[start] + pts[end]) / 2 - pts[0])
        for kind, start, end, tag in video.boundaries
    ]
    sprung = [dict(kind=k, start_frame=a, end_frame=b, start=pts[a], end=pts[b]) for k, a, b in video.traps]
    label = dict(id=identity, file=file.name, split=half, profile=name, fps=fps, frames=len(video.frames),
                 start_pts=pts[0], pts=pts[:-1], boundaries=boundaries, traps=sprung)
    file.with_suffix(".json").write_text(json.dumps(label))
    return f"{file.name}: {name}, {len(video.frames)} frames, {len(boundaries)} boundaries, {len(sprung)} traps"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--half", choices=[sources.TUNE, sources.HELD_OUT], required=True)
    parser.add_argument("--videos", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--media", type=pathlib.Path, default=ROOT.parent / "shared/media")
    parser.add_argument("--photos", type=pathlib.Path, help="a folder of photographs (.jpg) to pan over")
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "target/bench/footage")
    parser.add_argument("--edited", action="store_true", help="real clips as they are, without traps")
    parser.add_argument("--thumbs", action="store_true", help="write raw thumbnails instead of videos")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # Decoded once, before workers share them.
    sources.sources(options.half, options.media, options.cache, options.photos)
    numbers = range(options.first, options.first + options.videos)
    with ProcessPoolExecutor(options.jobs) as workers:
        for line in workers.map(make, [options] * len(numbers), numbers):
            print(line, flush=True)


if __name__ == "__main__":
    main()
