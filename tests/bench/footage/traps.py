"""What looks like a boundary and is none. Each changes frames of a shot in place."""

import numpy

from sources import HEIGHT, WIDTH, warp
from transitions import X, Y, blend

SECONDS = {
    "flash": (0.02, 0.1), "strobe": (0.7, 1.1), "explosion": (0.45, 0.7), "light": (1.0, 1.6), "whip": (0.22, 0.45),
    "occlusion": (0.35, 0.9), "subtitle": (1.2, 2.4), "pip": (1.2, 2.2), "freeze": (0.4, 0.6), "glitch": (0.02, 0.08),
    "shake": (0.4, 1.2), "zoom": (0.3, 0.7), "motion": (0.6, 1.5), "title": (1.0, 2.0),
    "judder": (0.4, 1.4),
}
KINDS = list(SECONDS)


def flash(rng, frames, _):
    colour, strength = rng.choice([255, 255, 240]), rng.uniform(0.55, 1.0)
    for at in range(len(frames)):
        frames[at] = blend(frames[at], numpy.full_like(frames[at], colour), strength * (0.75**at))


def strobe(rng, frames, _):
    period, dark = int(rng.integers(2, 6)), rng.random() < 0.4
    for at in range(len(frames)):
        if at % period < max(1, period // 2):
            plain = numpy.full_like(frames[at], 5 if dark else 250)
            frames[at] = blend(frames[at], plain, rng.uniform(0.7, 0.98))


def explosion(rng, frames, _):
    x, y = rng.uniform(0.2, 0.8, 2)
    glow = numpy.exp(-(((X - x) * 1.8) ** 2 + (Y - y) ** 2) / rng.uniform(0.1, 0.5))
    fire = numpy.stack([numpy.full_like(X, 255), 190 + 60 * glow, 90 * glow], -1)
    for at in range(len(frames)):
        strength = (1 - at / len(frames)) ** 1.5
        frames[at] = blend(frames[at], fire, (strength * (0.35 + glow)).clip(0, 1))


def light(rng, frames, _):
    gain, ramp = rng.uniform(0.25, 0.6) if rng.random() < 0.7 else rng.uniform(1.4, 1.9), rng.choice([1, 1, 3, 12])
    for at in range(len(frames)):
        share = min(1, (at + 1) / ramp, (len(frames) - at) / ramp)
        frames[at] = (frames[at] * (1 + (gain - 1) * share)).clip(0, 255).astype(numpy.uint8)


def whip(rng, frames, _):
    """Away and back, blurred by the movement."""
    way, count = rng.choice([-1, 1]), len(frames)
    for at in range(count):
        turn = 1 - abs(2 * (at + 1) / (count + 1) - 1)
        moved = int(way * WIDTH * rng.uniform(0.75, 0.8) * turn)
        blur = max(1, int(WIDTH * 1.5 / count))
        sums = numpy.cumsum(numpy.concatenate([frames[at]] * 2, 1).astype(numpy.uint32), 1)
        blurred = ((sums[:, blur:] - sums[:, :-blur]) // blur)[:, :WIDTH].astype(numpy.uint8)
        frames[at] = numpy.roll(blurred, moved, 1)


def occlusion(rng, frames, extra):
    """Something near walks by."""
    width, height = int(WIDTH * rng.uniform(0.3, 1.1)), int(HEIGHT * rng.uniform(0.6, 1.0))
    textured, top, count = rng.random() < 0.5, int(rng.integers(0, HEIGHT - height + 1)), len(frames)
    colour, backwards = rng.integers(10, 120, 3), rng.random() < 0.5
    for at in range(count):
        left = int((WIDTH + width) * (at + 1) / (count + 1)) - width
        left = WIDTH - left - width if backwards else left
        span = slice(max(0, left), max(0, min(WIDTH, left + width)))
        thing = extra[at % len(extra)][:, ::-1] // 2 if textured else colour
        frames[at][top : top + height, span] = thing[top : top + height, span] if textured else thing


def lines(rng, frames, places):
    for top in places:
        width = int(WIDTH * rng.uniform(0.3, 0.8))
        left, letters = (WIDTH - width) // 2, rng.random((4, width // 3)) < 0.55
        ink = numpy.kron(letters, numpy.ones((1, 3)))[:, :width].astype(bool)
        frames[:, top : top + 4, left : left + ink.shape[1]][:, ink] = 240


def subtitle(rng, frames, _):
    lines(rng, frames, [HEIGHT - 9 - 6 * row for row in range(int(rng.integers(1, 3)))])


def title(rng, frames, _):
    """A caption's box over a good part of the picture."""
    height, top = int(HEIGHT * rng.uniform(0.2, 0.4)), int(HEIGHT * rng.uniform(0.3, 0.6))
    for at in range(len(frames)):
        share = min(1.0, (at + 1) / 6, (len(frames) - at) / 6) * 0.85
        plain = numpy.full_like(frames[at][top : top + height], 30)
        frames[at][top : top + height] = blend(frames[at][top : top + height], plain, share)
    lines(rng, frames, [top + 4])


def pip(rng, frames, extra):
    scale = int(rng.choice([3, 3, 4, 2]))
    height, width = HEIGHT // scale, WIDTH // scale
    top, left = rng.choice([3, HEIGHT - height - 3]), rng.choice([3, WIDTH - width - 3])
    for at in range(len(frames)):
        small = extra[at % len(extra)][::scale, ::scale][:height, :width]
        frames[at][top : top + height, left : left + width] = small


def freeze(_rng, frames, _):
    frames[:] = frames[0].copy()


def glitch(rng, frames, extra):
    for frame in frames:
        kind = rng.integers(5)
        if kind == 0:
            frame[:] = numpy.roll(frame, rng.integers(10, WIDTH - 10), 1)[:, :, [1, 2, 0]]
        elif kind == 1:
            frame[:] = rng.integers(0, 255, frame.shape)
        elif kind == 2:
            for top in range(0, HEIGHT, 6):
                frame[top : top + 6] = numpy.roll(frame[top : top + 6], rng.integers(-45, 45), 1)
        elif kind == 3:
            frame[:] = rng.choice([0, 0, 128])
        else:
            frame[:] = extra[0]


def shake(rng, frames, _):
    for at in range(len(frames)):
        frames[at] = warp(frames[at], *rng.uniform(0.2, 0.8, 2), rng.uniform(1.12, 1.2))


def zoom(rng, frames, _):
    """In and out again, fast."""
    most, count = rng.uniform(1.5, 2.5), len(frames)
    for at in range(count):
        turn = 1 - abs(2 * (at + 1) / (count + 1) - 1)
        frames[at] = warp(frames[at], 0.5, 0.5, 1 + (most - 1) * turn)


def motion(rng, frames, _):
    """The camera goes over the scene and back."""
    most, count = rng.uniform(1.6, 2.6), len(frames)
    for at in range(count):
        turn = 1 - abs(2 * (at + 1) / (count + 1) - 1)
        frames[at] = warp(frames[at], turn, 0.5, 1 + (most - 1) * min(1, 3 * turn))


def judder(rng, frames, _):
    """The camera jerks and frames are dropped, as by a phone: a picture stays for a while, and the next is far off."""
    most, held, count = rng.uniform(1.3, 1.9), int(rng.integers(2, 6)), len(frames)
    shown, place = None, rng.uniform(0.2, 0.8, 2)
    for at in range(count):
        if at % held == 0:
            place = (place + rng.uniform(0.2, 0.7, 2) * rng.choice([-1, 1], 2)).clip(0, 1)
            turn = 1 - abs(2 * (at + 1) / (count + 1) - 1)
            shown = warp(frames[at], *place, 1 + (most - 1) * min(1, 3 * turn))
        frames[at] = shown


def spring(rng, kind, frames, extra):
    globals()[kind](rng, frames, extra)


def length(rng, kind, fps):
    if kind in ("flash", "glitch"):
        return int(rng.integers(1, 4 if kind == "flash" else 3))
    return max(3, round(rng.uniform(*SECONDS[kind]) * fps))
