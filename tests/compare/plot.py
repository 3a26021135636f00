"""A plot of the samples of a comparison, as SVG: panels one below the other, over
the hours of the schedule, with a line for each row."""
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 150        # of a panel
LEFT, RIGHT, TOP, GAP = 70, 20, 30, 50
LEGEND_WIDTH = 160
COLORS = ("#1b6ca8", "#d1495b", "#3a7d44", "#edae49", "#7b5ea7", "#555555",
          "#00798c", "#a0522d", "#c13c9c", "#808000")


def rate(samples, value):
    """Return how a counter rises, for each second between two samples."""
    return [(b["sample"], max(0, (value(b) - value(a)) /
                              (b["sample"] - a["sample"])))
            for a, b in zip(samples, samples[1:])]


def uneven(samples):
    return [(s["sample"], max(s["users"]) * len(s["users"]) / sum(s["users"]))
            for s in samples if sum(s["users"])]


PANELS = [
    ("people who are connected",
     lambda s: [(x["sample"], sum(x["users"])) for x in s]),
    ("lines to clients, in a second of the schedule",
     lambda s: rate(s, lambda x: sum(x["lines"]))),
    ("copies of messages to other servers and to gates, in a second of the schedule",
     lambda s: rate(s, lambda x: x["copies"])),
    ("entries between servers, in a second of the schedule",
     lambda s: rate(s, lambda x: x["relayed"].get("entries", 0))),
    ("users of the fullest server, divided by the mean", uneven),
]


def text(x, y, content, **kwargs):
    attributes = "".join(f' {k.replace("_", "-")}="{v}"' for k, v in
                         kwargs.items())
    return f'<text x="{x:.0f}" y="{y:.0f}"{attributes}>{escape(content)}</text>'


def line(x1, y1, x2, y2, color):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{color}"/>')


def round_up(value):
    """Return the next number that looks good at the top of an axis."""
    step = 1.0
    while step * 10 < value:
        step *= 10
    while step > value > 0:
        step /= 10
    return next(step * k for k in (1, 2, 3, 5, 8, 10, 100) if
                step * k >= value)


def panel(y, title, series, end):
    """Yield the elements of one panel. `series` has a list of points for each
    row; end is the last time, in seconds."""
    top = round_up(max((v for points in series for _, v in points),
                       default=1) or 1)
    yield text(LEFT, y - 6, title, font_weight="bold")
    for part in (0, .5, 1):
        at = y + HEIGHT * (1 - part)
        yield line(LEFT, at, LEFT + WIDTH, at, "#dddddd")
        yield text(LEFT - 6, at + 4, f"{top * part:g}", text_anchor="end")
    hours = max(1, round(end / 3600))
    for hour in range(0, hours + 1, max(1, hours // 12)):
        x = LEFT + WIDTH * min(1, hour * 3600 / end)
        yield text(x, y + HEIGHT + 14, f"{hour} h", text_anchor="middle")
    for i, points in enumerate(series):
        path = " ".join(f"{LEFT + WIDTH * t / end:.1f},"
                        f"{y + HEIGHT * (1 - v / top):.1f}" for t, v in points)
        yield (f'<polyline points="{path}" fill="none" stroke-width="1.5" '
               f'stroke="{COLORS[i % len(COLORS)]}"/>')


def draw(results):
    """Return the plot of what compare.py has measured: {row: figures}."""
    end = max((f["samples"][-1]["sample"] for f in results.values()
               if f["samples"]), default=1)
    out, y = [], TOP + 20
    for i, name in enumerate(results):
        out.append(text(LEFT + i * LEGEND_WIDTH, TOP - 10, name,
                        fill=COLORS[i % len(COLORS)], font_weight="bold"))
    for title, points in PANELS:
        series = [points(f["samples"]) for f in results.values()]
        out += panel(y, title, series, end)
        y += HEIGHT + GAP
    width = LEFT + max(WIDTH, LEGEND_WIDTH * len(results)) + RIGHT
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
            f'height="{y}" font-family="sans-serif" font-size="11">\n'
            '<rect width="100%" height="100%" fill="white"/>\n' +
            "\n".join(out) + "\n</svg>\n")
