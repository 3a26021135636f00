"""One banyand: ports, signals, files, and clients that behave badly."""
import json
import os
import re
import selectors
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from harness import (BANYAND, TIMEOUT, Client, as_many_fds_as_allowed,
                     free_port, make_certificate, until)

# ---- starting ---------------------------------------------------------------


def test_without_arguments_it_says_what_to_do():
    done = subprocess.run([BANYAND], capture_output=True, text=True)
    assert done.returncode == 2 and "usage" in done.stderr


def test_a_port_in_use_is_named(make, server):
    other = make.server("two.test", "2AA")
    other.plain = server.plain
    other.config["listen"][0]["port"] = server.plain
    assert f"127.0.0.1:{server.plain}" in other.refused()


def test_a_state_directory_that_cannot_be_written(make, folder):
    s = make.server()
    s.config["state"] = "/proc/banyan"  # root may write everywhere
    assert "/proc/banyan" in s.refused()
    if os.geteuid() != 0:
        closed = os.path.join(folder, "closed")
        os.mkdir(closed, 0o500)
        s.config["state"] = closed
        assert closed in s.refused()


def test_a_second_server_with_the_same_state(make, server):
    other = make.server("one.test", "1AB")
    other.config["state"] = server.config["state"]
    assert server.config["state"] in other.refused()


def test_stale_files_do_not_stop_a_start(server):
    server.kill()
    assert os.path.exists(server.control) and os.path.exists(server.pidfile)
    with open(server.pidfile, "w", encoding="ascii") as f:
        f.write("1\n")
    server.start()
    with open(server.pidfile, encoding="ascii") as f:
        assert int(f.read()) == server.process.pid
    server.client("alice").close()


def test_configuration_problems_are_all_told_at_once(make):
    s = make.server()
    s.config["server"]["sid"] = "bad"
    s.config["limits"] = {"nick_len": 900}
    s.config["classes"][0]["nonsense"] = True
    s.write()
    done = subprocess.run([BANYAND, "-f", s.path, "--check"],
                          capture_output=True, text=True)
    assert done.returncode == 1
    for what in ("sid", "nick_len", "nonsense"):
        assert re.search(rf"banyand\.conf:\d+: .*{what}", done.stderr)


def test_a_syntax_error_has_file_and_line(make):
    s = make.server()
    s.write("\n\nserver = {{;\n")
    said = s.refused(write=False)
    with open(s.path, encoding="utf-8") as f:
        line = len(f.readlines())
    assert f"banyand.conf:{line}:" in said


def test_the_effective_configuration_is_one(make, folder):
    s = make.server(tls=True)
    s.write()
    first = subprocess.run([BANYAND, "-f", s.path, "--check", "--print"],
                           capture_output=True, text=True, check=True).stdout
    path = os.path.join(folder, "printed.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write(first)
    again = subprocess.run([BANYAND, "-f", path, "--check", "--print"],
                           capture_output=True, text=True, check=True).stdout
    assert first == again and str(s.tls) in first


# ---- signals ----------------------------------------------------------------


def test_sigterm_says_goodbye(server):
    clients = [server.client(f"c{i}") for i in range(20)]
    server.signal(signal.SIGTERM)
    for c in clients:
        assert any(x.startswith("ERROR :") for x in c.until_closed())
    assert server.wait() == 0
    assert not os.path.exists(server.control)
    assert not os.path.exists(server.pidfile)


def test_sigterm_does_not_wait_for_who_does_not_read(make):
    s = make.server()
    s.config["classes"][0]["sendq"] = 64 * 1024 * 1024
    s.start()
    mute = Client(s.plain, nick="mute", rcvbuf=4096)
    mute.join("#c")
    talker = s.client("talker")
    talker.join("#c")
    for _ in range(300):  # more than a socket of the system takes
        talker.ask(*[f"PRIVMSG #c :{'x' * 400}"] * 100)
    assert talker.ask("WHOIS mute")
    s.signal(signal.SIGTERM)
    assert s.wait() == 0
    mute.close()


def set_motd(server, text):
    path = os.path.join(server.folder, "motd")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text + "\n")
    server.config["server"]["motd"] = path


