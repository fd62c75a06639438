"""What the disk costs: --journal-sync=always against interval, and the disk's own fdatasync beside."""

import os
import time

from servers import Dictd
from throughput import stop_all


def syncs_per_second(directory, seconds):
    """4 KiB appended to a file and fdatasync, one after the other."""
    path = directory / "fdatasync"
    block = os.urandom(4096)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        count, began = 0, time.monotonic()
        while (elapsed := time.monotonic() - began) < seconds:
            os.write(file, block)
            os.fdatasync(file)
            count += 1
        return count / elapsed
    finally:
        os.close(file)
        path.unlink()


def sync(bench):
    contenders = [("interval", Dictd(bench), {}), ("always", Dictd(bench, "always"), {})]
    try:
        for pipeline in (1, 16):
            at = f"1000×{pipeline}"
            for records in bench.side_by_side(contenders, connections=1000, pipeline=pipeline):
                bench.figure("fdatasync", syncs_per_second(bench.directory, 0.5 if bench.settings.quick else 2.0), "/s")
                for name, record in records.items():
                    bench.figure(f"throughput {at} {name}", record["throughput"], "/s")
                    bench.figure(f"p99 {at} {name}", record["latency_us"]["p99"], "us")
                if len(records) == 2:
                    bench.figure(f"sync {at}", records["always"]["throughput"] / records["interval"]["throughput"], "×")
            if f"sync {at}" in bench.figures:
                bench.note("sync", the_sum(bench, at, 1000 * pipeline))
    finally:
        stop_all([server for _, server, _ in contenders])


def the_sum(bench, at, batch):
    """Every client waits for the same fdatasync, so one of them serves `batch` look-ups."""
    work = batch / bench.median(f"throughput {at} interval")
    one_sync = 1 / bench.median("fdatasync")
    return (f"{at}: {batch:,} look-ups are {1e3 * work:.2f} ms of work (by interval) and at least one fdatasync of "
            f"{1e3 * one_sync:.2f} ms: {batch / (work + one_sync):,.0f}/s one after the other, "
            f"{batch / max(work, one_sync):,.0f}/s side by side; "
            f"measured {bench.median(f'throughput {at} always'):,.0f}/s")
