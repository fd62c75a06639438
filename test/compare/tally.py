"""Counts what was equal, explained by a rule, or neither, for each kind of question; shows the first of the last."""

from collections import Counter

MOST_OF_A_KIND = 4
MOST_OF_EACH = 8  # headwords or definitions of one answer
VERDICTS = ("equal", "explained", "unexplained")


class Tally:
    def __init__(self, most_shown):
        self.most_shown = most_shown
        self.counts = {}  # (kind, dictionary) -> verdict -> answers
        self.by_rule = Counter()
        self.shown = 0

    def add(self, question, ours, reference, explained_by):
        """`explained_by` as rules.explain() gives it."""
        verdict = "unexplained" if explained_by is None else "explained" if explained_by else "equal"
        counts = self.counts.setdefault((question.kind(), question.dictionary.name), Counter())
        if verdict == "unexplained" and counts[verdict] < MOST_OF_A_KIND and self.shown < self.most_shown:
            show(question, ours, reference)
            self.shown += 1
        self.by_rule.update(explained_by or [])
        counts[verdict] += 1

    def unexplained(self):
        return sum(counts["unexplained"] for counts in self.counts.values())

    def table(self):
        """As text: what was counted, and how often each rule was needed."""
        total = sum(self.counts.values(), Counter())
        rows = [f"{'':<16}{'':<8}" + "".join(f"{verdict:>13}" for verdict in VERDICTS)]
        for (kind, dictionary), counts in [*self.counts.items(), (("all", ""), total)]:
            rows.append(f"{kind:<16}{dictionary:<8}" + "".join(f"{counts[verdict]:>13,}" for verdict in VERDICTS))
        rules = [f"{count:>8,}  {name}" for name, count in self.by_rule.most_common()]
        return "\n".join(["", *rows, "", "answers that a rule explains:", *(rules or ["    none"])])


def show(question, ours, reference):
    print(question.command().decode(errors="replace"))
    for name, these, those in (("dictd", ours, reference), ("the reference", reference, ours)):
        only = [each for each in these.definitions or sorted(these.headwords)
                if each not in those.definitions and each not in those.headwords]
        print(f"  only {name}: {these.code.decode()} " + ", ".join(repr(each)[:300] for each in only[:MOST_OF_EACH])
              + (f" … {len(only)} in all" if len(only) > MOST_OF_EACH else ""))
