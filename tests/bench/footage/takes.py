#!/usr/bin/env python3
"""Real footage as it is, as raw thumbnails with labels: what moves in an uncut take is no boundary.

    tests/bench/footage/takes.py OUT --half tune|held [--media DIR]

Each take comes at several speeds and framings, since movement that is faster or nearer is what is taken for a
transition. Of a clip with known cuts there is the whole clip too.
"""

import argparse
import json
import pathlib
import subprocess

import sources

ROOT = pathlib.Path(__file__).resolve().parents[3]
FPS = 25
MOST_FRAMES = 900
# Every so many frames, and the part of the picture: its share and where it lies in what is left over.
VIEWS = [(1, 1.0, 0.5), (2, 1.0, 0.5), (3, 0.8, 0.3), (1, 0.6, 0.7), (2, 0.5, 0.2), (4, 0.7, 0.6)]
CUTS = {"bbb480.mp4": [285, 378, 553], "bikes.mp4": [30, 76, 137, 187, 242]}


def write(out, name, clip, chosen, cuts=()):
    raw = out / f"{name}.raw"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", clip, "-map", "0:v:0", "-vf", chosen]
    command += ["-fps_mode", "passthrough", "-enc_time_base", "1/1000000", "-frames:v", str(MOST_FRAMES)]
    subprocess.run([*command, "-pix_fmt", "yuv420p", "-f", "rawvideo", raw], check=True)
    count = raw.stat().st_size // (64 * 36 * 3 // 2)
    boundaries = [
        dict(kind="cut", tag="real", frame=cut, start_frame=cut, end_frame=cut, pts=cut / FPS, t=cut / FPS)
        for cut in cuts
    ]
    label = dict(id=name, file=raw.name, split="dev", fps=FPS, start_pts=0.0, traps=[], boundaries=boundaries)
    label["pts"] = [at / FPS for at in range(count)]
    raw.with_suffix(".json").write_text(json.dumps(label))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--half", choices=[sources.TUNE, sources.HELD_OUT], required=True)
    parser.add_argument("--media", type=pathlib.Path, default=ROOT.parent / "shared/media")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for half, file, ranges in sources.CLIPS:
        clip = options.media / file
        if half != options.half or not clip.exists():
            continue
        if file in CUTS:
            write(options.out, f"{clip.stem}-whole", clip, "scale=64:36:flags=area", CUTS[file])
        for start, end in ranges or [(0, 10**6)]:
            for step, share, place in VIEWS:
                chosen = f"trim=start_frame={start}:end_frame={end},select='not(mod(n,{step}))'"
                if share < 1:
                    chosen += f",crop=iw*{share}:ih*{share}:(iw-ow)*{place}:(ih-oh)*{place}"
                name = f"{clip.stem}-{start}-{step}-{share}"
                write(options.out, name, clip, f"{chosen},scale=64:36:flags=area")


if __name__ == "__main__":
    main()
