#!/usr/bin/env python3
"""differ.py: plays the transcripts of tests/scenario to banyand and to Debian's
inspircd, and fails if they differ in a way that differences.txt does not
explain, or if differences.txt explains what does not happen.

    BUILD_DIR=_build tests/differ/differ.py [-v] [AREA/NAME...]

With names, rows that are not used are no failure. -v prints all steps; -s
prints what is not explained in the form of rows.
"""
import collections
import concurrent.futures
import glob
import os
import re
import shutil
import sys
import tempfile

import lines
import rows as rows_of
import servers
import transcript
from play import Player

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
JOBS = 20    # inspircd waits most of the time, up to a second for each client


def listed():
    with open(os.path.join(HERE, "compared.txt"), encoding="utf-8") as f:
        return {text.strip() for text in f if not text.startswith("#")}


def transcripts(names):
    """Return the transcripts with these names, or those of compared.txt. Name
    the others."""
    found, todo = {}, names or listed()
    for folder in ("tests/scenario", "modules", "tests/differ"):
        base = os.path.join(TOP, folder)
        for path in sorted(glob.glob(os.path.join(base, "*", "*.txt"))):
            name = os.path.relpath(path, base)[:-len(".txt")]
            if name in todo:
                found[name] = path
            elif not names:
                print(f"{name}: not in compared.txt")
    for name in sorted(todo - set(found) if not names else ()):
        raise SystemExit(f"compared.txt: there is no transcript {name}")
    return [transcript.read(path, name) for name, path in found.items()]


def play(t):
    """Return the steps of both servers."""
    folder = tempfile.mkdtemp(prefix="banyan-differ-", dir="/tmp")
    os.chmod(folder, 0o711)
    steps = []
    try:
        for make in (servers.banyand, servers.Inspircd):
            server = make(os.path.join(folder, make.__name__), t)
            try:
                server.start()
                steps.append(Player(t, server,
                                    steps[0] if steps else ()).play())
            finally:
                server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return steps


def play_all(todo):
    """Return the steps of both servers for each transcript. Those with many
    clients begin first, since each of these waits up to a second."""
    def clients(t):
        return sum(a.what in ("open", "connect") for a in t.actions)
    order = sorted(range(len(todo)), key=lambda k: -clients(todo[k]))
    played = [([], [])] * len(todo)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for k, steps in zip(order, pool.map(
                lambda k: play(todo[k]) if todo[k].actions else ([], []),
                order)):
            played[k] = steps
    return played


def rest(ours, theirs):
    """Return the lines that only one of the two lists has."""
    left = collections.Counter(theirs)
    only = []
    for text in ours:
        if left[text]:
            left[text] -= 1
        else:
            only.append(text)
    both = collections.Counter(ours)
    other = []
    for text in theirs:
        if both[text]:
            both[text] -= 1
        else:
            other.append(text)
    return only, other


def common(texts, only):
    left = collections.Counter(only)
    out = []
    for text in texts:
        if left[text]:
            left[text] -= 1
        else:
            out.append(text)
    return out


def moved(rows, name, on, ours, theirs):
    """Return what is left of two lists of the same lines in different order
    after rows that allow a line to move, and these rows."""
    used = []
    for row in rows:
        if ours == theirs:
            break
        if row.then != "moves" or not row.fits(name, on):
            continue
        def others(texts):
            return [t for t in texts
                    if rows_of.fit(row.banyan[0], t, {}) is None]
        if others(ours) != ours:
            used.append(row)
            ours, theirs = others(ours), others(theirs)
    return ours, theirs, used


