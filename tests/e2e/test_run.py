"""contrib/run.sh, as people and scripts use it."""
import json
import os
import shutil
import signal
import socket
import subprocess

import pytest

from harness import BANYANCTL, TIMEOUT, TOP, Client, free_base, pin_of, until
from web import Web

RUN = os.path.join(TOP, "contrib", "run.sh")
BUILD_S = 600  # The first run builds it.

MODULES = sorted(f for f in os.listdir(os.path.join(TOP, "modules"))
                 if os.path.isdir(os.path.join(TOP, "modules", f)) and
                 f != "skeleton")


def run(*args, **kwargs):
    return subprocess.run([RUN, "--no-install", *args], text=True,
                          capture_output=True, timeout=BUILD_S, **kwargs)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def pid_of(server):
    with open(server["pidfile"], encoding="ascii") as f:
        return int(f.read())


def links_up(server):
    out = subprocess.run([BANYANCTL, "-s", server["control"], "--json",
                          "links"], capture_output=True, text=True).stdout
    return sum('"state":"up"' in line for line in out.splitlines())


def await_same_facts(servers):
    """Wait until every server has heard of all that happened so far."""
    def facts(server):
        out = subprocess.run([BANYANCTL, "-s", server["control"], "--json",
                              "facts"], capture_output=True, text=True).stdout
        return tuple(json.loads(out)[k] for k in ("entries", "digest"))
    until("all servers have the same facts", lambda: len(
        set(map(facts, servers))) == 1)


@pytest.fixture
def where(folder):
    """A folder and a base port. Servers that run there are stopped at the
    end."""
    path = os.path.join(folder, "net")
    yield path, free_base()
    if os.path.exists(os.path.join(path, "network.json")):
        run("--dir", path, "--stop")


def start(path, base, *args, **kwargs):
    done = run("--dir", path, "--port", str(base), "--detach", *args,
               **kwargs)
    assert done.returncode == 0, done.stdout + done.stderr
    with open(os.path.join(kwargs.get("cwd", "/"), path, "network.json"),
              encoding="utf-8") as f:
        return done.stdout, json.load(f)