def test_sighup_good(server):
    client = server.client("alice")
    set_motd(server, "a new message")
    server.config["classes"][0]["channels"] = 1
    server.write()
    server.signal(signal.SIGHUP)
    until("the new one is used", lambda: any(
        "a new message" in x for x in client.ask("MOTD")))
    client.join("#one")
    client.send("JOIN #two")
    client.expect(r" 405 ")
    server.await_log(r" reload(\s|$)")


def test_sighup_bad_keeps_the_old(server):
    client = server.client("alice")
    set_motd(server, "never shown")
    server.write("limits = { nick_len = 900; };\n")
    server.signal(signal.SIGHUP)
    until("it is logged", lambda: re.search(
        r"reload-failed .*banyand\.conf:\d+.*nick_len", server.log()))
    assert not any("never shown" in x for x in client.ask("MOTD"))
    server.client("bob").close()


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def test_sighup_opens_and_closes_ports(make, server):
    client, old, new = server.client("alice"), server.plain, free_port()
    server.config["listen"][0]["port"] = new
    server.write()
    assert server.ctl("reload").returncode == 0
    until("the old port is closed", lambda: not answers(old))
    assert client.ask("WHOIS alice")
    Client(new, nick="bob").close()
    # All or nothing: one port is in use, so nothing changes.
    other = make.server("two.test", "2AA").start()
    server.config["listen"] = [{"address": "127.0.0.1", "port": p}
                               for p in (old, other.plain)]
    server.write()
    refused = server.ctl("reload")
    assert refused.returncode == 1
    assert f"127.0.0.1:{other.plain}" in refused.stderr
    assert not answers(old) and answers(new)


def shown_certificate(port):
    return ssl.get_server_certificate(("127.0.0.1", port), timeout=TIMEOUT)


def test_sighup_reads_certificates(make):
    s = make.server(tls=True).start()
    before = shown_certificate(s.tls)
    c = Client(s.tls, nick="alice", tls=s.cafile)
    make_certificate(s.folder, "one.test")
    s.signal(signal.SIGHUP)
    until("the new certificate is shown",
          lambda: shown_certificate(s.tls) != before)
    assert c.ask("WHOIS alice")
    Client(s.tls, nick="bob", tls=s.cafile).close()
    now = shown_certificate(s.tls)
    with open(os.path.join(s.folder, "key.pem"), "w",
              encoding="ascii") as f:
        f.write("no key\n")
    s.signal(signal.SIGHUP)
    until("a bad key is told", lambda: re.search(
        r"reload-failed .*key\.pem", s.log()))
    assert shown_certificate(s.tls) == now


# ---- TLS --------------------------------------------------------------------


@pytest.fixture
def tls_server(make):
    return make.server(tls=True).start()


def test_s_client(tls_server):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{tls_server.tls}",
         "-CAfile", tls_server.cafile, "-verify_return_error",
         "-verify_ip", "127.0.0.1", "-alpn", "irc", "-ign_eof"],
        input="NICK alice\r\nUSER alice 0 * :a\r\nQUIT :bye\r\n",
        capture_output=True, text=True, timeout=TIMEOUT)
    assert done.returncode == 0, done.stderr
    assert "ALPN protocol: irc" in done.stdout
    assert " 001 alice " in done.stdout and "ERROR :" in done.stdout


@pytest.mark.parametrize("version,accepted", [("-tls1_1", False),
                                              ("-tls1_2", True),
                                              ("-tls1_3", True)])
def test_tls_versions(tls_server, version, accepted):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{tls_server.tls}",
         version, "-cipher", "ALL:@SECLEVEL=0", "-ign_eof"],
        input="NICK alice\r\nUSER alice 0 * :a\r\nQUIT\r\n",
        capture_output=True, text=True, timeout=TIMEOUT)
    assert (" 001 " in done.stdout) == accepted


def test_irc_on_a_tls_port(tls_server):
    c = Client(tls_server.tls)
    c.send("NICK alice", "USER alice 0 * :a")
    assert re.search(r"ERROR :.*TLS", "\n".join(c.until_closed()))
    Client(tls_server.tls, nick="bob", tls=tls_server.cafile).close()


