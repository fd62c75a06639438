"""The benchmark's own MariaDB (dictd/private-mariadb.sh, its durability untouched), and the words in it.

One server for the whole run. Each number of words has a database of its own in it (`words150000`), so that none is
loaded twice. MariaDB shares core 1 with the generator.
"""

import os
import subprocess

from children import CLIENT_CORE, Child, Failed, read, run

# Room for a connection each of a thousand clients (the models that ask MySQL): nothing here is about durability.
OPTIONS = ["--max-connections=1300", "--table-open-cache=2600"]


class Database:
    def __init__(self, source, build, directory, options=()):
        self.source, self.build, self.directory = source, build, directory
        self.options = [*OPTIONS, *options]
        self.child = None
        self.loaded = set()
        self.client = None

    def start(self):
        self.child = Child(["sh", self.source / "dictd/private-mariadb.sh", self.directory, *self.options],
                           CLIENT_CORE, f"{self.directory}.log")
        self.child.wait_for(lambda _: self._answers(), 90)

    def _answers(self):
        self.socket = read(self.directory / "socket").strip()
        if not self.socket:
            return False
        command = ["mariadb", "--no-defaults", "-uroot", "-S", self.socket, "-e", "", "dictd"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def stop(self):
        if self.client:
            self.client.kill()
            self.client.wait()
            self.client = None
        if self.child:
            self.child.stop(60)
            self.child = None
        # A path too long for a socket: private-mariadb.sh made it a directory of its own.
        home = os.path.dirname(getattr(self, "socket", ""))
        if home.startswith("/tmp/dictd-"):
            subprocess.run(["rm", "-rf", home], check=False)

    @property
    def pid(self):
        return self.child.pid

    def sql(self, statements, database="dictd", seconds=300.0):
        """The rows of the answer, each a list of texts."""
        answer = run(["mariadb", "--no-defaults", "-N", "-B", "-uroot", "-S", self.socket, database], seconds,
                     input=statements.encode())
        return [line.split("\t") for line in answer.decode(errors="replace").splitlines()]

    def rows_written(self):
        """How many rows were ever inserted, by a client that stays: to be asked each second without a cost."""
        if not self.client:
            self.client = subprocess.Popen(
                ["mariadb", "--no-defaults", "-N", "-B", "--unbuffered", "-uroot", "-S", self.socket],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.client.stdin.write(b"SHOW GLOBAL STATUS LIKE 'Handler_write';\n")
        self.client.stdin.flush()
        answer = self.client.stdout.readline().split()
        if len(answer) != 2:
            raise Failed("MariaDB does not answer")
        return int(answer[1])

    def words(self, count):
        """The name of a database with so many words, loaded when it is asked for the first time."""
        name = f"words{count}"
        if name not in self.loaded:
            self._create(name)
            self._load(name, "made-up", self.wordbook(count))
            self.loaded.add(name)
        return name

    def dictionaries(self, wanted):
        """The same for dictionaries in dictd's format, each with a name and an index."""
        name = "_".join(["dictionaries", *(each.name for each in wanted)])
        if name not in self.loaded:
            self._create(name)
            for each in wanted:
                self._load(name, each.name, each.index, good=(0, 1))  # gcide has lines that are not UTF-8
            self.loaded.add(name)
        return name

    def _create(self, name):
        self.sql(f"CREATE DATABASE IF NOT EXISTS {name} DEFAULT CHARACTER SET utf8mb4")
        self.sql((self.source / "schema.sql").read_text(), name)

    def _load(self, name, dictionary, file, **options):
        run([self.build / "dictload", "--db-socket", self.socket, "--db-user", "root", "--db-name", name,
             "--dictionary", dictionary, file], 600, **options)

    def wordbook(self, count):
        path = self.directory.parent / f"words{count}.txt"
        if not path.exists():
            path.write_bytes(run([self.build / "dictbench", "--make-words", count], 120))
        return path

    def forget_history(self, name):
        self.sql("TRUNCATE TABLE hist", name)
