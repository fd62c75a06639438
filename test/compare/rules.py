"""What may differ between dictd and Debian's, and why: the rules that explain a difference, each a predicate.

A difference that no rule holds for is a fault. The same rules stand, for people, in dictd/RFC2229.md. A rule about DEFINE
looks at two answers, one about MATCH at a headword that one of both has and the other has not.
"""

import functools
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from dict_servers import is_header
from questions import Question, is_pattern, literally

UNDOUBLED = re.compile(rb"(^|\r\n)\.\.")
PAGE = re.compile(rb"(\d+)#(\d+)#(.*)", re.DOTALL)
NUMBER = re.compile(rb"\d*")


@dataclass
class Given:
    """What a server gave: the code of its last line; of DEFINE (first line, text) in order, of MATCH the headwords."""

    code: bytes
    definitions: list = field(default_factory=list)
    headwords: set = field(default_factory=set)

    @functools.cached_property
    def words(self):
        """The headwords without regard to case and to how many blanks are between."""
        return set(map(words_of, self.headwords))


@dataclass(frozen=True)
class Difference:
    """`headword` is one that only one has; none where it is about the answers as they are."""

    question: Question
    ours: Given
    reference: Given
    headword: bytes | None = None

    @property
    def strategy(self):
        return self.question.strategy

    @property
    def dictionary(self):
        return self.question.dictionary

    @property
    def only_ours(self):
        return self.headword in self.ours.headwords

    @property
    def only_theirs(self):
        return self.headword in self.reference.headwords


@dataclass(frozen=True)
class Rule:
    name: str
    holds: Callable


# ---- DEFINE

def gives_headers(it):
    return is_header(it.question.word) and not it.ours.definitions


def differs_by_stuffing(it):
    ours = [(line, UNDOUBLED.sub(rb"\1.", text)) for line, text in it.ours.definitions]
    return it.ours.code == it.reference.code and ours == it.reference.definitions


def has_quotes(it):
    return b'"' in it.question.word


def is_replaced(it):
    return it.ours.code == it.reference.code and it.ours.definitions == [
        (line, text.decode(errors="replace").encode()) for line, text in it.reference.definitions]


def is_of_trimmed_headword(it):
    return it.dictionary.folded(it.question.word.strip()) in it.dictionary.trimmed


DEFINE_RULES = [
    Rule("the reference gives its headers 00-database-… as entries", gives_headers),
    Rule("the reference does not double a period at the front of a line (section 2.4.3)", differs_by_stuffing),
    Rule("the reference does not undo backslashes in quoted strings (section 2.2)", has_quotes),
    Rule("what is not UTF-8 (a byte in each of three texts of gcide) is U+FFFD in dictd", is_replaced),
    Rule("dictd takes white space off the ends of headwords when it loads them", is_of_trimmed_headword),
]


# ---- MATCH

def matches_headers(it):
    return it.only_theirs and is_header(it.headword)


def has_white_space_around(it):
    return it.only_ours and it.question.word != it.question.word.strip() and not is_pattern(it.strategy)


def is_trimmed(it):
    """One of theirs has a blank at its end, which ours is without."""
    return it.headword != it.headword.strip() if it.only_theirs else it.headword not in it.dictionary.known


def is_fallback(it):
    return it.only_ours and not it.reference.headwords and (
        literally("prefix" if it.strategy == "nprefix" else it.strategy, plain(it.question.word), plain(it.headword)))


def differs_by_punctuation(it):
    word, headword = it.question.word, it.headword
    if it.dictionary.all_characters:
        return False
    if it.strategy in ("word", "first", "last"):  # and where a word ends depends on it
        return any(folded(it, each) != each.decode().lower() for each in (word, headword))
    if it.only_theirs:
        return literally(it.strategy, folded(it, word), folded(it, headword))
    return literally(it.strategy, word.decode().lower(), headword.decode().lower())


def has_only_punctuation(it):
    return it.only_ours and not it.dictionary.all_characters and not folded(it, it.question.word).strip()


def counts_lines(it):
    """The reference's page has the lines of its index from the one that the question says."""
    if it.strategy != "nprefix":
        return False
    page = PAGE.fullmatch(it.question.word)
    skip, count, prefix = page.groups() if page else (NUMBER.match(it.question.word)[0] or 0, None, it.question.word)
    lines = it.dictionary.lines_from(folded(it, prefix))[int(skip):]
    return it.reference.headwords == set(lines[:int(count)] if count else lines)


def is_the_word(it):
    return it.strategy == "lev" and it.only_ours and folded(it, it.headword) == folded(it, it.question.word)


