"""Look-ups a second, closed loop: dictd, echo, Redis and memcached; the teaching models; Debian's dictd."""

from children import Failed
from dict_servers import DebianDictd, made_up
from servers import Dictd, Echo, Memcached, Model, Redis, RedisLog

BARS = ((50, 1), (50, 16), (50, 64), (1000, 16), (10000, 1))
CURVE = (1, 10, 100, 1000, 5000)


def keep(bench, connections, pipeline, records):
    """The figures of one round at (connections, pipeline), and dictd's ratio to each of the others."""
    at = f"{connections}×{pipeline}"
    for name, record in records.items():
        bench.figure(f"throughput {at} {name}", record["throughput"], "/s")
        for quantile in ("p50", "p99", "p99.9"):
            bench.figure(f"{quantile} {at} {name}", record["latency_us"][quantile], "us")
        for side in ("server", "generator", "database"):
            if side in record["shares"]:
                bench.figure(f"{side} share {at} {name}", 100 * record["shares"][side], "%")
        if "server_us_per_request" in record:
            bench.figure(f"cpu {at} {name}", record["server_us_per_request"], "us")
        if name != "dictd" and "dictd" in records:
            ours = records["dictd"]
            bench.figure(f"ratio {at} {name}", ours["throughput"] / record["throughput"], "×")
            if record["latency_us"]["p99"] > 0:
                bench.figure(f"p99 ratio {at} {name}", ours["latency_us"]["p99"] / record["latency_us"]["p99"], "×")


def stop_all(contenders):
    for each in contenders:
        each.stop()


def throughput(bench):
    contenders = [Dictd(bench), Echo(bench), Redis(bench)]
    if not bench.settings.quick:
        contenders.append(Memcached(bench))
    try:
        for connections, pipeline in BARS:
            for records in bench.side_by_side(contenders, connections=connections, pipeline=pipeline):
                keep(bench, connections, pipeline, records)
        if bench.settings.quick:
            for records in bench.side_by_side([Memcached(bench)]):
                keep(bench, 50, 1, records)
    finally:
        stop_all(contenders)


def connections(bench):
    """What the picture needs beyond the bars: pipeline 1, other numbers of connections."""
    contenders = [Dictd(bench), Echo(bench), Redis(bench), Memcached(bench)]
    points = (1,) if bench.settings.quick else CURVE
    try:
        for number in points:
            for records in bench.side_by_side(contenders[:3] if bench.settings.quick else contenders,
                                              bench.settings.few(), connections=number):
                keep(bench, number, 1, records)
    finally:
        stop_all(contenders)


def models(bench):
    """Each model with the index and with MySQL; dictd beside them, for the ratio."""
    quick = bench.settings.quick
    fork = Model(bench, "fork", "mysql")
    all_models = [Model(bench, program, look_up) for program in Model.MODELS for look_up in ("index", "mysql")
                  if not (program == "fork" and look_up == "mysql")]
    recorded = [Model(bench, "fork", "mysql", record=True), Model(bench, "coroutine", "index", record=True)]
    dictd, debian = Dictd(bench), DebianDictd(bench, [made_up(bench)])
    try:
        for records in bench.side_by_side([dictd, fork]):
            if "dictd" not in records:
                raise Failed("dictd itself could not be measured beside them")
            ours = records.pop("dictd")["throughput"]
            keep(bench, 50, 1, records)
            bench.figure("throughput beside the models", ours, "/s")
            if fork.name in records:
                bench.figure(f"ratio 50×1 {fork.name}", ours / records[fork.name]["throughput"], "×")
        for records in bench.side_by_side([dictd, fork], pipeline=16):
            if len(records) == 2:
                bench.figure(f"ratio 50×16 {fork.name}",
                             records["dictd"]["throughput"] / records[fork.name]["throughput"], "×")
        # No bar hangs on the others: one second each.
        seconds = min(bench.settings.seconds, 0.5 if quick else 1.0)
        others = [debian, Model(bench, "thread", "index"), recorded[0]] if quick else [debian, *all_models, *recorded]
        for records in bench.side_by_side(others, bench.settings.few(), seconds=seconds):
            keep(bench, 50, 1, records)
            for name, record in records.items():
                bench.figure(f"ratio 50×1 {name}", bench.median("throughput beside the models") / record["throughput"], "×")
        for records in bench.side_by_side([debian], 1 if quick else 3, pipeline=16, seconds=seconds):
            keep(bench, 50, 16, records)
        if quick:
            return
        for number in (1, 10, 100, 1000, 5000, 10000):
            for records in bench.side_by_side([each for each in [fork, *all_models] if can_serve(each, number)], 1,
                                              connections=number, seconds=seconds):
                keep(bench, number, 1, records)
    finally:
        stop_all([dictd, fork, debian, *all_models, *recorded, *(others if quick else [])])


def can_serve(model, connections):
    """A set of select() ends at descriptor 1,023; a process, or a connection to MySQL, for each of thousands of
    clients says nothing more than it does at a thousand."""
    if model.program == "select":
        return connections < 1000
    if model.program == "fork" or model.look_up == "mysql":
        return connections <= 1000
    return True


def writes(bench):
    """A look-up is a write: dictd's against Redis' SET with its log."""
    contenders = [Dictd(bench), RedisLog(bench)]
    try:
        for records in bench.side_by_side(contenders, pipeline=16):
            if len(records) == 2:
                bench.figure("ratio 50×16 redis set", records["dictd"]["throughput"] / records["redis set"]["throughput"], "×")
            for name, record in records.items():
                bench.figure(f"throughput writes {name}", record["throughput"], "/s")
                bench.figure(f"cpu writes {name}", record["server_us_per_request"], "us")
    finally:
        stop_all(contenders)


def recording(bench):
    """What it costs that QUERY is recorded: MATCH exact is not."""
    dictd = Dictd(bench)
    try:
        for records in bench.side_by_side([("QUERY", dictd, {}), ("MATCH exact", dictd, {"mix": "match-exact=100"})],
                                          pipeline=16):
            if len(records) < 2:
                raise Failed("QUERY and MATCH could not both be measured")
            bench.figure("recording", records["QUERY"]["throughput"] / records["MATCH exact"]["throughput"], "×")
            for name, record in records.items():
                bench.figure(f"throughput recording {name}", record["throughput"], "/s")
                bench.figure(f"cpu recording {name}", record.get("server_us_per_request", 0), "us")
    finally:
        dictd.stop()
