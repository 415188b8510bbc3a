"""Draw docs/pictures/scale-out.svg, the parts of Texture Lab on several machines: `python -m tools.scale_drawing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "scale-out.svg"
WIDTH, HEIGHT, ROW = 1000, 380, 19
INK, PAPER, LINE = "#1f2430", "#ffffff", "#6b7280"
OURS, THEIRS = "#e8f0fe", "#f3f4f6"
HEAD = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"'
TITLE = "Browsers reach web processes through a proxy; these and the workers share PostgreSQL, Redis and S3"


@dataclass(frozen=True)
class Box:
    """A part: its name in bold, and a line for each thing that it does. behind: how many more are hinted at."""

    name: str
    lines: tuple[str, ...]
    x: int
    y: int
    width: int
    height: int
    colour: str = OURS
    behind: int = 0

    @property
    def middle(self) -> int:
        """The height at which lines arrive."""
        return self.y + self.height // 2

    @property
    def end(self) -> int:
        """Where its right side is, or that of the last one behind it."""
        return self.x + self.width + 6 * self.behind

    def drawn(self) -> str:
        """As SVG."""
        cards = "".join(self._card(6 * step) for step in range(self.behind, -1, -1))
        top = self.middle - ROW * len(self.lines) // 2 + 4
        words = [self._words(line, top + ROW * row, "400") for row, line in enumerate(self.lines, 1)]
        return cards + self._words(self.name, top, "700") + "".join(words)

    def _card(self, shift: int) -> str:
        place = f'x="{self.x + shift}" y="{self.y - shift}" width="{self.width}" height="{self.height}"'
        return f'<rect {place} rx="8" fill="{self.colour}" stroke="{LINE}"/>\n'

    def _words(self, words: str, y: int, weight: str) -> str:
        x = self.x + self.width // 2
        return f'<text x="{x}" y="{y}" text-anchor="middle" font-weight="{weight}">{escape(words)}</text>\n'


def line(x1: int, y1: int, x2: int, y2: int, heads: str = "") -> str:
    """A line, with heads at its "start", "end" or both."""
    ends = "".join(f' marker-{head}="url(#head)"' for head in heads.split())
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{LINE}" stroke-width="1.5"{ends}/>\n'


def rail(left: Sequence[Box], right: Sequence[Box]) -> str:
    """All on the left are connected with all on the right."""
    x = (max(box.end for box in left) + min(box.x for box in right)) // 2
    heights = [box.middle for box in (*left, *right)]
    stubs = [line(box.end + 3, box.middle, x, box.middle, "start") for box in left]
    stubs += [line(x, box.middle, box.x - 3, box.middle, "end") for box in right]
    return line(x, min(heights), x, max(heights)) + "".join(stubs)


def drawing() -> str:
    """The picture, as SVG."""
    browsers = Box("Browsers", ("page and socket",), 10, 150, 130, 80, THEIRS, 2)
    proxy = Box("nginx or ingress", ("TLS; each browser", "stays with one", "web process"), 205, 135, 155, 110, THEIRS)
    web = Box("Web processes", ("pages, API, sockets;", "nothing is computed"), 410, 150, 170, 80, behind=2)
    shared = [
        Box("PostgreSQL", ("the truth: jobs,", "turns, leases"), 650, 30, 140, 80, THEIRS),
        Box("Redis", ("queues, events,", "newest frames"), 650, 150, 140, 80, THEIRS),
        Box("S3", ("pictures, results,", "checkpoints"), 650, 270, 140, 80, THEIRS),
    ]
    workers = [
        Box("Workers", (f"of queue {queue}:", what), 850, y, 130, 80, behind=2)
        for queue, what, y in (
            ("gpu", "one GPU each", 30),
            ("cpu", "processors", 150),
            ("brief", "moments long", 270),
        )
    ]
    lines = line(browsers.end + 3, browsers.middle, proxy.x - 3, proxy.middle, "start end")
    lines += line(proxy.end + 3, proxy.middle, web.x - 3, web.middle, "start end")
    lines += rail([web], shared) + rail(shared, workers)
    boxes = "".join(box.drawn() for box in (browsers, proxy, web, *shared, *workers))
    style = f"font: 14px system-ui, sans-serif; fill: {INK}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" style="{style}" role="img">\n'
        f"<title>{TITLE}</title>\n"
        f'<defs><marker id="head" {HEAD}><path d="M0 0L8 4L0 8z" fill="{LINE}"/></marker></defs>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>\n{lines}{boxes}</svg>\n'
    )


if __name__ == "__main__":
    PICTURE.write_text(drawing(), encoding="utf-8")
