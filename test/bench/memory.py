"""Bytes and start: an idle connection, the index, and how long until the port is open."""

import os
import time

from children import Failed, cpu_seconds, resident_bytes
from measure import say
from servers import Dictd


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        raise Failed("dictd is gone") from None


def hold_idle(bench, dictd, more, **options):
    """A generator whose `more` connections have logged in, where that is needed, and stay until it is killed."""
    before = descriptors(dictd.pid)
    running = bench.begin(dictd, connections=1, idle=more, rate=1, seconds=600, warmup=0, **options)
    until = time.monotonic() + 60
    while descriptors(dictd.pid) < before + more:
        if not running.running() or time.monotonic() > until:
            raise Failed(f"{more} idle connections could not be had: {running.child.output()[-200:]}")
        time.sleep(0.05)
    # Connected; now logged in: no more work is left for dictd.
    settle(dictd)
    return running


def settle(dictd):
    """Until dictd has used no processor time for a while."""
    last, until = None, time.monotonic() + 30
    while time.monotonic() < until and (now := cpu_seconds(dictd.pid)) != last:
        last = now
        time.sleep(0.4)


def idle(bench):
    """The same dictd with 1,000 and with 10,000 connections."""
    dictd = Dictd(bench)
    try:
        for _ in range(bench.settings.few()):
            bench.tokens(dictd)
            dictd.fresh()
            holding = []
            try:
                empty = resident_bytes(dictd.pid)
                holding.append(hold_idle(bench, dictd, 1_000))
                some = resident_bytes(dictd.pid)
                holding.append(hold_idle(bench, dictd, 9_000))
                many = resident_bytes(dictd.pid)
            finally:
                for each in holding:
                    each.abandon()
                dictd.rest()
            bench.figure("idle connection", (many - some) / 9_000, "B")
            for name, value in (("no connection", empty), ("1,000", some), ("10,000", many)):
                bench.figure(f"RSS with {name}", value / 1e6, "MB")
            say(f"    RSS {empty / 1e6:.1f} MB, with 1,000 {some / 1e6:.1f} MB, with 10,000 {many / 1e6:.1f} MB")
    finally:
        dictd.stop()


def start(bench):
    """From exec to the open port, and the part of it that dictd's log gives to the words."""
    dictd = Dictd(bench)
    try:
        for _ in range(bench.settings.repeat):
            dictd.fresh()
            bench.figure("open port", dictd.start_seconds, "s")
            bench.figure("words loaded", dictd.load_milliseconds()[-1][0] / 1000, "s")
            dictd.rest()
        say(f"    port open after {bench.median('open port'):.3f} s")
    finally:
        dictd.stop()