def test_a_ring(where, folder):
    path, base = where
    os.mkdir(path)
    said, net = start("net", base, "--graph", "ring", cwd=folder)
    assert "\nready\n" in said and "received at" in said
    assert set(net) == {"network", "servers"} and len(net["servers"]) == 3
    for i, s in enumerate(net["servers"]):
        assert set(s) == {"name", "sid", "pid", "plain", "tls", "link", "websocket",
                          "config", "control", "pidfile", "argv", "oper",
                          "modules"}
        assert s["modules"] == MODULES
        assert (s["plain"], s["tls"], s["link"], s["websocket"]) == (
            base + i, base + 100 + i, base + 200 + i, base + 300 + i)
        assert all(os.path.isabs(p) for p in (
            s["config"], s["control"], s["pidfile"], s["argv"][0]))
        assert s["pid"] == pid_of(s) and is_alive(s["pid"])
        assert links_up(s) == 2
    first, second = net["servers"][:2]
    a = Client(first["plain"], nick="alice")
    a.send(f"OPER {first['oper']['name']} {first['oper']['password']}")
    a.expect(r" 381 ")
    a.send("HELP")
    a.expect(r" 706 ")
    b = Client(base + 102, nick="bob", tls=os.path.join(path, "ca.pem"))
    await_same_facts(net["servers"])
    b.send("PRIVMSG alice :over TLS")
    a.expect(r":bob!\S+ PRIVMSG alice :over TLS")
    Web(base + 300, "carol", origin="https://any.test").send(
        "PRIVMSG alice :from a page")
    a.expect(r":carol!\S+ PRIVMSG alice :from a page")

    os.kill(second["pid"], signal.SIGKILL)
    until("it is dead", lambda: not is_alive(second["pid"]))
    again = subprocess.Popen(second["argv"], cwd="/",
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    until("it is linked again", lambda: links_up(second) == 2)
    b.send("PRIVMSG alice :still there")
    a.expect(r" PRIVMSG alice :still there")

    assert run("--dir", path, "--stop").returncode == 0
    assert again.wait(timeout=TIMEOUT) == 0
    assert not any(is_alive(s["pid"]) for s in net["servers"])
    assert run("--dir", path, "--stop").returncode == 0  # nothing is left


@pytest.mark.parametrize("kind", ["nats", "redis"])
def test_a_broker(where, kind):
    path, base = where
    said, net = start(path, base, "--broker", kind)
    assert said.count("received at") == 1
    b = net["broker"]
    assert b["url"] == f"{kind}://127.0.0.1:{base + 800}"
    assert is_alive(b["pid"]) and links_up(net["servers"][0]) == 2
    os.kill(b["pid"], signal.SIGKILL)
    until("it is dead", lambda: not is_alive(b["pid"]))
    again = subprocess.Popen(b["argv"], cwd="/", stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    a = Client(net["servers"][0]["plain"], nick="alice")
    c = Client(net["servers"][2]["plain"], nick="carol")
    await_same_facts(net["servers"])
    a.send("PRIVMSG carol :by another broker")
    c.expect(r"^:alice!\S+ PRIVMSG carol :by another broker$")
    assert run("--dir", path, "--stop").returncode == 0
    again.wait(timeout=TIMEOUT)
    assert not any(is_alive(s["pid"]) for s in net["servers"])


def test_gates(where):
    """A gate is a door to all servers, and may be killed and started again."""
    path, base = where
    said, net = start(path, base, "--servers", "2", "--gates", "2")
    assert said.count("received at") == 2
    assert [g["name"] for g in net["gates"]] == ["gate1", "gate2"]
    for i, g in enumerate(net["gates"]):
        assert set(g) == {"name", "pid", "plain", "tls", "websocket", "config",
                          "control", "argv"}
        assert (g["plain"], g["tls"], g["websocket"]) == (
            base + 400 + i, base + 500 + i, base + 600 + i)
        assert all(os.path.isabs(p) for p in (g["config"], g["control"],
                                              g["argv"][0]))
        assert is_alive(g["pid"])
    first, second = net["gates"]
    a = Client(first["plain"], nick="alice")
    b = Client(second["tls"], nick="bob", tls=os.path.join(path, "ca.pem"))
    c = Client(net["servers"][1]["plain"], nick="carol")
    d = Web(second["websocket"], "dan", origin="https://any.test")
    await_same_facts(net["servers"])
    for x in (a, b, c, d):
        x.join("#c")
    await_same_facts(net["servers"])
    a.send("PRIVMSG #c :from a gate")
    for x in (b, c, d):
        x.expect(r"^:alice!\S+ PRIVMSG #c :from a gate$")
    # the clients of one gate go with it, and no others
    os.kill(first["pid"], signal.SIGKILL)
    c.expect(r"^:alice!\S+ QUIT :")
    b.ask("PRIVMSG #c :still here")
    c.expect(r"^:bob!\S+ PRIVMSG #c :still here$")
    until("it is dead", lambda: not is_alive(first["pid"]))
    again = subprocess.Popen(first["argv"], cwd="/",
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    until("it is a door again", lambda: comes_in(first["plain"]))
    assert run("--dir", path, "--stop").returncode == 0
    assert again.wait(timeout=TIMEOUT) == 0
    assert not any(is_alive(s["pid"]) for s in net["servers"] + [second])


def comes_in(port):
    try:
        return Client(port, nick="dave")
    except (OSError, AssertionError):
        return None     # the gate, or its trunks, are not there yet


def test_keys_stay_and_two_do_not_share_a_folder(where):
    path, base = where
    start(path, base, "--servers", "2", "--graph", "line")
    before = pin_of(os.path.join(path, "1", "cert.pem"))
    second = run("--dir", path, "--detach")
    assert second.returncode == 1 and "running" in second.stderr
    run("--dir", path, "--stop")
    start(path, base, "--servers", "2", "--graph", "full")
    assert pin_of(os.path.join(path, "1", "cert.pem")) == before


def test_a_port_in_use_is_named(where):
    path, base = where
    with socket.socket() as s:
        s.bind(("127.0.0.1", base + 1))
        s.listen()
        done = run("--dir", path, "--port", str(base), "--detach")
    assert done.returncode == 1
    assert f"127.0.0.1:{base + 1}: Address already in use" in done.stderr
    # nothing is left of it, and it can be tried again
    _, net = start(path, base)
    assert len(net["servers"]) == 3


def test_a_run_that_failed_early_can_be_tried_again(where, folder):
    path, base = where
    tools = os.path.join(folder, "tools")
    os.mkdir(tools)
    with open(os.path.join(tools, "openssl"), "w", encoding="ascii") as f:
        f.write(f'#!/bin/sh\n[ "$1" != x509 ] || exit 1\n'
                f'exec {shutil.which("openssl")} "$@"\n')
    os.chmod(f.name, 0o755)
    done = run("--dir", path, "--port", str(base), "--detach", env={
        **os.environ, "PATH": tools + ":" + os.environ["PATH"]})
    assert done.returncode == 1 and "openssl x509" in done.stderr
    assert os.listdir(path)
    start(path, base, "--servers", "1")


def test_off_closed_streams(where):
    """The caller may have no standard descriptors; its servers get none of the
    caller's."""
    path, base = where
    done = subprocess.run(
        ["bash", "-c", 'exec "$@" <&- >&- 2>&-', "-", RUN, "--no-install",
         "--dir", path, "--port", str(base), "--servers", "2", "--detach"],
        timeout=BUILD_S)
    assert done.returncode == 0
    with open(os.path.join(path, "network.json"), encoding="utf-8") as f:
        servers = json.load(f)["servers"]
    for s in servers:
        for fd in (0, 1, 2):
            to = os.readlink(f"/proc/{s['pid']}/fd/{fd}")
            assert to == "/dev/null" or to.startswith(path)
        assert os.getsid(s["pid"]) != os.getsid(0)


def test_no_limits(where):
    path, base = where
    _, net = start(path, base, "--servers", "1", "--no-limits")
    assert len(net["servers"]) == 1
    c = Client(base, nick="alice")
    for i in range(300):  # far more than a burst, or a class, allows
        c.send(f"NICK n{i}", f"JOIN #c{i}")
    c.expect(r" 366 \S+ #c299 ")
    assert not [x for x in c.lines if " 405 " in x or " 263 " in x]


def heed_ctrl_c():
    """A process that a shell starts in the background ignores SIGINT, and
    passes that on; a shell cannot undo it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_in_the_foreground_until_interrupted(where):
    path, base = where
    p = subprocess.Popen([RUN, "--no-install", "--dir", path, "--port",
                          str(base), "--servers", "2"], text=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         start_new_session=True, preexec_fn=heed_ctrl_c)
    for line in p.stdout:
        if line == "ready\n":
            break
    with open(os.path.join(path, "network.json"), encoding="utf-8") as f:
        pids = [s["pid"] for s in json.load(f)["servers"]]
    assert len(pids) == 2 and all(map(is_alive, pids))
    os.killpg(p.pid, signal.SIGINT)
    p.communicate(timeout=TIMEOUT)
    assert p.returncode == 130
    assert not any(map(is_alive, pids))


def test_refusals(folder):
    with open(os.path.join(folder, "mine"), "w", encoding="ascii"):
        pass
    for args, what in ((["--dir", folder], "empty"),
                       (["--port", "x"], "--port"),
                       (["--servers", "0"], "--servers"),
                       (["--gates", "100"], "--gates"),
                       (["--broker", "kafka"], "--broker"),
                       (["--broker", "nats", "--port", "64700"], "--port"),
                       (["--gates", "1", "--port", "64900"], "--port"),
                       (["--graph", "star"], "--graph"),
                       (["--what"], "--what"),
                       (["--dir", folder + "/none", "--stop"], "no network")):
        done = run(*args)
        assert done.returncode != 0 and what in done.stderr
