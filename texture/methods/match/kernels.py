"""The inner loops of PatchMatch, compiled for the processor: each over some rows of the result. Imports numba.

Every loop reads only what no other pixel of its turn writes, so that neither the order of the pixels nor the number of
threads changes anything. All of them run without Python's lock.

What they share: `image` is the result with what it is guided by, going on beyond its edges by half a patch, and `atlas`
what patches are taken from, both as rows of pixels × channels; a patch is named by the row and column of its upper
left pixel. `source`, 2×H×W, has the patch of each pixel of the result; `found`, H×W, at what distance it is. `wraps`
says whether the result is a torus down and across; `allowed`, h×w, where patches may be taken.
"""

from __future__ import annotations

import numpy as np

from texture.compiled import compiled

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

LARGEST = np.float32(3.4e38)  # no infinity: the loops are compiled as if there were none
WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1))


@compiled(inline="always")
def mixed(seed, turn, pixel, draw):
    """64 random bits for each place in the work, the same whoever comes first (the finaliser of SplitMix64)."""
    z = np.int64(seed) * np.int64(-7046029254386353131) + np.int64(turn) * np.int64(-4658895280553007687)
    z += np.int64(pixel) * np.int64(-7723592293110705685) + np.int64(draw) * np.int64(3202034522624059733)
    z = (z ^ ((z >> np.int64(30)) & np.int64(0x3FFFFFFFF))) * np.int64(-4658895280553007687)
    z = (z ^ ((z >> np.int64(27)) & np.int64(0x1FFFFFFFFF))) * np.int64(-7723592293110705685)
    return z ^ ((z >> np.int64(31)) & np.int64(0x1FFFFFFFF))


@compiled(inline="always")
def lines_inside(at, length, patch, wraps):
    """The first of its lines at which a patch about line `at` lies inside a picture, and the one after the last."""
    if wraps:
        return 0, patch
    half = patch // 2
    return max(0, half - at), min(patch, length + half - at)


@compiled(fastmath=True, inline="always")
def distance(image, atlas, y, x, v, u, top, bottom, left, right, limit):
    """Squared distance of two patches, given up once it is over `limit`; x, u, left and right count channels."""
    total, count = np.float32(0), np.uint64(right - left)  # unsigned: an index that may be negative is not vectorised
    ours, theirs = np.uint64(x + left), np.uint64(u + left)
    for row in range(top, bottom):
        part, here, there = np.float32(0), np.uint64(y + row), np.uint64(v + row)
        for k in range(count):
            step = image[here, ours + k] - atlas[there, theirs + k]
            part += step * step
        total += part
        if total >= limit:
            break
    return total


@compiled(inline="always")
def astray(down, across, basis, whole, weight):
    """What it costs to be moved by `down` and `across` where that is no whole number of periods: by squared pixels."""
    if weight == 0:
        return np.float32(0)
    one = down * whole[0, 0] + across * whole[1, 0]
    two = down * whole[0, 1] + across * whole[1, 1]
    one -= np.rint(one)
    two -= np.rint(two)
    row, column = one * basis[0, 0] + two * basis[1, 0], one * basis[0, 1] + two * basis[1, 1]
    return weight * (row * row + column * column)


@compiled(fastmath=True)
def measure(first, last, image, atlas, patch, wraps, allowed, active, basis, whole, weight, source, found):
    """Into `found`: how far each patch of these rows is from its source, where `active`."""
    height, width = found.shape
    channels, half = atlas.shape[1] // allowed.shape[1], patch // 2
    for y in range(first, last):
        top, bottom = lines_inside(y, height, patch, wraps[0])
        for x in range(width):
            if active[y, x]:
                left, right = lines_inside(x, width, patch, wraps[1])
                unit = np.float32(patch * patch) / np.float32((bottom - top) * (right - left))
                v, u = source[0, y, x], source[1, y, x]
                d = distance(
                    image, atlas, y, x * channels, v, u * channels,
                    top, bottom, left * channels, right * channels, LARGEST,
                )  # fmt: skip
                found[y, x] = d * unit + astray(v + half - y, u + half - x, basis, whole, weight)


