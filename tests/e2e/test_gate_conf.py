"""The configuration of banyan-gate: what `--check` says of wrong values, with file
and line, and of files, folders and ports outside of the text; the manual page and
the unit."""
import os
import pwd
import re
import socket
import subprocess

import pytest

from harness import BUILD, GATE, TIMEOUT, TOP, free_port, make_certificate


def check(path, *args):
    """Run --check. If it hangs, that is a failure."""
    return subprocess.run([GATE, "-f", path, "--check", *args], cwd="/",
                          capture_output=True, text=True, timeout=TIMEOUT)


class Gate:
    """A folder with the configuration of a gate, one option on each line."""

    def __init__(self, folder):
        self.folder = folder
        self.path = os.path.join(self.folder, "gate.conf")
        self.port = free_port()
        self.pin = make_certificate(self.folder, "gate.test")
        self.lines = {
            "name": '"gate1"',
            "control": '"control"',
            "listen": f'( {{ address = "127.0.0.1"; port = {self.port}; }} )',
            "servers": '( { address = "192.0.2.1"; port = 7100; '
                       f'pin = "{self.pin}"; }} )',
            "tls": '{ certificate = "cert.pem"; key = "key.pem"; }',
        }

    def check(self, *args):
        with open(self.path, "w", encoding="utf-8") as f:
            for key, value in self.lines.items():
                f.write(f"{key} = {value};\n")
        return check(self.path, *args)


@pytest.fixture
def gate(folder):
    return Gate(folder)


def refused(gate, line, what):
    """The check finds this, at that line, and no other mistake."""
    done = gate.check()
    place = f"{gate.path}:{line}: " if line else f"{gate.path}: "
    assert (done.returncode, done.stdout) == (1, "")
    mistakes = [x for x in done.stderr.splitlines() if ": warning: " not in x]
    assert len(mistakes) == 1, done.stderr
    assert mistakes[0].startswith(place + what), done.stderr


def test_a_good_file(gate):
    done = gate.check()
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")
    printed = gate.check("--print")
    assert printed.returncode == 0
    assert f'control = "{gate.folder}/control";' in printed.stdout
    assert f'certificate = "{gate.folder}/cert.pem";' in printed.stdout
    again = os.path.join(gate.folder, "again.conf")
    with open(again, "w", encoding="utf-8") as f:
        f.write(printed.stdout)
    assert check(again, "--print").stdout == printed.stdout


