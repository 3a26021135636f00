#!/usr/bin/env python3
"""The test of the test: Comparison and rows.py are seen to fail. No server is
started."""
import os
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.join(os.environ.get("top_srcdir", "."), "tests", "differ")
sys.path.insert(0, HERE)
import differ  # noqa: E402
import rows  # noqa: E402
import transcript  # noqa: E402
from play import Step  # noqa: E402

ROW = """\
in       a/b
on       JOIN
banyan   403 $me <name> $text
inspircd 476 $me <name> $text
why      free: a reason
"""
OURS, THEIRS = b":s1.test 403 * c :None", b":s1.test 476 * c :Bad"


def read(text):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
        f.write(text)
        f.flush()
        return rows.read(f.name)


def failures(text, ours, theirs, on="JOIN", name="a/b"):
    """Compare one step of one client. Return the failures and the rows."""
    table = read(text)
    c = differ.Comparison(transcript.Transcript(name), table, [])
    c.run([Step(1, on, "x", {"x": ours}, set())],
          [Step(1, on, "x", {"x": theirs}, set())], False)
    return c.failures, table


def refused(text):
    try:
        read(text)
    except rows.Bad:
        return True
    return False


def main():
    n, table = failures(ROW, [OURS], [THEIRS])
    assert n == 0 and table[0].used == 1
    # a difference without a row: none, other words, place, verb, number
    assert failures("", [OURS], [THEIRS])[0] == 2
    assert failures(ROW, [OURS], [THEIRS.replace(b"476", b"479")])[0] == 2
    assert failures(ROW, [OURS], [THEIRS.replace(b" c ", b" d ")])[0] == 2
    assert failures(ROW, [OURS], [THEIRS], name="a/c")[0] == 2
    assert failures(ROW, [OURS], [THEIRS], on="PART")[0] == 2
    assert failures(ROW, [OURS, OURS], [THEIRS])[0] == 1
    assert failures(ROW, [], [THEIRS])[0] == 1
    assert failures(ROW, [b"@label=1 " + OURS], [THEIRS])[0] == 2
    assert failures(ROW, [b"@label=1 " + OURS],
                    [b"@label=1 " + THEIRS])[0] == 0
    # the order of lines about one channel counts
    pair = [b":s1.test 403 * #c :x", b":s1.test 442 * #c :x"]
    assert failures("", pair, pair)[0] == 0
    assert failures("", pair, pair[::-1])[0] > 0
    # a row that explains nothing
    n, table = failures(ROW, [OURS], [OURS])
    assert n == 0 and differ.report(table, [], [], 0, 0) == 1
    # rows that are too wide, or say too little
    assert not refused(ROW)
    assert refused(ROW.replace("JOIN", "*"))
    assert refused(ROW.replace("403", "?"))
    assert refused(ROW.replace("403", "<n>"))
    assert refused(ROW.replace("free: a reason", "because"))
    assert refused(ROW.replace("why      free: a reason\n", ""))
    assert refused(ROW.replace("in       a/b\n", ""))
    assert refused("in a/b\non JOIN\nwhy free: x\n")


if __name__ == "__main__":
    main()