class Comparison:
    """Compares the steps of one transcript."""

    def __init__(self, t, rows, out):
        self.t, self.rows, self.out = t, rows, out
        self.failures = 0
        self.unexplained = []
        self.views = [collections.defaultdict(lines.View) for _ in range(2)]

    def run(self, ours, theirs, verbose):
        for a, b in zip(ours, theirs):
            # the sender first: others may see no more than what follows
            for name in sorted(a.got, key=lambda n: n != a.name):
                if self.client(name, a, b, verbose):
                    self.out.append(f"{self.t.name}:{a.line}: the rest is "
                                    "not compared")
                    return

    def client(self, name, a, b, verbose):
        shown = [lines.compared(views[name], step.got.get(name, []))
                 for views, step in zip(self.views, (a, b))]
        if a.on == "CONNECT" and a.name == name:
            return False    # the welcome, which registration/* compares
        if verbose:
            for who, texts in zip("bi", shown):
                self.out += [f"{self.t.name}:{a.line} {a.on} {who} {name}< "
                             f"{text}" for text in texts]
        only = rest(*shown)
        left = rows_of.explain(self.rows, self.t.name, a.on, *only)
        same = [common(t, o) for t, o in zip(shown, only)]
        used = list(left[2])
        ends = any(row.then == "ends" for row in used)
        if not ends:
            self.tell(name, a, left)
            used += self.order(name, a, same)
        for row in used:
            row.used += 1
        return ends

    def order(self, name, step, same):
        """Compare the order of the lines that both servers sent. Return the
        rows that were used."""
        used = []
        for subject in sorted({lines.subject(text) for text in same[0]}):
            left = moved(self.rows, self.t.name, step.on, *(
                [t for t in texts if lines.subject(t) == subject]
                for texts in same))
            used += left[2]
            if left[0] != left[1]:
                self.tell(name, step, left, " (order)")
        return used

    def tell(self, name, step, left, what=""):
        if left[0] or left[1]:
            self.unexplained.append((step.on, what, tuple(left[0]),
                                     tuple(left[1])))
        for who, texts in zip(("banyan", "inspircd"), left):
            for text in texts:
                self.failures += 1
                self.out.append(f"{self.t.name}:{step.line}: {step.on}: "
                                f"{name}: {who}{what} {text}")


def suggest(found):
    """Print what is not explained as rows: those that differ by names only are
    one."""
    for (on, what, ours, theirs), where in sorted(found.items()):
        print(f"\nin       {' '.join(sorted(where))}\non       {on}{what}")
        for who, texts in (("banyan  ", ours), ("inspircd", theirs)):
            for text in texts:
                print(who, text)


def general(texts):
    """Return lines with the names of clients and channels replaced."""
    out = []
    for text in texts:
        text = re.sub(r":\w+!\w+@127\.0\.0\.1", "<who>", text)
        text = re.sub(r"(?<= )#[a-z]+(?= |$)", "<chan>", text)
        out.append(text)
    return tuple(out)


def report(rows, names, todo, failures, steps):
    """Tell of rows without use, and how much was compared. Return the number
    of failures."""
    for row in rows if not names else ():
        if not row.used:
            failures += 1
            print(f"differences.txt:{row.line}: explains nothing")
    print(f"{len([t for t in todo if t.actions])} transcripts, {steps} steps, "
          f"{failures} failures")
    return failures


def main(argv):
    if not os.path.exists(servers.INSPIRCD):
        print("skipped: inspircd is not installed (Debian: inspircd)")
        return 77
    verbose, suggests = "-v" in argv, "-s" in argv
    names = [a for a in argv if a not in ("-v", "-s")]
    try:
        rows = rows_of.read(os.path.join(HERE, "differences.txt"))
    except rows_of.Bad as e:
        print(e)
        return 1
    todo = transcripts(names)
    played = play_all(todo)
    failures = steps = 0
    found = collections.defaultdict(set)
    for t, (ours, theirs) in zip(todo, played):
        out = []
        comparison = Comparison(t, rows, out)
        comparison.run(ours, theirs, verbose)
        if t.ends:
            out.append(f"{t.name}:{t.ends_line}: played up to here: {t.ends}")
        print("\n".join(out), end="\n" if out else "")
        failures += comparison.failures
        for on, what, a, b in comparison.unexplained:
            found[on, what, general(a), general(b)].add(t.name)
        steps += len(ours)
    if suggests:
        suggest(found)
    return report(rows, names, todo, failures, steps) > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