@pytest.mark.parametrize("key, value, line, what", [
    ("name", None, 0, "name is missing: expected a text without spaces"),
    ("name", '"a b"', 1, "name: expected a text without spaces"),
    ("control", None, 0, "control is missing: expected a path"),
    ("control", "7", 2, "control: expected a path of 1 to 100 bytes"),
    ("region", '"a b"', 6, "region: expected a text without spaces"),
    ("network", '"a b"', 6, "network: expected a text without spaces"),
    ("pidfile", "true", 6, "pidfile: expected a path"),
    ("user", '"nobody of that name"', 6, "user: expected a text without"),
    ("user", '"no-such-user-1"', 6, "user: no such user"),
    ("listen", None, 0, "listen is missing: expected at least one listener"),
    ("listen", "( )", 3, "listen is missing: expected at least one listener"),
    ("listen", '( { address = "x"; port = 1; } )', 3,
     "listen[1].address: expected an IP address, not the text"),
    ("listen", '( { address = "::1"; } )', 3, "listen[1].port is missing"),
    ("listen", '( { address = "::1"; port = 70000; } )', 3,
     "listen[1].port: expected a whole number from 1 to 65535"),
    ("listen", '( { address = "::1"; port = 1; tls = 1; } )', 3,
     "listen[1].tls: expected true or false"),
    ("listen", '( { address = "::1"; port = 1; proxy = "x"; } )', 3,
     "listen[1].proxy: expected an IP address or a network"),
    ("listen", '( { address = "::1"; port = 1; origins = "*"; } )', 3,
     "listen[1].origins: only a listener with websocket has origins"),
    ("listen", '( { address = "::1"; port = 1; for = "links"; } )', 3,
     'listen[1].for: expected "clients" or "http", not the text "links"'),
    ("listen", '( { address = "::1"; port = 9; }, '
     '{ address = "::"; port = 9; } )', 3,
     "listen[2].port: another listener uses this address and port"),
    ("servers", None, 0, "servers is missing: expected at least one server"),
    ("servers", "( )", 4, "servers is missing: expected at least one server"),
    ("servers", '( { address = "a"; port = 1; plaintext = true; } )', 4,
     "servers[1].address: expected an IP address, a host name with a dot"),
    ("servers", '( { address = "::1"; plaintext = true; } )', 4,
     "servers[1].port: expected a whole number from 1 to 65535"),
    ("servers", '( { address = "::1"; port = "x"; plaintext = true; } )', 4,
     "servers[1].port: expected a whole number from 1 to 65535, not the text"),
    ("servers", '( { address = "::1"; port = 1; pin = "xy"; } )', 4,
     "servers[1].pin: expected 64 hex digits, not the text"),
    ("servers", '( { address = "::1"; port = 1; } )', 4,
     "servers[1].pin: expected 64 hex digits"),
    ("servers", '( { address = "192.0.2.1"; port = 1; plaintext = true; } )',
     4, "servers[1].address: a trunk without TLS can only use loopback"),
    ("servers", '( { address = "_x._tcp.a.test"; port = 1; pin = "PIN"; } )',
     4, "servers[1].port: a name that begins with _ has no port here"),
    ("servers", '( { address = "::1"; port = 1; plaintext = true; '
     'pin = "PIN"; } )', 4,
     "servers[1].plaintext: a trunk without TLS has no key"),
    ("tls", None, 0, "trunk.certificate is missing"),
    ("tls", '{ certificate = "cert.pem"; }', 5, "tls.key is missing"),
    ("tls", '{ certificate = "no"; key = "key.pem"; }', 5,
     "tls.certificate: cannot read FOLDER/no: No such file"),
    ("tls", '{ certificate = "cert.pem"; key = "no"; }', 5,
     "tls.key: cannot read FOLDER/no: No such file"),
    ("tls", '{ certificate = "cert.pem"; key = "cert.pem"; }', 5,
     "tls.key: FOLDER/cert.pem"),
    ("trunk", '{ certificate = "cert.pem"; }', 6,
     "trunk: set both certificate and key, or neither"),
    ("trunk", '{ certificate = "cert.pem"; key = "no"; }', 6,
     "trunk.key: cannot read FOLDER/no: No such file"),
    ("limits", "{ clients = -1; }", 6, "limits.clients: expected a whole"),
    ("limits", "{ per_address = true; }", 6, "limits.per_address: expected"),
    ("limits", "{ connect_rate = 1.5; }", 6, "limits.connect_rate: expected"),
    ("limits", '{ gateways = "x"; }', 6, "limits.gateways: expected an IP"),
    ("limits", "{ queues_mib = 0; }", 6, "limits.queues_mib: expected"),
    ("limits", "{ handshake_s = 601; }", 6, "limits.handshake_s: expected"),
    ("limits", "{ handshakes = 1; }", 6,
     'unknown option "handshakes"'),
    ("dns", '{ servers = "ns.test"; }', 6, "dns.servers: expected an address"),
    ("dns", "{ timeout_ms = 1; }", 6, "dns.timeout_ms: expected a whole"),
    ("log", '{ format = "xml"; }', 6, 'log.format: expected "text" or "json"'),
    ("log", '{ level = "all"; }', 6, 'log.level: expected "debug" or'),
    ("log", "{ per_minute = -1; }", 6, "log.per_minute: expected a whole"),
    ("log", '{ file = "gate.conf"; }', 6,
     "log.file: this is the configuration file"),
    ("pidfile", '"control"', 6, "pidfile: control has this path, too"),
    ("pidfile", '"no/pid"', 6,
     "pidfile: FOLDER/no: No such file"),
    ("log", '{ file = "cert.pem/log"; }', 6,
     "log.file: FOLDER/cert.pem is not a folder"),
    ("state", '"/var"', 6, 'unknown option "state"'),
    ("modules", '( "help" )', 6, 'unknown option "modules"'),
])
def test_a_wrong_value_is_told_with_its_line(gate, key, value, line, what):
    gate.lines[key] = value and value.replace("PIN", gate.pin)
    if value is None:
        del gate.lines[key]
    refused(gate, line, what.replace("FOLDER", gate.folder))


def test_a_listener_with_tls_needs_a_certificate(gate):
    gate.lines["listen"] = '( { address = "::1"; port = 1; tls = true; } )'
    del gate.lines["tls"]
    done = gate.check()
    assert done.returncode == 1
    assert f"{gate.path}: tls.certificate is missing: a listener uses TLS" in (
        done.stderr)


