"""`make compare`, for a minute and with few people: each message reaches each member
of its channel once."""
import json
import os
import subprocess
import sys
import xml.etree.ElementTree

import pytest

from harness import BUILD, TOP

BUILD_S = 900   # the first run of contrib/run.sh builds the servers
PROGRAMS = [os.path.join(BUILD, "tests/compare", p) for p in ("delay",
                                                              "replay")]
# A minute of an evening behind the five in which people come. Few people say
# little, so these say a hundred times as much as others.
MINUTE = ["--users", "20", "--servers", "3", "--hours", "0.1", "--speed", "6",
          "--bigchan", "0", "--says-per-user", "20000", "--chan-cap", "600000",
          "--pms-per-user", "5000", "--users-per-channel", "7",
          "--settle-s", "5", "--samples", "5"]

pytestmark = pytest.mark.skipif(
    not all(os.path.exists(p) for p in PROGRAMS),
    reason="tests/compare/delay and replay are not built: make e2e builds them")


def compare(*args):
    return subprocess.run(
        [sys.executable, os.path.join(TOP, "tests/compare/compare.py"), *args],
        capture_output=True, text=True, timeout=BUILD_S, check=False,
        env=dict(os.environ, BUILD_DIR=BUILD))


def test_a_minute(folder):
    rows = ["random", "nearest", "haproxy-leastconn"]
    done = compare(*MINUTE, "--out", folder, *rows)
    assert done.returncode == 0, done.stdout + done.stderr
    with open(os.path.join(folder, "figures.json"), encoding="utf-8") as f:
        results = json.load(f)["rows"]
    assert list(results) == rows
    for name, f in results.items():
        assert f["said"] >= 20 and f["owed"] >= 100, (name, f)
        assert f["missing"] == f["doubled"] == f["overdue"] == 0, (name, f)
        assert f["lost"] == f["dropped"] == 0, (name, f)
        # what is counted at both ends agrees
        assert f["delivered"] >= f["owed"], (name, f)
        assert 0 < f["overseas"] <= f["abroad"] <= f["entries"], (name, f)
        assert f["carried_bytes"] > f["far_bytes"] > 0, (name, f)
        assert f["server_us"] > 0 and f["connections"] > 0, (name, f)
    # the same schedule in each row
    assert len({(f["said"], f["whispered"] + f["absent"], f["connects"],
                 f["joins"]) for f in results.values()}) == 1
    assert results["haproxy-leastconn"]["balancer_us"] > 0
    assert results["random"]["balancer_us"] == 0
    assert all(f"| {name} | " in done.stdout for name in rows)
    xml.etree.ElementTree.parse(os.path.join(folder, "plot.svg"))


def test_bad_options():
    done = compare("--users", "5", "nonsense")
    assert done.returncode == 2 and "no row nonsense" in done.stderr
