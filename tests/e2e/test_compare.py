"""`make compare`, for a minute and with few people: each message reaches each member
of its channel once."""
import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree

import pytest

from harness import BUILD, TIMEOUT, TOP, free_port, until

BUILD_S = 900   # the first run of contrib/run.sh builds the servers
PROGRAMS = [os.path.join(BUILD, "tests/compare", p) for p in ("delay",
                                                              "replay")]
# A minute of an evening behind the five in which people come. Few people say
# little, so these say a hundred times as much as others.
MINUTE = ["--users", "20", "--servers", "3", "--hours", "0.1", "--speed", "6",
          "--bigchan", "0", "--again", "0", "--says-per-user", "20000",
          "--chan-cap", "600000", "--pms-per-user", "5000",
          "--users-per-channel", "7", "--settle-s", "5", "--samples", "5"]

pytestmark = pytest.mark.skipif(
    not all(os.path.exists(p) for p in PROGRAMS),
    reason="tests/compare/delay and replay are not built: make e2e builds them")


def compare(*args):
    return subprocess.run(
        [sys.executable, os.path.join(TOP, "tests/compare/compare.py"), *args],
        capture_output=True, text=True, timeout=BUILD_S, check=False,
        env=dict(os.environ, BUILD_DIR=BUILD))


def test_a_minute(folder):
    rows = ["random", "haproxy-leastconn", "nats", "gate-least-load"]
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
        assert f["delay_ms"][1] > 45, (name, f)     # the least distance
        assert f["server_us"] > 0 and f["connections"] > 0, (name, f)
    # the same schedule in each row
    assert len({(f["said"], f["whispered"] + f["absent"], f["connects"],
                 f["joins"]) for f in results.values()}) == 1
    assert results["haproxy-leastconn"]["balancer_us"] > 0
    assert results["random"]["balancer_us"] == 0
    assert results["nats"]["broker_us"] > 0 == results["random"]["broker_us"]
    assert results["nats"]["link_bytes"] > results["nats"]["far_bytes"] > 0
    # messages cross trunks, and are fewer there than at the clients
    gate = results.pop("gate-least-load")
    assert gate["gate_us"] > 0 and gate["balancer_us"] == 0
    assert 0 < gate["ways"] < gate["trunk_lines"]
    assert gate["ways"] < gate["delivered"]
    assert gate["copies"] * (gate["said"] + gate["whispered"]) == pytest.approx(
        gate["abroad"] + gate["ways"])
    assert all(f["trunk_lines"] == f["gate_us"] == 0 for f in results.values())
    assert all(f"| {name} | " in done.stdout for name in rows)
    xml.etree.ElementTree.parse(os.path.join(folder, "plot.svg"))


@contextlib.contextmanager
def delayed(target, ms):
    """Run delay in front of a port. Yield its port, and a function that returns
    what it has counted."""
    port = free_port()
    with subprocess.Popen([PROGRAMS[0], f"{port}:{target}:{ms}"], text=True,
                          stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as program:
        assert program.stdout.readline() == "ready\n"

        def counted():
            program.stdin.write("\n")
            program.stdin.flush()
            return json.loads(program.stdout.readline())[0]
        yield port, counted


def test_the_distance():
    """All bytes come, in both directions, and none too soon; ends are passed on,
    and a receiver that does not read holds nobody else up."""
    with socket.create_server(("127.0.0.1", 0)) as listener, \
         delayed(listener.getsockname()[1], 200) as (port, counted):
        pairs = []
        for _ in range(3):
            here = socket.create_connection(("127.0.0.1", port), TIMEOUT)
            there, _ = listener.accept()
            there.settimeout(TIMEOUT)
            pairs.append((here, there))
        assert counted() == [0, 0, 3]
        (here, there), (silent, deaf), (left, right) = pairs
        # nobody reads at the other end; in the end the sender has to wait
        silent.setblocking(False)
        given = [0, 0]

        def has_to_wait():
            """Return true if no byte more was taken since the last look."""
            given[:] = given[1], counted()[0]
            with contextlib.suppress(BlockingIOError):
                while True:
                    silent.send(bytes(65536))
            return given[0] == given[1] > 8 * 1024 * 1024
        until("the sender waits", has_to_wait)
        assert given[1] < 64 * 1024 * 1024
        for sender, receiver in (here, there), (there, here):
            start = time.monotonic()
            data = os.urandom(300000)
            threading.Thread(target=sender.sendall, args=[data]).start()
            got = receiver.recv(65536)
            assert time.monotonic() - start >= .2
            while len(got) < len(data):
                got += receiver.recv(65536)
            assert got == data
        assert counted()[1:] == [300000, 3]
        # half of a connection ends, then the other; one is reset
        here.shutdown(socket.SHUT_WR)
        assert there.recv(1) == b""
        there.sendall(b"x")
        there.close()
        assert here.recv(9) == b"x" and here.recv(1) == b""
        left.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
        left.close()
        assert right.recv(1) == b""
        right.close()
        deaf.close()
        silent.close()
        here.close()
        until("all are gone", lambda: counted()[2] == 0)


def test_bad_options():
    done = compare("--users", "5", "nonsense")
    assert done.returncode == 2 and "no row nonsense" in done.stderr
