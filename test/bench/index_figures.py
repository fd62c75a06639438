"""The figures of the index, from the micro-benchmarks."""


def index(bench):
    pass
