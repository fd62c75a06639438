"""The servers that speak RFC 2229, on the same dictionaries in dictd's format. Nothing is measured here.

Debian's dictd reads the files themselves; dictd reads them from MariaDB, where dictload has put them.
"""

import gzip
import os
import pathlib
import re
import shutil
from dataclasses import dataclass

from children import SERVER_CORE, Child, Failed, free_port, run
from servers import Contender, Dictd, answers, entries

DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
PACKAGED = pathlib.Path("/usr/share/dictd")


@dataclass(frozen=True)
class Dictionary:
    name: str
    index: pathlib.Path
    data: pathlib.Path


def packaged(name):
    """As Debian's package dict-NAME brings it."""
    files = Dictionary(name, PACKAGED / f"{name}.index", PACKAGED / f"{name}.dict.dz")
    if not files.index.exists():
        raise Failed(f"the package dict-{name} is not installed")
    return files


def index_rows(dictionary):
    """(headword, offset, size) of each line of the index, the headers' as well."""
    for line in dictionary.index.read_bytes().split(b"\n"):
        if line:
            headword, offset, size = line.split(b"\t")[:3]
            yield headword, number(offset), number(size)


def number(digits):
    value = 0
    for digit in digits:
        value = 64 * value + DIGITS.index(digit)
    return value


def is_header(headword):
    return headword.startswith((b"00-database", b"00database"))


def unpacked(dictionary, directory):
    """The same with its texts as they are, so that no server has to unpack them."""
    directory.mkdir(exist_ok=True)
    os.chmod(directory, 0o755)
    data = directory / f"{dictionary.name}.dict"
    if not data.exists():
        data.write_bytes(gzip.decompress(dictionary.data.read_bytes()))
    return Dictionary(dictionary.name, dictionary.index, data)


def made_up(bench):
    """The words that all other servers have, made into this format by dictfmt."""
    directory = bench.directory / "made-up"
    directory.mkdir(exist_ok=True)
    os.chmod(directory, 0o755)
    text = b"".join(b"%%h %b\n%%d\n%b\n" % pair for pair in entries(bench.wordbook))
    run(["dictfmt", "-p", "--utf8", "--allchars", "--without-headword", "--without-time", "--columns", "0", "-s", "made-up",
         "made-up"], 120, input=text, cwd=directory)
    return Dictionary("made-up", directory / "made-up.index", directory / "made-up.dict")


class DebianDictd(Contender):
    """The dictd of dict.org, as Debian ships it. It has no limits here but that of its processes, `children`; none stands
    for the limit that it has unless it is told another."""

    name = "Debian's dictd"
    protocol = "dict"
    forks = True

    def __init__(self, bench, dictionaries, name=None, children=2000):
        super().__init__(bench)
        self.dictionaries, self.children = dictionaries, children
        self.name = name or self.name

    def start(self):
        directory = self.bench.directory / re.sub(r"\W+", "-", self.name)
        directory.mkdir(exist_ok=True)
        os.chmod(directory, 0o755)
        configuration = directory / "dictd.conf"
        configuration.write_text(
            "global {\n  limit_queries 0\n  limit_matches 0\n  limit_definitions 0\n  delay 0\n"
            + (f"  limit_childs {self.children}\n" if self.children else "")
            + f"  pid_file {directory / 'pid'}\n}}\naccess {{ allow * }}\n"
            + "".join(f'database {each.name} {{ data "{each.data}" index "{each.index}" }}\n' for each in self.dictionaries))
        self.port = free_port()
        program = shutil.which("dictd", path=f"/usr/sbin:/usr/local/sbin:{os.environ['PATH']}")
        if not program:
            raise Failed("Debian's dictd is not installed")
        self.child = Child([program, "-d", "nodetach", "-c", configuration, "--listen-to", "127.0.0.1", "-p", self.port,
                            "--depth", "1024", "--locale", "C.UTF-8"], SERVER_CORE, directory / "output")
        self.child.wait_for(lambda _: answers(self.port), 30)


class DictPort(Dictd):
    """dictd, asked by RFC 2229: nobody logs in, and nothing is recorded."""

    protocol = "dict"
    login = False

    def __init__(self, bench, dictionaries, options=()):
        super().__init__(bench, database=bench.database.dictionaries(dictionaries),
                         options=["--dict-listen", "127.0.0.1:0", *options])

    def start(self, port=0):
        super().start(port)
        self.port = int(self.child.wait_for(lambda log: re.search(r"listening for DICT on 127\.0\.0\.1:(\d+)\n", log)).group(1))
