"""One connection to an RFC 2229 server, for a program that asks thousands of questions and keeps every byte of the answers.

Questions are pipelined: at most WINDOW are under way. Each read is acknowledged at once (TCP_QUICKACK): a server that
writes an answer in pieces under Nagle's algorithm would wait 40 ms for it. Not for people, and not for measuring speed.
"""

import socket
from dataclasses import dataclass, field

WINDOW = 64
BACKSLASH = ord("\\")
PATIENCE = 120.0  # seconds until a server that says nothing counts as gone
TEXT_FOLLOWS = {b"110", b"111", b"112", b"113", b"114", b"151", b"152"}
MORE_TO_COME = {b"110", b"111", b"112", b"113", b"114", b"150", b"151", b"152", b"130"}


class Lost(Exception):
    """The server closed the connection, or said nothing for too long."""


@dataclass
class Answer:
    """Everything between a command and its last line. `texts` has a pair for each text: its first line, and its bytes as
    they came, with the stuffed dots and without the closing one."""

    status: bytes = b""  # the last line
    texts: list = field(default_factory=list)

    @property
    def code(self):
        return self.status[:3]

    def lines(self):
        return [line for _, text in self.texts for line in text.split(b"\r\n")[:-1]]


def quoted(word):
    """As the grammar of RFC 2229, section 2.2, has it: in a string between quotes a backslash goes before both."""
    return b'"' + word.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def headword_of(line):
    """Of a line of MATCH's answer: its second string, without quotes and escapes."""
    text = line.split(b" ", 1)[1]
    bare, escaped = bytearray(), False
    for each in text[1:-1] if text[:1] == b'"' else text:
        escaped = not escaped and each == BACKSLASH
        if not escaped:
            bare.append(each)
    return bytes(bare)


def bare(word):
    """As Debian's dictd reads it: it does not undo backslashes in a string, so that one with a quote cannot be said."""
    return quoted(word) if b'"' in word else b'"' + word + b'"'


class Connection:
    def __init__(self, address):
        self.socket = socket.create_connection(address, PATIENCE)
        self.bytes = bytearray()
        self.at = 0
        self.banner = self._line()

    def close(self):
        self.socket.close()

    def ask_all(self, commands):
        """Yields the answers in the commands' order."""
        commands = iter(commands)
        under_way = 0
        ended = False
        while True:
            batch = []
            while not ended and under_way < WINDOW:
                command = next(commands, None)
                if command is None:
                    ended = True
                else:
                    batch.append(command + b"\r\n")
                    under_way += 1
            if batch:
                self.socket.sendall(b"".join(batch))
            if not under_way:
                return
            for _ in range(max(1, under_way // 2)):
                yield self._answer()
                under_way -= 1

    def ask(self, command):
        return next(self.ask_all([command]))

    def _answer(self):
        answer = Answer()
        while True:
            line = self._line()
            if line[:3] in TEXT_FOLLOWS:
                answer.texts.append((line, self._text()))
            elif line[:3] not in MORE_TO_COME:
                answer.status = line
                return answer

    def _line(self):
        return self._until(b"\r\n")[:-2]

    def _text(self):
        if self._peek(3) == b".\r\n":
            self.at += 3
            return b""
        return self._until(b"\r\n.\r\n")[:-3]

    def _until(self, end):
        searched = self.at
        while (found := self.bytes.find(end, searched)) < 0:
            searched = max(self.at, len(self.bytes) - len(end) + 1)
            searched -= self._more()
        taken = bytes(self.bytes[self.at:found + len(end)])
        self.at = found + len(end)
        return taken

    def _peek(self, count):
        while len(self.bytes) - self.at < count:
            self._more()
        return bytes(self.bytes[self.at:self.at + count])

    def _more(self):
        """Reads on; answers how many bytes went from the front to make room."""
        gone = self.at
        del self.bytes[:gone]
        self.at = 0
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        try:
            got = self.socket.recv(1 << 18)
        except TimeoutError:
            raise Lost(f"nothing came for {PATIENCE:.0f} s") from None
        if not got:
            raise Lost("the server closed the connection")
        self.bytes += got
        return gone
