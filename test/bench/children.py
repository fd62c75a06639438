"""What the benchmark starts, and what /proc says about it.

Every child is pinned to a core, leads a process group of its own, writes to a log, and is gone when run.py ends,
however that ends. Servers have core 0; the generator, MariaDB and run.py itself share core 1. Not for knowing what
a child is for: servers.py does.
"""

import atexit
import os
import resource
import signal
import socket
import subprocess
import threading
import time

SERVER_CORE = 0
CLIENT_CORE = 1 if (os.cpu_count() or 1) > 1 else 0
TICK = os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.05

_living = []


class Failed(Exception):
    """A part of the benchmark cannot be measured; the text says why."""


def prepare():
    """Once, before any child: as many descriptors as allowed, a core, and an end for all children."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    os.sched_setaffinity(0, {CLIENT_CORE})
    atexit.register(end_all)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: exit(1))
    return most


def end_all():
    for child in list(_living):
        child.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read(path, default=""):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return default


class Child:
    """A process that runs beside this one. Its output is in `log`, which is begun anew."""

    def __init__(self, command, core, log, **popen):
        self.log = log
        self.name = os.path.basename(str(command[0]))
        with open(log, "wb") as output:
            self.started = time.monotonic()
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", str(core), *map(str, command)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True, **popen)
        self.pid = self.process.pid
        _living.append(self)

    def output(self):
        return read(self.log)

    def wait_for(self, ready, seconds=30.0):
        """The first true answer of ready(output)."""
        until = time.monotonic() + seconds
        while True:
            ended = self.process.poll() is not None
            answer = ready(self.output())
            if answer:
                return answer
            if ended or time.monotonic() > until:
                why = f"ended ({self.process.returncode})" if ended else f"is not ready after {seconds:.0f} s"
                raise Failed(f"{self.name} {why}: {' | '.join(self.output().splitlines()[-3:])}")
            time.sleep(0.005)

    def wait(self, seconds):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"{self.name} did not end within {seconds:.0f} s") from None

    def stop(self, seconds=20.0):
        """SIGTERM to the process alone, and SIGKILL to its whole group."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def kill(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.process.wait()
        if self in _living:
            _living.remove(self)


def run(command, seconds=300.0, good=(0,), **options):
    """Runs a command to its end on the client's core and returns its standard output; `good` are the exit codes it may
    end with."""
    try:
        done = subprocess.run(list(map(str, command)), timeout=seconds, capture_output=True, check=False, **options)
    except FileNotFoundError:
        raise Failed(f"{command[0]} is not installed (or not built)") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"{command[0]} did not end within {seconds:.0f} s") from None
    if done.returncode not in good:
        errors = (done.stderr or done.stdout).decode(errors="replace")
        raise Failed(f"{os.path.basename(str(command[0]))} failed ({done.returncode}): {errors.strip()[-300:]}")
    return done.stdout


def cpu_seconds(pid):
    """User and system time of all threads of a process, those that ended too; none if it is gone."""
    stat = read(f"/proc/{pid}/stat")
    if not stat:
        return None
    fields = stat[stat.rindex(")") + 2:].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def children_of(pid):
    return read(f"/proc/{pid}/task/{pid}/children").split()


def thread_seconds(pid):
    """CPU time of a process of one thread, to the nanosecond: the ticks of /proc/PID/stat are coarse for many of them."""
    fields = read(f"/proc/{pid}/schedstat").split()
    return int(fields[0]) / 1e9 if fields else 0.0


def resident_bytes(pid):
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise Failed(f"process {pid} is gone")


def proportional_bytes(pid):
    """Memory of a process, with its share of what it has in common with others (PSS); nothing if it is gone."""
    for line in read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def core_seconds(core):
    """(busy, stolen by the host) seconds of one core since the machine's start."""
    for line in read("/proc/stat").splitlines():
        fields = line.split()
        if fields[0] == f"cpu{core}":
            user, nice, system, _, _, irq, soft_irq, steal = map(int, fields[1:9])
            return (user + nice + system + irq + soft_irq) / TICK, steal / TICK
    return 0.0, 0.0


class CpuWatch:
    """Samples the CPU time of some processes and of both cores until it is stopped, on a thread of its own.

    Of the processes in `with_children` it takes their children's as well (a clock tick sees little of processes that
    work for microseconds, so the cores' own counters would not do); the more there are the less often it looks."""

    def __init__(self, pids, with_children=()):
        self.pids = pids  # name -> pid
        self.with_children = with_children
        self.samples = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        while True:
            now = {name: cpu_seconds(pid) for name, pid in self.pids.items()}
            wait = SAMPLE_SECONDS
            for name in self.with_children:
                children = children_of(self.pids[name])
                now[name] = (now[name] or 0.0) + sum(map(thread_seconds, children))
                wait += len(children) * SAMPLE_SECONDS / 20
            now["core0"], stolen0 = core_seconds(SERVER_CORE)
            now["core1"], stolen1 = core_seconds(CLIENT_CORE)
            now["stolen"] = (stolen0 + stolen1) / 2
            self.samples.append((time.monotonic(), now))
            if self.stopping.wait(wait):
                return

    def stop(self):
        self.stopping.set()
        self.thread.join()

    def shares(self, begin, end):
        """name -> share of one core between two moments (of time.monotonic), as far as it was sampled."""
        inside = [sample for sample in self.samples if begin <= sample[0] <= end]
        for name in self.with_children:  # when they end, their time is no longer seen
            while len(inside) > 1 and inside[-1][1][name] < inside[-2][1][name]:
                inside.pop()
        if len(inside) < 2:
            return {}
        (t0, first), (t1, last) = inside[0], inside[-1]
        return {name: (last[name] - first[name]) / (t1 - t0)
                for name in first if first[name] is not None and last[name] is not None}