def test_http_on_both_ports(tls_server):
    for port in (tls_server.plain, tls_server.tls):
        c = Client(port)
        c.send("GET / HTTP/1.1", "Host: one.test", "")
        lines = c.until_closed()
        assert lines[0].startswith("HTTP/1.1 400")
        assert "IRC" in lines[-1]


PROXIES = {
    "v2": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12),
    "v1": b"PROXY TCP4 192.0.2.1 192.0.2.2 5000 6667\r\n",
    "v1-unknown": b"PROXY UNKNOWN\r\n",
}


def test_a_proxy_header_is_refused(make):
    """Nobody asked for it. The signature of version 2 spells QUIT."""
    s = make.server(tls=True)
    s.add_links()
    plain_link = free_port()
    s.config["listen"].append({"address": "127.0.0.1", "port": plain_link,
                               "tls": False, "for": "links"})
    s.start()
    ports = (s.plain, s.tls, s.link, plain_link)
    for port in ports:
        for header in PROXIES.values():
            c = Client(port)
            c.raw(header + b"NICK x\r\nUSER x 0 * :x\r\n")
            said = c.until_closed()
            assert len(said) == 1, said
            assert re.match("ERROR :.*PROXY", said[0]), said
            c.close()
        until("the port is named", lambda: re.search(
            rf"warning proxy-unexpected .*:{port} ", s.log()))
    for port in ports:
        warnings = re.findall(rf"warning proxy-unexpected .*:{port} ", s.log())
        assert len(warnings) == 1, s.log()


def test_a_proxy_header_may_come_in_pieces(server):
    for at in (1, 2, 3, 4, 5, 11):
        c = Client(server.plain)
        c.raw(PROXIES["v2"][:at])
        time.sleep(0.05)  # most likely read by then; if not, it is all one
        c.raw(PROXIES["v2"][at:])
        said = c.until_closed()
        assert "PROXY" in said[0], (at, said)
        c.close()
    c = Client(server.plain)
    c.raw(b"\r\n\r\n")
    c.nick = "late"
    c.register()
    c.close()


