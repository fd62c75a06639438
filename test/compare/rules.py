"""What may differ between dictd and Debian's, and why: the rules that explain a difference, each a predicate.

A difference that no rule holds for is a fault. The same rules stand, for people, in dictd/RFC2229.md.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from dict_servers import is_header


@dataclass
class Given:
    """What a server gave: the code of its last line; of DEFINE (first line, text) in order, of MATCH the headwords."""

    code: bytes
    definitions: list = field(default_factory=list)
    headwords: set = field(default_factory=set)


@dataclass(frozen=True)
class Rule:
    """`holds(question, headword, ours, reference)` for a headword that one of both has and the other has not; the
    headword is none where it is about the answers as they are."""

    name: str
    holds: Callable


DEFINE_RULES = [
    Rule("the reference gives its headers 00-database-… as entries",
         lambda question, _, ours, reference: is_header(question.word) and not ours.definitions),
    Rule("the reference does not double a period at the front of a line (section 2.4.3 of the RFC)",
         lambda question, _, ours, reference: [(line, without_stuffing(text)) for line, text in ours.definitions]
         == reference.definitions),
    Rule("the reference does not undo backslashes in quoted strings (section 2.2 of the RFC)",
         lambda question, _, ours, reference: needs_escapes(question)),
    Rule("the same definitions in another order",
         lambda question, _, ours, reference: ours.code == reference.code
         and sorted(ours.definitions) == sorted(reference.definitions)),
]

MATCH_RULES = [
    Rule("the reference gives its headers 00-database-… as entries",
         lambda question, headword, ours, reference: headword and is_header(headword) and headword in reference.headwords),
    Rule("the reference does not undo backslashes in quoted strings (section 2.2 of the RFC)",
         lambda question, headword, ours, reference: needs_escapes(question)),
    Rule("white space around a word does not matter to dictd",
         lambda question, headword, ours, reference: question.word != question.word.strip()
         and headword in ours.headwords),
    Rule("where nothing is as it was asked for, dictd ignores accents and punctuation",
         lambda question, headword, ours, reference: not reference.headwords
         and question.strategy in ("exact", "prefix", "nprefix") and loose(headword).startswith(loose(question.word))),
    Rule("lev of the reference leaves out the word itself",
         lambda question, headword, ours, reference: question.strategy == "lev" and headword in ours.headwords
         and folded(question, headword) == folded(question, question.word)),
    Rule("lev of the reference takes the exchange of two neighbours for one step; dlev of dictd does",
         lambda question, headword, ours, reference: question.strategy == "lev" and headword in reference.headwords
         and is_exchange(folded(question, headword), folded(question, question.word))),
    Rule("lev of the reference tries no characters but a to z, or those on the first line of 00-database-alphabet",
         lambda question, headword, ours, reference: question.strategy == "lev" and headword in ours.headwords
         and is_beyond_alphabet(question, headword)),
    Rule("lev of the reference gives one of several headwords that differ in case",
         lambda question, headword, ours, reference: question.strategy == "lev" and headword in ours.headwords
         and any(each.lower() == headword.lower() for each in reference.headwords)),
]


def loose(word):
    """Its letters and digits, without their accents."""
    plain = unicodedata.normalize("NFKD", word.decode(errors="replace").lower())
    return "".join(each for each in plain if each.isalnum())


def folded(question, word):
    """As the reference compares it."""
    text = word.decode(errors="replace").lower()
    return text if question.dictionary.all_characters else "".join(c for c in text if c.isalnum() or c.isspace())


def is_exchange(one, other):
    return any(one == other[:at] + other[at + 1] + other[at] + other[at + 2:] for at in range(len(other) - 1))


def is_beyond_alphabet(question, headword):
    """Whether one step makes the headword of the word, by a character that the reference does not know."""
    word, wanted = folded(question, question.word), folded(question, headword)
    at = next((at for at, (one, other) in enumerate(zip(word, wanted)) if one != other), min(len(word), len(wanted)))
    is_one_step = at < len(wanted) and wanted[at + 1:] in (word[at:], word[at + 1:])
    return is_one_step and wanted[at] not in question.dictionary.alphabet


def without_stuffing(text):
    return re.sub(rb"(^|\r\n)\.\.", rb"\1.", text)


def needs_escapes(question):
    return b'"' in question.word or b"\\" in question.word


def explain(question, ours, reference):
    """The names of the rules that explain how two answers differ: none of them where they do not, and nothing (no list)
    where no rule holds."""
    rules = MATCH_RULES if question.strategy else DEFINE_RULES
    names = set()
    for headword in differences(ours, reference):
        name = next((rule.name for rule in rules if rule.holds(question, headword, ours, reference)), None)
        if name is None:
            return None
        names.add(name)
    return sorted(names)


def differences(ours, reference):
    """The headwords that only one has; or a none, for all of the answer, where something else differs."""
    if ours.headwords != reference.headwords:
        return ours.headwords ^ reference.headwords
    return [] if ours == reference else [None]
