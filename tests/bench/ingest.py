#!/usr/bin/env python3
"""What an ingest costs beside a bare ffmpeg encode of the same proxy, in one run on the local fabric.

    tests/bench/ingest.py VIDEO…      (make bench runs it with the sample, and with a real film where there is one)

Prints a table, writes target/bench/ingest.json, and puts the table into tests/bench/README.md.
"""

import json
import os
import pathlib
import platform
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEATERS = ROOT / "target/heaters"
README = ROOT / "tests/bench/README.md"
BEGIN, END = "<!-- ingest: written by ingest.py -->", "<!-- end of ingest -->"
STAGES = ["probe", "preprocess", "assemble", "detect_scenes"]


def cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def bare_encode(video: str) -> dict:
    """The same proxy with the same settings, by one plain ffmpeg call."""
    with tempfile.TemporaryDirectory() as folder:
        before, started = cpu_of_children(), time.monotonic()
        subprocess.run(
            ["ffmpeg", "-nostdin", "-v", "error", "-i", video, "-map", "0:v:0", "-map", "0:a:0?",
             "-vf", "scale='min(1280,iw)':'min(720,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2",
             "-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-g", "1", "-bf", "0",
             "-pix_fmt", "yuv420p", "-threads", "6", "-c:a", "aac", "-b:a", "96k", "-ac", "2", f"{folder}/bare.mp4"],
            check=True)
        return {"wall_s": time.monotonic() - started, "cpu_s": cpu_of_children() - before}


def status() -> dict:
    return json.loads(subprocess.run([HEATERS, "status", "--json"], check=True, capture_output=True).stdout)


def ingest(video: str) -> dict:
    known = {found["id"] for found in status()["videos"]}
    started = time.monotonic()
    subprocess.run([HEATERS, "ingest", "--wait", video], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.monotonic() - started
    made = [found for found in status()["videos"] if found["id"] not in known]
    assert len(made) == 1, f"{video} made {len(made)} videos"
    stages = {stage["stage"]: stage for stage in made[0]["stages"] if stage["stage"] in STAGES}
    return {"frames": made[0]["frames"], "wall_s": wall,
            "stages": {name: {"wall_s": stages[name]["duration_ms"] / 1000,
                              "cpu_s": stages[name]["metrics"]["cpu_ms"] / 1000} for name in STAGES}}


def measure(video: str) -> dict:
    # Interleaved and repeated, so that a busy moment hits both; the best of each counts.
    runs = [(ingest(video), bare_encode(video)) for _ in range(3)]
    cpu = lambda run: sum(stage["cpu_s"] for stage in run["stages"].values())
    best = min((run for run, _ in runs), key=cpu)
    bare = min((run for _, run in runs), key=lambda run: run["cpu_s"])
    return {"video": pathlib.Path(video).name, **best, "cpu_s": cpu(best), "bare": bare, "ratio": cpu(best) / bare["cpu_s"]}


def table(results: list) -> str:
    names = " | ".join(f"`{result['video']}`" for result in results)
    lines = [f"| wall s / CPU s | {names} |", "|---" * (len(results) + 1) + "|"]
    for stage in STAGES:
        cells = (f"{result['stages'][stage]['wall_s']:.2f} / {result['stages'][stage]['cpu_s']:.2f}" for result in results)
        lines.append(f"| {stage} | {' | '.join(cells)} |")
    lines.append("| all stages, CPU | " + " | ".join(f"{result['cpu_s']:.2f}" for result in results) + " |")
    lines.append("| upload to ready, wall | " + " | ".join(f"{result['wall_s']:.2f}" for result in results) + " |")
    lines.append("| bare ffmpeg encode | "
                 + " | ".join(f"{result['bare']['wall_s']:.2f} / {result['bare']['cpu_s']:.2f}" for result in results) + " |")
    lines.append("| **CPU ÷ bare encode** | " + " | ".join(f"**{result['ratio']:.2f}**" for result in results) + " |")
    return "\n".join(lines)


def main() -> None:
    subprocess.run([HEATERS, "up"], check=True, stdout=subprocess.DEVNULL)
    results = [measure(os.path.abspath(video)) for video in sys.argv[1:]]
    out = ROOT / "target/bench"
    out.mkdir(parents=True, exist_ok=True)
    (out / "ingest.json").write_text(json.dumps(results, indent=1) + "\n")
    text = f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.machine()}. Best of three runs.\n\n{table(results)}"
    print(text)
    page = README.read_text()
    head, rest = page.split(BEGIN)
    README.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}")


main()
