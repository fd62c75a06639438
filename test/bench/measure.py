"""One run of dictbench against one server, several of them side by side, and the figures kept of them.

    runs     every raw run: what dictbench said, and the shares of CPU time
    figures  name -> the values of its rounds; the report shows median, least and greatest

A ratio is taken within a round, between neighbours in time, and the median is of the ratios.
"""

import json
import statistics
import time

from children import CLIENT_CORE, Child, CpuWatch, Failed
from database import Database

USERS = 50


class Settings:
    """How long and how often; --quick, --seconds and --repeat change it."""

    def __init__(self, quick, seconds=None, repeat=None):
        self.quick = quick
        self.seconds = seconds or (0.6 if quick else 2.0)
        self.warmup = 0.2 if quick else 0.5
        self.repeat = repeat or (1 if quick else 5)

    def few(self):
        """For what no bar hangs on."""
        return min(self.repeat, 3)


class Bench:
    def __init__(self, source, build, directory, settings, words=150_000):
        self.source, self.build, self.directory, self.settings, self.words = source, build, directory, settings, words
        self.database = Database(source, build, directory / "db")
        self.runs, self.figures, self.notes, self.failures = [], {}, {}, {}
        self.part = ""
        self.token_files = {}

    @property
    def wordbook(self):
        return self.database.wordbook(self.words)

    # ---- Figures

    def figure(self, name, value, unit=""):
        self.figures.setdefault(name, {"unit": unit, "part": self.part, "values": []})["values"].append(value)

    def take_over(self, results, parts):
        """What an earlier run measured, but for the parts that are to be measured now."""
        self.figures = {name: each for name, each in results["figures"].items() if each["part"] not in parts}
        self.runs = [each for each in results["runs"] if each["part"] not in parts]
        self.failures = {what: why for what, why in results["failures"].items() if what.split(": ")[0] not in parts}
        self.notes = {row: each for row, each in results["notes"].items() if each["part"] not in parts}

    def median(self, name):
        return statistics.median(self.figures[name]["values"]) if name in self.figures else None

    def note(self, row, text):
        """A sentence beside a row of the report."""
        texts = self.notes.setdefault(row, {"part": self.part, "texts": []})["texts"]
        if text not in texts:
            texts.append(text)

    def fail(self, what, why):
        self.failures[what] = " ".join(str(why).replace("|", "/").split())
        say(f"    failed: {what}: {self.failures[what]}")

    # ---- Runs

    def tokens(self, dictd, users=USERS):
        """A file of tokens of so many users, registered and logged in once: their rows go to each database."""
        if users not in self.token_files:
            path = self.directory / f"tokens-{users}"
            dictd.fresh()
            self.dictbench(dictd, connections=users, users=users, seconds=0.1, warmup=0, save_tokens=path, label="log in")
            self.token_files[users] = (path, {dictd.database})
        path, databases = self.token_files[users]
        if dictd.database not in databases:
            for table in ("user", "session"):
                self.database.sql(f"INSERT IGNORE INTO {table} SELECT * FROM {next(iter(databases))}.{table}", dictd.database)
            databases.add(dictd.database)
        return path

    def dictbench(self, server, label=None, **options):
        """Runs it to its end and returns its record. Options are dictbench's own; True is an option without value."""
        settings = self.settings
        options = {"connections": 50, "pipeline": 1, "seconds": settings.seconds, "warmup": settings.warmup,
                   "words": self.database.wordbook(getattr(server, "words", self.words)), **options}
        if server.login and "tokens" not in options and "users" not in options and "anonymous" not in options:
            options["tokens"] = self.tokens(server)
        if server.protocol == "framed" and not server.login:
            options["anonymous"] = True
        running = Generator(self, server, options)
        return running.finish(label)

    def begin(self, server, **options):
        """The same, while the caller does something beside: finish() of what is returned gives the record."""
        options = {"connections": 50, "pipeline": 1, "seconds": self.settings.seconds, "warmup": self.settings.warmup,
                   "words": self.wordbook, **({"tokens": self.tokens(server)} if server.login else {}), **options}
        return Generator(self, server, options)

    def side_by_side(self, contenders, repeat=None, **options):
        """A B A B …: yields, for each round, name -> record of those that could be measured.

        `contenders` are servers, or (name, server, options of its own)."""
        contenders = [each if isinstance(each, tuple) else (each.name, each, {}) for each in contenders]
        for number in range(1, (repeat or self.settings.repeat) + 1):
            records = {}
            for name, server, own in contenders:
                try:
                    if server.login:
                        self.tokens(server)
                    server.fresh()
                    records[name] = self.dictbench(server, label=name, **{**options, **own})
                    records[name]["round"] = number
                except Failed as why:
                    self.fail(f"{self.part}: {name}", why)
                server.rest()
            yield records


