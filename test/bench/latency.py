"""Latency at rates that do not depend on the server (open loop), and what else must not disturb a look-up."""

import time

from children import Failed
from measure import peak, say
from servers import Dictd, Echo
from throughput import stop_all

RATES = (10, 30, 50, 70, 85)  # percent of echo's peak


def rates(bench):
    """dictd and echo with 50 connections at the same rates; the bar is at 70 percent."""
    echo = peak(bench, Echo)
    contenders = [Dictd(bench), Echo(bench)]
    try:
        for percent in (30, 70) if bench.settings.quick else RATES:
            rate = round(echo * percent / 100, -2)
            repeat = None if percent == 70 else bench.settings.few()
            for records in bench.side_by_side(contenders, repeat, rate=rate, seconds=max(bench.settings.seconds, 1)):
                for name, record in records.items():
                    bench.figure(f"rate {percent} {name}", record["throughput"], "/s")
                    for quantile in ("p50", "p99", "p99.9"):
                        bench.figure(f"{quantile} at {percent}% {name}", record["latency_us"][quantile], "us")
                if len(records) == 2 and percent == 70:
                    bench.figure("open loop", records["dictd"]["latency_us"]["p99.9"] /
                                 records["echo"]["latency_us"]["p99.9"], "×")
    finally:
        stop_all(contenders)


def logins(bench):
    """Look-ups at half of dictd's peak, with eight logins a second beside and without."""
    rate = round(peak(bench, Dictd) / 2, -2)
    dictd = Dictd(bench)
    try:
        for records in bench.side_by_side([("without logins", dictd, {}), ("with logins", dictd, {"logins": 8})],
                                          rate=rate, seconds=max(bench.settings.seconds, 2) + 1):
            for name, record in records.items():
                bench.figure(f"p99 {name}", record["latency_us"]["p99"], "us")
                if "login_latency_us" in record:
                    bench.figure("p50 of a login", record["login_latency_us"]["p50"] / 1000, "ms")
            if len(records) == 2:
                bench.figure("logins", records["with logins"]["latency_us"]["p99"] /
                             records["without logins"]["latency_us"]["p99"], "×")
    finally:
        dictd.stop()


def comeback(bench):
    """10,000 clients lose their server, and come back to the next one on its port, all at once."""
    dictd = Dictd(bench)
    clients = 10_000
    try:
        for _ in range(bench.settings.few()):
            tokens = bench.tokens(dictd)
            dictd.fresh()
            bench.dictbench(dictd, connections=clients, label="before the restart", seconds=1)
            port = dictd.port
            dictd.stop()
            dictd.start(port)
            record = bench.dictbench(dictd, connections=clients, tokens=tokens, label="return",
                                     seconds=60, warmup=0, **{"return": True})
            bench.figure("return", record["return_seconds"], "s")
            say(f"    all served after {record['return_seconds']:.2f} s")
    finally:
        dictd.stop()


def reload(bench):
    """SIGHUP while look-ups come at half of dictd's peak: the longest turn by dictd's log, and what a client saw."""
    rate = round(peak(bench, Dictd) / 2, -2)
    dictd = Dictd(bench)
    seconds = 3 if bench.settings.quick else 4
    try:
        for _ in range(bench.settings.repeat):
            bench.tokens(dictd)
            dictd.fresh()
            running = bench.begin(dictd, rate=rate, seconds=seconds)
            time.sleep(bench.settings.warmup + 1)
            dictd.reload()
            record = running.finish("SIGHUP")
            loads = dictd.load_milliseconds()
            if len(loads) < 2:
                raise Failed("the words were not loaded anew within the run")
            bench.figure("reload: max seen by a client", record["latency_us"]["max"] / 1000, "ms")
            if loads[-1][1] is not None:
                bench.figure("reload", loads[-1][1] / 1000, "ms")
            else:
                bench.figure("reload", record["latency_us"]["max"] / 1000, "ms")
                bench.note("reload", "the log does not say the longest turn; this is the greatest latency of a client")
            bench.figure("reload: words loaded", loads[-1][0], "ms")
    finally:
        dictd.stop()


def history(bench):
    """The newest 10 events of a user who has 1,000,000, one request at a time."""
    dictd = Dictd(bench)
    try:
        tokens = bench.tokens(dictd, users=1)
        dictd.fresh()
        sql = bench.database.sql
        sql("INSERT INTO hist SELECT (SELECT user_id FROM session ORDER BY created DESC LIMIT 1), seq << 12, "
            "1577836800000000 + seq, CONCAT('word', seq) FROM seq_1_to_1000000", dictd.database)
        bench.note("history", f"{sql('SELECT COUNT(*) FROM hist', dictd.database)[0][0]} rows inserted by SQL")
        for _ in range(bench.settings.repeat):
            record = bench.dictbench(dictd, connections=1, tokens=tokens, mix="history=100", label="HISTORY")
            bench.figure("history", record["latency_us"]["p99"] / 1000, "ms")
            bench.figure("history p50", record["latency_us"]["p50"] / 1000, "ms")
    finally:
        dictd.stop()
        bench.database.forget_history(dictd.database)
