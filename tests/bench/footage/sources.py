"""Footage to compose labelled videos from: shots of one uninterrupted scene each.

Every source belongs to one half, TUNE or HELD_OUT, so that what is measured on held-out videos has never
been seen while tuning. Real clips come first, photographs and generated pictures add variety.
"""

import pathlib
import subprocess

import numpy

# Small, since thumbnails of 64x36 are all that is looked at.
WIDTH, HEIGHT = 160, 90
FRAME_BYTES = WIDTH * HEIGHT * 3
MOST_FRAMES = 420
TUNE, HELD_OUT = "tune", "held"

# Half, file, and the ranges of frames that are one shot each (None: all of it).
CLIPS = [
    (TUNE, "bbb480.mp4", [(80, 280), (288, 375), (381, 550), (556, 720)]),
    (TUNE, "bigbuckbunny.mp4", None),
    (TUNE, "bikes.mp4", [(0, 30), (30, 76), (76, 137), (137, 187), (187, 242)]),
    (TUNE, "carphone_pristine.mp4", None),
    (TUNE, "iio_cockatoo_yuv420.mp4", None),
    (TUNE, "intel_asl_again.mkv", None),
    (TUNE, "intel_bottle-detection.mp4", None),
    (TUNE, "intel_one-by-one-person-detection.mp4", None),
    (TUNE, "mdn_crystal.mp4", None),
    (TUNE, "mdn_elf.mp4", None),
    (TUNE, "mdn_frog.mp4", None),
    (TUNE, "mdn_monster.mp4", None),
    (TUNE, "mdn_water.mp4", None),
    (TUNE, "mma_test.mp4", None),
    (TUNE, "oh264_1080.264", None),
    (HELD_OUT, "decord_pancake.mkv", None),
    (HELD_OUT, "intel_asl_bird.mkv", None),
    (HELD_OUT, "intel_car-detection.mp4", None),
    (HELD_OUT, "mdn_flower.mp4", None),
    (HELD_OUT, "mdn_friday.mp4", None),
    (HELD_OUT, "mdn_pig.mp4", None),
    (HELD_OUT, "mdn_rabbit.mp4", None),
    (HELD_OUT, "mma_demo.mp4", [(0, 266)]),
    (HELD_OUT, "mma_test_video_structuralize.mp4", None),
    (HELD_OUT, "mpy_chaplin.mp4", None),
    (HELD_OUT, "mpy_video_with_failing_audio.mp4", [(0, 70), (110, 240)]),
    (HELD_OUT, "oh264_720.264", None),
    (HELD_OUT, "oh264_cif.264", None),
]
GENERATED = [
    (TUNE, "testsrc2=s=160x90"),
    (TUNE, "mandelbrot=s=160x90"),
    (TUNE, "life=s=160x90:mold=10:ratio=0.1:death_color=#203060:life_color=#e0c060"),
    (TUNE, "gradients=s=160x90:seed=7:speed=0.03"),
    (HELD_OUT, "gradients=s=160x90:seed=91:speed=0.05:n=6"),
    (HELD_OUT, "cellauto=s=160x90:rule=110"),
    (HELD_OUT, "sierpinski=s=160x90:type=carpet:jump=30"),
    (HELD_OUT, "life=s=80x45:ratio=0.3:mold=30:life_color=#40f0a0:death_color=#801010,scale=160:90:flags=neighbor"),
]


