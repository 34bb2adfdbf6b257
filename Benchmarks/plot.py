"""Lines on logarithmic axes, as SVG that is readable on light and on dark pages."""

import math

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 96, 40, 20, 50
COLOURS = ["#2f6fb0", "#c0562f", "#3d8f5f", "#8a5fb0"]
LINE_HEIGHT = 20


def decades(values):
    """The powers of ten from the one below the least to the one above the most."""
    least, most = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return range(least, max(most, least + 1) + 1)


def plain(power):
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"


def plot(lines, across, up):
    """`lines` are points by name; `across` and `up` name the axes."""
    columns = decades([x for points in lines.values() for x, _ in points])
    rows = decades([y for points in lines.values() for _, y in points])

    def place(value, powers, start, end):
        return start + (math.log10(value) - powers[0]) / (powers[-1] - powers[0]) * (end - start)

    def x(value):
        return place(value, columns, LEFT, WIDTH - RIGHT)

    def y(value):
        return place(value, rows, HEIGHT - BOTTOM, TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{up} over {across}" font-family="sans-serif" font-size="13">',
        "<style>text{fill:#222}.grid{stroke:#ccc}"
        "@media (prefers-color-scheme: dark){text{fill:#ddd}.grid{stroke:#444}}</style>",
    ]
    for power in columns:
        at = x(10**power)
        parts.append(f'<line class="grid" x1="{at:.1f}" y1="{TOP}" x2="{at:.1f}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{plain(power)}</text>')
    for power in rows:
        at = y(10**power)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{plain(power)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">{across}</text>')
    parts.append(f'<text transform="translate(14 {HEIGHT / 2:.0f}) rotate(-90)" text-anchor="middle">{up}</text>')
    for number, ((name, points), colour) in enumerate(zip(lines.items(), COLOURS)):
        path = " ".join(f"{x(across):.1f},{y(up):.1f}" for across, up in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{colour}"/>' for a, b in points]
        at = TOP + 16 + number * LINE_HEIGHT
        parts.append(f'<line x1="{LEFT + 12}" y1="{at - 4}" x2="{LEFT + 36}" y2="{at - 4}" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{LEFT + 42}" y="{at}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])
