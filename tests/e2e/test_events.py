"""Events: banyanctl tail, notices to operators, priorities in the journal."""
import json
import os
import re
import signal
import socket
import subprocess
import threading

import pytest

from harness import BANYAND, BANYANCTL, TIMEOUT, Client, until
from test_ctl import hash_of


class Tail:
    """A running `banyanctl tail`, which the server knows already."""

    def __init__(self, server, *args):
        self.process = subprocess.Popen(
            [BANYANCTL, "-s", server.control, *args], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = []
        self.thread = threading.Thread(
            target=lambda: self.lines.extend(iter(
                self.process.stdout.readline, "")))
        self.thread.start()
        c = server.client("probe")
        until("it listens", lambda: c.ask("OPER nobody wrong") and self.lines)
        c.close()

    def expect(self, pattern):
        return until(f"it prints {pattern}", lambda: next(
            (x for x in self.lines if re.search(pattern, x)), None))

    def end(self):
        """Wait until it has ended by itself. Return its exit status, and what
        it said."""
        status = self.process.wait(timeout=TIMEOUT)
        self.thread.join(TIMEOUT)
        return status, self.process.stderr.read()


def test_tail_prints_what_the_log_has(make):
    s = make.server().start()
    text, rows = Tail(s, "tail"), Tail(s, "--json", "tail", "debug")
    s.client("alice").close()
    line = text.expect(" info client-registered uid=[0-9A-Z]{9} nick=alice "
                       "host=127.0.0.1 class=tests$")
    until("the log has it", lambda: line in s.log())
    row = json.loads(rows.expect('"nick":"alice"'))
    assert row["event"] == "client-registered" and row["class"] == "tests"
    assert json.loads(rows.expect("client-closed"))["level"] == "debug"
    s.signal(signal.SIGTERM)
    assert s.wait() == 0
    for tail in (text, rows):
        tail.expect("stop")
        status, said = tail.end()
        assert status == 3 and "the server has ended" in said
    assert not any("client-closed" in x for x in text.lines)


def test_tail_of_warnings(make):
    s = make.server().start()
    tail = Tail(s, "tail", "warn")
    s.client("alice").ask("OPER root wrong")
    line = tail.expect("by=alice")
    assert re.search(" warning oper-failed by=alice oper=root .* text=", line)
    assert all(" warning " in x for x in tail.lines)
    for args, status, why in ((["loud"], 1, "expected a level"),
                              (["info", "warn"], 2, "takes one argument")):
        done = s.ctl("tail", *args)
        assert done.returncode == status and why in done.stderr
    s.kill()
    tail.end()


def test_a_tail_that_is_not_read_is_cut_off(make):
    """The server bounds its queue, tells the reader, and goes on."""
    s = make.server()
    s.config["log"]["per_minute"] = 0
    s.start()
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(s.control)
        slow.sendall(b"tail debug\n")
        c = s.client("alice")
        for i in range(60):     # more than a megabyte of events
            c.ask(*[f"OPER {'x' * 400} {i}"] * 50)
        slow.settimeout(TIMEOUT)
        said = b""
        while piece := slow.recv(65536):
            said += piece
    assert said.endswith(b"\nerror cut off: the events are not read as fast "
                         b"as they come\n")
    assert 0 < said.count(b"oper-failed") < 3000
    assert c.ask("WHOIS alice")


def test_there_are_few_tails_at_once(make):
    s = make.server().start()
    tails = [Tail(s, "tail") for _ in range(8)]
    done = s.ctl("tail")
    assert done.returncode == 1 and "too many tails" in done.stderr
    assert s.status()["ready"]
    tails[0].process.kill()
    tails[0].end()
    until("there is room", lambda: Tail(s, "tail"))
    s.kill()


def test_operators_hear_of_what_the_daemon_does(make):
    s = make.server(tls=True)
    s.config["opers"] = [{"name": "root", "password": hash_of("secret")}]
    s.start()
    c = s.client("alice")
    c.send("OPER root secret")
    c.expect(" 381 ")
    c.send("MODE alice +s +r")
    c.expect(r" 008 alice \+r ")
    with socket.create_connection(("127.0.0.1", s.tls)) as odd:
        odd.sendall(b"\x16\x03\x01\0\x05hello")
        c.expect(r"^:one\.test NOTICE \* :\*\*\* tls-failed: .* "
                 r"\(address=127\.0\.0\.1 why=")
    c.send("MODE alice +s s-r")
    c.expect(r" 008 alice \+s ")
    s.signal(signal.SIGHUP)
    c.expect(r" NOTICE \* :\*\*\* reload: the configuration was read again$")


def test_what_strangers_cause_is_told_in_part(make):
    """In a minute so many lines of each event are told, in the log and by
    tail, and then a number; also of users who try to become operators. Events
    of operators are always told."""
    s = make.server()
    s.config["log"]["per_minute"] = 3
    s.config["dns"] = {"enabled": False}
    s.config["classes"] = [
        {"name": "closed", "net": "127.0.0.2", "password": hash_of("x")},
        {"name": "tests", "flood_burst": 0}]
    s.config["oper_classes"] = [{"name": "low", "privileges": ["modules"]}]
    s.config["opers"] = [
        {"name": "low", "password": hash_of("x"), "class": "low"}]
    s.start()
    tail = Tail(s, "tail")
    c = s.client("alice")
    bob = s.client("bob")
    bob.ask("OPER low x")

    def refused():
        c = Client(s.plain, source="127.0.0.2")
        c.send("NICK eve", "USER e 0 * :e")
        c.until_closed()
        c.close()

    for _ in range(10):
        refused()
        c.ask("OPER root wrong")
        bob.ask("WALLOPS x")
    s.signal(signal.SIGTERM)    # the number is told then, or after a minute
    assert s.wait() == 0
    tail.end()
    assert " log-more of=password-failed lines=7 text=" in s.log()
    # those of the harness, which looks whether it may OPER, are among them
    assert s.log().count(" oper-failed ") == 3
    more = re.search(r" log-more of=oper-failed lines=(\d+) text=", s.log())
    probes = int(more.group(1)) + 3 - 10
    assert probes >= 1
    assert s.log().count(" oper-failed by=") == 3
    for lines in s.log().splitlines(), tail.lines:
        assert sum(" password-failed " in x for x in lines) == 3
        assert sum("oper-failed by=alice" in x
                   for x in lines) == max(0, 3 - probes)
        assert sum("oper-refused by=bob" in x for x in lines) == 10


@pytest.mark.parametrize("is_journal", [True, False])
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_journal_is_told_priorities(make, form, is_journal):
    """JOURNAL_STREAM names the file that is standard error, or another one."""
    s = make.server()
    s.config["log"] = {"format": form}
    s.write()
    path = os.path.join(s.folder, "stderr")
    with open(path, "wb") as f:
        st = os.fstat(f.fileno())
        inode = st.st_ino + (not is_journal)
        s.process = subprocess.Popen(
            [BANYAND, "-f", s.path], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=f,
            env=dict(os.environ, JOURNAL_STREAM=f"{st.st_dev}:{inode}"))
    until("it takes clients", lambda: s.status().get("ready"))
    s.client("alice").ask("OPER root wrong")
    s.signal(signal.SIGTERM)
    assert s.wait() == 0
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    begin = {"start": "<5>", "sends": "<6>", "oper-failed": "<4>"}
    for event, priority in begin.items():
        line, = [x for x in lines if f" {event} " in x
                 or f'"event":"{event}"' in x]
        assert line.startswith(priority) == is_journal
        assert line[3 * is_journal:][:2] in ("20", "{\"")
