#!/usr/bin/env python3
"""compare.py [OPTION...] [ROW...]: one day of people, on networks that place them
in different ways: `make compare`.

Each ROW of rows.py (all without any) gets the same seeded schedule, replayed by
real clients against real servers. A table is printed, and OUT has it with a plot
and all figures. README.md says what the columns are. The exit status is 1 if a
message did not reach each of its receivers exactly once.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile

import plot
import traffic
from network import BUILD, Network, cpu_ns
from rows import ROWS, Visit

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from harness import as_many_fds_as_allowed  # noqa: E402

WARM_MS = 300000        # after the beginning, or --again: all have come by then
COMES_A_S = 200         # people who come in one second of that time
UNNAMED = 63            # replay: a server that has not said its name yet

MB, K = 1e6, 1e3


# ---- the schedule -----------------------------------------------------------

def visits(events, home, end):
    """Return the visits of a day in their order. home() turns the region of a
    person into one of servers; end is that of the day, in milliseconds."""
    open_, found = {}, []
    for e in events:
        user = e.args[0]
        if e.verb == "connect":
            open_[user] = len(found)
            found.append(Visit(user, home(e.args[1]), None, e.ms, end))
        elif e.verb == "join" and found[open_[user]].channel is None:
            found[open_[user]] = found[open_[user]]._replace(
                channel=e.args[1])
        elif e.verb == "quit":
            found[open_[user]] = found[open_[user]]._replace(end=e.ms)
    return found


def address(number):
    return f"127.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def schedule(day, net, choose, begin_ms):
    """Yield the lines that replay reads: what happens after begin_ms, when nobody
    is there."""
    events = [e for e in day.events if e.ms > begin_ms]
    coming = iter(visits(events, net.home, day.end * 1000))
    for e in events:
        if e.verb == "mark":
            continue
        numbers = [x.lstrip("#cu") for x in e.args]
        if e.verb == "connect":
            visit = next(coming)
            numbers[1:] = [str(net.regions.index(visit.region)),
                           str(choose(visit)), address(int(numbers[0]))]
        yield f"{e.ms} {e.verb} {' '.join(numbers)}\n"


def warm(o, remembers):
    """Return the parts of a schedule that are not measured: (up to which ms, how
    many seconds each takes). People come slowly."""
    again, come_s = o.again * 3600e3, max(2, o.users / COMES_A_S)
    parts = [(again + WARM_MS, come_s)]
    if remembers and again > 0:
        parts[:0] = [(WARM_MS, come_s),
                     (again, (again - WARM_MS) / 1000 / o.speed)]
    return parts


# ---- one row ----------------------------------------------------------------

def replay(net, file, parts, o):
    """Replay a schedule. Return what was counted before and after the measured
    part, the samples, and the result of the driver."""
    resting = net.descriptors()
    driver = subprocess.Popen(
        [os.path.join(BUILD, "tests/compare/replay"), "--warm",
         ",".join(f"{ms}:{s}" for ms, s in parts), "--speed",
         str(o.speed), "--samples", str(o.samples), "--settle-s",
         str(o.settle_s), "--regions", ",".join(
             str(net.regions.index(s.region)) for s in net.servers), file],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    before, samples = None, []
    try:
        for line in driver.stdout:
            said = json.loads(line)
            if "ready" in said:
                before, trunks = net.counted(), net.trunks()
                busy = cpu_ns(driver.pid)
                driver.stdin.write("go\n")
                driver.stdin.flush()
            elif "sample" in said:
                said["connections"] = net.descriptors() - resting
                said["relayed"] = net.relayed(before, net.counted())[0]
                said["copies"] = copies(net, said)
                samples.append(said)
            else:
                after = net.counted()
                said["driver_cpu_s"] = (cpu_ns(driver.pid) - busy) / 1e9
                driver.stdin.close()
                return before, after, net.trunked(trunks, net.trunks()), \
                    samples, said
    finally:
        driver.kill()
        driver.wait()
    sys.exit("the replay has failed")


def uneven(values):
    """Return the greatest of some values, divided by their mean."""
    return max(values) * len(values) / sum(values) if sum(values) else 1.0


def crossed(net, traffic):
    """Return the lines and bytes between clients and servers of other regions,
    and all lines and bytes to clients."""
    far_lines = far_bytes = lines = size = 0
    for region, server, lines_in, bytes_in, lines_out, bytes_out in traffic:
        lines += lines_in
        size += bytes_in
        if server != UNNAMED and \
           net.servers[server].region != net.regions[region]:
            far_lines += lines_in + lines_out
            far_bytes += bytes_in + bytes_out
    return far_lines, far_bytes, lines, size


def copies(net, said):
    """Return how often all messages had to be sent to other servers, and, if there
    are gates, to these."""
    return said["abroad"] + (said["ways"] if net.has("gate") else 0)


def figures(net, before, after, trunked, samples, end):
    total, far = net.relayed(before, after)
    trunks, far_trunks = trunked
    far_lines, far_bytes, lines, size = crossed(net, end["traffic"])
    if net.has("gate"):     # clients are near their gate, wherever their server is
        far_lines = far_trunks["lines"] + far_trunks["up"]
        far_bytes = far_trunks["bytes"]
    cpu = after.cpu - before.cpu
    per_server = [0] * len(net.servers)
    for _, server, lines_in, *_ in end["traffic"]:
        if server != UNNAMED:
            per_server[server] += lines_in
    kinds = {kind: sum(ns for (k, _), ns in cpu.items() if k == kind) / 1e3
             for kind in ("server", "gate", "balancer", "broker", "distance")}
    loads = [uneven(s["users"]) for s in samples if sum(s["users"])]
    return {
        "seconds": end["end"],
        "entries": total["entries"], "link_bytes": total["bytes"],
        "lines": lines, "line_bytes": size,
        "trunk_lines": trunks["lines"], "trunk_bytes": trunks["bytes"],
        "far": far["entries"] + far_lines,
        "far_bytes": far["bytes"] + far_bytes,
        "far_lines": far_lines, "far_entries": far["entries"],
        "carried_bytes": sum(after.distance.values()) -
        sum(before.distance.values()),
        "server_us": kinds["server"] / lines,
        "gate_us": kinds["gate"] / lines,
        "balancer_us": kinds["balancer"] / lines,
        "broker_us": kinds["broker"] / lines,
        "distance_us": kinds["distance"] / lines,
        "driver_us": end["driver_cpu_s"] * 1e6 / lines,
        "cpu_s": {name: ns / 1e9 for (_, name), ns in sorted(cpu.items())},
        "delay_ms": end["delay_ms"], "late_ms": end["late_ms"],
        "users_uneven": sum(loads) / len(loads) if loads else 1.0,
        "lines_uneven": uneven(per_server),
        "connections": max((s["connections"] for s in samples), default=0),
        "copies": copies(net, end) / max(1, end["said"] + end["whispered"]),
        **{k: end[k] for k in ("said", "whispered", "connects", "joins",
                               "abroad", "overseas", "ways", "delivered", "owed", "missing", "doubled",
                               "overdue", "strays", "absent", "dropped", "lost",
                               "renamed", "refused")},
        "samples": samples,
    }


def measure(name, day, net, o):
    row = ROWS[name]
    begin_ms = -1 if row.remembers else o.again * 3600e3 - (o.again == 0)
    with net.stopping():
        choose = row.place(net, random.Random(o.seed))
        file = os.path.join(net.folder, name + ".schedule")
        with open(file, "w", encoding="ascii") as f:
            f.writelines(schedule(day, net, choose, begin_ms))
        return figures(net, *replay(net, file, warm(o, row.remembers), o))


# ---- the table --------------------------------------------------------------

COLUMNS = [
    ("copies of a message", lambda f: f["copies"], ".2f"),
    ("needed at other servers, k", lambda f: f["abroad"] / K, ".2f"),
    ("in other regions, k", lambda f: f["overseas"] / K, ".2f"),
    ("entries between servers, k", lambda f: f["entries"] / K, ".1f"),
    ("MB", lambda f: f["link_bytes"] / MB, ".1f"),
    ("lines to gates, k", lambda f: f["trunk_lines"] / K, ".0f"),
    ("MB", lambda f: f["trunk_bytes"] / MB, ".1f"),
    ("lines to clients, k", lambda f: f["lines"] / K, ".0f"),
    ("MB", lambda f: f["line_bytes"] / MB, ".1f"),
    ("between regions, k", lambda f: f["far"] / K, ".1f"),
    ("MB", lambda f: f["far_bytes"] / MB, ".1f"),
    ("CPU of servers, us a line", lambda f: f["server_us"], ".2f"),
    ("of gates", lambda f: f["gate_us"], ".2f"),
    ("of balancers", lambda f: f["balancer_us"], ".2f"),
    ("of the broker", lambda f: f["broker_us"], ".2f"),
    ("delay p50, ms", lambda f: f["delay_ms"][0], ".1f"),
    ("p99", lambda f: f["delay_ms"][1], ".1f"),
    ("users max/mean", lambda f: f["users_uneven"], ".2f"),
    ("lines max/mean", lambda f: f["lines_uneven"], ".2f"),
    ("connections", lambda f: f["connections"], "d"),
]


def cells(values, first):
    return "| " + " | ".join([first, *values]) + " |"


def table(results):
    yield cells([head for head, *_ in COLUMNS], "row")
    yield "| --- " + "| ---: " * len(COLUMNS) + "|"
    for name, f in results.items():
        yield cells([format(value(f), form) for _, value, form in COLUMNS],
                    name)


def cpu_table(results):
    names = sorted({n for f in results.values() for n in f["cpu_s"]})
    yield cells(names, "CPU, s")
    yield "| --- " + "| ---: " * len(names) + "|"
    for name, f in results.items():
        yield cells([f"{f['cpu_s'][n]:.1f}" if n in f["cpu_s"] else "-"
                     for n in names], name)


def proof(name, f):
    """Say how many messages came, and whether all did."""
    return (f"{name}: {f['said']} messages to channels and {f['whispered']} "
            f"private ones in {f['seconds']:.0f} s; {f['delivered']} copies "
            f"came; {f['owed']} were owed, {f['missing']} missing, "
            f"{f['doubled']} doubled, {f['overdue']} overdue; {f['lost']} "
            f"connections lost; driver late p99 {f['late_ms'][1]:.1f} ms, "
            f"{f['driver_us']:.2f} us a line")


def is_right(f):
    return f["missing"] + f["doubled"] + f["overdue"] + f["lost"] == 0


def options():
    p = argparse.ArgumentParser(
        description=__doc__.split("\n\n", maxsplit=1)[0],
        epilog="rows: " + "; ".join(f"{n}: {r.title}" for n, r in
                                    ROWS.items()))
    p.add_argument("rows", nargs="*", metavar="ROW")
    p.add_argument("--servers", type=int, default=5)
    p.add_argument("--regions", type=int, default=3, choices=(1, 2, 3))
    p.add_argument("--speed", type=float, default=360,
                   help="seconds of the day in one second (%(default)g)")
    p.add_argument("--samples", type=int, default=60)
    p.add_argument("--settle-s", type=float, default=3,
                   help="how far a join or part must be from a message for the "
                   "message to be counted (%(default)g)")
    p.add_argument("--out", help="a folder for table.md, plot.svg and "
                   "figures.json")
    traffic.add_options(p, users=2000, hours=5.0, start=16.0, bigchan=3.5,
                        again=2.0)
    o = p.parse_args()
    if o.servers < o.regions:
        p.error("fewer servers than regions")
    if o.again * 3600 + WARM_MS / 1e3 >= o.hours * 3600:
        p.error("nothing is left of the day to measure")
    for name in o.rows:
        if name not in ROWS:
            p.error(f"no row {name}; there are {', '.join(ROWS)}")
    return o


def main():
    o = options()
    as_many_fds_as_allowed()
    # what was started is stopped
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    day = traffic.day_of(o)
    results = {}
    with tempfile.TemporaryDirectory(prefix="banyan-cmp-", dir="/tmp") as d:
        net = Network(d, o.servers, o.regions)
        for name in o.rows or ROWS:
            results[name] = measure(name, day, net, o)
            print(proof(name, results[name]), flush=True)
    text = "\n".join([*table(results), "", *cpu_table(results)])
    print("\n" + text)
    if o.out:
        os.makedirs(o.out, exist_ok=True)
        for file, content in (("table.md", text + "\n"),
                              ("plot.svg", plot.draw(results)),
                              ("figures.json", json.dumps(
                                  {"options": vars(o), "rows": results}))):
            with open(os.path.join(o.out, file), "w", encoding="utf-8") as f:
                f.write(content)
    return 0 if all(map(is_right, results.values())) else 1


if __name__ == "__main__":
    sys.exit(main())
