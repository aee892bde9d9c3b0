"""Transitions between two runs of frames of one length. Each returns the mixed frames."""

import numpy

from sources import HEIGHT, WIDTH

X, Y = numpy.meshgrid(numpy.linspace(0, 1, WIDTH), numpy.linspace(0, 1, HEIGHT))
ASPECT = WIDTH / HEIGHT


def blend(one, other, share):
    """`share` is a number or an array of the picture's size, 0..1."""
    share = numpy.asarray(share, numpy.float32)
    share = share[..., None] if share.ndim == 2 else share
    return (one * (1 - share) + other * share + 0.5).astype(numpy.uint8)


def eased(rng, frames):
    share = numpy.arange(1, frames + 1) / (frames + 1)
    return share * share * (3 - 2 * share) if rng.random() < 0.3 else share


def dissolve(rng, one, other):
    return [blend(a, b, share) for a, b, share in zip(one, other, eased(rng, len(one)))]


def fade(rng, one, other, level):
    """Out to a plain colour, a while of it, and in again."""
    frames = len(one)
    hold = int(rng.integers(0, max(2, frames // 3)))
    out = int((frames - hold) * rng.uniform(0.35, 0.65))
    coming = frames - hold - out
    plain = numpy.full_like(one[0], level)
    made = [blend(one[at], plain, (at + 1) / (out + 1)) for at in range(out)]
    made += [plain] * hold
    return made + [blend(plain, other[out + hold + at], (at + 1) / (coming + 1)) for at in range(coming)]


def ramp(rng):
    """When each pixel changes, 0..1, of a wipe."""
    shape = rng.choice(["side", "side", "side", "diagonal", "iris", "clock", "blinds", "door"])
    across, down = (X, Y) if rng.random() < 0.5 else (1 - X, 1 - Y)
    if shape == "side":
        return across if rng.random() < 0.6 else down
    if shape == "diagonal":
        return (across + (down if rng.random() < 0.5 else 1 - down)) / 2
    if shape == "iris":
        ring = numpy.hypot((X - 0.5) * ASPECT, Y - 0.5)
        ring /= ring.max()
        return ring if rng.random() < 0.6 else 1 - ring
    if shape == "clock":
        return (numpy.arctan2(Y - 0.5, X - 0.5) / (2 * numpy.pi) + 0.5 + rng.random()) % 1
    if shape == "blinds":
        return (across * rng.integers(4, 8)) % 1
    door = 2 * abs((X if rng.random() < 0.5 else Y) - 0.5)
    return door if rng.random() < 0.5 else 1 - door


def wipe(rng, one, other):
    when, soft = ramp(rng), rng.choice([0.004, 0.02, 0.1, 0.25])
    shares = eased(rng, len(one))
    masks = [((share * (1 + soft) - when) / soft).clip(0, 1) for share in shares]
    return [blend(a, b, mask) for a, b, mask in zip(one, other, masks)]


def slide(rng, one, other):
    """The new picture pushes the old one out, covers it, or is uncovered by it."""
    side, way = rng.integers(4), rng.choice(["push", "push", "push", "cover", "uncover"])
    axis = 1 if side < 2 else 0
    size = (HEIGHT, WIDTH)[axis]
    made = []
    for a, b, share in zip(one, other, eased(rng, len(one))):
        if side % 2:
            a, b = numpy.flip(a, axis), numpy.flip(b, axis)
        moved = round(share * size)
        leaving = a if way == "cover" else numpy.roll(a, -moved, axis)
        coming = b if way == "uncover" else numpy.roll(b, size - moved, axis)
        border = (slice(None),) * axis
        frame = leaving.copy()
        frame[(*border, slice(size - moved, None))] = coming[(*border, slice(size - moved, None))]
        made.append(numpy.flip(frame, axis) if side % 2 else frame)
    return made


def transition(rng, kind, one, other):
    if kind in ("fade_black", "fade_white"):
        return fade(rng, one, other, 0 if kind == "fade_black" else 255)
    return {"dissolve": dissolve, "wipe": wipe, "slide": slide}[kind](rng, one, other)


def length(rng, kind, fps):
    """In frames; from the field's usual lengths in seconds."""
    low, high = {
        "dissolve": (0.25, 1.4), "wipe": (0.3, 1.0), "slide": (0.3, 0.9), "fade_black": (0.7, 2.0),
        "fade_white": (0.7, 1.6),
    }[kind]
    seconds = numpy.exp(rng.uniform(numpy.log(low), numpy.log(high)))
    if kind == "dissolve" and rng.random() < 0.12:
        return int(rng.choice([4, 5, 6, 50, 60]))
    return max(4, round(seconds * fps))
