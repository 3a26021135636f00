"""A restart that would fail does not begin: the check before it looks for what
only the next program needs, since the files and ports of the running server are
its own. And a restart that can succeed is not refused for what only a first start
needs."""
import os
import pwd
import shutil
import signal
import socket
import subprocess

import pytest

from test_check import make_dated, needs_root
from test_store import ON_A_DISK, fill, own_mounts

NOBODY = pwd.getpwnam("nobody")
AS_NOBODY = ["setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}",
             "--clear-groups"]
ON_A_NET = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def refuses(server, *texts):
    """RESTART is refused for that reason, and the server goes on."""
    before = server.status()
    done = server.ctl("restart")
    assert done.returncode == 1, done
    assert "the server does not start again" in done.stderr
    for text in texts:
        assert text in done.stderr, done.stderr
    assert server.process.poll() is None
    assert server.status()["inc"] == before["inc"]


def restarts(server):
    def by_ctl():
        done = server.ctl("restart")
        assert (done.returncode, done.stderr) == (0, ""), done
    server.again(by_ctl)


def give(path):
    os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)


@pytest.fixture
def for_nobody(make, folder):
    """A server in a folder that belongs to nobody, for which it may run."""
    s = make.server(tls=True)
    os.chmod(folder, 0o755)
    for path in (s.folder, s.config["tls"]["key"]):
        give(path)
    return s


@pytest.fixture
def own_net():
    if subprocess.run([*ON_A_NET, "true"], check=False,
                      capture_output=True).returncode != 0:
        pytest.skip("no network of its own may be made here")
    return ON_A_NET


# ---- what the next program could not have ------------------------------------

def test_a_port_of_another_program(make):
    s = make.server().start()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        s.config["listen"].insert(0, {"address": "127.0.0.1", "port": port})
        s.write()
        refuses(s, f"listen[1].address: 127.0.0.1:{port}: Address already in use")
    restarts(s)     # it is free now


def test_an_address_that_has_its_port_in_use(make):
    """The server's own port is in the way of another address with that port."""
    s = make.server().start()
    s.config["listen"][0]["address"] = "0.0.0.0"
    s.write()
    refuses(s, f"0.0.0.0:{s.plain}: Address already in use")


def test_right_after_a_reload(make):
    """The check counts the ports that a reload opens, which is under way."""
    s = make.server().start()
    before = s.programs()
    s.add_links()
    s.config["listen"][1]["tls"] = False
    s.write()
    for signo in (signal.SIGSTOP, signal.SIGHUP, signal.SIGUSR2, signal.SIGCONT):
        s.signal(signo)     # it reads both before the reload is done
    s.await_again(before)
    assert "restart-refused" not in s.log()


@needs_root
def test_a_full_disk(make):
    s = make.server()
    state = s.config["state"]
    os.mkdir(state)
    s.prefix = [*own_mounts(state), *ON_A_DISK, state]
    s.start()
    inside = f"/proc/{s.process.pid}/root{state}"
    fill(inside + "/fill")
    refuses(s, "No space left on device")
    assert sorted(os.listdir(inside)) == ["fill", "state", "store.db"]
    os.unlink(inside + "/fill")
    restarts(s)


@needs_root
def test_a_store_that_cannot_be_written(for_nobody):
    s = for_nobody
    s.prefix = AS_NOBODY
    s.start()
    store = os.path.join(s.config["state"], "store.db")
    shutil.copy(store, store + ".copy")
    os.chmod(store + ".copy", 0o644)
    os.replace(store + ".copy", store)      # as root has put it back
    refuses(s, f"state: {store}")
    give(store)
    restarts(s)


def test_a_state_of_another_server(make):
    s, other = make.server().start(), make.server("two.test", "2BB").start()
    s.config["state"] = other.config["state"]
    s.write()
    refuses(s, "another banyand is running with the state directory")


def test_a_control_socket_of_another_server(make):
    s, other = make.server().start(), make.server("two.test", "2BB").start()
    s.config["control"] = other.config["control"]
    s.write()
    refuses(s, f"control: {other.control}: a running server answers there")
    assert other.status()["ready"]


# ---- what only a first start needs -------------------------------------------

@needs_root
def test_after_a_start_as_root(for_nobody, folder, own_net):
    """The state belongs to `user`, a port below 1024 is kept, and a pid file in a
    folder of root stays, since the process does, too."""
    s = for_nobody
    s.prefix = own_net
    s.config["user"] = "nobody"
    s.config["listen"][0]["port"] = 80
    s.config["pidfile"] = s.pidfile = os.path.join(folder, "pid")
    s.start()
    state = s.config["state"]
    for path in (state, state + "/state", state + "/store.db"):
        assert os.stat(path).st_uid == NOBODY.pw_uid, path
    for _ in range(2):
        restarts(s)
        with open(s.pidfile, encoding="ascii") as f:
            assert int(f.read()) == s.process.pid
    assert "pidfile" not in s.log()
    # elsewhere it cannot be made
    s.config["pidfile"] = os.path.join(folder, "other")
    s.write()
    restarts(s)
    s.await_log(rf"config-warning .*pidfile: {folder}: Permission denied")
    s.config["listen"][0]["port"] = 81
    s.write()
    refuses(s, "127.0.0.1:81: Permission denied")


def test_a_certificate_that_has_expired(make):
    """A start takes it, and so does a restart."""
    s = make.server(tls=True).start()
    make_dated(s.folder, s.name, "20200101", "20210101")
    restarts(s)
    s.await_log("warning .*tls.certificate: .*expired on 2021-01-01")