def is_beyond_alphabet(it):
    """One step makes the headword of the word, by a character that the reference does not try."""
    word, wanted = folded(it, it.question.word), folded(it, it.headword)
    at = next((at for at, (one, other) in enumerate(zip(word, wanted)) if one != other), min(len(word), len(wanted)))
    return (it.strategy == "lev" and it.only_ours and at < len(wanted) and wanted[at + 1:] in (word[at:], word[at + 1:])
            and wanted[at] not in it.dictionary.alphabet)


def is_twin_of_theirs(it):
    """The reference gave another headword that it takes for the same."""
    return it.strategy == "lev" and it.only_ours and any(
        folded(it, it.headword) == folded(it, each) for each in it.reference.headwords)


def is_twin_of_ours(it):
    return it.only_theirs and words_of(it.headword) in it.ours.words


def is_distance_with_punctuation(it):
    return it.strategy == "lev" and not it.dictionary.all_characters


def begins_otherwise(it):
    pattern = it.question.word
    return is_pattern(it.strategy) and it.only_ours and pattern.startswith(b"^") and (
        not pattern[1:2].isalnum() or not it.headword.lower().startswith(pattern[1:2].lower()))


def has_run_of_blanks(it):
    return it.only_ours and b"  " in it.headword


def has_letter_beyond_ascii(it):
    return is_pattern(it.strategy) and b"[:" in it.question.word and not it.headword.isascii()


def begins_with_no_letter(it):
    return it.strategy == "soundex" and not (starts_with_letter(it.headword) and starts_with_letter(it.question.word))


MATCH_RULES = [
    Rule("the reference gives its headers 00-database-… as entries", matches_headers),
    Rule("the reference does not undo backslashes in quoted strings (section 2.2)", has_quotes),
    Rule("dictd takes white space off the ends of a word that is asked for", has_white_space_around),
    Rule("dictd takes white space off the ends of headwords when it loads them", is_trimmed),
    Rule("of headwords with one meaning that differ in case or blanks alone dictd gives the first", is_twin_of_ours),
    Rule("where nothing is as it was asked for, dictd ignores accents and punctuation", is_fallback),
    Rule("nprefix of the reference counts lines of its index, and takes a number at the front for lines to skip", counts_lines),
    Rule("without allchars the reference ignores punctuation in MATCH; dictd does so only where a whole word is compared",
         differs_by_punctuation),
    Rule("without allchars the reference finds nothing where neither letters nor digits are asked for", has_only_punctuation),
    Rule("lev of the reference leaves out the word itself", is_the_word),
    Rule("lev of the reference tries no characters but a to z, or those on the first line of 00-database-alphabet",
         is_beyond_alphabet),
    Rule("lev of the reference gives one of several headwords that differ in case", is_twin_of_theirs),
    Rule("without allchars lev of the reference counts no steps for punctuation", is_distance_with_punctuation),
    Rule("after ^ the reference looks only at headwords that begin with the pattern's next letter or digit, else nowhere",
         begins_otherwise),
    Rule("several blanks in a headword count as one for dictd", has_run_of_blanks),
    Rule("[[:alpha:]] and its like are of ASCII in dictd", has_letter_beyond_ascii),
    Rule("soundex of words that begin with no letter", begins_with_no_letter),
]


# ---- Words as one of both takes them

def words_of(headword):
    return tuple(headword.lower().split())


def plain(word):
    """Its letters, digits and blanks, without their accents."""
    text = unicodedata.normalize("NFKD", word.decode(errors="replace").lower())
    return "".join(each for each in text if each.isalnum() or each.isspace()).strip()


def folded(it, word):
    return it.dictionary.folded(word)


def starts_with_letter(word):
    return word[:1].isalpha()


# ---- All rules

def explain(question, ours, reference):
    """How two answers differ: the names of the rules that explain it, and the headwords (or a none, for the answer as it
    is) that no rule holds for."""
    rules = MATCH_RULES if question.strategy else DEFINE_RULES
    names, unexplained = set(), []
    for headword in differences(ours, reference):
        difference = Difference(question, ours, reference, headword)
        name = next((rule.name for rule in rules if rule.holds(difference)), None)
        if name is None:
            unexplained.append(headword)
        else:
            names.add(name)
    return sorted(names), unexplained


def differences(ours, reference):
    """The headwords that only one has; or a none, where something else differs."""
    if ours.headwords != reference.headwords:
        return ours.headwords ^ reference.headwords
    return [] if ours == reference else [None]
