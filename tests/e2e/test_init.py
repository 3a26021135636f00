"""The first hour and later: banyanctl init, what --check says of certificates,
warnings before they expire, and the hook of their renewal."""
import os
import re
import shutil
import stat
import subprocess

import pytest

from harness import (BANYAND, BANYANCTL, TIMEOUT, TOP, free_port,
                     make_certificate, until)

FILES = {"banyand.conf": 0o640, "motd.txt": 0o644, "cert.pem": 0o644,
         "key.pem": 0o600, "link-cert.pem": 0o644, "link-key.pem": 0o600}


def init(*args):
    return subprocess.run([BANYANCTL, "init", *args], capture_output=True,
                          text=True, timeout=TIMEOUT, umask=0o022)


def check(path):
    done = subprocess.run([BANYAND, "-f", path, "--check"], text=True,
                          capture_output=True, timeout=TIMEOUT)
    return done.returncode, done.stdout, done.stderr


def test_a_server_begins(make, folder):
    """The files are good as they are, but for the ports of this machine."""
    new = os.path.join(folder, "new")
    done = init("irc.example.org", new)
    assert done.returncode == 0, done.stderr
    assert {n: stat.S_IMODE(os.stat(os.path.join(new, n)).st_mode)
            for n in os.listdir(new)} == FILES
    path = os.path.join(new, "banyand.conf")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    assert 'network = "example";' in text
    sid = re.search(r'sid = "([1-9][A-Z][A-Z0-9])"', text).group(1)
    assert f"the sid {sid}" in done.stdout
    for port in ("6697", "6667", "7000", "9667"):
        text = text.replace(f"port = {port}", f"port = {free_port()}")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    assert check(path) == (0, "ok\n", "")
    s = make.server()
    s.process = subprocess.Popen([BANYAND, "-f", path],
                                 stderr=subprocess.DEVNULL)
    s.control = os.path.join(new, "state", "control")
    until("it is ready", lambda: s.status().get("ready"))
    assert s.status()["name"] == "irc.example.org"


def test_what_is_there_is_kept(folder):
    new = os.path.join(folder, "new")
    os.mkdir(new)
    with open(os.path.join(new, "link-key.pem"), "w") as f:
        f.write("precious")
    done = init("irc.example.org", new)
    assert done.returncode == 1
    assert "link-key.pem: is there already; nothing was written" in done.stderr
    assert os.listdir(new) == ["link-key.pem"]
    with open(os.path.join(new, "link-key.pem")) as f:
        assert f.read() == "precious"


@pytest.mark.parametrize("args, status, why", [
    (["irc.example.org"], 2, "needs two arguments"),
    (["irc.example.org", "/tmp", "x"], 2, "needs two arguments"),
    (["localhost", "/tmp/none"], 1, "is not the name of a server"),
    (["x y.example", "/tmp/none"], 1, "is not the name of a server"),
    (["a" * 70 + ".example", "/tmp/none"], 1, "is not the name of a server"),
    (["irc.example.org", "/nonexistent/new"], 1, "No such file"),
])
def test_init_is_refused(args, status, why):
    done = init(*args)
    assert done.returncode == status and why in done.stderr
    assert not os.path.exists("/tmp/none")


def with_certificate(make, name, days):
    s = make.server(tls=True)
    make_certificate(s.folder, name, days=days)
    return s


@pytest.mark.parametrize("name, days, said", [
    ("one.test", 40, None),
    ("one.test", 20, r"tls\.certificate: the certificate expires in (20|19) days"),
    ("two.test", 40, r"tls\.certificate: the certificate is not for one\.test"),
])
def test_check_looks_at_the_certificate(make, name, days, said):
    s = with_certificate(make, name, days)
    s.write()
    status, out, err = check(s.path)
    assert (status, out) == (0, "ok\n")
    assert re.search("warning: " + said, err) if said else err == ""


@pytest.mark.parametrize("days", [40, 20, 5, 1])
def test_a_running_server_warns_before_the_end(make, days):
    """Once for each stage: 30 days, 7 days, 1 day; again after a reload."""
    s = with_certificate(make, "one.test", days).start()

    def warnings():
        return re.findall(r"warning certificate-ends days=(\d+) ", s.log())

    def told(times):
        """The last day may have begun since the certificate was made."""
        return (len(warnings()) == (0 if days > 30 else times) and
                set(warnings()) <= {str(days), str(days - 1)})
    until("it is told", lambda: told(1))
    s.ctl("reload")
    until("it is read", lambda: " notice reload" in s.log())
    s.client("alice").close()
    until("it is told again", lambda: told(2))


def test_the_hook_of_a_renewal(make, folder):
    """A renewed certificate is shown to new clients, and nobody leaves."""
    s = with_certificate(make, "one.test", 5).start()
    c = s.client("alice")
    lineage = os.path.join(folder, "live")
    os.mkdir(lineage)
    make_certificate(lineage, "one.test", days=60)
    os.rename(os.path.join(lineage, "cert.pem"),
              os.path.join(lineage, "fullchain.pem"))
    os.rename(os.path.join(lineage, "key.pem"),
              os.path.join(lineage, "privkey.pem"))
    hook = os.path.join(TOP, "contrib", "renew-hook.sh")
    env = dict(os.environ, BANYAN_FOLDER=s.folder, BANYAN_SOCKET=s.control,
               BANYAN_USER="root" if os.geteuid() == 0 else "",
               BANYANCTL=BANYANCTL, RENEWED_LINEAGE=lineage)
    done = subprocess.run([hook], env=env, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    shown = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{s.tls}"],
        input="", text=True, capture_output=True, timeout=TIMEOUT).stdout
    with open(os.path.join(lineage, "fullchain.pem"), encoding="ascii") as f:
        assert f.read().strip() in shown
    assert c.ask("WHOIS alice")
    # without a lineage nothing is touched
    del env["RENEWED_LINEAGE"]
    shutil.rmtree(lineage)
    assert subprocess.run([hook], env=env, capture_output=True).returncode != 0
