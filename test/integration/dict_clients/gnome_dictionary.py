"""gnome-dictionary on a screen that nobody sees, read as a screen reader reads it:

    dbus-run-session -- xvfb-run -a /usr/bin/python3 gnome_dictionary.py PORT DIRECTORY

Prints the text of a definition, the words in its list of similar ones, the strategies it offers, and what it says of a
miss. It has no list of databases. DIRECTORY, which is empty, holds all that it writes.
"""

import os
import pathlib
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib

LIMIT = 40.0  # seconds until what should be seen counts as missing
PAUSE = 0.02  # between two looks at the screen
SOURCE = "[Dictionary Source]\nName=test\nDescription=test\nTransport=dictd\nHostname=127.0.0.1\nPort={}\n"

port, directory = sys.argv[1], pathlib.Path(sys.argv[2])
environment = {**os.environ, "HOME": str(directory), "XDG_CONFIG_HOME": str(directory), "XDG_DATA_HOME": str(directory),
               "XDG_RUNTIME_DIR": str(directory), "GSETTINGS_BACKEND": "memory", "NO_AT_BRIDGE": "0"}
settings = directory / "org.gnome.Dictionary"
settings.mkdir()
(settings / "test.desktop").write_text(SOURCE.format(port), encoding="utf-8")


def start(*arguments):
    return subprocess.Popen(["gnome-dictionary", "-s", "test", *arguments], env=environment, stderr=subprocess.DEVNULL)


def everything(widget):
    yield widget
    for number in range(widget.get_child_count()):
        yield from everything(widget.get_child_at_index(number))


def of_role(role, root=None):
    root = root or Atspi.get_desktop(0)
    return [each for each in everything(root) if each.get_role_name() == role]


def text_of(widget):
    return Atspi.Text.get_text(widget, 0, Atspi.Text.get_character_count(widget))


def wait_for(find):
    """What `find` finds, as soon as that is anything. A widget may go while it is looked at."""
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        try:
            if found := find():
                return found
        except (GLib.Error, AttributeError):
            pass
        time.sleep(PAUSE)
    sys.exit(f"this did not come within {LIMIT:.0f} s; the screen shows {[text_of(each) for each in of_role('text')]} and "
             f"{[each.get_name() for each in of_role('table cell')]}")


def text_with(words):
    return next((text for text in map(text_of, of_role("text")) if words in text), None)


def table_titled(title):
    for table in of_role("table"):
        if any(header.get_name() == title for header in of_role("table column header", table)):
            return table
    return None


def cells(title):
    table = table_titled(title)
    return [cell.get_name() for cell in of_role("table cell", table)] if table else []


def press(button, page):
    """The button that stands on the same page of the sidebar as the table titled `page`."""
    around = table_titled(page).get_parent().get_parent()
    Atspi.Action.do_action(next(each for each in of_role("push button", around) if each.get_name() == button), 0)
    return True


first = start("--look-up=apple", "--strategy=prefix")
try:
    print("define", repr(wait_for(lambda: text_with("round fruit"))))
    print("match", wait_for(lambda: len(words := cells("matches")) == 3 and words))
    wait_for(lambda: press("Refresh", "strategies"))
    print("strategies", len(wait_for(lambda: cells("strategies"))) > 0)
    start("--look-up=zzzz").wait()  # the first one opens a window for it
    print("miss", repr(wait_for(lambda: text_with("zzzz”"))))
finally:
    first.kill()
