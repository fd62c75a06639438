"""What may differ between dictd and Debian's, and why: the rules that explain a difference, each a predicate.

A difference that no rule holds for is a fault. The same rules stand, for people, in dictd/RFC2229.md.
"""

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
    Rule("the same definitions in another order",
         lambda question, _, ours, reference: ours.code == reference.code
         and sorted(ours.definitions) == sorted(reference.definitions)),
]

MATCH_RULES = [
    Rule("the reference gives its headers 00-database-… as entries",
         lambda question, headword, ours, reference: headword and is_header(headword) and headword in reference.headwords),
]


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
