"""report.md: every bar with its figure and a verdict, and the tables behind them.

A figure stands as "median (least–greatest of its rounds)". The last column of the bars says why one is not reached:
what was noted while measuring, and the line `KEY: text` of reasons.txt, which people write.
"""

import pathlib
import statistics

import bars
import dict_port
from dict_servers import DebianDictd
from latency import RATES
from servers import Model

BARE = {"×": 2, "us": 0, "/s": 0, "%": 0, "s": 2, "ms": 2, "MB": 1, "B": 0, "ns": 0, "µs": 2, "rows": 0, "clients": 0}


def reasons():
    path = pathlib.Path(__file__).with_name("reasons.txt")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(line.split(": ", 1) for line in lines if ": " in line and not line.startswith("#"))


def number(value, unit):
    if value is None:
        return "–"
    if unit in ("us", "ms", "s", "×", "MB") and abs(value) < 10:
        return f"{value:.{2 if abs(value) >= 0.1 or value == 0 else 3}f}"
    return f"{value:,.{BARE.get(unit, 2)}f}"


class Report:
    def __init__(self, bench, machine, minutes):
        self.bench, self.machine, self.minutes = bench, machine, minutes
        self.lines = []

    # ---- Small pieces

    def values(self, name):
        return self.bench.figures.get(name, {}).get("values")

    def median(self, name):
        values = self.values(name)
        return statistics.median(values) if values else None

    def notes(self, row):
        return self.bench.notes.get(row, {}).get("texts", [])

    def cell(self, name, unit_shown=True):
        """`1.02 × (0.98–1.05)`, or a dash."""
        figure = self.bench.figures.get(name)
        if not figure:
            return "–"
        values, unit = figure["values"], figure["unit"]
        text = number(statistics.median(values), unit) + (f" {unit}" if unit_shown and unit not in ("/s", "") else "")
        if len(values) > 1:
            text += f" ({number(min(values), unit)}–{number(max(values), unit)})"
        return text

    def say(self, text=""):
        self.lines.append(text)

    def table(self, head, rows, labels=1):
        """Without the rows that have nothing but dashes behind their `labels` first cells."""
        rows = [row for row in rows if any(cell != "–" for cell in row[labels:])]
        if not rows:
            return False
        self.say("| " + " | ".join(head) + " |")
        self.say("|" + "---|" * len(head))
        for row in rows:
            self.say("| " + " | ".join(row) + " |")
        self.say()
        return True

    def section(self, title, head, rows, text="", labels=1):
        mark = len(self.lines)
        self.say(f"## {title}")
        self.say()
        if text:
            self.say(text)
            self.say()
        if not self.table(head, rows, labels):
            del self.lines[mark:]

    # ---- The bars

    def measured(self, row):
        cells = []
        for check in row.checks:
            label = {"p99 ratio 10000×1 echo": "p99 "}.get(check.figure, "")
            if " redis" in check.figure and "set" not in check.figure:
                label, cell = "Redis ", self.cell(check.figure)
            else:
                cell = self.cell(check.figure)
            if len(row.checks) > 1 and check.figure.endswith("echo") and not label:
                label = "echo "
            cells.append(label + cell)
        return "; ".join(cells)

    def why(self, row):
        parts = []
        for what, text in self.bench.failures.items():
            if what == row.part or what.startswith(f"{row.part}: "):
                parts.append(f"failed: {text}" if what == row.part else f"failed ({what.split(': ', 1)[1]}): {text}")
        parts += self.notes(row.key)
        if row.key in reasons():
            parts.append(reasons()[row.key])
        return ". ".join(parts)

    def bars(self, title, head, rows):
        self.say(f"## {title}")
        self.say()
        self.table([head, "at least" if rows is bars.SPEED else "at most", "reach for", "measured", "", "why, or why not"],
                   [[row.work, row.at_least, row.reach_for, self.measured(row),
                     f"**{bars.verdict(row, self.median)}**", self.why(row)] for row in rows])

    # ---- The tables behind

    def throughput_rows(self, points, names):
        for connections, pipeline in points:
            at = f"{connections}×{pipeline}"
            for name in names:
                if self.values(f"throughput {at} {name}"):
                    yield [f"{connections:,} × {pipeline}", name, self.cell(f"throughput {at} {name}"),
                           *(number(self.median(f"{q} {at} {name}"), "us") for q in ("p50", "p99", "p99.9")),
                           self.cell(f"cpu {at} {name}", False),
                           *(f"{self.median(f'{side} share {at} {name}'):.0f}"
                             if self.values(f"{side} share {at} {name}") else "–"
                             for side in ("server", "generator", "database"))]

    def behind_throughput(self):
        head = ["connections × pipeline", "server", "requests/s", "p50 us", "p99 us", "p99.9 us", "server's CPU, us a request",
                "server %", "generator %", "MariaDB %"]
        main = ("dictd", "echo", "redis", "memcached")
        points = [(50, 1), (50, 16), (50, 64), (1000, 16), *((each, 1) for each in (1, 10, 100, 1000, 5000, 10000))]
        self.section("Throughput, closed loop", head, list(self.throughput_rows(points, main)),
                     "Shares are of one core. Where the generator has all of its own and the server has not, the generator "
                     "is what was measured: then the server's CPU time for a request is the truer comparison. MariaDB takes "
                     "from the generator's core while dictd drains its journal.")
        models = [f"{model}, {look_up}" for model in Model.MODELS for look_up in ("index", "mysql")]
        models += ["fork, mysql, recorded", "coroutine, index, recorded", "Debian's dictd"]
        rows = list(self.throughput_rows([(50, 1)], models))
        ratio = {row[1]: self.cell(f"ratio 50×1 {row[1]}") for row in rows}
        self.section("The teaching models and Debian's dictd, 50 connections", [*head[1:], "dictd is faster by"],
                     [[*row[1:], ratio[row[1]]] for row in rows],
                     "Debian's dictd sends an answer in pieces and leaves Nagle's algorithm on: with one request at a time each "
                     "waits for the client's delayed acknowledgement, some 40 ms, whatever the processor could do. With 16 under "
                     "way it answers " + self.cell("throughput 50×16 Debian's dictd") + " requests/s.")
        self.section("The models over connections, requests/s", ["model", *(f"{each:,}" for each in (1, 10, 50, 100, 1000, 5000, 10000))],
                     [[model, *(self.cell(f"throughput {each}×1 {model}") for each in (1, 10, 50, 100, 1000, 5000, 10000))]
                      for model in models])

    def behind_dict(self):
        servers = [DebianDictd.name, dict_port.UNPACKED, dict_port.ORDINARY]
        whats = {"open": f"DEFINE, {dict_port.CLIENTS} connections kept open",
                 "connection each": f"DEFINE, a connection for each, {dict_port.CLIENTS} at once",
                 **{strategy: f"MATCH {strategy}, one client" for strategy in dict_port.MATCHES}}
        self.section("RFC 2229 beside Debian's dictd",
                     ["what", "server", "answers/s", "dictd is faster by", "p50 us", "p99 us", "server %", "generator %"],
                     [[text, name, self.cell(f"dict {what} {name}"), self.cell(f"dict {what} ratio {name}"),
                       *(number(self.median(f"dict {what} {q} {name}"), "us") for q in ("p50", "p99")),
                       *(self.cell(f"dict {what} {side} share {name}", False) for side in ("server", "generator"))]
                      for what, text in whats.items() for name in ["dictd", *servers]],
                     "WordNet 3.0 behind both. The clients of Debian's dictd acknowledge at once (TCP_QUICKACK) but for the ordinary "
                     "one: it writes an answer in pieces under Nagle's algorithm and waits for acknowledgements in between.", labels=2)
        self.section("RFC 2229: clients that only stay", ["server", "clients at once", "memory of one more", "memory of all"],
                     [[name, self.cell(f"dict clients {name}"), self.cell(f"dict client {name}"),
                       self.cell(f"dict memory of all {name}")]
                      for name in ("dictd", DebianDictd.name, f"{DebianDictd.name}, as installed")],
                     "Debian's dictd has a process for each client (its share of all memory, PSS); as installed it allows 100, and "
                     "here as many as the machine carries, up to 10,000.")

    def behind_bars(self):
        self.section("A look-up is a write", ["server", "requests/s", "server's CPU, us a request"],
                     [[name, self.cell(f"throughput writes {name}"), self.cell(f"cpu writes {name}", False)]
                      for name in ("dictd", "redis set")], "50 connections, pipeline 16.")
        self.section("Recording's price", ["request", "requests/s", "dictd's CPU, us a request"],
                     [[name, self.cell(f"throughput recording {name}"), self.cell(f"cpu recording {name}", False)]
                      for name in ("QUERY", "MATCH exact")])
        self.section("The journal's sync", ["connections × pipeline", "interval, requests/s", "always, requests/s", "ratio",
                                            "p99 interval", "p99 always"],
                     [[at, *(self.cell(f"{what} {at}{tail}") for what, tail in (
                         ("throughput", " interval"), ("throughput", " always"), ("sync", ""), ("p99", " interval"),
                         ("p99", " always")))] for at in ("1000×1", "1000×16")],
                     f"The disk by itself: {self.cell('fdatasync')} times a second 4 KiB appended and fdatasync.")
        self.section("Latency at fixed rates, open loop, 50 connections",
                     ["of echo's peak", "server", "requests/s", "p50", "p99", "p99.9"],
                     [[f"{percent}%", name, self.cell(f"rate {percent} {name}"),
                       *(self.cell(f"{q} at {percent}% {name}") for q in ("p50", "p99", "p99.9"))]
                      for percent in RATES for name in ("dictd", "echo")],
                     "Counted from the moment a request was due.", labels=2)
        self.section("Logins, reload, history, start", ["what", "figure"],
                     [[what, self.cell(name)] for what, name in (
                         ("p99 of look-ups without logins", "p99 without logins"),
                         ("p99 of look-ups with 8 logins a second", "p99 with logins"), ("p50 of a login", "p50 of a login"),
                         ("SIGHUP: greatest latency that a client saw", "reload: max seen by a client"),
                         ("SIGHUP: words loaded in", "reload: words loaded"), ("HISTORY, newest 10 of 1,000,000: p50", "history p50"),
                         ("HISTORY, newest 10 of 1,000,000: p99", "history"), ("exec to open port", "open port"),
                         ("of that, the words, by dictd's log", "words loaded"), ("RSS with no connection", "RSS with no connection"),
                         ("RSS with 1,000 idle connections", "RSS with 1,000"),
                         ("RSS with 10,000 idle connections", "RSS with 10,000"))])

    def behind_steady(self):
        names = ["burst", *(f"steady {rate}" for rate in (100_000, 150_000, 200_000, 250_000)), "steady"]
        columns = ("answered", "greatest backlog", "backlog's growth", "greatest journal", "left at the end",
                   "rest drained after", "p99.9")
        self.section("Bursts and the steady state", ["run", *columns],
                     [[{"steady": "50,000/s, the long run"}.get(name, name), *(self.cell(f"{name}: {column}") for column in columns)]
                      for name in names],
                     ". ".join(self.notes("burst") + self.notes("steady"))
                     + ". Backlog: look-ups answered less rows in the database; its growth is from the first third of the time "
                       "to the last.")

    def behind_growth(self):
        self.section("Cost grows with the work alone: words", ["words", "requests/s, pipeline 1", "requests/s, pipeline 16",
                                                              "dictd's CPU, us a request", "port open after"],
                     [[f"{count:,}", self.cell(f"words {count} ×1"), self.cell(f"words {count} ×16"),
                       self.cell(f"words cpu {count} ×16", False), self.cell(f"words start {count}")]
                      for count in (1_500, 15_000, 150_000, 1_500_000)], "50 connections; each dictionary in a database of its own.")
        self.section("Cost grows with the work alone: idle connections", ["idle", "requests/s", "p99", "dictd's CPU, us a request"],
                     [[f"{count:,}", self.cell(f"idle {count}"), self.cell(f"idle p99 {count}"), self.cell(f"idle cpu {count}", False)]
                      for count in (0, 1_000, 5_000, 10_000, 18_000)], "50 connections, pipeline 1, and so many that only stay.")
        self.section("Micro-benchmarks", ["name", "time"],
                     [[name[len("micro "):], self.cell(name)] for name in self.bench.figures if name.startswith("micro ")])

    # ---- All of it

    def text(self, picture):
        settings = self.bench.settings
        self.say("# dictd beside its peers")
        self.say()
        if settings.quick:
            self.say("**Quick: one short run of each. These figures show that all works, not how fast it is.**")
            self.say()
        self.table(["", ""], [[name, value] for name, value in self.machine.items()])
        self.say(f"Closed loop unless said else; {settings.seconds:g} s a run after {settings.warmup:g} s of warm-up, {settings.repeat} "
                 f"round{'s' if settings.repeat > 1 else ''}, in each round every server once, one after the other (A B A B …). A figure is the median, with the least "
                 "and the greatest round in brackets; a ratio is taken within each round. dictd runs with all its threads on the "
                 "server's core, with `--journal-sync=interval`, an empty journal and an empty table of histories at the start of "
                 f"each run; {self.bench.words:,} made-up words with meanings of about 100 bytes, drawn by Zipf's law, 50 users. "
                 "MariaDB drains beside the generator, on the generator's core. Redis does not rewrite its log meanwhile. "
                 f"Every answer was compared with the meaning it must have. All of it took {self.minutes:.0f} minutes.")
        self.say()
        if picture:
            self.say("![throughput over connections, and latency at fixed rates](report.svg)")
            self.say()
        self.bars("The bars: speed", "work", bars.SPEED)
        self.bars("The bars: memory and time", "what", bars.COST)
        self.behind_throughput()
        self.behind_dict()
        self.behind_bars()
        self.behind_steady()
        self.behind_growth()
        self.say("## Failures")
        self.say()
        for what, why in self.bench.failures.items():
            self.say(f"- {what}: {why}")
        errors = [text for row in self.bench.notes if row.startswith("errors in ") for text in self.notes(row)]
        for text in errors:
            self.say(f"- {text}")
        if not self.bench.failures and not errors:
            self.say("None: every part ran, and every answer was right.")
        self.say()
        self.say("Every raw run is in results.json.")
        return "\n".join(self.lines) + "\n"
