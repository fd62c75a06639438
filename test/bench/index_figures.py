"""The micro-benchmarks (Google Benchmark, build/bench/micro), and of them the figures of the index that have a bar."""

import json

from children import SERVER_CORE, Failed, run
from measure import say

NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}

# name in build/bench/micro -> (figure, its unit, nanoseconds in it)
WITH_BAR = {
    "index_exact_hot/150000": ("index exact", "ns", 1),
    "index_prefix_20/150000": ("index prefix", "µs", 1e3),
    "index_lev_1/150000": ("index lev", "µs", 1e3),
}
BUILT = "index_build/150000"  # has the counter `overhead`: bytes beyond the text, as a share of the text


def index(bench):
    program = bench.build / "bench/micro"
    options = ["--benchmark_format=json", "--benchmark_min_time=0.2", "--benchmark_repetitions=3"]
    if bench.settings.quick:
        names = "|".join([*WITH_BAR, BUILT])
        options = ["--benchmark_format=json", "--benchmark_min_time=0.05", f"--benchmark_filter=^({names})$"]
    answer = json.loads(run(["taskset", "-c", SERVER_CORE, program, *options], 600, cwd=bench.directory))
    for each in answer["benchmarks"]:
        if each.get("run_type") != "iteration":
            continue
        name = each.get("run_name", each["name"])
        if each.get("error_occurred"):
            bench.fail(f"index: {name}", each.get("error_message"))
            continue
        time = each["real_time"] * NANOSECONDS[each["time_unit"]]
        unit = next(unit for unit in ("s", "ms", "us", "ns") if time >= NANOSECONDS[unit] or unit == "ns")
        # The unit is that of the first repetition.
        unit = bench.figures.get(f"micro {name}", {}).get("unit", unit)
        bench.figure(f"micro {name}", time / NANOSECONDS[unit], unit)
        if name in WITH_BAR:
            figure, unit, scale = WITH_BAR[name]
            bench.figure(figure, time / scale, unit)
        if name == BUILT and "overhead" in each:
            bench.figure("index beyond text", each["overhead"], "× the text")
    missing = [name for name in WITH_BAR if f"micro {name}" not in bench.figures]
    if missing:
        raise Failed(f"build/bench/micro has no {', '.join(missing)}")
    for figure in ("index beyond text", *(figure for figure, _, _ in WITH_BAR.values())):
        if figure in bench.figures:
            say(f"    {figure}: {bench.median(figure):.3g} {bench.figures[figure]['unit']}")
