"""Counts what was equal, explained by a rule, or neither, for each kind of question; shows the first of the last."""

from collections import Counter

MOST_OF_A_KIND = 4
MOST_OF_EACH = 8  # headwords or definitions of one answer
MOST_BYTES = 300  # of one definition
VERDICTS = ("equal", "explained", "unexplained")


class Tally:
    def __init__(self, most_shown):
        self.most_shown = most_shown
        self.counts = {}  # (kind, dictionary) -> verdict -> answers
        self.by_rule = Counter()
        self.shown = 0

    def add(self, question, ours, reference, rules, unexplained):
        """What rules.explain() says of two answers."""
        verdict = "unexplained" if unexplained else "explained" if rules else "equal"
        counts = self.counts.setdefault((question.kind(), question.dictionary.name), Counter())
        if unexplained and counts[verdict] < MOST_OF_A_KIND and self.shown < self.most_shown:
            show(question, ours, reference, unexplained)
            self.shown += 1
        if not unexplained:
            self.by_rule.update(rules)
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


def show(question, ours, reference, unexplained):
    print(question.command().decode(errors="replace"))
    for name, these, those in (("dictd", ours, reference), ("the reference", reference, ours)):
        only = [each for each in these.definitions if each not in those.definitions]
        only += sorted(each for each in unexplained if each in these.headwords)
        print(f"  only {name}: {these.code.decode()} " + ", ".join(repr(each)[:MOST_BYTES] for each in only[:MOST_OF_EACH])
              + (f" … {len(only)} in all" if len(only) > MOST_OF_EACH else ""))