def test_tls_on_a_plaintext_port(tls_server):
    c = Client(tls_server.plain)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = ssl.create_default_context().wrap_bio(
        incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        hello.do_handshake()
    c.raw(outgoing.read())
    assert re.search(r"ERROR :.*plaintext", "\n".join(c.until_closed()))


def test_ipv6(make):
    s = make.server()
    if not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("no IPv6 here")
    s.config["listen"].append({"address": "::1", "port": s.plain})
    s.start()
    c = Client(s.plain, nick="alice", host="::1")
    assert any("::1" in x for x in c.ask("WHOIS alice"))


# ---- clients that behave badly ----------------------------------------------


def test_a_slow_reader_is_closed_alone(make):
    s = make.server()
    s.config["classes"][0]["sendq"] = 65536
    s.start()
    slow = Client(s.plain, nick="slow", rcvbuf=4096)
    talker, reader = s.client("talker"), s.client("reader")
    for c in (slow, talker, reader):
        c.join("#c")
    text = "x" * 400
    sent, gone, deadline = 0, None, time.monotonic() + TIMEOUT
    while gone is None and time.monotonic() < deadline:
        # The sendq does not bound the bytes that the kernel takes.
        assert sent < 256 * 1024, "the slow one is still there"
        talker.send(*[f"PRIVMSG #c :{sent + i} {text}" for i in range(64)])
        sent += 64
        for line in reader.ask():
            if line.startswith(":slow!"):
                gone = line
    assert gone and re.search(r" QUIT :.*(send|read)", gone, re.I), gone
    talker.ask()
    reader.ask()  # The last message of the talker is on its way until then.
    assert not talker.closed and not reader.closed
    got = [int(m.group(1)) for line in reader.lines
           if (m := re.search(r" PRIVMSG #c :(\d+) ", line))]
    assert got == list(range(sent))


def test_a_flood_is_read_slowly(make):
    """5 at once, then 5 a second: there is an upper bound for each moment. A
    late server cannot break it, and no other client waits."""
    s = make.server()
    burst, rate, n = 5, 5, 40
    s.config["classes"] = [{"name": "slow", "flood_burst": burst,
                            "flood_rate": rate}]
    s.start()
    flooder = s.client("flooder")
    start = time.monotonic()
    flooder.send(*[f"PING n{i}" for i in range(n)])
    other = s.client("other")
    assert not other.closed
    for i in range(n):
        flooder.expect(rf" PONG \S+ :?n{i}$")
        passed = time.monotonic() - start
        assert i + 1 <= burst + rate * passed + 1, (i, passed)


def test_more_than_the_recvq_is_closed(make):
    s = make.server()
    s.config["classes"] = [{"name": "slow", "flood_burst": 5,
                            "flood_rate": 1, "recvq": 8192}]
    s.start()
    flooder, other = s.client("flooder"), s.client("other")
    try:
        flooder.raw(b"PRIVMSG other :flood\r\n" * 10000)
    except OSError:
        pass
    try:
        said = flooder.until_closed()
    except OSError:
        said = []
    assert not [x for x in said if "Server" in x]
    until("the flooder is gone", lambda: any(
        " 401 " in x for x in other.ask("WHOIS flooder")))


@pytest.mark.parametrize("io_uring", [True, False])
def test_a_line_to_many_by_either_way(make, io_uring):
    """Without io_uring in the system, both are the same way."""
    s = make.server()
    s.config["io_uring"] = io_uring
    s.start()
    by = s.await_log(r" sends .*by=(.+)")
    if not io_uring:
        assert "one by one" in by.group(1)
    names = [f"n{i}" for i in range(30)]
    clients = [Client(s.plain, nick=n) for n in names]
    for c in clients:
        c.ask("JOIN #a")
    texts = [f"line {i} {'x' * (7 * i)}" for i in range(40)]
    for t in texts:
        clients[0].send(f"PRIVMSG #a :{t}")
    for c in clients[1:]:
        got = []
        while len(got) < len(texts):
            line = c.expect(" PRIVMSG #a ").string
            got.append(line.split(" :", 1)[1])
        assert got == texts


def test_2000_at_once(make):
    if as_many_fds_as_allowed() < 2200:
        pytest.skip("not allowed 2200 descriptors")
    s = make.server().start()
    n = 2000
    sel = selectors.DefaultSelector()
    state = {}
    for i in range(n):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", s.plain))
        state[sock] = [f"n{i}", b"", False]
        sel.register(sock, selectors.EVENT_WRITE)
    welcomed, deadline = 0, time.monotonic() + 2 * TIMEOUT
    while welcomed < n:
        assert time.monotonic() < deadline, f"{welcomed} of {n}"
        for key, events in sel.select(1):
            sock, st = key.fileobj, state[key.fileobj]
            if events & selectors.EVENT_WRITE:
                assert sock.getsockopt(socket.SOL_SOCKET,
                                       socket.SO_ERROR) == 0
                sock.send(f"NICK {st[0]}\r\nUSER u 0 * :u\r\n".encode())
                sel.modify(sock, selectors.EVENT_READ)
                continue
            data = sock.recv(65536)
            assert data, f"{st[0]} was closed: {st[1]!r}"
            st[1] = (st[1] + data)[-4096:]
            if not st[2] and b" 001 " in st[1]:
                st[2] = True
                welcomed += 1
    assert s.status()["users_local"] == n
    first = Client(s.plain, nick="late")
    last = list(state)[-1]
    first.send(f"PRIVMSG n{n - 1} :to the last")
    last.settimeout(TIMEOUT)
    seen = state[last][1]
    while b"PRIVMSG n%d :to the last" % (n - 1) not in seen:
        more = last.recv(65536)
        assert more
        seen += more
    for sock in state:
        sock.close()
    until("all are gone", lambda: s.status()["users_local"] == 1)
    assert first.ask("WHOIS late")


def test_out_of_descriptors(make):
    s = make.server().start(fds=64)
    old = s.client("old")
    extra = []
    for _ in range(120):
        c = Client(s.plain)
        c.sock.settimeout(0.2)
        extra.append(c)
    until("it says so", lambda: "out-of-fds" in s.log())
    assert old.ask("WHOIS old")
    # A server that spins never sleeps, however little processor time it gets.
    sleeps = 0
    for _ in range(100):
        with open(f"/proc/{s.process.pid}/stat", encoding="ascii") as f:
            sleeps += f.read().rsplit(")", 1)[1].split()[0] == "S"
        time.sleep(0.02)
    assert sleeps >= 10, f"asleep {sleeps} times of 100: it spins"
    assert old.ask("WHOIS old")
    for c in extra:
        c.close()
    until("new ones are taken again", lambda: accepts(s))
    assert not old.closed


def accepts(server):
    c = Client(server.plain)
    try:
        c.send("NICK fresh", "USER fresh 0 * :f")
        return c.expect(r" (001|433) ", timeout=5)
    except (AssertionError, OSError):
        return False
    finally:
        c.close()


def test_clients_that_vanish_in_any_state(server):
    watcher = server.client("watcher")
    for lines in ([], ["NICK"], ["NICK v"], ["CAP LS 302"],
                  ["NICK v", "USER v 0 * :v"],
                  ["NICK v", "USER v 0 * :v", "JOIN #c"],
                  ["NICK v", "USER v 0 * :v", "JOIN #c", "LIST"]):
        for abrupt in (False, True):
            c = Client(server.plain)
            c.raw(("\r\n".join(lines) + "\r\nPRIVMSG half").encode())
            if abrupt:
                c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  b"\1\0\0\0\0\0\0\0")
            c.close()
    until("only one is left", lambda: server.status()["sessions"] == 1)
    assert watcher.ask("WHOIS watcher")


