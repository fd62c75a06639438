#!/usr/bin/env python3
"""make compare-dictd: dictd and Debian's dictd asked the same, over the same dictionaries, their answers compared.

    compare.py --build BUILD [--definitions N] [--words N] [--seed S] [--show N]
    compare.py --ours ADDR:PORT --reference ADDR:PORT …    with servers that run already

DEFINE of every headword of foldoc and of N (20,000) of wn and gcide each, to the byte; MATCH with each strategy that both
have, N (500) words in each dictionary, as sets. Each is asked with quotes as it reads them. What differs is explained by a rule of rules.py, or printed. Exit status:
0 all is equal or explained, 1 something is not, 2 a server could not be started or was lost. Needs Python's own library,
and Debian's packages dictd, dict-foldoc, dict-wn and dict-gcide.
"""

import argparse
import pathlib
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "bench"))  # its servers and its database

import questions
import rules
from both_servers import BothServers
from children import Failed
from dict_connection import Connection, Lost, bare, headword_of, quoted
from tally import Tally

DICTIONARIES = ("foldoc", "wn", "gcide")
ALL_DEFINED = ("foldoc",)


def options():
    parser = argparse.ArgumentParser(description="dictd and Debian's dictd asked the same")
    parser.add_argument("--build", type=pathlib.Path, default="build", help="where the programs are")
    parser.add_argument("--ours", type=address, help="ADDR:PORT of a dictd that has the dictionaries, instead of a new one")
    parser.add_argument("--reference", type=address, help="the same of Debian's")
    parser.add_argument("--definitions", type=int, default=20_000, help="headwords of wn and of gcide")
    parser.add_argument("--words", type=int, default=500, help="of MATCH, for each strategy and dictionary")
    parser.add_argument("--show", type=int, default=20, help="answers that nothing explains")
    parser.add_argument("--seed", default="dictd", help="of what is drawn")
    return parser.parse_args()


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def strategies(server):
    return [line.split(b" ")[0].decode() for line in Connection(server).ask(b"SHOW STRAT").lines()]


def all_questions(asked, dictionaries, strategies_of_both):
    """In lists of one kind and dictionary."""
    for dictionary in dictionaries:
        count = None if dictionary.name in ALL_DEFINED else asked.definitions
        yield questions.definitions(dictionary, count, asked.seed)
        for strategy in strategies_of_both:
            yield questions.matches(dictionary, strategy, asked.words, asked.seed)


def answers(server, quote, asked):
    connection = Connection(server)
    try:
        return [given(question, answer)
                for question, answer in zip(asked, connection.ask_all([each.command(quote) for each in asked]))]
    finally:
        connection.close()


def given(question, answer):
    if question.strategy:
        return rules.Given(answer.code, headwords=set(map(headword_of, answer.lines())))
    return rules.Given(answer.code, definitions=answer.texts)


def ask_both(asked, dictionaries, servers):
    """All questions, each kind of both servers at once; and what came of it."""
    tally = Tally(asked.show)
    offered = strategies(servers.ours)
    for kind in all_questions(asked, dictionaries, [each for each in strategies(servers.reference) if each in offered]):
        began = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(lambda server, quote: answers(server, quote, kind), (servers.ours, servers.reference),
                                 (quoted, bare)))
        for question, ours, reference in zip(kind, *both):
            tally.add(question, ours, reference, *rules.explain(question, ours, reference))
        print(f"{kind[0].dictionary.name:<8}{kind[0].kind():<16}{len(kind):>6} asked in "
              f"{time.monotonic() - began:.1f} s", flush=True)
    return tally


def main():
    asked = options()
    dictionaries = [questions.Dictionary(name) for name in DICTIONARIES]
    try:
        with BothServers(asked, DICTIONARIES) as servers:
            tally = ask_both(asked, dictionaries, servers)
    except (Failed, Lost, OSError) as why:
        print(f"compare.py: {why}", file=sys.stderr)
        return 2
    print(tally.table())
    return 1 if tally.unexplained() else 0


if __name__ == "__main__":
    sys.exit(main())
