#!/usr/bin/env python3
"""The media engine by itself: what its stages cost, read, write and hold, on a folder instead of the fabric.

    tests/bench/engine.py ratios            (make bench)       costs and bytes as ratios, and the model for AWS
    tests/bench/engine.py lengths 10 60 …   (make bench-long)  memory and disk for footage of so many minutes;
                                            with --small-proxy in a third of the time
    tests/bench/engine.py uncut 60 …        (make bench-long)  the same of sources that can't be cut
    tests/bench/engine.py sizes             (make bench-long)  memory and disk for a chunk of 4K and of 8K

Prints tables, writes target/bench/engine-*.json, and puts the tables into tests/bench/README.md.
"""

import json
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from aws_model import ASSUMED, model

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAGE = ROOT / "target/debug/examples/stage"
README = ROOT / "tests/bench/README.md"
OUT = ROOT / "target/bench"
SAMPLE = ROOT / ".heaters/sample.mp4"
VIDEO = "01890a5d-ac96-774b-bcce-b302099a8057"
PROXY = {"long_side": 1280, "short_side": 720, "crf": 23, "preset": "veryfast", "sound_kbps": 96}
STAGES = ("probe", "preprocess", "assemble", "detect_scenes")


def ffmpeg(*args) -> float:
    """Runs ffmpeg and returns its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, args)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


#: What containers hold that have no H.264 with B-frames, or don't say when its frames are shown.
CODECS = {
    "avi": ["-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"],
    "mxf": ["-c:v", "mpeg2video", "-b:v", "25M", "-bf", "2", "-g", "12", "-c:a", "pcm_s16le", "-ar", "48000"],
    "mpg": ["-c:v", "mpeg2video", "-b:v", "8M", "-maxrate", "9M", "-bufsize", "2M", "-bf", "2", "-g", "12", "-c:a", "mp2",
            "-f", "vob", "-loglevel", "fatal"],
    "wmv": ["-c:v", "wmv2", "-b:v", "8M", "-g", "50", "-c:a", "wmav2", "-b:a", "128k"],
}


def footage(minutes: int, suffix: str = "mp4") -> pathlib.Path:
    """The sample at 1920x1080, 25 frames a second, with sound, over and over."""
    folder = OUT / "footage"
    folder.mkdir(parents=True, exist_ok=True)
    minute, wanted = folder / "1.mp4", folder / f"{minutes}.{suffix}"
    if not minute.exists():
        made = folder / "making.mp4"
        ffmpeg("-i", SAMPLE, "-vf", "scale=1920:1080:flags=bicubic", "-c:v", "libx264", "-preset", "veryfast", "-crf", "21",
               "-g", "50", "-c:a", "copy", made)
        made.rename(minute)
    if not wanted.exists():
        made = folder / f"making.{suffix}"
        ffmpeg("-stream_loop", minutes - 1, "-i", minute, *CODECS.get(suffix, ["-c", "copy"]), made)
        made.rename(wanted)
    return wanted


class Disk(threading.Thread):
    """Looks how much a folder holds, a few times a second."""

    def __init__(self, folder: pathlib.Path):
        super().__init__(daemon=True)
        self.folder, self.peak, self.done = folder, 0, threading.Event()

    def run(self):
        while not self.done.wait(0.1):
            held = 0
            for path, _, names in os.walk(self.folder):
                for name in names:
                    try:
                        held += os.stat(os.path.join(path, name)).st_blocks * 512
                    except FileNotFoundError:
                        pass
            self.peak = max(self.peak, held)


class Ingest:
    """All stages of an ingest on a folder, and what each of them took."""

    def __init__(self, video: pathlib.Path, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=OUT))
        (self.folder / "uploads").mkdir()
        (self.folder / "uploads" / "source").symlink_to(video)
        self.source_bytes = video.stat().st_size
        self.settings = {"proxy": PROXY, "scenes": {"sensitivity": 0.5, "min_length_seconds": 0.1},
                         "chunk_seconds": 30, "master": "original", **settings}
        self.stages = {}

    def stage(self, stage: str, **extra) -> dict:
        ingest = {"video": VIDEO, "attempt": 1, "bucket": "media", "prefix": "p", "settings": self.settings,
                  "source": [{"role": "both", "bucket": "uploads", "key": "source", "size_bytes": self.source_bytes}]}
        scratch = self.folder / "scratch"
        disk = Disk(scratch)
        disk.start()
        answer = subprocess.run([STAGE, stage, self.folder, scratch], check=True, capture_output=True, text=True,
                                input=json.dumps({"ingest": ingest, **extra}))
        disk.done.set()
        disk.join()
        report = json.loads(answer.stdout)
        metrics = report["metrics"]
        took = {"runs": 1, "wall_s": report["duration_ms"] / 1000, "cpu_s": metrics["cpu_ms"] / 1000,
                "read_bytes": metrics["read_bytes"], "written_bytes": metrics["written_bytes"],
                "peak_memory": metrics["peak_memory_bytes"], "peak_disk": disk.peak}
        known = self.stages.get(stage)
        if known:
            for name in took:
                took[name] = max(known[name], took[name]) if name.startswith("peak") else known[name] + took[name]
        self.stages[stage] = took
        return report["output"]

    def run(self, show: bool = False) -> "Ingest":
        self.stage("probe")
        plan = json.loads((self.folder / "media/p/plan.json").read_text())
        for chunk in plan:
            self.stage("preprocess", chunk=chunk)
            if show:
                print(f"\r{100 * (chunk['index'] + 1) // len(plan)} % of {len(plan)} chunks", end="", file=sys.stderr)
        self.output = self.stage("assemble")
        self.stage("detect_scenes")
        if show:
            print(file=sys.stderr)
        return self

    def total(self, name: str) -> float:
        return sum(stage[name] for stage in self.stages.values())

    def kept_bytes(self) -> int:
        """What an ingest leaves in storage, without the chunks, which go."""
        media = self.folder / "media/p"
        return sum(path.stat().st_size for path in media.iterdir() if path.is_file())

    def forget(self):
        shutil.rmtree(self.folder)


def bare_encode(video: pathlib.Path, out: pathlib.Path) -> float:
    return ffmpeg("-i", video, "-map", "0:v:0", "-map", "0:a:0?",
                  "-vf", "scale='min(1280,iw)':'min(720,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2",
                  "-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-g", "1", "-bf", "0",
                  "-pix_fmt", "yuv420p", "-threads", "6", "-c:a", "aac", "-b:a", "96k", "-ac", "2", out)


def thumbnails_alone(video: pathlib.Path) -> float:
    return ffmpeg("-i", video, "-map", "0:v:0", "-fps_mode", "passthrough", "-vf", "scale=64:36:flags=area,format=yuv420p",
                  "-f", "rawvideo", "/dev/null")


def best(times: int, measure, key=lambda value: value):
    return min((measure() for _ in range(times)), key=key)


def costs(video: pathlib.Path) -> dict:
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        bare = best(2, lambda: bare_encode(video, pathlib.Path(folder) / "bare.mp4"))
    second_pass = best(2, lambda: thumbnails_alone(video))
    runs = [Ingest(video).run() for _ in range(2)]
    chunked = min(runs, key=lambda run: run.total("cpu_s"))
    whole = Ingest(video, chunk_seconds=0).run()
    result = {
        "video": video.name, "bare_cpu_s": bare, "second_pass_cpu_s": second_pass, "stages": chunked.stages,
        "cpu_s": chunked.total("cpu_s"), "ratio": chunked.total("cpu_s") / bare,
        "single_over_two": chunked.stages["preprocess"]["cpu_s"] / (bare + second_pass),
        "frames": chunked.output["frames"], "proxy_bytes": chunked.output["proxy_bytes"],
        "chunk_overhead": chunked.output["proxy_bytes"] / whole.output["proxy_bytes"] - 1,
        "whole_cpu_s": whole.total("cpu_s"),
    }
    for run in [*runs, whole]:
        run.forget()
    return result


def traffic(video: pathlib.Path) -> dict:
    run = Ingest(video).run()
    source, kept = run.source_bytes, run.kept_bytes()
    moved = run.total("read_bytes") + run.total("written_bytes")
    # Whole files between stages: probe, encode and archive read the source; the proxy is written, then read for
    # scenes, for sprites and for a first export; the source was written once by the download.
    proxy = run.output["proxy_bytes"]
    whole_files = source + 3 * source + proxy + 3 * proxy
    result = {"video": video.suffix[1:], "source_bytes": source, "kept_bytes": kept, "moved_bytes": moved,
              "ratio": moved / (source + kept), "against_whole_files": 1 - moved / whole_files,
              "stages": run.stages}
    run.forget()
    return result


#: The stages around the chunks see no large pictures: how they grow with the length is measured on small ones.
SMALL_MINUTES = (2, 20)


def small_footage(minutes: int) -> pathlib.Path:
    """The same at 160x90, over and over."""
    minute, wanted = OUT / "footage/1-small.mp4", OUT / f"footage/{minutes}-small.mp4"
    if not minute.exists():
        ffmpeg("-i", footage(1), "-vf", "scale=160:90", "-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-c:a", "copy", minute)
    if not wanted.exists():
        ffmpeg("-stream_loop", minutes - 1, "-i", minute, "-c", "copy", wanted)
    return wanted


def growing() -> list:
    """What the stages cost for footage of two lengths."""
    costs = []
    for minutes in SMALL_MINUTES:
        run = Ingest(small_footage(minutes), proxy={**PROXY, "long_side": 160, "short_side": 90}).run()
        costs.append(run.stages)
        run.forget()
    return costs


def models(cost: dict) -> list:
    chunk = {name: value / cost["stages"]["preprocess"]["runs"] for name, value in cost["stages"]["preprocess"].items()}
    short, long = cost["growing"] = growing()
    proxy = cost["proxy_bytes"] / (cost["frames"] / 25 / 60)
    return [model(chunk, short, long, SMALL_MINUTES, proxy, minutes, ways)
            for minutes in (10, 60, 240) for ways in (1, 10, 100, 500)]


def bytes_of(value: float) -> str:
    return f"{value / 1e9:.2f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"


def rows(header: list, lines: list) -> str:
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in [header, ["---"] * len(header), *lines])


def machine() -> str:
    return f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.machine()}."


def put(name: str, text: str):
    """Replaces the part of the page between its markers."""
    page = README.read_text()
    begin, end = f"<!-- {name}: written by engine.py -->", f"<!-- end of {name} -->"
    head, rest = page.split(begin)
    README.write_text(f"{head}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}")
    print(text)


def ratios():
    minute = footage(1)
    cost = costs(minute)
    kinds = [traffic(footage(3, suffix)) for suffix in ("mp4", "mkv", "ts", "avi", "mxf", "mpg", "wmv")]
    modelled = models(cost)
    (OUT / "engine-ratios.json").write_text(json.dumps({"cost": cost, "traffic": kinds, "model": modelled, "assumed": ASSUMED}, indent=1) + "\n")
    stages = [[name, stage["runs"], f"{stage['wall_s']:.2f}", f"{stage['cpu_s']:.2f}"] for name, stage in cost["stages"].items()]
    hour = next(entry for entry in modelled if (entry["minutes"], entry["ways"]) == (60, 500))
    critical = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in hour["paths"].items())
    put("ratios", "\n\n".join([
        f"{machine()} A minute of 1080p at 25 frames a second with sound, in chunks of 30 s.",
        rows(["stage", "runs", "wall s", "CPU s"], stages),
        rows(["ratio", "", "aim"], [
            ["CPU of the ingest ÷ bare encode of the same proxy", f"**{cost['ratio']:.2f}**", "≤ 1.15"],
            ["CPU of the single pass ÷ encode, then thumbnails", f"{cost['single_over_two']:.2f}", ""],
            ["size of the proxy, chunked ÷ whole, less one", f"{100 * cost['chunk_overhead']:.2f} %", "≤ 2 %"],
        ]),
        "Bytes read from and written to S3, server-side copies apart, for three minutes of the same:",
        rows(["container", "source", "kept outputs", "moved", "moved ÷ (source + outputs)", "less than whole files between stages"],
             [[kind["video"], bytes_of(kind["source_bytes"]), bytes_of(kind["kept_bytes"]), bytes_of(kind["moved_bytes"]),
               f"**{kind['ratio']:.2f}**", f"{100 * kind['against_whole_files']:.0f} %"] for kind in kinds]),
        "Modelled for AWS from these costs; all that is assumed is named in `aws_model.py`: "
        + ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in ASSUMED.items() if not isinstance(value, str))
        + f"; {ASSUMED['speed']}. Seconds from upload to reviewable, and US dollars.",
        rows(["1080p"] + [f"{ways}-way" for ways in (1, 10, 100, 500)], [
            [f"{minutes} min", *(f"{entry['wall_s']:,.0f} s, ${entry['dollars']:.3f}" for entry in modelled if entry["minutes"] == minutes)]
            for minutes in (10, 60, 240)]),
        f"The stages of an hour at 500-way, the last two side by side: {critical}.",
    ]))


def lengths(minutes_wanted: list, proxy: dict):
    known = OUT / "engine-lengths.json"
    results = json.loads(known.read_text()) if known.exists() else {}
    for minutes in minutes_wanted:
        print(f"{minutes} minutes", file=sys.stderr)
        run = Ingest(footage(minutes), proxy=proxy).run(show=True)
        size = f"{run.output['width']}x{run.output['height']}"
        results[str(minutes)] = {"frames": run.output["frames"], "proxy": size, "source_bytes": run.source_bytes, "stages": run.stages}
        known.write_text(json.dumps(results, indent=1) + "\n")
        run.forget()
    table = [[f"{minutes} min", f"{result['frames']:,}", result["proxy"], bytes_of(result["source_bytes"]),
              *(f"{bytes_of(stage['peak_memory'])} / {bytes_of(stage['peak_disk'])}" for stage in result["stages"].values())]
             for minutes, result in sorted(results.items(), key=lambda item: int(item[0]))]
    put("lengths", f"{machine()} 1080p at 25 frames a second with sound; peak of memory / of scratch disk.\n\n"
        + rows(["footage", "frames", "proxy", "source", *STAGES], table))


def programme_stream(minutes: int) -> pathlib.Path:
    """The sample as MPEG-2 at 640x360 and 4 Mbit/s, over and over."""
    folder = OUT / "footage"
    folder.mkdir(parents=True, exist_ok=True)
    minute, wanted = folder / "1.nut", folder / f"{minutes}.mpg"
    if not minute.exists():
        made = folder / "making.nut"
        ffmpeg("-i", SAMPLE, "-vf", "scale=640:360", "-r", 25, "-c:v", "mpeg2video", "-b:v", "4M", "-maxrate", "4M",
               "-bufsize", "2M", "-bf", 2, "-g", 12, "-c:a", "mp2", "-ar", 48000, made)
        made.rename(minute)
    if not wanted.exists():
        made = folder / "making.mpg"
        ffmpeg("-stream_loop", minutes - 1, "-i", minute, "-c", "copy", made)
        made.rename(wanted)
    return wanted


def one_key_frame(minutes: int) -> pathlib.Path:
    """The sample as H.264 at 1280x720 with one key frame, over and over."""
    folder = OUT / "footage"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / f"{minutes}-one-key-frame.mp4"
    if not wanted.exists():
        made = folder / "making.mp4"
        ffmpeg("-stream_loop", -1, "-i", footage(1), "-t", 60 * minutes, "-vf", "scale=1280:720:flags=fast_bilinear",
               "-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-x264-params", "keyint=infinite:scenecut=0",
               "-c:a", "copy", made)
        made.rename(wanted)
    return wanted


#: What can't be cut: how it is made, and whether the proxy is a small one, which takes a third of the time.
UNCUT = {
    "MPEG-2 of 640x360 at 4 Mbit/s in an MPEG programme stream": (programme_stream, True),
    "H.264 of 1280x720 with one key frame in MP4": (one_key_frame, False),
}


def uncut(minutes_wanted: list):
    """What a source costs that can't be cut: its packets are copied into another container first, or it is one chunk."""
    known = OUT / "engine-uncut.json"
    results = json.loads(known.read_text()) if known.exists() else {}
    for minutes in minutes_wanted:
        for name, (make, small) in UNCUT.items():
            proxy = {**PROXY, "long_side": 160, "short_side": 90} if small else PROXY
            run = Ingest(make(minutes), proxy=proxy).run(show=True)
            source = json.loads((run.folder / "media/p/source.json").read_text())
            results[f"{minutes} min of {name}"] = {
                "chunks": len(json.loads((run.folder / "media/p/plan.json").read_text())), "stages": run.stages,
                "source_bytes": run.source_bytes, "proxy_bytes": (run.folder / "media/p/proxy.mp4").stat().st_size,
                "delta_bytes": (source.get("repackaged") or {}).get("delta_bytes", 0)}
            known.write_text(json.dumps(results, indent=1) + "\n")
            run.forget()
    table = []
    for name, result in results.items():
        stages, source = result["stages"], result["source_bytes"]
        table.append([name, bytes_of(source), bytes_of(result["proxy_bytes"]), str(result["chunks"]),
                      *(f"{stage['wall_s']:.0f} s, {stage['read_bytes'] / source:.2f} / {stage['written_bytes'] / source:.2f}"
                        for stage in list(stages.values())[:2]),
                      *(f"{bytes_of(stage['peak_memory'])} / {bytes_of(stage['peak_disk'])}" for stage in stages.values())])
    put("uncut", f"{machine()} At 25 frames a second with sound; the programme stream with a proxy of 160x90. Wall time and "
        "bytes read / written in sizes of the source; peak of memory / of scratch disk.\n\n"
        + rows(["footage", "source", "proxy", "chunks", "probe took", "preprocess took", *STAGES], table))