def test_bytes_of_all_kinds(server):
    watcher = server.client("watcher")
    for data in (bytes(range(256)) * 40, b"\0" * 1000, b"\r\n" * 1000,
                 b":" * 600 + b"\r\n", b"@" + b"a=b;" * 4000 + b" X\r\n",
                 b"NICK \xff\xfe\r\nUSER \x00 0 * :\xc3\r\n", b"\r" * 5000,
                 b"x" * 100000):
        c = Client(server.plain)
        try:
            c.raw(data)
            c.send("QUIT")
        except OSError:
            pass
        c.close()
    assert watcher.ask("WHOIS watcher")
    assert server.process.poll() is None


# ---- the log ----------------------------------------------------------------

NASTY = ["\x1b[31mred", "\x07", 'quote" event="fake', "back\\slash\\",
         "tab\there", "\u2028line", "\x9b31m", "a=b c=d", "end\\"]
PLAIN = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "
    r"(debug|info|notice|warning|error) [a-z-]+"
    r'( [a-z_0-9]+=([^" =\\]*|"([^"\\]|\\.)*"))*')


def say_nasty_things(server):
    for i, text in enumerate(NASTY):
        c = Client(server.plain)
        c.send(f"NICK {text}", f"USER {text} 0 * :{text}", f"NICK n{i}",
               f"USER u 0 * :{text}")
        c.expect(r" 001 ")
        c.send(f"OPER {text} {text}", f"OPER :{text}",
               f"QUIT :{text}")
        c.until_closed()


@pytest.mark.parametrize("format", ["text", "json"])
def test_nothing_breaks_a_line_of_the_log(make, format):
    s = make.server()
    s.config["log"]["format"] = format
    s.start()
    say_nasty_things(s)
    s.signal(signal.SIGTERM)
    assert s.wait() == 0
    with open(s.log_path, "rb") as f:
        data = f.read()
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", data)
    lines = data.decode("utf-8").split("\n")[:-1]
    assert len(lines) > 3 * len(NASTY)
    for line in lines:
        assert not re.search("[\x80-\x9f\u2028\u2029]", line), line
        if format == "json":
            row = json.loads(line)
            assert row["event"] != "fake" and "level" in row
        else:
            assert PLAIN.fullmatch(line), line


def test_the_log_is_opened_again(server):
    os.rename(server.log_path, server.log_path + ".1")
    server.signal(signal.SIGHUP)
    until("there is a new file", lambda: os.path.exists(server.log_path))
    c = server.client("alice")
    until("it is written to", lambda: "alice" in server.log())
    c.close()


