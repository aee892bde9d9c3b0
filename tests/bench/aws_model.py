"""Wall time and price of an ingest on AWS, modelled from costs measured here. All that is assumed has a name here.

Measured: CPU seconds and bytes of each stage. Assumed: everything below. Nothing was run on AWS.
"""

import math
import pathlib
import re

ASSUMED = {
    "speed": "an arm64 vCPU does what a core here does",
    "vcpu_mb": 1769,  # Lambda gives a function a vCPU for each so many MB,
    "most_vcpus": 6,  # and no more than that.
    "cold_start_s": 2.5,  # A container image's first start; every stage of every ingest is taken for one.
    "between_states_s": 0.15,
    "record_s": 0.1,  # The catalog's answer to a report.
    "map_start_s": 1.0,  # Until a Distributed Map has read its items and started the first children.
    "request_s": 0.05,  # Until a request's first byte.
    "requests_at_once": 16,
    "bytes_a_second": 80e6,  # Between a function and S3.
    "copy_bytes_a_second": 100e6,  # Inside S3, of each part that is copied,
    "copies_at_once": 8,
}
TEMPLATE = pathlib.Path(__file__).resolve().parents[2] / "infra/template.yaml"


def memory_mb(function: str) -> int:
    """What the template gives a function."""
    resource = re.split(r"^  (?=\w)", TEMPLATE.read_text().split(f"\n  {function}:\n")[1], maxsplit=1, flags=re.M)[0]
    return int(re.search(r"^      MemorySize: (\d+)$", resource, re.M)[1])


MEMORY_MB = {"probe": memory_mb("ProbeFunction"), "preprocess": memory_mb("PreprocessFunction"),
             "assemble": memory_mb("AssembleFunction"), "detect_scenes": memory_mb("DetectScenesFunction")}
#: The share of a stage's CPU seconds that is spread over its vCPUs; the rest is one after another. Probe: ffprobe has
#: one thread. Preprocess: decoder and encoder have six each. Assemble: the sound's encoders; its decoder, the
#: thumbnails and the storyboard run beside them, each on one core. Detection: all but reading the tracks.
PARALLEL_SHARE = {"probe": 0.0, "preprocess": 0.95, "assemble": 0.85, "detect_scenes": 0.97}
#: Requests of a stage that grow with the chunks, each.
REQUESTS_A_CHUNK = {"probe": 0, "preprocess": 12, "assemble": 6, "detect_scenes": 2}
CHUNK_SECONDS = 30
#: Prices of us-east-1, arm64, in US dollars, as published in 2026.
GB_SECOND, LAMBDA_REQUEST, TRANSITION = 0.0000133334, 0.20e-6, 25e-6
S3_PUT, S3_GET = 5e-6, 0.4e-6


def grown(short: dict, long: dict, minutes: tuple, wanted: float, name: str) -> float:
    """What grows with the length in a straight line, by two measured lengths."""
    slope = max(long[name] - short[name], 0) / (minutes[1] - minutes[0])
    return max(short[name] - slope * minutes[0], 0) + slope * wanted


def seconds(stage: str, cpu_s: float, moved_bytes: float, requests: int) -> float:
    """How long an invocation works."""
    vcpus = min(MEMORY_MB[stage] / ASSUMED["vcpu_mb"], ASSUMED["most_vcpus"])
    share = PARALLEL_SHARE[stage] if vcpus > 1 else 0
    computing = cpu_s * ((1 - share) + share / vcpus)
    waiting = math.ceil(requests / ASSUMED["requests_at_once"]) * ASSUMED["request_s"]
    return computing + waiting + moved_bytes / ASSUMED["bytes_a_second"]


def model(chunk: dict, short: dict, long: dict, lengths: tuple, proxy_bytes_a_minute: float, minutes: int, ways: int) -> dict:
    """`chunk` is preprocess's cost of one full chunk; `short` and `long` are all stages' costs of footage of these two
    lengths in minutes, of which the other stages' are taken."""
    chunks = minutes * 60 // CHUNK_SECONDS
    works = {}
    for stage in ("probe", "assemble", "detect_scenes"):
        of = lambda name, stage=stage: grown(short[stage], long[stage], lengths, minutes, name)
        requests = 20 + chunks * REQUESTS_A_CHUNK[stage]
        works[stage] = seconds(stage, of("cpu_s"), of("read_bytes") + of("written_bytes"), requests)
    moved = chunk["read_bytes"] + chunk["written_bytes"]
    works["preprocess"] = seconds("preprocess", chunk["cpu_s"], moved, REQUESTS_A_CHUNK["preprocess"])
    part = proxy_bytes_a_minute * CHUNK_SECONDS / 60
    works["assemble"] += math.ceil(chunks / ASSUMED["copies_at_once"]) * part / ASSUMED["copy_bytes_a_second"]

    recorded = 2 * ASSUMED["between_states_s"] + ASSUMED["record_s"]
    rounds = math.ceil(chunks / min(ways, chunks))
    cold = ASSUMED["cold_start_s"]
    paths = {
        "probe": cold + works["probe"] + recorded,
        "preprocess": cold + ASSUMED["map_start_s"] + rounds * (works["preprocess"] + recorded),
        "assemble": cold + works["assemble"] + recorded,
        "detect_scenes": cold + works["detect_scenes"] + recorded,
    }
    # Scenes are detected beside the join.
    wall = paths["probe"] + paths["preprocess"] + max(paths["assemble"], paths["detect_scenes"]) + recorded
    dollars = 0.0
    for stage, work in works.items():
        count = chunks if stage == "preprocess" else 1
        dollars += count * (work + cold) * MEMORY_MB[stage] / 1024 * GB_SECOND
        dollars += count * (2 * LAMBDA_REQUEST + 5 * TRANSITION + 8 * S3_PUT + REQUESTS_A_CHUNK[stage] * chunks / count * S3_GET)
    return {"minutes": minutes, "ways": ways, "wall_s": wall, "dollars": dollars, "paths": paths}