#: The name, the size and the seconds of a clip that is one chunk.
SIZES = [("4K", 3840, 2160, 30), ("8K", 7680, 4320, 12)]


def sizes():
    table = []
    for name, width, height, seconds in SIZES:
        clip = OUT / f"footage/{name}.mp4"
        if not clip.exists():
            ffmpeg("-i", footage(1), "-t", seconds, "-vf", f"scale={width}:{height}:flags=fast_bilinear", "-c:v", "libx264",
                   "-preset", "ultrafast", "-crf", "23", "-g", "50", "-c:a", "copy", clip)
        run = Ingest(clip).run()
        table.append([f"{name}, {width}x{height}", f"{seconds} s", bytes_of(run.source_bytes),
                      *(f"{bytes_of(stage['peak_memory'])} / {bytes_of(stage['peak_disk'])}" for stage in run.stages.values())])
        run.forget()
    put("sizes", f"{machine()} H.264 at 25 frames a second with sound, one chunk each; peak of memory / of scratch disk.\n\n"
        + rows(["source", "length", "bytes", *STAGES], table))


OUT.mkdir(parents=True, exist_ok=True)
if sys.argv[1:2] == ["sizes"]:
    sizes()
elif sys.argv[1:2] == ["uncut"]:
    uncut([int(minutes) for minutes in sys.argv[2:]])
elif sys.argv[1:2] == ["lengths"]:
    small = "--small-proxy" in sys.argv
    proxy = {**PROXY, "long_side": 160, "short_side": 90} if small else PROXY
    lengths([int(minutes) for minutes in sys.argv[2:] if minutes.isdigit()], proxy)
else:
    ratios()
