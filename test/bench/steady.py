"""Bursts and the steady state: how fast look-ups may come for as long as one likes, the drain keeping up.

The backlog is look-ups answered less rows in the database, each second. It counts as growing when its mean over the
last third of the time is above that over the first third by more than the look-ups of a quarter of a second and of one
hundredth of the time. MariaDB has its default durability, and a buffer pool of 128 MB.
"""

import statistics
import time

from children import Failed
from measure import drained, say
from servers import Dictd

STEADY_RATE = 50_000
SEARCHED = (100_000, 150_000, 200_000, 250_000)


def watched(bench, dictd, label, seconds, rate=None):
    """Look-ups for so long, at a rate or as fast as they go; the record, with a sample of each second."""
    bench.tokens(dictd)
    dictd.fresh()
    before = bench.database.rows_written()
    running = bench.begin(dictd, rate=rate, pipeline=16, seconds=seconds, warmup=0)
    samples, began = [], time.monotonic()
    while running.running():
        rows = bench.database.rows_written() - before
        samples.append({"at": time.monotonic(), "rows": rows, "journal": dictd.journal_bytes()})
        time.sleep(max(0.01, began + len(samples) - time.monotonic()))
    record = running.finish(label)
    ended = time.monotonic()
    rows = bench.database.rows_written() - before
    whole = drained(bench, before + record["requests"], 180)
    for each in samples:
        each["second"] = each.pop("at") - (ended - seconds)
        each["backlog"] = max(0.0, record["throughput"] * each["second"] - each["rows"])
    samples = [each for each in samples if each["second"] > 0]
    record.update(samples=samples, left=max(0, record["requests"] - rows),
                  drain_seconds=time.monotonic() - ended if whole else None)
    if not samples:
        raise Failed("the run was too short to be watched")
    return record


def growth(record):
    """Rows by which the backlog's mean rose from the first third to the last."""
    backlog = [each["backlog"] for each in record["samples"]]
    third = max(1, len(backlog) // 3)
    return statistics.mean(backlog[-third:]) - statistics.mean(backlog[:third])


def keeps_up(record, rate):
    return record["throughput"] >= 0.98 * rate and growth(record) <= rate * (0.25 + 0.01 * record["seconds"])


def steady(bench):
    """Five minutes at 50,000 a second; the highest rate of a short search; a burst, and its drain."""
    quick = bench.settings.quick
    dictd = Dictd(bench)
    try:
        burst(bench, dictd, 2 if quick else 10)
        # At a rate that fails, those above are not tried.
        best = 0
        for rate in () if quick else SEARCHED:
            try:
                record = watched(bench, dictd, f"{rate:,}/s", 3 if quick else 20, rate)
            except Failed as why:
                bench.note("burst", f"{rate:,}/s: {why}")
                break
            describe(bench, f"steady {rate}", record)
            if not keeps_up(record, rate):
                break
            best = rate
        seconds = 6 if quick else 300
        record = watched(bench, dictd, f"{STEADY_RATE:,}/s", seconds, STEADY_RATE)
        describe(bench, "steady", record)
        bench.figure("steady rate", max(best, STEADY_RATE) if keeps_up(record, STEADY_RATE) else 0, "/s")
        bench.note("steady", f"{STEADY_RATE:,}/s for {seconds} s: the backlog "
                   + ("does not grow" if keeps_up(record, STEADY_RATE) else "grows")
                   + f"; highest rate of the short search that kept up: {best:,}/s" * (best > 0))
    finally:
        dictd.stop()


def burst(bench, dictd, seconds):
    record = watched(bench, dictd, "burst", seconds)
    bench.figure("burst: look-ups", record["throughput"], "/s")
    describe(bench, "burst", record)
    bench.note("burst", f"{seconds} s as fast as they came, 50 connections, pipeline 16")


def describe(bench, name, record):
    samples = record["samples"]
    bench.figure(f"{name}: answered", record["throughput"], "/s")
    bench.figure(f"{name}: greatest backlog", max(each["backlog"] for each in samples), "rows")
    bench.figure(f"{name}: backlog's growth", growth(record), "rows")
    bench.figure(f"{name}: greatest journal", max(each["journal"] for each in samples) / 1e6, "MB")
    bench.figure(f"{name}: left at the end", record["left"], "rows")
    if record["drain_seconds"] is None:
        bench.fail(name, "the rest was not drained within 3 minutes")
    else:
        bench.figure(f"{name}: rest drained after", record["drain_seconds"], "s")
    bench.figure(f"{name}: p99.9", record["latency_us"]["p99.9"] / 1000, "ms")
    say(f"      backlog at most {max(each['backlog'] for each in samples):,.0f} rows, growth {growth(record):,.0f}, "
        f"{record['left']:,} left, drained after {record['drain_seconds'] or -1:.1f} s")
