"""How each server that is compared gets started, with the same words behind it. Nothing is measured here.

A contender has: name (in the report), protocol (dictbench's), port, pid, login (whether clients log in), and `forks`
(a process for each client: their CPU time counts too). fresh() comes before each measured run, rest() after it,
stop() at the end.
"""

import os
import re
import shutil
import signal
import socket
import time

from children import SERVER_CORE, Child, Failed, free_port, read, run


class Contender:
    login = False
    forks = False
    child = None
    protocol = "framed"

    def __init__(self, bench):
        self.bench = bench
        self.port = None

    def spawn(self, command, ready):
        log = self.bench.directory / f"{self.name.replace(' ', '-').replace('/', '-')}.log"
        self.child = Child(command, SERVER_CORE, log)
        return self.child.wait_for(ready, 60)

    def fresh(self):
        """As it is, if it lives."""
        if self.child is None or self.child.process.poll() is not None:
            self.start()

    def rest(self):
        """Does nothing while others are measured."""

    def stop(self):
        if self.child:
            self.child.stop()
            self.child = None

    @property
    def pid(self):
        return self.child.pid


class Dictd(Contender):
    """dictd. It is killed after each run, and begins the next with an empty journal and an empty table of histories:
    neither a burst nor its neighbour may be measured while the drain of the one before goes on."""

    name = "dictd"
    login = True

    def __init__(self, bench, sync="interval", words=None, database=None, options=()):
        super().__init__(bench)
        self.words = words or bench.words
        self.database = database or bench.database.words(self.words)
        self.state = bench.directory / f"state-{self.database}-{sync}"
        # One address has all clients here, and their logins.
        self.options = ["--journal-sync", sync, "--max-connections", "19000", "--max-connections-per-address", "19000",
                        "--login-failures-per-address", "1000000", "--login-failures", "1000000", *options]

    def start(self, port=0):
        begin = time.monotonic()
        text = self.spawn(
            [self.bench.build / "dictd", "--listen", f"127.0.0.1:{port}", "--state-dir", self.state,
             "--db-socket", self.bench.database.socket, "--db-user", "root", "--db-name", self.database, *self.options],
            lambda log: re.search(r"listening on 127\.0\.0\.1:(\d+)\n", log))
        self.start_seconds = time.monotonic() - begin
        self.port = int(text.group(1))

    def rest(self):
        if self.child:
            self.child.kill()
            self.child = None

    def fresh(self):
        self.rest()
        shutil.rmtree(self.state / "journal", ignore_errors=True)
        self.bench.database.forget_history(self.database)
        self.start()

    def journal_bytes(self):
        total = 0
        for path in (self.state / "journal").glob("segment-*"):
            try:
                total += path.stat().st_size
            except OSError:
                continue
        return total

    def load_milliseconds(self):
        """What the log says of each load of the words: (milliseconds, the loop's longest turn in us or none)."""
        return [(int(found[1]), int(found[2]) if found[2] else None) for found in re.finditer(
            r"words of \d+ dictionaries loaded in (\d+) ms(?:.*?longest turn meanwhile took (\d+) us)?",
            self.child.output())]

    def reload(self):
        os.kill(self.pid, signal.SIGHUP)


class Listening(Contender):
    """One of build/bench/peers."""

    def options(self):
        return []

    def start(self):
        program = self.bench.build / "bench/peers" / self.program
        if not program.exists():
            raise Failed(f"{program.name} is not built")
        self.port = free_port()
        self.spawn([program, "--port", self.port, *self.options()], lambda log: "listening on" in log)


class Echo(Listening):
    name = program = protocol = "echo"


class Model(Listening):
    """A teaching model: fork, thread, select, poll or coroutine, asking the index or MySQL."""

    MODELS = ("fork", "thread", "select", "poll", "coroutine")

    def __init__(self, bench, program, look_up, record=False):
        super().__init__(bench)
        self.program, self.look_up, self.record = program, look_up, record
        self.name = f"{program}, {look_up}" + (", recorded" if record else "")
        self.forks = program == "fork"

    def options(self):
        bench = self.bench
        return ["--look-up", self.look_up, *(["--record"] if self.record else []),
                "--db-socket", bench.database.socket, "--db-user", "root",
                "--db-name", bench.database.words(bench.words), "--words", bench.wordbook]


class Redis(Contender):
    """dictbench gives it the words itself; memcached as well."""

    name = "redis"
    protocol = "redis-get"
    persistence = ["--appendonly", "no"]

    def start(self):
        self.port = free_port()
        directory = self.bench.directory / self.name.replace(" ", "-")
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        # The rewrite of a long log would only cost Redis: it is put off.
        self.spawn(["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--dir", directory, "--save", "",
                    "--maxclients", "19000", "--tcp-backlog", "4096", "--auto-aof-rewrite-percentage", "0",
                    *self.persistence], lambda log: "eady to accept connections" in log)


class RedisLog(Redis):
    name = "redis set"
    protocol = "redis-set"
    persistence = ["--appendonly", "yes", "--appendfsync", "everysec"]


class Memcached(Contender):
    name = "memcached"
    protocol = "memcached"

    def start(self):
        self.port = free_port()
        self.child = Child(["memcached", "-l", "127.0.0.1", "-p", self.port, "-U", "0", "-t", "1", "-m", "1024",
                            "-c", "19000", "-b", "4096", *(["-u", "root"] if os.getuid() == 0 else [])],
                           SERVER_CORE, self.bench.directory / "memcached.log")
        self.child.wait_for(lambda _: answers(self.port), 20)


def entries(wordbook):
    """(headword, meaning) of a wordbook, in bytes."""
    with open(wordbook, "rb") as file:
        for line in file:
            line = line.strip()
            if line and not line.startswith(b"#"):
                headword, meaning = re.split(rb"\t| {2,}", line, maxsplit=1)
                yield headword, meaning


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False
