"""The two servers that are compared, with the same dictionaries: started for it and ended with it, or those given.

Neither has limits here: where Debian's would cut a list, it would say nothing of the rest.
"""

import pathlib
import shutil
import time

from children import prepare
from dict_servers import DebianDictd, DictPort, packaged
from measure import Bench, Settings

SOURCE = pathlib.Path(__file__).resolve().parents[2]


class BothServers:
    """`ours` and `reference` are addresses, from entering to leaving. What it starts writes below BUILD/compare/."""

    def __init__(self, asked, names):
        self.ours, self.reference = asked.ours, asked.reference
        self.build, self.names = asked.build.resolve(), names
        self.bench, self.started = None, []

    def __enter__(self):
        try:
            self.ours = self.ours or self._start(DictPort, options=["--most-matches", "1000000"])
            self.reference = self.reference or self._start(DebianDictd)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self.started:
            server.stop()
        if self.bench:
            self.bench.database.stop()
            shutil.rmtree(self.bench.directory, ignore_errors=True)

    def _start(self, kind, **more):
        if not self.bench:
            self._prepare()
        server = kind(self.bench, [packaged(name) for name in self.names], **more)
        self.started.append(server)
        server.start()
        return "127.0.0.1", server.port

    def _prepare(self):
        prepare()
        directory = self.build / "compare" / time.strftime("run-%Y%m%d-%H%M%S")
        directory.mkdir(parents=True)
        self.bench = Bench(SOURCE, self.build, directory, Settings(quick=False))
        self.bench.database.start()
