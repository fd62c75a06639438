"""What both servers are asked: all of it drawn from the dictionaries' own indexes, the same each time for one seed.

A word of MATCH is a headword, a piece of one, or one misspelt; for `re` and `regexp` a pattern made of one. Not for what
the answers are worth (rules.py).
"""

import functools
import gzip
import random
from dataclasses import dataclass

from dict_connection import quoted
from dict_servers import index_rows, is_header, packaged

ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
SPECIAL = rb"\.[]{}()*+?^$|"
BASIC_SPECIAL = rb"\.[]*^$"  # in a basic expression the others stand for themselves


class Dictionary:
    """A dictionary in dictd's format, as a Debian package brings it."""

    def __init__(self, name):
        self.name = name
        files = packaged(name)
        rows = list(index_rows(files))
        self.lines = [headword for headword, _, _ in rows]  # of the index: a headword has one for each of its entries
        self.known = set(self.lines)
        headwords = dict.fromkeys(self.lines)
        self.headers = [each for each in headwords if is_header(each)]
        self.headwords = [each for each in headwords if not is_header(each)]
        # Without it the reference compares nothing but letters, digits and spaces.
        self.all_characters = any(each.endswith(b"allchars") for each in self.headers)
        # Of lev: the reference takes the first line of the header, whatever follows it.
        self.alphabet = ALPHABET.decode()
        for headword, offset, size in rows:
            if headword == b"00-database-alphabet":
                text = gzip.open(files.data).read()[offset:offset + size]
                self.alphabet = text.split(b"\n")[0].decode()
        self.folded_lines = [self.folded(each) for each in self.lines]
        self.trimmed = {self.folded(each.strip()) for each in self.lines if each != each.strip()}

    def folded(self, word):
        """As the reference compares it."""
        text = word.decode(errors="replace").lower()
        return text if self.all_characters else "".join(each for each in text if each.isalnum() or each.isspace())

    @functools.lru_cache(maxsize=1)
    def lines_from(self, prefix):
        """The lines of the index whose headword begins with `prefix`, which is folded."""
        return [line for line, key in zip(self.lines, self.folded_lines) if key.startswith(prefix)]


@dataclass(frozen=True)
class Question:
    """DEFINE, or MATCH where there is a strategy."""

    dictionary: Dictionary
    strategy: str
    word: bytes

    def kind(self):
        return f"MATCH {self.strategy}" if self.strategy else "DEFINE"

    def command(self, quote=quoted):
        name = self.dictionary.name.encode()
        if not self.strategy:
            return b"DEFINE %s %s" % (name, quote(self.word))
        return b"MATCH %s %s %s" % (name, self.strategy.encode(), quote(self.word))


def is_pattern(strategy):
    return strategy in ("re", "regexp")


def literally(strategy, word, headword):
    """Whether a strategy that compares characters as they are finds the headword."""
    words, wanted = (" " + " ".join(each.split()) + " " for each in (headword, word))
    return {"exact": headword == word, "prefix": headword.startswith(word), "suffix": headword.endswith(word),
            "substring": word in headword, "word": wanted in words, "first": words.startswith(wanted),
            "last": words.endswith(wanted)}.get(strategy, False)


def definitions(dictionary, count, seed):
    """Of so many headwords, or of all where `count` is none; the headers are headwords to the reference."""
    words = dictionary.headwords
    if count is not None and count < len(words):
        words = random.Random(f"{seed} {dictionary.name}").sample(words, count)
    return [Question(dictionary, "", word) for word in [*dictionary.headers, *words]]


def matches(dictionary, strategy, count, seed):
    draw = random.Random(f"{seed} {dictionary.name} {strategy}")
    make = {"re": extended_pattern, "regexp": basic_pattern, "nprefix": page}.get(strategy, word)
    return [Question(dictionary, strategy, make(draw, draw.choice(dictionary.headwords))) for _ in range(count)]


# ---- Words

def word(draw, headword):
    return draw.choices([whole, piece, misspelt], [4, 3, 3])[0](draw, headword)


def whole(draw, headword):
    return draw.choice([headword, headword, headword.upper(), headword.capitalize()])


def piece(draw, headword):
    """Its beginning, its end, its inside, or one of its words: at least three bytes, where it has so many."""
    size = min(len(headword), draw.randint(3, 12))
    start = draw.choice([0, len(headword) - size, draw.randint(0, len(headword) - size)])
    return text_of(draw.choice([headword[start:start + size], draw.choice(headword.split(b" "))]))


def misspelt(draw, headword):
    """One letter more, one less, another one, or two neighbours exchanged."""
    at = draw.randrange(len(headword))
    letter = bytes([draw.choice(ALPHABET)])
    before, here, after = headword[:at], headword[at:at + 1], headword[at + 1:]
    return text_of(draw.choice([before + letter + here + after, before + after, before + letter + after,
                                before + after[:1] + here + after[1:]]))


def page(draw, headword):
    """A prefix; one in two with how many to skip and how many to give."""
    beginning = text_of(headword[:draw.randint(1, 5)])
    return draw.choice([beginning, b"%d#%d#%s" % (draw.randint(0, 20), draw.randint(1, 20), beginning)])


def text_of(cut):
    """Characters that a cut went through are left out; and there is always something to ask for."""
    return cut.decode(errors="ignore").encode() or b"a"


# ---- Patterns

def escaped(text, special):
    return b"".join(b"\\" + bytes([each]) if each in special else bytes([each]) for each in text)


def inside(draw, headword):
    """A part of it, with what stands before and behind it in a pattern: an anchor, or nothing."""
    if draw.random() < 0.4:
        return b"^", headword, b"$"
    start = draw.randrange(len(headword))
    part = text_of(headword[start:start + draw.randint(3, 10)])
    return b"^" if start == 0 else b"", part, b"$" if headword.endswith(part) and draw.random() < 0.5 else b""


def split(draw, part):
    """At a letter: what is before it, the letter, and what is after it."""
    letters = [at for at, each in enumerate(part) if each in ALPHABET]
    if not letters:
        return part, b"", b""
    at = draw.choice(letters)
    return part[:at], part[at:at + 1], part[at + 1:]


def extended_pattern(draw, headword):
    begin, part, end = inside(draw, headword)
    before, letter, after = split(draw, part)
    if letter:
        letter = draw.choice([
            letter, b".", b"[%s-z]" % letter, b"[^%s]" % letter, b"[[:alpha:]]", b"%s+" % letter, b"%s*" % letter,
            b"%s?" % letter, b"%s{1,2}" % letter, b"(%s|q)" % letter, b"(%s)+" % letter, b".*", letter.upper()])
    return begin + escaped(before, SPECIAL) + letter + escaped(after, SPECIAL) + end


def basic_pattern(draw, headword):
    begin, part, end = inside(draw, headword)
    before, letter, after = split(draw, part)
    if letter:
        letter = draw.choice([
            letter, b".", b"[%s-z]" % letter, b"[^%s]" % letter, b"[[:alpha:]]", b"%s*" % letter, rb"%s\{1,2\}" % letter,
            rb"\(%s\)*" % letter, b".*", letter.upper()])
    return begin + escaped(before, BASIC_SPECIAL) + letter + escaped(after, BASIC_SPECIAL) + end
