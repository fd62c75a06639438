"""Cost must grow with the work alone: look-ups a second over the number of words, and of idle connections.

(Over the number of connections: throughput.py.)
"""

from servers import Dictd
from throughput import stop_all

WORDS = (1_500, 15_000, 150_000, 1_500_000)
IDLE = (0, 1_000, 5_000, 10_000, 18_000)


def words(bench):
    quick = bench.settings.quick
    contenders = [(f"{count}", Dictd(bench, words=count), {}) for count in (WORDS[:3] if quick else WORDS)]
    try:
        for pipeline in (16,) if quick else (1, 16):
            for records in bench.side_by_side(contenders, bench.settings.few(), pipeline=pipeline):
                for name, record in records.items():
                    bench.figure(f"words {name} ×{pipeline}", record["throughput"], "/s")
                    bench.figure(f"words cpu {name} ×{pipeline}", record.get("server_us_per_request", 0), "us")
        for name, dictd, _ in contenders:
            dictd.fresh()
            bench.figure(f"words start {name}", dictd.start_seconds, "s")
            dictd.rest()
    finally:
        stop_all([dictd for _, dictd, _ in contenders])


def idle(bench):
    dictd = Dictd(bench)
    counts = (0, 18_000) if bench.settings.quick else IDLE
    try:
        for records in bench.side_by_side([(f"{count}", dictd, {"idle": count}) for count in counts],
                                          bench.settings.few()):
            for name, record in records.items():
                bench.figure(f"idle {name}", record["throughput"], "/s")
                bench.figure(f"idle p99 {name}", record["latency_us"]["p99"], "us")
                bench.figure(f"idle cpu {name}", record.get("server_us_per_request", 0), "us")
    finally:
        dictd.stop()