class Generator:
    """A dictbench that runs, and the watch over the CPU time meanwhile."""

    def __init__(self, bench, server, options):
        self.bench, self.server, self.options = bench, server, options
        command = [bench.build / "dictbench", "--host", "127.0.0.1", "--port", server.port, "--protocol",
                   server.protocol, "--quiet", "--json", bench.directory / "run.json"]
        for name, value in options.items():
            if value is not None and value is not False:
                command += [f"--{name.replace('_', '-')}", *([] if value is True else [value])]
        (bench.directory / "run.json").unlink(missing_ok=True)
        self.child = Child(command, CLIENT_CORE, bench.directory / "dictbench.log")
        self.command = " ".join(map(str, command))
        self.watch = CpuWatch({"server": server.pid, "generator": self.child.pid, "database": bench.database.pid},
                              ["server"] if server.forks else [])

    def running(self):
        return self.child.process.poll() is None

    def abandon(self):
        self.child.kill()
        self.watch.stop()

    def finish(self, label=None):
        bench, options = self.bench, self.options
        try:
            status = self.child.wait(options["seconds"] + options["warmup"] + 40)
        finally:
            ended = time.monotonic()
            self.watch.stop()
        try:
            record = json.loads((bench.directory / "run.json").read_text())
        except (OSError, ValueError):
            record = None
        if status not in (0, 1) or record is None:
            errors = " | ".join(self.child.output().splitlines()[-2:])
            raise Failed(f"dictbench ended with {status}: {errors}")
        if not record.get("throughput") and "return" not in options:
            raise Failed(f"no request was answered; errors: {record.get('errors')}")
        seconds = min(options["seconds"], ended - self.child.started)
        shares = self.watch.shares(ended - 0.95 * seconds, ended - 0.05 * seconds)
        record.update(part=bench.part, server=label or self.server.name, exit=status, shares=shares,
                      options={name: str(value) for name, value in options.items()}, command=self.command)
        if "server" in shares and record.get("throughput"):
            record["server_us_per_request"] = shares["server"] * 1e6 / record["throughput"]
        bench.runs.append(record)
        if status == 1:
            bench.note(f"errors in {bench.part}", f"{bench.part}, {record['server']}: wrong answers {record.get('wrong')}, errors "
                                 f"{record.get('errors')}")
        say("    " + summary(record))
        return record


def summary(record):
    latency, shares = record.get("latency_us", {}), record["shares"]
    percent = " ".join(f"{name} {100 * share:.0f}%" for name, share in shares.items()
                       if name in ("server", "generator", "database", "stolen") and share is not None)
    return (f"{record['server']:<26} {record.get('connections', 0):>6} × {record.get('pipeline', 0):<3} "
            f"{record.get('throughput', 0):>11,.0f}/s  p50 {latency.get('p50', 0):,.0f}  p99 {latency.get('p99', 0):,.0f}"
            f"  p99.9 {latency.get('p99.9', 0):,.0f} us  {percent}"
            + (f"  WRONG {record.get('wrong')} {record.get('errors')}" if record["exit"] else ""))


def say(text):
    print(text, flush=True)


def drained(bench, rows, seconds):
    """Waits until MariaDB has got so many rows, by Database.rows_written; true if it did in time."""
    until = time.monotonic() + seconds
    while bench.database.rows_written() < rows:
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def peak(bench, contender):
    """Requests a second with 50 connections, pipeline 1: as measured by the part `throughput`, or now."""
    for name in (f"throughput 50×1 {contender.name}", f"peak {contender.name}"):
        if name in bench.figures:
            return bench.median(name)
    server = contender(bench)
    try:
        for records in bench.side_by_side([server], bench.settings.few()):
            if server.name in records:
                bench.figure(f"peak {server.name}", records[server.name]["throughput"], "/s")
    finally:
        server.stop()
    if f"peak {contender.name}" not in bench.figures:
        raise Failed(f"the peak of {contender.name} could not be measured")
    return bench.median(f"peak {contender.name}")