def logging_to_a_pipe(make):
    """A server whose standard error is a pipe that the test may read."""
    s = make.server()
    del s.config["log"]["file"]
    s.config["log"]["level"] = "info"
    s.config["log"]["per_minute"] = 0
    s.write()
    s.process = subprocess.Popen([BANYAND, "-f", s.path],
                                 stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
    until("it takes clients", lambda: s.status().get("ready"))
    return s


def test_streams_that_are_closed(make):
    """No file gets the descriptor of a standard stream."""
    s = make.server()
    del s.config["log"]["file"]
    s.write()
    s.process = subprocess.Popen(
        ["sh", "-c", 'exec "$0" -f "$1" 0<&- 1>&- 2>&-', BANYAND, s.path])
    until("it takes clients", lambda: s.status().get("ready"))
    assert [os.readlink(f"/proc/{s.process.pid}/fd/{fd}")
            for fd in range(3)] == ["/dev/null"] * 3
    s.client("alice").close()
    s.signal(signal.SIGTERM)
    assert s.wait() == 0


def test_a_log_that_nobody_reads_stops_nothing(make):
    """Standard error is a full pipe: when it is read again, the log says how
    many lines were lost."""
    s = logging_to_a_pipe(make)
    c = s.client("alice")
    for i in range(60):  # more than a megabyte, in lines of about 450 bytes
        c.ask(*[f"OPER {'x' * 400} {i}"] * 50)
    assert c.ask("WHOIS alice")
    read = []
    t = threading.Thread(target=lambda: read.extend(s.process.stderr))
    t.start()
    until("what was lost is told", lambda: any(b" log-lost " in x
                                               for x in read))
    c.send("OPER late x")
    c.expect(" 464 | 491 ")
    s.signal(signal.SIGTERM)
    assert s.wait() == 0
    t.join(TIMEOUT)
    log = b"".join(read).decode()
    lost = int(re.search(r" log-lost lines=(\d+) ", log, re.M).group(1))
    assert lost > 0 and log.count(" oper-failed ") + lost == 3001
    assert all(PLAIN.fullmatch(line) for line in log.splitlines())
    assert re.search(" stop ", log.splitlines()[-1])


def test_a_log_that_nobody_reads_does_not_hold_up_the_end(make):
    s = logging_to_a_pipe(make)
    s.client("alice").ask(*[f"OPER {'x' * 400} x"] * 400)
    s.signal(signal.SIGTERM)
    assert s.wait() == 0
    s.process.stderr.close()


@pytest.mark.parametrize("abstract", [False, True])
def test_who_started_it_is_told_how_far_it_is(make, folder, abstract):
    """sd_notify(3), with a socket of the test."""
    name = os.path.join(folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as n:
        n.settimeout(TIMEOUT)
        n.bind(("\0" if abstract else "") + name)
        s = make.server()
        s.write()
        env = dict(os.environ, NOTIFY_SOCKET=("@" if abstract else "") + name)
        s.process = s.spawn(env=env)
        assert n.recv(4096) == b"READY=1"
        Client(s.plain).close()  # The ports are open by then.
        assert s.ctl("stop").returncode == 0
        assert n.recv(4096) == b"STOPPING=1"
        assert s.wait() == 0


@pytest.mark.parametrize("usec, pid, told", [
    ("100000", None, True), ("100000", 1, False), ("x", None, False)])
def test_the_watchdog_hears_of_the_loop(make, folder, usec, pid, told):
    """As long as the server runs, and not while it is stopped."""
    name = os.path.join(folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as n:
        n.settimeout(TIMEOUT)
        n.bind(name)
        s = make.server()
        s.write()
        env = dict(os.environ, NOTIFY_SOCKET=name, WATCHDOG_USEC=usec)
        if pid:
            env["WATCHDOG_PID"] = str(pid)
        s.process = s.spawn(env=env)
        assert n.recv(4096) == b"READY=1"
        for _ in range(3 if told else 0):
            assert n.recv(4096) == b"WATCHDOG=1"
        s.client("alice").ask("WHOIS alice")
        assert s.ctl("stop").returncode == 0
        heard = [n.recv(4096)]
        while heard[-1] != b"STOPPING=1":
            heard.append(n.recv(4096))
        assert told or heard == [b"STOPPING=1"]
        assert s.wait() == 0
