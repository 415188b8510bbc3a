"""Draws the pictures beside it: `python samples/make.py [FOLDER]`. Numbers only, no photo; the same at every run.

Each drawing is made at twice its size and halved, which smooths its edges. Heights and distances are in pixels of the
large drawing, those of the painting in shares of its side; colours are sRGB in 0..1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.float64]  # S×S: a height, a mask, a coordinate
Colour = NDArray[np.float64]  # S×S×3, or 3

SIDE = 384  # of the finished picture
S = 2 * SIDE
LIGHT = np.array([-0.55, -0.65, 0.75]) / np.linalg.norm([-0.55, -0.65, 0.75])  # from the upper left
ROWS, COLUMNS = np.mgrid[0:S, 0:S].astype(np.float64)

Random = np.random.Generator
Point = tuple[float, float]


# ---- noise and shading -------------------------------------------------------------------------------------------


def enlarge(values: Array, width: int, height: int) -> Array:
    """Bicubic, to `width` by `height`."""
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC))


def noise(random: Random, across: float, down: float | None = None) -> Array:
    """Smooth noise of deviation about 1 with blobs of `across` by `down` pixels."""
    columns, rows = round(S / across) + 3, round(S / (down or across)) + 3
    width, height = round(columns * across), round(rows * (down or across))
    values = enlarge(random.standard_normal((rows, columns)), width, height)
    return values[-S:, -S:].astype(np.float64) * 1.4


def cloud(random: Random, across: float, octaves: int = 5, roughness: float = 0.5) -> Array:
    """Noise over noise, each finer by two and weaker by `roughness`; deviation about 1."""
    layers = [roughness**k * noise(random, max(across / 2**k, 1.5)) for k in range(octaves)]
    return np.sum(layers, axis=0) / np.sqrt(sum(roughness ** (2 * k) for k in range(octaves)))


def blurred(values: Array, radius: float) -> Array:
    """Averaged over a square of 2·radius, twice, by running sums."""
    r = round(radius)
    for axis in (0, 1, 0, 1):
        edge = [(r + 1, r) if a == axis else (0, 0) for a in (0, 1)]
        sums = np.cumsum(np.pad(values, edge, "edge"), axis=axis)
        behind = np.arange(values.shape[axis])
        ahead = behind + 2 * r + 1
        values = (sums.take(ahead, axis) - sums.take(behind, axis)) / (2 * r + 1)
    return values


def shade(height: Array, ambient: float = 0.35) -> Array:
    """Brightness of a matt surface of that height under LIGHT; a level one has about 1."""
    down, right = np.gradient(height)
    lambert = (-right * LIGHT[0] - down * LIGHT[1] + LIGHT[2]) / np.sqrt(1 + right**2 + down**2)
    return ambient + (1 - ambient) * lambert.clip(0) / LIGHT[2]


def openness(height: Array, radius: float, strength: float) -> Array:
    """Dark in the hollows: how far a point lies under its surroundings."""
    return np.exp(-strength * (blurred(height, radius) - height).clip(0))


def smoothstep(low: float, high: float, values: Array) -> Array:
    """0 below `low`, 1 above `high`, a soft ramp between."""
    t = ((values - low) / (high - low)).clip(0, 1)
    return t * t * (3 - 2 * t)


def mix(first: Colour, second: Colour, share: Array) -> Colour:
    """`first` where `share` is 0, `second` where it is 1."""
    return first + (second - first) * share[..., None]


def rgb(code: str) -> Colour:
    """A colour as the web writes it."""
    return np.array([int(code[k : k + 2], 16) for k in (0, 2, 4)]) / 255


# ---- where things lie --------------------------------------------------------------------------------------------


def scatter(random: Random, apart: float, margin: float) -> Array:
    """Points at least `apart` from each other, as dense as many darts make them: N×2 (x, y)."""
    points = np.empty((0, 2))
    for dart in random.uniform(-margin, S + margin, (int(12 * (S / apart) ** 2), 2)):
        if len(points) == 0 or np.min(np.sum((points - dart) ** 2, axis=1)) >= apart**2:
            points = np.vstack([points, dart])
    return points


def cells(points: Array, x: Array, y: Array) -> tuple[Array, Array, NDArray[np.int64]]:
    """Distance to the border between the two nearest points, distance to the nearest, and which it is."""
    first, second = np.full((S, S), np.inf), np.full((S, S), np.inf)
    owner = np.zeros((S, S), np.int64)
    rival = np.zeros((S, S), np.int64)
    for number, (px, py) in enumerate(points):
        distance = np.hypot(x - px, y - py)
        wins, places = distance < first, distance < second
        rival = np.where(wins, owner, np.where(places, number, rival))
        second = np.where(wins, first, np.minimum(second, distance))
        owner = np.where(wins, number, owner)
        first = np.minimum(first, distance)
    gap = np.linalg.norm(points[owner] - points[rival], axis=-1).clip(1)
    return (second**2 - first**2) / (2 * gap), first, owner


# ---- the drawings ------------------------------------------------------------------------------------------------


def pebbles() -> Colour:
    """A heap of rounded stones: small ones below, larger ones laid over them, grain and bands on each."""
    random = np.random.default_rng(11)
    tones = [rgb(code) for code in ("8d8377", "b9a88f", "6c6762", "a4785c", "d5cbb8", "77828a", "595049", "c2b4a6")]
    height = 2 * cloud(random, 8)
    colour = mix(rgb("4a4038"), rgb("6d6154"), smoothstep(-1, 1, cloud(random, 10)))
    for apart, size, level in ((34, 22, 0), (56, 36, 12), (84, 54, 26)):
        for x, y in random.permutation(scatter(random, apart, size)):
            lay_stone(random, height, colour, (x, y), size * random.uniform(0.75, 1.15), level, tones)
    grain = 1 + 0.05 * cloud(random, 6, 3, 0.8)
    light = shade(blurred(height, 1) + 0.35 * cloud(random, 5, 2)) * openness(height, 14, 0.055)
    return colour * (grain * light)[..., None] * 1.12


def lay_stone(
    random: Random, height: Array, colour: Colour, at: Point, size: float, level: float, tones: list[Colour]
) -> None:
    """Draw one stone into `height` and `colour`, wherever it is higher than what lies there."""
    angle, flat = random.uniform(0, np.pi), random.uniform(0.62, 0.95)
    tone = tones[random.integers(len(tones))] * random.uniform(0.85, 1.1)
    bumps, turns = random.normal(0, 0.05, 3), random.uniform(0, 2 * np.pi, 3)
    bands, tilt, dome = random.uniform(0, 0.16), random.normal(0, 0.12, 2), random.uniform(0.5, 0.75)
    left, top = (max(int(c - size * 1.3), 0) for c in at)
    window = np.s_[top : max(int(at[1] + size * 1.3), 0), left : max(int(at[0] + size * 1.3), 0)]
    dx, dy = COLUMNS[window] - at[0], ROWS[window] - at[1]
    if dx.size == 0:
        return
    u, v = dx * np.cos(angle) + dy * np.sin(angle), (dy * np.cos(angle) - dx * np.sin(angle)) / flat
    around = np.arctan2(v, u)
    outline = 1 + sum(b * np.cos((k + 2) * around + t) for k, (b, t) in enumerate(zip(bumps, turns, strict=True)))
    r = np.hypot(u, v) / (size * outline)
    top_of_it = level + size * dome * (1 - r.clip(0, 1) ** 2.6) ** 0.5 + tilt[0] * dx + tilt[1] * dy
    seen = (r < 1) & (top_of_it > height[window])
    streaks = 1 + bands * np.sin(v / size * 9 + 2 * np.sin(u / size * 2 + turns[0]))
    height[window] = np.where(seen, top_of_it, height[window])
    colour[window] = np.where(seen[..., None], tone * streaks[..., None], colour[window])


def wall() -> Colour:
    """Bricks in running bond, hand-made: none quite alike in place, length or colour; sandy mortar between."""
    random = np.random.default_rng(8)
    long, high, joint = 156.0, 65.0, 11.0
    x, y = COLUMNS + 1.2 * cloud(random, 50, 3) + 30, ROWS + 1.2 * cloud(random, 50, 3) + 20
    row = np.floor(y / high).astype(int)
    along = x / long + 0.5 * (row % 2)
    brick = np.floor(along).astype(int)
    number = 16 * row + brick

    def differing(deviation: float) -> Array:
        return random.normal(0, deviation, 16 * 16)[number]

    across = (along - brick - 0.5) * long + differing(1.0)
    down = (y / high - row - 0.5) * high + differing(0.7)
    half_long, half_high = (long - joint) / 2 + differing(0.8), (high - joint) / 2 + differing(0.5)
    chipped = 1.5 * cloud(random, 16, 3)
    inside = np.minimum(half_long - np.abs(across), half_high - np.abs(down)) + chipped
    fired = smoothstep(-1.5, 2.5, inside)
    pits = smoothstep(1.3, 2.2, cloud(random, 9, 3))
    tilt = differing(0.03) * across + differing(0.03) * down
    height = fired * (9 + 3 * smoothstep(0, 9, inside) + tilt - 2.5 * pits) + 0.8 * cloud(random, 12, 4)
    height += (1 - fired) * 1.2 * noise(random, 3)
    burnt = (0.45 + differing(0.2) + 0.12 * cloud(random, 60)).clip(0, 1)
    clays = mix(rgb("b4674a"), rgb("7d3b2e"), burnt)
    mortar = rgb("bdb3a1") * (1 + 0.05 * cloud(random, 5, 3))[..., None]
    light = shade(blurred(height, 1)) * openness(height, 9, 0.05)
    grain = 1 + 0.05 * cloud(random, 4, 3)
    return mix(mortar, clays * grain[..., None], fired) * light[..., None] * 1.02


def weave() -> Colour:
    """A two-by-two twill of thick yarn, blue warp and straw weft, no thread quite straight or quite alike."""
    random = np.random.default_rng(5)
    pitch = S / 22
    x, y = COLUMNS + 2.4 * noise(random, 70), ROWS + 2.4 * noise(random, 70)
    warp, weft = x / pitch, y / pitch
    i, j = np.floor(warp).astype(int), np.floor(weft).astype(int)
    warp_over = wave(weft, i, 0.0)
    weft_over = wave(warp, j, 2.0)
    up = yarn(warp) * pitch * 0.36 + warp_over
    across = yarn(weft) * pitch * 0.36 + weft_over
    on_top = up > across
    height = np.maximum(up, across)
    twist = np.where(on_top, np.sin(2 * np.pi * (weft * 3 + warp)), np.sin(2 * np.pi * (warp * 3 - weft)))
    fibre = np.where(on_top, noise(random, 3, 26), noise(random, 26, 3))
    blues = rgb("34506b") * (1 + 0.13 * random.standard_normal((200, 1)))
    straws = rgb("cdb68a") * (1 + 0.09 * random.standard_normal((200, 1)))
    colour = np.where(on_top[..., None], blues[i], straws[j])
    light = shade(blurred(height, 1) + 0.3 * twist + 0.35 * fibre) * openness(height, 9, 0.07)
    return colour * (light * (1 + 0.06 * fibre))[..., None] * 1.15


def yarn(position: Array) -> Array:
    """The round of a thread across its width: 0 at its sides, 1 on top."""
    return np.sqrt((1 - (2 * (position - np.floor(position)) - 1) ** 2).clip(0))


def wave(along: Array, thread: NDArray[np.int64], start: float) -> Array:
    """Over two, under two, each thread one further than its neighbour."""
    return 6 * np.sin(2 * np.pi * (along + thread + start - 0.5) / 4)


def clay() -> Colour:
    """Dry mud: plates with curled rims between deep cracks, hairlines on the plates, dust over all."""
    random = np.random.default_rng(23)
    x, y = (c + 9 * cloud(random, 60, 4) for c in (COLUMNS, ROWS))
    points = scatter(random, 92, 90)
    border, _, plate = cells(points, x, y)
    hairline, _, _ = cells(scatter(random, 40, 60), x + 5 * cloud(random, 20), y + 5 * cloud(random, 20))
    width = 5.5 + 1.6 * noise(random, 70)
    crack = smoothstep(0, 1, (border - width) / 3)
    hair = 1 - (1 - smoothstep(0.6, 2.2, hairline)) * smoothstep(-0.4, 0.8, noise(random, 120)) * 0.8
    rim = np.exp(-((border - width).clip(0) / 13))
    slope = random.normal(0, 0.05, (len(points), 2))[plate]
    tilt = slope[..., 0] * (COLUMNS - points[plate][..., 0]) + slope[..., 1] * (ROWS - points[plate][..., 1])
    height = crack * (26 + 7 * rim + tilt) + 3 * hair + 1.6 * cloud(random, 40) + 0.5 * cloud(random, 5, 2)
    tone = (random.normal(0.5, 0.2, len(points))[plate] + 0.22 * cloud(random, 90)).clip(0, 1)
    colour = mix(rgb("9a7453"), rgb("d3b48c"), tone)
    colour = mix(rgb("2c1d15"), colour, 0.12 + 0.88 * crack * (0.65 + 0.35 * hair))
    light = shade(blurred(height, 1)) * openness(height, 10, 0.05)
    return colour * (light * (1 + 0.035 * cloud(random, 3, 2)))[..., None] * 1.08


def marble() -> Colour:
    """Green marble: clouds bent by clouds, white veins broad and fine, a few of rust."""
    random = np.random.default_rng(42)
    bend_x, bend_y = 30 * cloud(random, 200, 3, 0.4), 30 * cloud(random, 200, 3, 0.4)
    flow = cloud(random, 120, 6, 0.6) + 0.6 * np.sin((COLUMNS * 0.8 + ROWS + 2.2 * bend_x) / 62)
    colour = mix(rgb("10302a"), rgb("3f7a63"), smoothstep(-1.6, 1.5, flow))
    colour = mix(colour, rgb("8fb59b"), 0.6 * smoothstep(0.9, 2.4, flow + 0.5 * cloud(random, 16, 4)))
    ragged = 5 * cloud(random, 28, 3)
    broad, _, _ = cells(scatter(random, 150, 150), COLUMNS + bend_x + ragged, ROWS + bend_y - ragged)
    fine, _, _ = cells(scatter(random, 62, 90), COLUMNS + bend_y + ragged, ROWS - bend_x + ragged)
    strength = smoothstep(-1.0, 1.0, noise(random, 110))
    veins = np.exp(-broad / (2.2 + 5 * strength)) * (0.35 + 0.6 * strength)
    threads = np.exp(-fine / 1.6) * 0.55 * smoothstep(-0.3, 1.2, noise(random, 80))
    colour = mix(colour, rgb("e9efe6"), (veins + threads).clip(0, 0.95))
    rust = np.exp(-np.abs(flow - 0.35) / 0.05) * smoothstep(0.2, 1.4, noise(random, 130))
    colour = mix(colour, rgb("a5713f"), 0.45 * rust)
    return colour * (1 + 0.03 * cloud(random, 3, 2))[..., None]


# ---- a painting --------------------------------------------------------------------------------------------------

CANVAS = 1024  # its side; the finished one is larger than the other drawings, so that a stroke has its bristles
COATS = ((1500, 30, 130), (5200, 15, 88), (3600, 10, 56))  # how many strokes, how wide, how long: the ground first
WHIRLS = ((0.40, 0.36, 0.17, 1), (0.61, 0.45, 0.11, -1))  # x, y, radius, and which way they turn
STARS = (
    *((0.87, 0.16, 0.085), (0.12, 0.12, 0.045), (0.33, 0.08, 0.036), (0.58, 0.12, 0.047), (0.73, 0.28, 0.036)),
    *((0.07, 0.33, 0.040), (0.90, 0.43, 0.038), (0.24, 0.27, 0.026), (0.74, 0.06, 0.024), (0.47, 0.19, 0.022)),
)  # x, y, radius; the first is the moon
SKY = [rgb(code) for code in ("11245a", "1d4288", "2f66ad", "569acb", "9ccfd6")]
GLOW = [rgb(code) for code in ("fffbe0", "ffe668", "fbc62f", "f3d24e", "9cc4a0")]  # from a star outwards
LAND = [rgb(code) for code in ("1d4a55", "2d7a63", "78a552", "2b5a76", "152a52")]  # from the ridge down
BARK = [rgb(code) for code in ("0c1814", "1f3a22", "4a5a1f", "8a5a22")]


def strokes() -> Colour:
    """A night in the manner of oil: whirls, stars, a meadow and a cypress, laid stroke by stroke along a flow."""
    random = np.random.default_rng(1889)
    paint, relief = Image.new("RGB", (CANVAS, CANVAS)), Image.new("L", (CANVAS, CANVAS))
    for count, width, length in COATS:
        x, y = np.hstack([random.uniform(-0.03, 1.03, (2, count - len(STARS))), np.array(STARS).T[:2]])
        colours = night(random, x, y) * random.normal(1, 0.1, (count, 1)) + random.normal(0, 0.025, (count, 3))
        paths = CANVAS * streamlines(x, y, length * random.uniform(0.6, 1.25, count) / CANVAS)
        for path, colour in zip(paths, colours, strict=True):
            lay_stroke(random, paint, relief, path, width * random.uniform(0.7, 1.2), colour)
    thickness = 0.045 * blurred(np.asarray(relief).astype(np.float64), 1)
    return np.asarray(paint) / 255 * (1.1 * shade(thickness, 0.55))[..., None]


def lay_stroke(
    random: Random, paint: Image.Image, relief: Image.Image, path: Array, width: float, colour: Colour
) -> None:
    """Draw one stroke along the path, K×2: bristle by bristle, each of its own tone and thickness."""
    along = np.gradient(path, axis=0)
    across = along[:, ::-1] * (-1, 1) / np.linalg.norm(along, axis=1, keepdims=True)
    across *= width * np.sin(np.linspace(0.22 * np.pi, 0.92 * np.pi, len(path)))[:, None]  # thin at either end
    bristles = max(4, round(width / 3))
    for side in np.linspace(-0.5, 0.5, bristles):
        line = [(x, y) for x, y in path + side * across]
        tone = (255 * colour * random.normal(1, 0.07)).clip(0, 255).astype(int)
        thick = int(255 * random.uniform(0.35, 1) * (1 - 0.7 * abs(side)))
        for picture, fill in ((paint, (tone[0], tone[1], tone[2])), (relief, thick)):
            ImageDraw.Draw(picture).line(line, fill=fill, width=round(width / bristles) + 2, joint="curve")


def streamlines(x: Array, y: Array, length: Array) -> Array:
    """N paths of nine points along the flow, through the given ones in their middle: N×9×2."""
    halves = []
    for way in (-1, 1):
        points = [np.stack([x, y])]
        for _ in range(4):
            points.append(points[-1] + way * length / 9 * flow(*points[-1]))
        halves.append(points)
    return np.stack(halves[0][:0:-1] + halves[1]).transpose(2, 0, 1)


def flow(x: Array, y: Array) -> Array:
    """The direction of a stroke at each place, a vector of length 1: 2×N."""
    u, v = np.cos(0.5 * np.sin(5 * x + 2 * y)), 0.5 * np.sin(6 * x - 3 * y + 0.5)
    around = [(*whirl, 3.5) for whirl in WHIRLS] + [(sx, sy, 1.6 * r, 1, 6.0) for sx, sy, r in STARS]
    for cx, cy, radius, turn, strength in around:
        distance = np.hypot(x - cx, y - cy) + 1e-6
        pull = turn * strength * np.exp(-((distance / radius) ** 2)) / distance
        u, v = u - pull * (y - cy), v + pull * (x - cx)
    depth = y - ridge(x)
    slope = (ridge(x + 0.01) - ridge(x - 0.01)) / 0.02 + 0.6 * np.sin(14 * x + 9 * y) * (4 * depth).clip(0, 1)
    field = mix(np.stack([u, v], -1), np.stack([np.ones_like(x), slope], -1), smoothstep(-0.02, 0.02, depth))
    upwards = np.stack([0.35 * np.sin(22 * y), np.full_like(x, -1.0)], -1)
    field = np.where(cypress(x, y)[:, None], upwards, field)
    return (field / np.linalg.norm(field, axis=1, keepdims=True)).T


def night(random: Random, x: Array, y: Array) -> Colour:
    """The colour of a stroke at each place: N×3."""
    unrest = random.standard_normal((3, len(x)))
    height = 0.3 + 0.16 * np.sin(7 * y + 3 * np.sin(4 * x)) + 0.45 * y**2
    for cx, cy, radius, turn in WHIRLS:
        distance, angle = np.hypot(x - cx, y - cy) / radius, np.arctan2(y - cy, x - cx)
        height += np.exp(-((distance / 1.3) ** 2)) * (0.34 + 0.34 * np.sin(15 * distance + turn * angle))
    colour = ramp(SKY, height + 0.1 * unrest[0])
    for cx, cy, radius in STARS:
        distance = np.hypot(x - cx, y - cy) / radius
        halo = 1.6 * np.exp(-((distance / 1.4) ** 3)) * (0.75 + 0.25 * np.cos(5 * distance))
        colour = mix(colour, ramp(GLOW, distance / 2.2 + 0.09 * unrest[1]), halo.clip(0, 1))
    depth = y - ridge(x)
    meadow = ramp(LAND, depth / 0.26 + 0.1 * np.sin(20 * x) + 0.16 * unrest[2])
    colour = np.where((depth > 0)[:, None], meadow, colour)
    return np.where(cypress(x, y)[:, None], ramp(BARK, 0.42 * np.abs(unrest[0])), colour)


def ridge(x: Array) -> Array:
    """How far down the sky meets the land."""
    return 0.74 - 0.07 * np.sin(3.1 * x + 0.6) - 0.03 * np.sin(9 * x + 1)


def cypress(x: Array, y: Array) -> NDArray[np.bool_]:
    """Whether a place lies inside the tree."""
    half = 0.075 * ((y - 0.22) / 0.5).clip(0, 1) ** 0.8 * (1 + 0.25 * np.sin(30 * y))
    return np.abs(x - 0.2 - 0.015 * np.sin(9 * y)) < half


def ramp(colours: list[Colour], at: Array) -> Colour:
    """Colours in a row, 0 the first and 1 the last, blended in between."""
    place = at.clip(0, 1) * (len(colours) - 1)
    lower = np.minimum(place.astype(int), len(colours) - 2)
    row = np.array(colours)
    return mix(row[lower], row[lower + 1], place - lower)


DRAWINGS: dict[str, Callable[[], Colour]] = {
    "pebbles": pebbles,
    "wall": wall,
    "weave": weave,
    "clay": clay,
    "marble": marble,
    "strokes": strokes,
}


def draw(name: str) -> Image.Image:
    """The finished picture, half as large as it was drawn."""
    pixels = (DRAWINGS[name]().clip(0, 1) * 255).round().astype(np.uint8)
    return Image.fromarray(pixels).reduce(2)


def main(folder: Path) -> None:
    """Draw them all."""
    for name in DRAWINGS:
        draw(name).save(folder / f"{name}.jpg", quality=95, subsampling=0, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
