"""RFC 2229: dictd beside Debian's dictd, with the same WordNet behind both.

Debian's writes an answer in pieces under Nagle's algorithm, and waits for acknowledgements in between, which an ordinary
client puts off: it gets clients that acknowledge at once (TCP_QUICKACK), and one comparison with ordinary ones. dictd's
clients are ordinary.
"""

import re
import socket
import time

from children import Failed, children_of, proportional_bytes, resident_bytes
from dict_servers import DebianDictd, DictPort, index_rows, is_header, packaged, unpacked
from measure import say
from memory import hold_idle
from throughput import stop_all

WORDNET = "wn"
CLIENTS = 500
MANY = 10_000
MATCHES = ("prefix", "lev", "soundex", "re")
AT_ONCE = {"quick_ack": True}
ORDINARY = "Debian's dictd, ordinary client"
UNPACKED = "Debian's dictd, text unpacked"
SPARED_BYTES = 2 << 30  # of the machine's memory, however many processes Debian's dictd would still make
BANNER_SECONDS = 10.0  # until a server that does not greet a client counts as full


def wordbook(bench, name, wanted=lambda headword: True):
    """For dictbench: WordNet's headwords, each with a line of its entry that no other line of it is longer than."""
    path = bench.directory / f"{name}.txt"
    if not path.exists():
        dictionary = unpacked(packaged(WORDNET), bench.directory / "unpacked")
        text = dictionary.data.read_bytes()
        with open(path, "wb") as file:
            for headword, offset, size in index_rows(dictionary):
                if not is_header(headword) and wanted(headword):
                    file.write(b"%b\t%b\n" % (headword, max(text[offset:offset + size].split(b"\n"), key=len).strip()))
    return path


def contenders(bench):
    wordnet = packaged(WORDNET)
    return (DictPort(bench, [wordnet]), DebianDictd(bench, [wordnet]),
            DebianDictd(bench, [unpacked(wordnet, bench.directory / "unpacked")], UNPACKED))


def definitions(bench):
    """With connections kept open, and with a connection for each."""
    words = wordbook(bench, "wordnet")
    dictd, debian, plain = all_servers = contenders(bench)
    side_by_side = [(dictd.name, dictd, {}), (debian.name, debian, AT_ONCE), (plain.name, plain, AT_ONCE)]
    try:
        for records in bench.side_by_side([*side_by_side, (ORDINARY, debian, {})], connections=CLIENTS, words=words):
            keep(bench, "open", records)
        for records in bench.side_by_side(side_by_side, connections=CLIENTS, words=words, reconnect=True):
            keep(bench, "connection each", records)
    finally:
        stop_all(all_servers)


def matches(bench):
    """One client, one strategy after the other."""
    words = wordbook(bench, "wordnet-letters", lambda headword: re.fullmatch(b"[a-z]{5,}", headword))
    dictd, debian, _ = contenders(bench)
    try:
        for strategy in MATCHES:
            for records in bench.side_by_side([(dictd.name, dictd, {}), (debian.name, debian, AT_ONCE)], bench.settings.few(),
                                              connections=1, words=words, mix=f"match-{strategy}=100"):
                keep(bench, strategy, records)
    finally:
        stop_all([dictd, debian])


def keep(bench, what, records):
    """The figures of one round, and dictd's ratio to each of the others."""
    for name, record in records.items():
        bench.figure(f"dict {what} {name}", record["throughput"], "/s")
        for quantile in ("p50", "p99"):
            bench.figure(f"dict {what} {quantile} {name}", record["latency_us"][quantile], "us")
        for side in ("server", "generator"):
            if side in record["shares"]:
                bench.figure(f"dict {what} {side} share {name}", 100 * record["shares"][side], "%")
        if name != "dictd" and "dictd" in records:
            bench.figure(f"dict {what} ratio {name}", records["dictd"]["throughput"] / record["throughput"], "×")


# ---- Clients that only stay

def clients(bench):
    """Memory of one more, and how many there can be."""
    debian = DebianDictd(bench, [packaged(WORDNET)], children=2 * MANY)
    as_installed = DebianDictd(bench, [packaged(WORDNET)], f"{DebianDictd.name}, as installed", children=None)
    dictd = DictPort(bench, [packaged(WORDNET)])
    few = 100 if bench.settings.quick else 1_000
    try:
        dictd.fresh()
        ours = held_by_dictd(bench, dictd, few)
        dictd.rest()
        debian.fresh()
        theirs = held_by_debian(bench, debian, few if bench.settings.quick else MANY)
        debian.stop()
        bench.figure("dict client share", ours / theirs, "×")
        as_installed.fresh()
        with Crowd(as_installed.port, few) as crowd:
            bench.figure("dict clients Debian's dictd, as installed", len(crowd), "clients")
    finally:
        stop_all([dictd, debian, as_installed])


def held_by_dictd(bench, dictd, few):
    """Bytes for one more; `few` are there before, for what is needed once."""
    words = wordbook(bench, "wordnet")
    holding = []
    try:
        holding.append(hold_idle(bench, dictd, few, words=words))
        before = resident_bytes(dictd.pid)
        holding.append(hold_idle(bench, dictd, MANY - few, words=words))
        each = (resident_bytes(dictd.pid) - before) / (MANY - few)
        bench.figure("dict clients dictd", MANY, "clients")
    finally:
        for running in holding:
            running.abandon()
    bench.figure("dict client dictd", each, "B")
    say(f"    dictd: {MANY:,} clients, {each:,.0f} bytes each")
    return each


def held_by_debian(bench, debian, wanted):
    before = all_bytes(debian.pid)
    with Crowd(debian.port, wanted) as crowd:
        each = (all_bytes(debian.pid) - before) / len(crowd)
        bench.figure(f"dict clients {debian.name}", len(crowd), "clients")
        bench.figure(f"dict memory of all {debian.name}", each * len(crowd) / 1e6, "MB")
    bench.figure(f"dict client {debian.name}", each, "B")
    say(f"    {debian.name}: {len(crowd):,} clients, {each:,.0f} bytes each")
    return each


def all_bytes(pid):
    return sum(map(proportional_bytes, [pid, *children_of(pid)]))


class Crowd:
    """Connections that were greeted: as many as wanted, or as the server takes, or the machine's memory allows."""

    def __init__(self, port, wanted):
        self.port, self.wanted, self.sockets = port, wanted, []

    def __len__(self):
        return len(self.sockets)

    def __enter__(self):
        while len(self) < self.wanted and (len(self) % 100 or spare_bytes() > SPARED_BYTES) and self._join():
            pass
        if not self.sockets:
            raise Failed("not one client was greeted")
        return self

    def __exit__(self, *_):
        for each in self.sockets:
            each.close()

    def _join(self):
        client = None
        try:
            client = socket.create_connection(("127.0.0.1", self.port), BANNER_SECONDS)
            if client.recv(4096).startswith(b"220"):
                self.sockets.append(client)
                return True
        except OSError:
            pass
        if client:
            client.close()
        return False


def spare_bytes():
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable:"))