def raw(arguments, filters, most=MOST_FRAMES):
    command = ["ffmpeg", "-v", "fatal", "-nostdin", *arguments, "-vf", filters, "-frames:v", str(most)]
    command += ["-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def cached(cache, name, arguments, filters, shape=(HEIGHT, WIDTH, 3), most=MOST_FRAMES):
    file = cache / (name + ".rgb")
    if not file.exists():
        file.write_bytes(raw(arguments, filters, most))
    return numpy.memmap(file, dtype=numpy.uint8, mode="r").reshape(-1, *shape)


def sources(half, media, cache, photos=None):
    """The shots of a half: name, kind (clip, photo, generated) and frames."""
    cache.mkdir(parents=True, exist_ok=True)
    fill = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=increase:flags=area,crop={WIDTH}:{HEIGHT}"
    found = []
    for of, file, ranges in CLIPS:
        if of == half and (media / file).exists():
            # A few are longer than what is kept of the others, for their later shots.
            frames = cached(cache, file, ["-i", media / file], fill, most=ranges[-1][1] if ranges else MOST_FRAMES)
            for start, end in ranges or [(0, len(frames))]:
                found.append((f"{file}@{start}", "clip", frames[start:end]))
    for of, graph in GENERATED:
        if of == half:
            name = "generated-" + "".join(c if c.isalnum() else "-" for c in graph)
            found.append((name, "generated", cached(cache, name, ["-f", "lavfi", "-i", graph], "format=rgb24", most=240)))
    pictures = sorted(pathlib.Path(photos).rglob("*.jpg")) if photos else []
    large = f"scale={2 * WIDTH}:{2 * HEIGHT}:force_original_aspect_ratio=increase:flags=area,crop={2 * WIDTH}:{2 * HEIGHT}"
    for at, picture in enumerate(pictures):
        if (at % 2 == 0) == (half == TUNE):
            shape = (2 * HEIGHT, 2 * WIDTH, 3)
            name = f"photo-{at}-{picture.stem}"
            found.append((name, "photo", cached(cache, name, ["-i", picture], large, shape, 1)))
    return found


def warp(frame, x, y, zoom, out_height=HEIGHT, out_width=WIDTH):
    """The part of a frame around the relative place x, y (0..1 of what is free), 1/zoom of it large."""
    height, width = frame.shape[:2]
    span_y, span_x = (height - 1) / zoom, (width - 1) / zoom
    top, left = (height - 1 - span_y) * min(max(y, 0), 1), (width - 1 - span_x) * min(max(x, 0), 1)
    rows = top + span_y * numpy.arange(out_height) / (out_height - 1)
    columns = left + span_x * numpy.arange(out_width) / (out_width - 1)
    row, column = rows.astype(int).clip(0, height - 2), columns.astype(int).clip(0, width - 2)
    down = (256 * (rows - row)).astype(numpy.uint32)[:, None, None]
    right = (256 * (columns - column)).astype(numpy.uint32)[None, :, None]
    upper, lower = frame[row], frame[row + 1]
    top_row = upper[:, column] * (256 - right) + upper[:, column + 1] * right
    low_row = lower[:, column] * (256 - right) + lower[:, column + 1] * right
    return ((top_row * (256 - down) + low_row * down) >> 16).astype(numpy.uint8)


def stretch(rng, source, length):
    """So many frames of a source as they are, or all that it has."""
    frames = source[2]
    start = int(rng.integers(0, max(1, len(frames) - length)))
    return frames[start : start + length].copy()


def shot(rng, source, length, start=None):
    """So many frames of a source, under a camera and a grade of their own."""
    _, kind, frames = source
    step = int(rng.choice([1, 1, 1, 1, 2])) if len(frames) > 2 * length else 1
    start = int(rng.integers(0, max(1, len(frames) - step * length))) if start is None else start
    place = (start + step * numpy.arange(length)) % max(1, 2 * len(frames) - 2)
    place = numpy.where(place < len(frames), place, max(0, 2 * len(frames) - 2) - place)
    moves = rng.choice(["still", "drift", "zoom", "hand", "pan"], p=[0.45, 0.2, 0.1, 0.15, 0.1])
    if kind == "photo" and moves == "still":
        moves = "drift"
    zoom = {"still": 1.0, "photo": 2.0}.get(moves if moves == "still" else kind, 1.3) * rng.uniform(1.0, 1.3)
    if moves == "still" and rng.random() < 0.6:
        zoom = 1.0
    x, y = rng.uniform(0.1, 0.9, 2)
    speed = {"drift": 0.3, "hand": 0.15, "zoom": 0.1, "pan": 1.4}.get(moves, 0.0) / 100
    vx, vy = rng.normal(0, speed, 2) * (1.0, 0.5)
    growth = rng.choice([-1, 1]) * rng.uniform(0.002, 0.012) if moves == "zoom" else 0.0
    if growth < 0:
        zoom += -growth * length
    shake = numpy.cumsum(rng.normal(0, 0.035, (length, 2)), 0) if moves == "hand" else numpy.zeros((length, 2))
    # A hand that wanders comes back.
    for at in range(1, len(shake)):
        shake[at] = 0.85 * shake[at - 1] + (shake[at] - shake[at - 1] if moves != "hand" else rng.normal(0, 0.03, 2))
    grade = graded(rng)
    flip = kind != "generated" and rng.random() < 0.3
    made = numpy.empty((length, HEIGHT, WIDTH, 3), numpy.uint8)
    for at in range(length):
        frame = frames[place[at]]
        if zoom != 1.0 or growth or moves != "still" or frame.shape[0] != HEIGHT:
            frame = warp(frame, x + vx * at + shake[at, 0], y + vy * at + shake[at, 1], max(1.0, zoom + growth * at))
        frame = grade[frame] if grade is not None else frame
        made[at] = frame[:, ::-1] if flip else frame
    return made


def graded(rng):
    """A table of brightness, contrast and gamma; mostly none."""
    if rng.random() < 0.5:
        return None
    gamma, gain = rng.uniform(0.7, 1.5), rng.uniform(0.6, 1.1)
    lift = rng.uniform(-15, 25)
    if rng.random() < 0.12:
        gain, lift = rng.uniform(0.12, 0.35), rng.uniform(0, 20)
    levels = 255 * (numpy.arange(256) / 255) ** gamma * gain + lift
    return levels.clip(0, 255).astype(numpy.uint8)
