"""The bars: what each kind of work must reach, and the figures that say whether it does."""

from dataclasses import dataclass


@dataclass
class Check:
    """One figure against its bars. `reach` is none where nothing beyond the bar is reached for."""

    figure: str
    least: float
    reach: float | None
    higher: bool = True  # is better

    def met(self, value, bar):
        return value >= bar if self.higher else value <= bar


@dataclass
class Row:
    key: str  # of notes and of reasons.txt
    part: str
    work: str
    at_least: str
    reach_for: str
    checks: list


def throughput_row(key, connections, pipeline, echo, redis):
    at = f"{connections}×{pipeline}"
    checks = [Check(f"ratio {at} echo", *echo)]
    if redis:
        checks.append(Check(f"ratio {at} redis", redis, None))
    over = f", and {redis:g} × Redis GET" if redis and redis > 1 else ", and above Redis GET" if redis else ""
    return Row(key, "throughput", f"{connections:,} connections, pipeline {pipeline}", f"{echo[0]:.2f} × echo{over}",
               f"{echo[1]:g} × echo", checks)


SPEED = [
    throughput_row("50x1", 50, 1, (0.90, 0.97), 1.0),
    throughput_row("50x16", 50, 16, (0.65, 0.85), 1.2),
    throughput_row("50x64", 50, 64, (0.33, 0.5), 1.1),
    throughput_row("1000x16", 1000, 16, (0.65, 0.85), 1.3),
    Row("10000x1", "throughput", "10,000 connections, pipeline 1", "0.90 × echo; p99 ≤ 1.2 × echo's", "0.97 ×",
        [Check("ratio 10000×1 echo", 0.90, 0.97), Check("p99 ratio 10000×1 echo", 1.2, None, higher=False)]),
    Row("writes", "writes", "a look-up is a write: against Redis SET with its log (everysec), pipeline 16", "2.5 ×", "4 ×",
        [Check("ratio 50×16 redis set", 2.5, 4)]),
    Row("fork", "models", "against fork per client with MySQL, 50 connections (pipeline 1; pipeline 16)", "30 ×", "60 ×",
        [Check("ratio 50×1 fork, mysql", 30, 60), Check("ratio 50×16 fork, mysql", 30, 60)]),
    Row("dict", "dict", "DEFINE (RFC 2229), WordNet, 500 connections kept open: against Debian's dictd; with its text unpacked",
        "25 ×; 5 ×", "–", [Check("dict open ratio Debian's dictd", 25, None),
                           Check("dict open ratio Debian's dictd, text unpacked", 5, None)]),
    Row("dict-each", "dict", "the same with a connection for each definition", "20 ×", "–",
        [Check("dict connection each ratio Debian's dictd", 20, None)]),
    Row("dict-match", "dict-match", "MATCH for one client: prefix, lev, soundex", "as fast as Debian's dictd", "–",
        [Check(f"dict {strategy} ratio Debian's dictd", 1, None) for strategy in ("prefix", "lev", "soundex")]),
    Row("dict-re", "dict-match", "MATCH for one client: re", "10 ×", "–", [Check("dict re ratio Debian's dictd", 10, None)]),
    Row("recording", "recording", "recording's price: QUERY (recorded) against MATCH exact (not recorded), pipeline 16",
        "0.85 ×", "0.95 ×", [Check("recording", 0.85, 0.95)]),
    Row("sync", "sync", "`--journal-sync=always`, 1,000 connections (pipeline 1; pipeline 16)", "0.4 × of `interval`",
        "0.7 ×, limited by the disk's fdatasync alone",
        [Check("sync 1000×1", 0.4, 0.7), Check("sync 1000×16", 0.4, 0.7)]),
    Row("open-loop", "rates", "70% of the echo server's peak, open loop", "p99.9 ≤ 2 × echo's at the same rate", "1.2 ×",
        [Check("open loop", 2, 1.2, higher=False)]),
    Row("return", "return", "10,000 clients come back at once after a restart: connect, RESUME, one look-up each",
        "all served within 4 s", "1.5 s", [Check("return", 4, 1.5, higher=False)]),
    Row("logins", "logins", "8 logins a second beside look-ups at half of peak",
        "p99 of look-ups ≤ 1.5 × of without", "1.1 ×", [Check("logins", 1.5, 1.1, higher=False)]),
]

COST = [
    Row("idle", "idle", "RSS of one more idle, logged-in connection (from 1,000 to 10,000)", "512 B", "300 B",
        [Check("idle connection", 512, 300, higher=False)]),
    Row("dict-idle", "dict-clients", "memory of one more DICT client, as a share of what Debian's dictd takes for one", "0.01 ×",
        "–", [Check("dict client share", 0.01, None, higher=False)]),
    Row("dict-clients", "dict-clients", "DICT clients at once (Debian's dictd: see below)", "10,000, and not one fewer", "–",
        [Check("dict clients dictd", 10_000, None)]),
    Row("index-size", "index", "index of 150,000 words beyond the text of its headwords and meanings", "0.5 × that text",
        "0.25 ×", [Check("index beyond text", 0.5, 0.25, higher=False)]),
    Row("start", "start", "index, from rows in MySQL to the open port, 150,000 words", "1 s", "0.3 s",
        [Check("open port", 1, 0.3, higher=False)]),
    Row("exact", "index", "exact look-up in the index, random, hot", "150 ns", "60 ns",
        [Check("index exact", 150, 60, higher=False)]),
    Row("prefix", "index", "prefix, first 20 results", "20 µs", "3 µs", [Check("index prefix", 20, 3, higher=False)]),
    Row("lev", "index", "lev, distance 1, 150,000 words", "2 ms", "100 µs",
        [Check("index lev", 2000, 100, higher=False)]),
    Row("reload", "reload", "the loop's longest turn while 150,000 words are swapped in by SIGHUP", "5 ms", "1 ms",
        [Check("reload", 5, 1, higher=False)]),
    Row("history", "history", "history, newest 10 of a user with 1,000,000 events", "5 ms at the server", "1 ms",
        [Check("history", 5, 1, higher=False)]),
    Row("steady", "steady", "the journal's drain into MariaDB (default durability)",
        "keeps up with 50,000 look-ups/s for five minutes, the backlog not growing", "200,000/s",
        [Check("steady rate", 50_000, 200_000)]),
]


def verdict(row, medians):
    """"not measured", "not reached", "reached" or "reach-for reached"; `medians` answers a figure's name."""
    values = [medians(check.figure) for check in row.checks]
    if any(value is None for value in values):
        return "not measured"
    if not all(check.met(value, check.least) for check, value in zip(row.checks, values)):
        return "not reached"
    if any(check.reach is not None for check in row.checks) and all(
            check.met(value, check.least if check.reach is None else check.reach) for check, value in zip(row.checks, values)):
        return "reach-for reached"
    return "reached"
