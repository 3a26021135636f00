"""TLS: versions, protocols, and hostile clients."""
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess

import pytest

from harness import TIMEOUT, Client, make_certificate, until
from libssl import TLS1_2, Tls


@pytest.fixture
def tls_server(make):
    return make.server(tls=True).start()


def registered(server, nick, **kwargs):
    t = Tls(server.tls, **kwargs)
    assert t.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
    t.read_until(b" 422 ")
    return t


def test_keys_are_updated(tls_server):
    t = registered(tls_server, "alice")
    for i in range(8):
        assert t.key_update(answer=i % 2 == 0)
        assert t.send(f"PING key{i}")
        t.read_until(b"key%d" % i)
    t.close()


@pytest.mark.parametrize("answer", [False, True])
def test_a_flood_of_key_updates_is_ended(tls_server, answer):
    other = Client(tls_server.plain, nick="other")
    t = registered(tls_server, "flooder")
    # Everything that the system takes waits for the server when it wakes.
    tls_server.signal(signal.SIGSTOP)
    t.sock.settimeout(None)
    t.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                      b"\1\0\0\0\0\0\0\0" + bytes(8))
    sent = 0
    while sent < 20000 and t.key_update(answer=answer):
        sent += 1
    assert sent > 1000
    tls_server.signal(signal.SIGCONT)
    until("it is closed", lambda: any(
        " 401 " in x for x in other.ask("WHOIS flooder")))
    tls_server.await_log("client-closed .*too many key updates")
    t.close()


def test_renegotiation_is_refused(tls_server):
    other = Client(tls_server.plain, nick="other")
    t = registered(tls_server, "alice", version=TLS1_2)
    assert not t.renegotiate() or not t.send("PING x") or not t.read()
    t.close()
    assert other.ask("WHOIS other")
    until("it is closed", lambda: any(
        " 401 " in x for x in other.ask("WHOIS alice")))


def test_another_protocol_is_refused(tls_server):
    context = ssl.create_default_context(cafile=tls_server.cafile)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", tls_server.tls)) as s:
        with pytest.raises(ssl.SSLError, match="no application protocol"):
            context.wrap_socket(s, server_hostname="localhost")
    until("the reason is in the log", lambda: re.search(
        "tls-failed .*application protocol", tls_server.log()))
    context.set_alpn_protocols(["h2", "irc"])
    with socket.create_connection(("127.0.0.1", tls_server.tls)) as s:
        t = context.wrap_socket(s, server_hostname="localhost")
        assert t.selected_alpn_protocol() == "irc"


def hello():
    """Return the first flight of a client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(
        incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_handshakes_that_never_end(tls_server):
    """Nothing, one byte, half a hello, or a hello and nothing more: the server
    ends each connection, not the client, and the log says so."""
    first = hello()
    silent = []
    for data in [b""] * 20 + [first[:1], first[:len(first) // 2], first] * 10:
        silent.append(Client(tls_server.tls))
        silent[-1].raw(data)
    Client(tls_server.tls, nick="alice", tls=tls_server.cafile).close()
    for c in silent:
        c.sock.settimeout(TIMEOUT)
        while c.sock.recv(65536):
            pass
        c.close()
    until("all are told of", lambda: len(re.findall(
        "tls-failed address=127.0.0.1 ", tls_server.log())) == len(silent))


def test_half_a_hello_and_gone(tls_server):
    first = hello()
    for n in (1, 5, 6, len(first) // 2, len(first) - 1):
        c = Client(tls_server.tls)
        c.raw(first[:n])
        c.close()
    until("all are told of", lambda: len(re.findall(
        "tls-failed ", tls_server.log())) == 5)


def test_the_end_without_a_word(tls_server):
    """No close_notify comes: the end of the connection is a QUIT like any
    other."""
    other = Client(tls_server.plain, nick="other")
    other.join("#c")
    for reset in (False, True):
        t = registered(tls_server, "alice")
        t.send("JOIN #c")
        other.expect(":alice!.* JOIN ")
        if reset:
            t.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                              b"\1\0\0\0\0\0\0\0")
        t.close()
        other.expect(":alice!.* QUIT :")


def test_records_of_all_sizes(tls_server):
    other = Client(tls_server.plain, nick="other")
    c = Client(tls_server.tls, nick="alice", tls=tls_server.cafile)
    lines = [f"PING :{i}" + "x" * 495 for i in range(32)]
    c.send(*lines)  # 16 KiB, one record
    for i in range(32):
        c.expect(rf" PONG .*:{i}x+$")
    for byte in b"PING :slowly\r\n":
        c.raw(bytes([byte]))  # one record each
    c.expect(" PONG .*slowly$")
    # longer than a record may be
    t = registered(tls_server, "bob")
    t.sock.sendall(b"\x17\x03\x03\x48\x01" + b"x" * 0x4801)
    until("it is closed", lambda: any(
        " 401 " in x for x in other.ask("WHOIS bob")))
    tls_server.await_log("client-closed .*length")
    # empty records, then one that cannot be decrypted
    t = registered(tls_server, "carol")
    t.sock.sendall((b"\x17\x03\x03\x00\x00" * 100))
    until("it is closed", lambda: any(
        " 401 " in x for x in other.ask("WHOIS carol")))
    assert c.ask("WHOIS alice")


def shown(port):
    return ssl.get_server_certificate(("127.0.0.1", port), timeout=TIMEOUT)


def test_bad_certificates_change_nothing(make, folder):
    """Each error has its file and line, at a reload as in --check."""
    s = make.server(tls=True).start()
    now = shown(s.tls)
    good, stranger = os.path.join(folder, "good"), os.path.join(folder, "x")
    shutil.copytree(s.folder, good, ignore=shutil.ignore_patterns("ctl"))
    os.mkdir(stranger)
    make_certificate(stranger, "x.test")
    for name, source, option in (
            ("cert.pem", None, "tls.certificate"),
            ("key.pem", None, "tls.key"),
            ("key.pem", os.path.join(stranger, "key.pem"), "tls.key")):
        path = os.path.join(s.folder, name)
        if source:
            shutil.copy(source, path)
        else:
            with open(path, "w", encoding="ascii") as f:
                f.write("rubbish\n")
        done = s.ctl("reload")
        assert done.returncode == 1
        said = rf"banyand\.conf:\d+: {option}: {path}: "
        assert re.search(said, done.stderr), done.stderr
        check = subprocess.run([*s.process.args, "--check"],
                               capture_output=True, text=True)
        assert check.returncode == 1 and re.search(said, check.stderr)
        until("it is told", lambda: re.search(
            "reload-failed .*" + option, s.log()))
        assert shown(s.tls) == now
        shutil.copy(os.path.join(good, name), path)
    assert s.ctl("reload").returncode == 0


def test_a_key_that_others_may_read_is_told(make):
    s = make.server(tls=True).start()
    key = s.config["tls"]["key"]
    assert s.ctl("reload").returncode == 0
    os.chmod(key, 0o640)  # a group for keys is usual
    assert s.ctl("reload").returncode == 0
    os.chmod(key, 0o644)
    assert s.ctl("reload").returncode == 0
    until("it is told", lambda: re.search(
        r"warning .*banyand\.conf:\d+: warning: tls\.key: "
        rf"{key} has mode 0644", s.log()))
    assert s.log().count("tls.key") == 1
