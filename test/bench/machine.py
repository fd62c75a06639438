"""What was measured, and on what: the machine, the compiler, and the versions of all that was compared."""

import datetime
import os
import platform
import re
import shutil
import subprocess

from children import CLIENT_CORE, SERVER_CORE, read


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return "not installed"
    lines = (done.stdout or done.stderr).decode(errors="replace").strip().splitlines()
    return lines[0] if lines else "unknown"


def processor():
    found = re.search(r"model name\s*:\s*(.+)", read("/proc/cpuinfo"))
    name = found.group(1) if found else platform.machine()
    return name + (", virtual" if " hypervisor" in read("/proc/cpuinfo") else "")


def memory():
    found = re.search(r"MemTotal:\s*(\d+)", read("/proc/meminfo"))
    return f"{int(found.group(1)) / 1e6:.0f} GB" if found else "unknown"


def file_system(path):
    done = subprocess.run(["df", "--output=fstype,source", str(path)], capture_output=True, check=False)
    return " ".join(done.stdout.decode().splitlines()[-1].split())


def describe(source, build, descriptors):
    sbin = f"/usr/sbin:/usr/local/sbin:{os.environ['PATH']}"
    mariadbd = shutil.which("mariadbd", path=sbin) or "mariadbd"
    debian = shutil.which("dictd", path=sbin) or "/usr/sbin/dictd"
    commit = first_line("git", "-C", str(source), "describe", "--always", "--dirty")
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": processor(),
        "cores": f"{os.cpu_count()}: servers on core {SERVER_CORE}, generator and MariaDB on core {CLIENT_CORE}",
        "memory": memory(),
        "disk": file_system(build),
        "kernel": f"{platform.system()} {platform.release()}",
        "descriptors": f"{descriptors:,} for a process",
        "compiler": first_line(os.environ.get("CXX", "g++").split()[-1], "--version"),
        "dictd": f"{first_line(str(build / 'dictd'), '--version')}, {commit}",
        "Redis": first_line("redis-server", "--version"),
        "memcached": first_line("memcached", "--version"),
        "MariaDB": first_line(mariadbd, "--version"),
        "Debian's dictd": first_line(debian, "--version"),
    }
