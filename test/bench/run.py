#!/usr/bin/env python3
"""make bench: dictd and its peers side by side on this machine.

    run.py --build BUILD [--quick] [--only NAME[,NAME] [--add]] [--repeat N] [--seconds S]
    run.py --list

Writes BUILD/bench/report.md, report.svg and results.json; all else is below BUILD/bench/run-…, which goes when it ends
(its logs stay if a part failed). The report is written anew after each part, so that what was measured is never lost.
Exit status: 0 all parts ran, 1 one failed. README.md says how it measures. Needs nothing but Python's own library.
"""

import argparse
import json
import pathlib
import shutil
import sys
import time
import traceback

sys.dont_write_bytecode = True

import dict_port
import growth
import index_figures
import journalling
import latency
import machine
import memory
import picture
import steady
import throughput
from children import Failed, prepare
from measure import Bench, Settings, say
from report import Report

# In this order: what later parts need of earlier ones (echo's peak, dictd's peak) they measure themselves with --only.
PARTS = {
    "throughput": throughput.throughput,
    "connections": throughput.connections,
    "writes": throughput.writes,
    "recording": throughput.recording,
    "models": throughput.models,
    "dict": dict_port.definitions,
    "dict-match": dict_port.matches,
    "dict-clients": dict_port.clients,
    "sync": journalling.sync,
    "rates": latency.rates,
    "return": latency.comeback,
    "logins": latency.logins,
    "reload": latency.reload,
    "history": latency.history,
    "idle": memory.idle,
    "start": memory.start,
    "index": index_figures.index,
    "words": growth.words,
    "idle-growth": growth.idle,
    "steady": steady.steady,
}


def options():
    parser = argparse.ArgumentParser(description="dictd and its peers, side by side on this machine")
    parser.add_argument("--build", type=pathlib.Path, default="build", help="where the programs are")
    parser.add_argument("--quick", action="store_true", help="two minutes: shows that all works")
    parser.add_argument("--only", default="", help="some parts, separated by commas")
    parser.add_argument("--add", action="store_true", help="to what BUILD/bench/results.json holds of other parts")
    parser.add_argument("--repeat", type=int, help="rounds of each comparison")
    parser.add_argument("--seconds", type=float, help="of one run")
    parser.add_argument("--list", action="store_true", help="the names of the parts")
    return parser.parse_args()


def measure(bench, name):
    bench.part = name
    began = time.monotonic()
    say(f"{name}")
    try:
        PARTS[name](bench)
    except Failed as why:
        bench.fail(name, why)
    except Exception as why:  # a fault of the benchmark itself must not cost the parts that follow
        traceback.print_exc()
        bench.fail(name, f"{type(why).__name__}: {why}")
    say(f"  {name} took {time.monotonic() - began:.0f} s")


def write(bench, about, began, output):
    results = {"machine": about, "figures": bench.figures, "notes": bench.notes, "failures": bench.failures, "runs": bench.runs}
    (output / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8")
    try:
        drawn = picture.draw(bench.figures, output / "report.svg")
    except Failed as why:
        bench.fail("picture", why)
        drawn = False
    report = Report(bench, about, (time.monotonic() - began) / 60).text(drawn)
    (output / "report.md").write_text(report, encoding="utf-8")


def main():
    asked = options()
    names = [name for name in asked.only.split(",") if name] or list(PARTS)
    if asked.list:
        print("\n".join(PARTS))
        return 0
    if unknown := [name for name in names if name not in PARTS]:
        print(f"run.py: no such part: {', '.join(unknown)} (--list names them)", file=sys.stderr)
        return 2
    build, source = asked.build.resolve(), pathlib.Path(__file__).resolve().parents[2]
    output = build / "bench"
    directory = output / time.strftime("run-%Y%m%d-%H%M%S")
    directory.mkdir(parents=True)
    descriptors = prepare()
    began = time.monotonic()
    about = machine.describe(source, build, descriptors)
    bench = Bench(source, build, directory, Settings(asked.quick, asked.seconds, asked.repeat))
    if asked.add:
        bench.take_over(json.loads((output / "results.json").read_text(encoding="utf-8")), names)
    try:
        bench.database.start()
        for name in names:
            measure(bench, name)
            write(bench, about, began, output)
    except KeyboardInterrupt:
        bench.fail("all", "interrupted")
        write(bench, about, began, output)
    finally:
        bench.database.stop()
        if bench.failures:
            shutil.rmtree(directory / "db", ignore_errors=True)
        else:
            shutil.rmtree(directory, ignore_errors=True)
    say(f"{output / 'report.md'} ({(time.monotonic() - began) / 60:.1f} minutes)")
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
