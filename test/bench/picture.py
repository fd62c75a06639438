"""The picture of the report: throughput over connections, latency at fixed rates. Drawn by gnuplot."""

import statistics

from children import run
from latency import RATES
from servers import Model

POINTS = (1, 10, 50, 100, 1000, 5000, 10000)

# (name, colour, width, dash): one hue for each kind of server, MySQL dashed.
MAIN = (("dictd", "#0b5fa5", 3, 1), ("echo", "#222222", 2, 1), ("redis", "#c0392b", 2, 1), ("memcached", "#2e8b57", 2, 1),
        ("Debian's dictd", "#8e44ad", 2, 1))
COLOURS = ("#e67e22", "#b7950b", "#16a085", "#7f8c8d", "#d35498")


def curves():
    yield from MAIN
    for model, colour in zip(Model.MODELS, COLOURS):
        yield f"{model}, index", colour, 1.4, 1
        yield f"{model}, mysql", colour, 1.4, 2


def median(figures, name):
    return statistics.median(figures[name]["values"]) if name in figures else None


def block(name, rows):
    """A gnuplot data block."""
    return f"${name} << EOD\n" + "".join(" ".join(f"{value:g}" for value in row) + "\n" for row in rows) + "EOD\n"


def throughput_panel(figures):
    data, plots = [], []
    for name, colour, width, dash in curves():
        rows = [(point, value) for point in POINTS if (value := median(figures, f"throughput {point}×1 {name}"))]
        if rows:
            data.append(block(f"t{len(data)}", rows))
            plots.append(f'$t{len(data) - 1} using 1:2 with linespoints lc rgb "{colour}" lw {width} dt {dash} pt 7 ps 0.35 '
                         f'title "{name}"')
    return "".join(data), plots


def latency_panel(figures):
    data, plots = [], []
    for name, colour in (("dictd", "#0b5fa5"), ("echo", "#222222")):
        for quantile, dash, width in (("p50", 1, 1.4), ("p99", 2, 2), ("p99.9", 3, 2.6)):
            rows = [(rate / 1000, value) for percent in RATES
                    if (value := median(figures, f"{quantile} at {percent}% {name}"))
                    and (rate := median(figures, f"rate {percent} {name}"))]
            if rows:
                data.append(block(f"l{len(data)}", rows))
                plots.append(f'$l{len(data) - 1} using 1:2 with linespoints lc rgb "{colour}" lw {width} dt {dash} pt 7 ps 0.4 '
                             f'title "{name} {quantile}"')
    return "".join(data), plots


def draw(figures, path):
    """Writes the picture to `path` (SVG); false when there is nothing to draw."""
    panels = (throughput_panel(figures), latency_panel(figures))
    if not any(plots for _, plots in panels):
        return False
    script = [
        'set terminal svg size 1240,620 dynamic font "Helvetica,13" background rgb "white"', f'set output "{path}"',
        *(data for data, _ in panels), "set multiplot layout 1,2", "set grid lc rgb '#dddddd'", "set border lc rgb '#444444'",
        "set key under center horizontal Left reverse samplen 2.5 font ',10' maxrows 5", "set bmargin 8", "set logscale xy", "set format y '%.0s%c'"]
    if panels[0][1]:
        script += ["set title 'Look-ups a second, closed loop, pipeline 1'", "set xlabel 'connections' offset 0,0.5", "set ylabel ''",
                   "set xrange [0.8:13000]", "set xtics ('1' 1, '10' 10, '50' 50, '100' 100, '1,000' 1000, '10,000' 10000)",
                   "set yrange [*<300:*]",
                   "plot " + ", ".join(panels[0][1])]
    if panels[1][1]:
        script += ["unset logscale x", "set title 'Latency at fixed rates, open loop, 50 connections'",
                   "set xlabel 'requests a second, thousands' offset 0,0.5", "set ylabel 'microseconds'", "set xrange [0:*]", "set xtics autofreq",
                   "set format y '%.0f'", "set yrange [*:*]", "plot " + ", ".join(panels[1][1])]
    script.append("unset multiplot")
    run(["gnuplot", "-"], 60, input="\n".join(script).encode())
    return True