@compiled(fastmath=True)
def improve(
    first, last, colour, image, atlas, patch, wraps, cost, allowed, active, basis, whole, weight,
    jumps, farthest, seed, turn, known, source, found,
):  # fmt: skip
    """Better sources for the pixels of one colour: those of their neighbours, then random ones, nearer and nearer.

    jumps: how far off the neighbours are, odd. farthest: how far off the first random one may be. cost: h×w, added to
    the distance of each patch. known: the source as it was before this turn; around a torus with an odd side a
    neighbour may be of the same colour.
    """
    height, width = found.shape
    high, wide = cost.shape
    channels, half = atlas.shape[1] // wide, patch // 2
    for y in range(first, last):
        top, bottom = lines_inside(y, height, patch, wraps[0])
        for x in range((y + colour) % 2, width, 2):
            if not active[y, x]:
                continue
            left, right = lines_inside(x, width, patch, wraps[1])
            unit = np.float32(patch * patch) / np.float32((bottom - top) * (right - left))
            best, v, u = found[y, x], source[0, y, x], source[1, y, x]
            reach, draw = min(farthest, max(high, wide)), 0
            for candidate in range(64):
                if candidate < 4 * len(jumps):
                    down, across = WAYS[candidate % 4]
                    down, across = down * jumps[candidate // 4], across * jumps[candidate // 4]
                    j, i = y - down, x - across
                    if j < 0 or j >= height:
                        if not wraps[0]:
                            continue
                        j %= height
                    if i < 0 or i >= width:
                        if not wraps[1]:
                            continue
                        i %= width
                    b, a = known[0, j, i] + down, known[1, j, i] + across
                elif reach >= 1:
                    number = mixed(seed, turn, y * width + x, draw)
                    b = v + (number & np.int64(0x7FFFFFFF)) % (2 * reach + 1) - reach
                    a = u + ((number >> np.int64(31)) & np.int64(0x7FFFFFFF)) % (2 * reach + 1) - reach
                    reach, draw = reach // 2, draw + 1
                else:
                    break
                if b < 0 or a < 0 or b >= high or a >= wide or not allowed[b, a] or (b == v and a == u):
                    continue
                extra = cost[b, a] + astray(b + half - y, a + half - x, basis, whole, weight)
                limit = (best - extra) / unit
                if limit <= 0:
                    continue
                d = distance(
                    image, atlas, y, x * channels, b, a * channels,
                    top, bottom, left * channels, right * channels, limit,
                )  # fmt: skip
                if d < limit:
                    best, v, u = d * unit + extra, b, a
            found[y, x], source[0, y, x], source[1, y, x] = best, v, u


@compiled(fastmath=True)
def vote(first, last, atlas, worth, patch, wraps, kernel, trust, painted, source, image):
    """Into `image`, H×W×3: the sources' patches laid over each other, where it is `painted`.

    What counts: kernel, patch×patch, a pixel by its place in a patch; trust, H×W, each patch; worth, h×w, each pixel of
    the atlas.
    """
    height, width = trust.shape
    half, channels = patch // 2, np.uint64(atlas.shape[1] // worth.shape[1])
    for y in range(first, last):
        for x in range(width):
            if not painted[y, x]:
                continue
            red = green = blue = weights = np.float32(0)
            for row in range(patch):
                j = y + half - row
                if j < 0 or j >= height:
                    if not wraps[0]:
                        continue
                    j %= height
                for column in range(patch):
                    i = x + half - column
                    if i < 0 or i >= width:
                        if not wraps[1]:
                            continue
                        i %= width
                    if kernel[row, column] == 0:
                        continue
                    v, u = np.uint64(source[0, j, i] + row), np.uint64(source[1, j, i] + column)
                    share = kernel[row, column] * trust[j, i] * worth[v, u]
                    red += share * atlas[v, u * channels]
                    green += share * atlas[v, u * channels + np.uint64(1)]
                    blue += share * atlas[v, u * channels + np.uint64(2)]
                    weights += share
            image[y, x, 0], image[y, x, 1], image[y, x, 2] = red / weights, green / weights, blue / weights