def test_what_a_running_gate_uses(gate):
    """A file can be checked before a reload."""
    with socket.socket() as port, socket.socket(socket.AF_UNIX) as control:
        port.bind(("127.0.0.1", gate.port))
        port.listen()
        control.bind(os.path.join(gate.folder, "control"))
        control.listen()
        done = gate.check()
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")


def test_an_address_of_another_machine(gate):
    gate.lines["listen"] = '( { address = "192.0.2.77"; port = 6667; } )'
    refused(gate, 3, "listen[1].address: 192.0.2.77:6667: ")


def test_a_control_socket_that_is_none(gate):
    with open(os.path.join(gate.folder, "control"), "w", encoding="ascii"):
        pass
    refused(gate, 2, f"control: {gate.folder}/control exists and is not a "
            "socket")


def test_a_certificate_that_ends(gate):
    make_certificate(gate.folder, "gate.test", days=5)
    assert gate.check().stderr == ""
    gate.lines["listen"] = (f'( {{ address = "127.0.0.1"; port = {gate.port}; '
                            "tls = true; } )")
    done = gate.check()
    assert (done.returncode, done.stdout) == (0, "ok\n")
    assert re.search(r":5: warning: tls\.certificate: the certificate expires "
                     r"in \d+ days\n$", done.stderr)


def test_a_key_that_others_can_read(gate):
    os.chmod(os.path.join(gate.folder, "key.pem"), 0o644)
    done = gate.check()
    assert (done.returncode, done.stdout) == (0, "ok\n")
    assert re.search(r":5: warning: tls\.key: .* has mode 0644", done.stderr)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_what_the_user_may_not_do(gate):
    """Root opens everything at the start; the user that it becomes must be able to
    go on."""
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chmod(gate.folder, 0o755)
    key = os.path.join(gate.folder, "key.pem")
    os.chmod(key, 0o600)
    gate.lines["user"] = '"nobody"'
    gate.lines["log"] = '{ file = "logs/log"; }'
    os.mkdir(os.path.join(gate.folder, "logs"))
    refused(gate, 2, f"control: user nobody: {gate.folder}: Permission denied")
    os.mkdir(os.path.join(gate.folder, "run"))
    os.chown(os.path.join(gate.folder, "run"), nobody, -1)
    gate.lines["control"] = '"run/control"'
    done = gate.check()
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
    logs = os.path.join(gate.folder, "logs")
    assert (f":7: warning: log.file: user nobody: {logs}: Permission denied, so "
            "that the log cannot be made again") in done.stderr
    assert (f":5: warning: tls.key: user nobody: {key}: Permission denied, so "
            "that no reload can read it") in done.stderr
    os.chown(logs, nobody, -1)
    os.chown(key, nobody, -1)
    done = gate.check()
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")


@pytest.mark.parametrize("args, status", [
    ([], 2), (["-f", "x", "y", "--check"], 2), (["--check"], 2),
    (["--odd"], 2), (["--help"], 0), (["--version"], 0),
])
def test_the_command_line(args, status):
    done = subprocess.run([GATE, *args], capture_output=True, text=True,
                          timeout=TIMEOUT)
    assert done.returncode == status
    assert "banyan-gate " in (done.stderr if status else done.stdout)


def test_the_manual_page_has_each_option():
    with open(os.path.join(TOP, "src", "conf", "gate.def"),
              encoding="utf-8") as f:
        rows = re.findall(r'^OPTION\((\w+), "(\w+)"', f.read(), re.M)
    with open(os.path.join(BUILD, "doc", "man", "banyan-gate.conf.5"),
              encoding="utf-8") as f:
        page = f.read()
    assert len(rows) > 25 and "@OPTIONS@" not in page
    page = page[page.index("\n.Sh OPTIONS\n"):page.index("\n.Sh EXAMPLES\n")]
    assert re.findall(r"^\.It Ic (\w+)$", page, re.M) == [k for _, k in rows]


def test_the_unit_names_the_programs_where_they_are_installed():
    with open(os.path.join(BUILD, "contrib", "banyan-gate.service"),
              encoding="utf-8") as f:
        unit = f.read()
    assert re.search(r"^ExecStart=/\S+/banyan-gate -f ", unit, re.M)
    assert re.search(r"^ExecReload=/\S+/banyanctl -s ", unit, re.M)
    assert "@" not in unit.replace("@system-service", "")
