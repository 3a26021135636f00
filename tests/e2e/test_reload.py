"""Each option of src/conf/option.def is changed in the file, and the server is
told to read the file again. Then the option holds, or the log says, with file
and line, that it needs a restart. A row without a test here fails the last
test."""
import os
import re
import shutil
import socket
import ssl
import sys
import time

import pytest

from brokers import Broker
from harness import (BUILD, TIMEOUT, TOP, Client, Server, conf, free_port,
                     make_certificate, until)
from test_ctl import hash_of
from test_dns import A, SRV, Dns, own_host, records
from test_hostile import own_address
from web import Web

CASES = {}


def case(*rows):
    """Mark a test as the proof of these rows."""
    def register(fn):
        for row in rows:
            CASES[row] = fn
        return fn
    return register


class One:
    """A server and the change that is made to it."""

    def __init__(self, make):
        self.make, self.server = make, make.server(tls=True)
        self.config = self.server.config

    def start(self):
        self.server.start()
        return self.server

    def reload(self):
        self.server.write()
        done = self.server.ctl("reload")
        assert done.returncode == 0, done.stderr

    def set(self, row, value):
        """Name an option: "limits.nick_len", or "classes.sendq" for the first
        class."""
        section, _, key = row.rpartition(".")
        at = self.config.setdefault(section, {}) if section else self.config
        (at[0] if isinstance(at, list) else at)[key] = value


def rows(table="option.def"):
    """Return section.key -> flags, from the rows themselves."""
    with open(os.path.join(TOP, "src", "conf", table), encoding="utf-8") as f:
        text = f.read()
    sections = dict(re.findall(r'^SECTION\((\w+), "(\w*)"', text, re.M))
    out = {}
    for section, key, rest in re.findall(
            r'^OPTION\((\w+), "(\w+)", (.*?)\bAT\(', text, re.M | re.S):
        name = sections[section]
        out[f"{name}.{key}" if name else key] = rest
    return out


def test_the_page_of_limits_has_all_of_them():
    """doc/limits.md names each option of classes, limits and bans that is a limit,
    of servers and of gates, and no option that there is not."""
    with open(os.path.join(TOP, "doc", "limits.md"), encoding="utf-8") as f:
        named = set(re.findall(
            r"`((?:classes|limits|bans|sync|dns)\.\w+|queues_mib)`", f.read()))
    bounds = {k for k in rows() if k.split(".")[0] in
              ("classes", "limits", "bans")}
    of_gates = rows("gate.def")
    assert named <= set(rows()) | set(of_gates)
    assert {k for k in of_gates if k.startswith("limits.")} <= named
    assert bounds - named == {"classes.name", "classes.net",
                              "classes.password", "classes.sts_exempt"}


# ---- what waits for a restart -----------------------------------------------

RESTART = {"state": "other", "control": "ctl2", "pidfile": "pid2",
           "user": "nobody", "io_uring": False, "server.name": "other.test", "server.sid": "9ZZ",
           "server.description": "Another", "server.network": "Other",
           "server.region": "eu", "sync.alone_ms": 1}
OF_A_RUN = {"server.description", "server.region"}   # a restart goes on as the same run


def test_what_waits_for_a_restart_is_told(make):
    assert set(RESTART) == {k for k, rest in rows().items()
                            if "RESTART" in rest}
    one = One(make)
    s = one.start()
    before = s.status()
    for row, value in RESTART.items():
        one.set(row, value)
    # one line for each option
    with open(s.path, "w", encoding="utf-8") as f:
        for key, value in one.config.items():
            if isinstance(value, dict):
                inner = "".join(f"\t{k} = {conf(v)};\n"
                                for k, v in value.items())
                f.write(f"{key} = {{\n{inner}}};\n")
            else:
                f.write(f"{key} = {conf(value)};\n")
    done = s.ctl("reload")
    assert done.returncode == 0
    assert done.stdout == "configuration read again\n"
    with open(s.path, encoding="utf-8") as f:
        lines = f.readlines()
    until("the reload is told", lambda: " reload\n" in s.log())
    for row in RESTART:
        when = ("when the server is stopped and started" if row in OF_A_RUN
                else "at a restart")
        told = rf"banyand\.conf:(\d+): warning: {row} only changes {when}:"
        assert re.search(told, done.stderr), row
        m = re.search(told, s.log())
        assert m, row
        assert re.match(rf"\s*{row.rpartition('.')[2]} = ",
                        lines[int(m.group(1)) - 1]), row
    after = s.status()
    assert (after["name"], after["sid"]) == (before["name"], before["sid"])
    assert isupport(s, "NETWORK") == "Tests"


# ---- the server -------------------------------------------------------------

def isupport(server, token):
    c = server.client("asker")
    m = re.search(rf" {token}(?:=(\S*))? ", "\n".join(
        x for x in c.lines if " 005 " in x))
    c.send("QUIT")
    c.until_closed()
    return m and m.group(1)


@case("modules", "module_dir")
def modules(one):
    """test_modules.py has the rest."""
    s = one.start()
    c = s.client("alice")
    assert any(" 421 " in x for x in c.ask("HELP"))
    folder = os.path.join(s.folder, "modules")
    os.mkdir(folder)
    shutil.copy(os.path.join(BUILD, "modules", "help.so"),
                os.path.join(folder, "help.so"))
    one.set("module_dir", folder)
    one.set("modules", ["help"])
    one.reload()
    assert any(" 706 " in x for x in c.ask("HELP"))


@case("dns.enabled", "dns.servers", "dns.timeout_ms", "dns.private",
      "dns.notices")
def dns(one):
    """test_dns.py has the rest."""
    server = Dns(records(one="127.0.0.11"))
    other = Dns(records(other="127.0.0.11"))
    silent = Dns()
    silent.say = lambda query: []
    s = one.start()

    def told():
        c = Client(s.plain, "alice", source="127.0.0.11")
        host = own_host(c)
        notices = any("your hostname" in x for x in c.lines)
        c.send("QUIT")
        c.until_closed()
        return host, notices
    try:
        assert told() == ("127.0.0.11", False)
        one.set("dns.servers", [f"127.0.0.1:{server.port}"])
        one.set("dns.private", True)
        one.reload()
        assert told() == ("one.test", True)
        one.set("dns.servers", f"127.0.0.1:{other.port}")
        one.set("dns.notices", False)
        one.reload()
        assert told() == ("other.test", False)
        # with so little time the second server is never asked
        one.set("dns.servers", [f"127.0.0.1:{silent.port}",
                                f"127.0.0.1:{server.port}"])
        one.set("dns.timeout_ms", 100)
        one.reload()
        assert told() == ("127.0.0.11", False)
        assert silent.queries
        one.set("dns.timeout_ms", 2000)
        one.set("dns.enabled", False)
        one.reload()
        asked = len(silent.queries)
        assert told() == ("127.0.0.11", False)
        assert all(q == ("", 2) for q in silent.queries[asked:])
    finally:
        for d in (server, other, silent):
            d.close()


@case("listen.proxy")
def proxies(one):
    """test_proxy.py has the rest."""
    s = one.start()
    header = b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n"
    Client(s.plain, "alice").close()
    one.set("dns.enabled", False)  # no traffic beyond loopback
    one.config["listen"][0]["proxy"] = "127.0.0.0/8"
    one.reload()
    c = Client(s.plain)
    c.raw(header + b"NICK bob\r\nUSER b 0 * :b\r\n")
    c.expect(r" 001 bob .*192\.0\.2\.7")
    assert one.config["listen"][0].pop("proxy")
    one.reload()
    Client(s.plain, "alice").close()


@case("listen.websocket", "listen.origins")
def websocket(one):
    """test_websocket.py has the rest."""
    s = one.start()
    listen = one.config["listen"][0]
    Client(s.plain, "alice").close()
    listen.update(websocket=True, origins="https://a.test")
    one.reload()
    Web(s.plain, "bob", origin="https://a.test").close()
    web = Web(s.plain, "bob", origin="https://b.test")
    assert web.sock.response.status_code == 403
    listen["origins"] = ["https://a.test", "https://b.test"]
    one.reload()
    web = Web(s.plain, "carol", origin="https://b.test")
    del listen["websocket"], listen["origins"]
    one.reload()
    Client(s.plain, "dave").close()
    web.ask()


@case("webirc.name", "webirc.net", "webirc.password", "webirc.pin")
def webirc(one):
    s = one.start()
    cert = os.path.join(s.folder, "gateway")
    os.mkdir(cert)
    pin = make_certificate(cert, "gateway.test")

    def handed_on(password="secret", **kwargs):
        """Return the address that counts, or None if WEBIRC is refused."""
        c = Client(kwargs.pop("port", s.plain), **kwargs)
        c.send(f"WEBIRC {password} web 192.0.2.7 192.0.2.7", "NICK alice",
               "USER a 0 * :a", "QUIT")
        m = re.search(r" 001 alice .*@(\S+)", "\n".join(c.until_closed()))
        return m and m.group(1)
    assert handed_on() is None
    block = {"name": "first", "net": "127.0.0.1",
             "password": hash_of("secret")}
    one.config["webirc"] = [block]
    one.set("dns.enabled", False)  # no traffic beyond loopback
    one.reload()
    assert handed_on() == "192.0.2.7"
    assert handed_on("wrong") is None
    until("it is told", lambda: "handed-on by=first" in s.log())
    block["name"] = "second"
    block["net"] = ["192.0.2.0/24", "127.0.0.8/29"]
    block["password"] = hash_of("other")
    one.reload()
    assert handed_on("other") is None
    assert handed_on("secret", source="127.0.0.9") is None
    assert handed_on("other", source="127.0.0.9") == "192.0.2.7"
    until("it is told", lambda: "handed-on by=second" in s.log())
    block["net"] = "127.0.0.0/8"
    block["pin"] = pin
    one.reload()
    assert handed_on("other") is None
    assert handed_on("other", port=s.tls, tls=s.cafile) is None
    assert handed_on("other", port=s.tls, tls=s.cafile,
                     certificate=cert) == "192.0.2.7"


@case("server.motd")
def motd(one):
    s = one.start()
    c = s.client("alice")
    for text in ("first", "second"):
        path = os.path.join(s.folder, text)
        with open(path, "w", encoding="ascii") as f:
            f.write(text + "\n")
        one.set("server.motd", path)
        one.reload()
        assert any(text in x for x in c.ask("MOTD"))


@case("server.utf8only")
def utf8only(one):
    c = one.start().client("alice")

    def passes():
        c.raw(b"PRIVMSG alice :\xff\r\n")
        return any("PRIVMSG alice" in x for x in c.ask())
    assert not passes()
    one.set("server.utf8only", False)
    one.reload()
    assert passes()


@case("server.client_tag_deny")
def client_tag_deny(one):
    c = one.start().client("alice")
    c.send("CAP REQ :message-tags echo-message")

    def passes(tag):
        c.send(f"@+{tag}=1 PRIVMSG alice :hi")
        return any(f"+{tag}=1" in x for x in c.ask())
    assert passes("typing") and passes("reply")
    one.set("server.client_tag_deny", "*,-reply")
    one.reload()
    assert not passes("typing") and passes("reply")


def policy(port, tls=None):
    """Return the value of sts that a client is told, or None."""
    c = Client(port, tls=tls)
    c.send("CAP LS 302")
    c.expect(r" CAP \* LS :.*")    # the last of its lines
    told = "\n".join(c.lines)
    c.close()
    m = re.search(r"\bsts=(\S+)", told)
    return m and m.group(1)


@case("sts.port", "sts.proxied", "sts.duration_s", "sts.preload", "sts.hosts",
      "classes.sts_exempt")
def sts(one):
    s = one.start()
    told = lambda: (policy(s.plain), policy(s.tls, s.cafile))
    assert told() == (None, None)
    one.set("sts.port", s.tls)
    one.reload()
    assert told() == (f"port={s.tls}", "duration=0")
    c = Client(s.tls, tls=s.cafile)
    c.send("CAP LS 302")
    one.set("sts.duration_s", 60)
    one.set("sts.preload", True)
    one.reload()
    c.expect(r" CAP \* NEW :sts=duration=60,preload$")
    assert told() == (f"port={s.tls}", "duration=60,preload")
    # the tests ask for localhost
    one.set("sts.hosts", "*.example.org")
    one.reload()
    assert told() == (f"port={s.tls}", None)
    one.set("sts.hosts", "*.example.org,local????")
    one.reload()
    assert told() == (f"port={s.tls}", "duration=60,preload")
    # a port where nothing of this server listens
    one.set("sts.port", 6697)
    s.write()
    assert "sts.proxied" in s.ctl("reload").stderr
    one.set("sts.proxied", True)
    one.reload()
    assert told() == ("port=6697", "duration=60,preload")
    one.config["classes"] = [{"name": "local", "net": "127.0.0.0/8",
                              "sts_exempt": True}]
    one.reload()
    assert told() == (None, None)


@case("server.founder")
def founder(one):
    c = one.start().client("alice")
    c.send("JOIN #op")
    assert c.expect(r" 353 alice = #op :(\S+)").group(1) == "@alice"
    one.set("server.founder", "owner")
    one.reload()
    c.send("JOIN #owner")
    assert c.expect(r" 353 alice = #owner :(\S+)").group(1) == "~alice"


@case("server.hold_s")
def hold(one):
    """Nothing shows it before a restart (tests/scenario/hold/over.txt)."""
    one.start()
    for seconds in (0, 600, 60):
        one.set("server.hold_s", seconds)
        one.reload()


@case("server.remote_die")
def remote_die(one):
    """An operator of another server may stop this one, or not any more."""
    two = peer_of(one)
    two.config["opers"] = [{"name": "root", "password": hash_of("secret")}]
    one.start()
    two.start()
    c = two.client("root")
    c.send("OPER root secret")
    c.expect(r" 381 ")
    one.set("server.remote_die", False)
    one.reload()
    c.send("DIE one.test")
    c.expect(r" 400 root DIE :this server can be stopped by its own operators")
    one.set("server.remote_die", True)
    one.reload()
    c.send("DIE one.test")
    c.expect(r"NOTICE root :this server stops")
    assert one.server.wait() == 0


LIMITS = {"nick_len": "NICKLEN", "channel_len": "CHANNELLEN",
          "topic_len": "TOPICLEN", "kick_len": "KICKLEN",
          "away_len": "AWAYLEN", "key_len": "KEYLEN", "user_len": "USERLEN",
          "host_len": "HOSTLEN", "real_len": "NAMELEN", "modes": "MODES",
          "list_max": "MAXLIST", "targets_max": "MAXTARGETS",
          "monitor": "MONITOR"}


@case(*("limits." + key for key in LIMITS))
def limits(one):
    s = one.start()
    for n, key in enumerate(LIMITS):
        one.set("limits." + key, 40 + n if key == "host_len" else 11 + n)
    one.reload()
    for n, (key, token) in enumerate(LIMITS.items()):
        want = 40 + n if key == "host_len" else 11 + n
        assert isupport(s, token).rpartition(":")[2] == str(want), token
    c = s.client("alice")
    c.send("JOIN #c", "TOPIC #c :" + "x" * 50)
    assert c.expect(r" TOPIC #c :(x+)$").group(1) == "x" * 13


@case("limits.multiline_lines", "limits.multiline_bytes")
def multiline(one):
    c = one.start().client("alice")
    c.send("CAP LS 302", "CAP REQ :batch draft/multiline")
    c.expect(r" ACK :batch draft/multiline")
    for lines, size in ((2, 4000), (3, 400)):
        one.set("limits.multiline_lines", lines)
        one.set("limits.multiline_bytes", size)
        one.reload()
        c.expect(rf" CAP alice NEW :draft/multiline=max-bytes={size},"
                 rf"max-lines={lines}$")
    c.send("BATCH +1 draft/multiline alice",
           *["@batch=1 PRIVMSG alice :x"] * 4, "BATCH -1")
    c.expect(r" FAIL BATCH MULTILINE_MAX_LINES 3 ")


@case("admin.location", "admin.organisation", "admin.email")
def admin(one):
    s = one.start()
    c = s.client("alice")
    c.send("ADMIN")
    c.expect(r" 423 alice one\.test ")
    for n, key in enumerate(("location", "organisation", "email")):
        one.set("admin." + key, "the " + key)
        one.reload()
        c.send("ADMIN")
        c.expect(rf" {257 + n} alice :the {key}$")


def was(c, nick):
    """Return how many users WHOWAS has of a nick."""
    c.lines.clear()
    c.send("WHOWAS " + nick)
    c.expect(f" 369 {c.nick} {nick} ")
    return sum(" 314 " in x for x in c.lines)


@case("limits.whowas")
def whowas(one):
    c = one.start().client("alice")
    for nick in ("one", "two", "three"):
        c.ask("NICK " + nick)
        c.nick = nick
    assert (was(c, "one"), was(c, "two")) == (1, 1)
    one.set("limits.whowas", 1)
    one.reload()
    assert (was(c, "one"), was(c, "two")) == (0, 1)


@case("limits.whowas_mib")
def whowas_mib(one):
    """10000 entries with words of 230 bytes are more than 3 MiB."""
    s = one.start()
    c = Client(s.plain)
    nicks = ["a" * 30, "b" * 30]
    c.nick = nicks[0]
    c.send("NICK " + nicks[0], f"USER {'u' * 10} 0 * :{'r' * 150}")
    c.expect(r" (376|422) ")
    for _ in range(20):
        c.ask(*[f"NICK {nicks[1 - i % 2]}" for i in range(500)])
    assert was(c, nicks[0]) + was(c, nicks[1]) == 10000
    one.set("limits.whowas_mib", 1)
    one.reload()
    left = was(c, nicks[0]) + was(c, nicks[1])
    assert 2000 < left < 5000, left


@case("bans.share")
def share(one):
    """Two of three users are hit: more than 5 %, and not more than 70 %."""
    one.set("opers", [{"name": "admin", "password": hash_of("right")}])
    s = one.start()
    c = s.client("admin")
    others = [s.client(nick) for nick in ("other1", "other2")]
    c.send("OPER admin right")
    c.expect(" 381 ")
    assert any("hits 2 of 3 users" in x for x in c.ask("SHUN other?@* :x"))
    one.set("bans.share", 70)
    one.reload()
    assert any("Added Shun" in x for x in c.ask("SHUN other?@* :x"))
    assert len(others) == 2


@case("bans.max")
def most_bans(one):
    one.set("bans.max", 1)
    s = one.start()

    def ban(mask):
        return s.ctl("ban", "kline", mask, "no").returncode == 0
    assert ban("*@192.0.2.1") and not ban("*@192.0.2.2")
    one.set("bans.max", 2)
    one.reload()
    assert ban("*@192.0.2.2") and not ban("*@192.0.2.3")


@case("queues_mib")
def queues(one):
    """A client that reads nothing is closed for what all queues have, long before
    its own is full."""
    one.set("classes.sendq", 16 * 1024 * 1024)
    s = one.start()
    mute = Client(s.plain, nick="mute", rcvbuf=4096)
    mute.join("#c")
    talker = s.client("talker")
    talker.join("#c")

    def talk():
        lines = talker.ask(*[f"PRIVMSG #c :{'x' * 400}"] * 50)
        return any(x.startswith(":mute!") and " QUIT " in x for x in lines)
    assert not any([talk() for _ in range(400)])    # 8 MB
    one.set("queues_mib", 1)
    one.reload()
    assert talk()


# ---- ports, certificates ----------------------------------------------------

@case("listen.address", "listen.port")
def listen(one):
    s = one.start()
    new = free_port()
    one.config["listen"][0] = {"address": "127.0.0.2", "port": new}
    one.reload()
    with pytest.raises(ConnectionRefusedError):
        Client(s.plain)
    Client(new, "alice", host="127.0.0.2").close()


@case("listen.tls", "listen.for")
def listen_use(one):
    s = one.start()
    one.config["listen"][0]["tls"] = True
    one.reload()
    Client(s.plain, "alice", tls=s.cafile).close()
    del one.config["listen"][0]["tls"]
    one.config["listen"][0]["for"] = "links"
    one.reload()
    c = Client(s.plain)
    c.send("NICK bob", "USER bob 0 * :b")
    assert not any(" 001 " in x for x in c.until_closed())


def shown(port):
    """A link asks for a certificate that the test does not have, but shows its
    own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as c:
        with context.wrap_socket(c) as t:
            return t.getpeercert(True)


@case("tls.certificate", "tls.key", "tls.link_certificate", "tls.link_key")
def certificates(one):
    one.server.add_links()
    s = one.start()
    first = shown(s.tls)
    assert shown(s.link) == first
    for prefix, changed, same in (("link_", s.link, s.tls),
                                  ("", s.tls, s.link)):
        folder = os.path.join(s.folder, prefix + "new")
        os.mkdir(folder)
        make_certificate(folder, "new.test")
        before = shown(changed), shown(same)
        one.set(f"tls.{prefix}certificate", os.path.join(folder, "cert.pem"))
        one.set(f"tls.{prefix}key", os.path.join(folder, "key.pem"))
        one.reload()
        assert shown(changed) != before[0] and shown(same) == before[1]


# ---- links ------------------------------------------------------------------

def test_a_new_key_of_links_is_told(make, folder):
    """The link stays up. The other side refuses the next one until it has the
    new pin. Both logs say so."""
    net = make.network(2).start()
    s, other = net
    os.mkdir(os.path.join(folder, "new"))
    pin = make_certificate(os.path.join(folder, "new"), s.name)
    for key, name in (("certificate", "cert.pem"), ("key", "key.pem")):
        s.config["tls"][key] = os.path.join(folder, "new", name)
    s.write()
    told = (r"banyand\.conf:\d+: warning: tls\.key: the public key has "
            rf'changed: .* pin = "{pin}"')
    done = s.ctl("reload")
    assert done.returncode == 0 and re.search(told, done.stderr), done.stderr
    s.await_log("warning .*tls.key: the public key has changed")
    assert s.ask("reload")[0]["problems"] == []     # the same key again
    assert is_up(s) and is_up(other)
    other.config["links"][0]["pin"] = pin
    other.write()
    assert other.ctl("reload").returncode == 0
    until("linked with the new key", lambda: is_up(s) and is_up(other))
    # The same key in a new certificate is not reported.
    make_certificate(os.path.join(folder, "new"), s.name,
                     key=os.path.join(folder, "new", "key.pem"))
    assert s.ask("reload")[0]["problems"] == []


def peer_of(one):
    """Another server, which is not started, and which dials the first one."""
    two = one.make.server("two.test", "2AA", tls=True)
    one.server.add_links()
    one.config["links"] = [{"name": "two.test", "sid": "2AA",
                            "pin": two.pin}]
    two.config["links"] = [{"name": "one.test", "sid": "1AA",
                            "pin": one.server.pin, "address":
                            f"127.0.0.1:{one.server.link}"}]
    return two


def is_up(server):
    return [x["state"] for x in server.ask("links")].count("up") == 1


@case("links.name", "links.sid", "links.pin", "links.address")
def links(one):
    two = one.make.server("two.test", "2AA", tls=True)
    two.add_links()
    one.server.add_links()
    two.config["links"] = [{"name": "one.test", "sid": "1AA",
                            "pin": one.server.pin}]
    good = {"name": "two.test", "sid": "2AA", "pin": two.pin,
            "address": f"127.0.0.1:{two.link}"}
    one.config["links"] = [{**good, "address": "127.0.0.1:1"}]
    dns = Dns({("_banyan._tcp.hub.test", SRV): [(0, 0, two.link, "hub.test")],
               ("hub.test", A): ["127.0.0.1"]})
    one.config["dns"] = {"servers": f"127.0.0.1:{dns.port}"}
    s = one.start()
    two.start()
    one.config["links"] = [{**good, "address": "_banyan._tcp.hub.test"}]
    one.reload()
    until("linked by SRV records", lambda: is_up(s))
    assert ("_banyan._tcp.hub.test", SRV) in dns.queries
    two.kill()
    dns.close()
    one.config["links"] = [{**good, "address": "127.0.0.1:1"}]
    one.reload()
    two.start()
    for key, wrong in (("address", None), ("name", "x.test"),
                       ("sid", "9ZZ"), ("pin", "0" * 64)):
        if wrong:
            one.config["links"] = [{**good, key: wrong}]
            one.reload()
            until("the link is ended", lambda: not is_up(s))
        one.config["links"] = [good]
        one.reload()
        until(f"linked with the right {key}", lambda: is_up(s))
    one.config["links"] = []
    one.reload()
    until("the link is ended", lambda: two.status()["servers"] == 1)


@case("links.plaintext")
def plaintext(one):
    two = one.make.server("two.test", "2AA")
    port = free_port()
    two.config["listen"].append({"address": "127.0.0.1", "port": port,
                                 "for": "links"})
    two.config["links"] = [{"name": "one.test", "sid": "1AA",
                            "plaintext": True}]
    block = {"name": "two.test", "sid": "2AA", "address": f"127.0.0.1:{port}"}
    one.config["links"] = [{**block, "pin": "0" * 64}]
    s = one.start()
    two.start()
    assert not is_up(s)
    one.config["links"] = [{**block, "plaintext": True}]
    one.reload()
    until("linked without TLS", lambda: is_up(s))


@case("server.gates_at", "server.weight")
def where_gates_find_it(one):
    """A gate is told another address at once; the weight is told by LOAD."""
    one.config["listen"].append(
        {"address": "127.0.0.1", "port": (port := free_port()),
         "for": "gates"})
    one.config["gates"] = [{"name": "gate1", "plaintext": True}]
    s = one.start()
    sid = s.status()["sid"]
    gate = Client(port)
    gate.send("GATE 1 gate1 * :peers load")
    gate.expect(rf"^PEER {sid} \S+ \S+ 127\.0\.0\.1 {port} -$")
    gate.expect(r"^LOAD \d+ \d+ 100 - 0$")
    one.config["server"]["gates_at"] = "gates.example.org:7"
    one.config["server"]["weight"] = 200
    one.reload()
    gate.expect(rf"^PEER {sid} \S+ \S+ gates\.example\.org 7 -$")
    gate.send("BEAT 1")
    gate.expect(r"^LOAD \d+ \d+ 200 - 0$")


@case("links.broker", "brokers.url", "brokers.user",
      "brokers.password_file")
def brokers(one):
    right = one.make.keep(Broker(
        os.path.join(one.make.folder, "right"), "redis",
        password="s3cret")).start()
    two = one.make.server("two.test", "2AA", tls=True)
    block = {"url": right.url, "user": "banyan", "password_file": "word"}
    for s, text in ((one.server, "wr0ng"), (two, "s3cret")):
        with open(os.path.join(s.folder, "word"), "w",
                  encoding="utf-8") as f:
            f.write(text)
    two.config["links"] = [{"name": "one.test", "sid": "1AA",
                            "pin": one.server.pin, "broker": right.url}]
    two.config["brokers"] = [block]
    link = {"name": "two.test", "sid": "2AA", "pin": two.pin}
    one.config["links"] = [{**link, "broker": "nats://127.0.0.1:1"}]
    s = one.start()
    two.start()
    one.config["links"] = [{**link, "broker": right.url}]
    one.config["brokers"] = [{**block, "user": "nobody"}]
    one.reload()
    s.await_log(r" broker-down .*WRONGPASS")
    with open(os.path.join(s.folder, "word"), "w", encoding="utf-8") as f:
        f.write("s3cret")
    one.reload()
    assert not is_up(s)
    one.config["brokers"] = [block]
    one.reload()
    until("linked through the broker", lambda: is_up(s))
    one.config["links"] = []
    one.config["brokers"] = []
    one.reload()
    until("the link is ended", lambda: two.status()["servers"] == 1)
    assert s.ask("brokers") == []


@case("brokers.ca")
def broker_ca(one):
    certs = os.path.join(one.make.folder, "certs")
    os.mkdir(certs)
    make_certificate(certs, "localhost")
    broker = one.make.keep(Broker(os.path.join(one.make.folder, "broker"),
                                  "redis", tls=certs)).start()
    one.config["links"] = [{"name": "two.test", "sid": "2AA",
                            "pin": "0" * 64, "broker": broker.url}]
    s = one.start()
    s.await_log(r" broker-down .*certificate verify failed")
    one.config["brokers"] = [{"url": broker.url, "ca":
                              os.path.join(certs, "cert.pem")}]
    one.reload()
    s.await_log(r" broker-up ")


@case("gates.name", "gates.pin", "gates.plaintext", "gates.streams")
def gates(one):
    """A trunk ends if its gate is not configured any more, or has another pin;
    else it stays."""
    plain, tls = free_port(), free_port()
    one.config["listen"] += [
        {"address": "127.0.0.1", "port": plain, "for": "gates"},
        {"address": "127.0.0.1", "port": tls, "for": "gates", "tls": True}]
    s = one.start()
    cert = os.path.join(s.folder, "gate")
    os.mkdir(cert)
    pin = make_certificate(cert, "gate.test")

    def trunk(name, secure=False):
        """Return a trunk, and the first line of the server."""
        c = Client(tls, tls=s.cafile, certificate=cert) if secure \
            else Client(plain)
        c.send(f"GATE 1 {name} * :")
        return c, c.expect(r"^(SERVER|ERROR) .*").group(0)

    def is_removed(c):
        return c.until_closed()[-1].startswith("ERROR removed :")
    assert trunk("gate1")[1].startswith("ERROR name :")
    block = {"name": "gate1", "plaintext": True}
    one.config["gates"] = [block]
    one.reload()
    first, said = trunk("gate1")
    assert said.endswith(" streams=20000")
    assert trunk("gate1", True)[1].startswith("ERROR pin :")
    block.update(pin=pin, streams=1)
    one.reload()
    second, said = trunk("gate1", True)
    assert said.endswith(" streams=1")
    first.send("@addr=192.0.2.1;port=1 NEW 1")
    first.expect(r"^READ 16 1$")
    second.send("@addr=192.0.2.1;port=1 NEW 1")
    second.expect(r"^GONE 1 :")
    block["plaintext"] = False
    one.reload()
    assert is_removed(first)
    assert trunk("gate1")[1].startswith("ERROR plaintext :")
    block["pin"] = "0" * 64
    one.reload()
    assert is_removed(second)
    block.update(pin=pin, name="gate2")
    one.reload()
    assert trunk("gate1", True)[1].startswith("ERROR name :")
    third, said = trunk("gate2", True)
    assert said.startswith("SERVER ")
    one.config["gates"] = []
    one.reload()
    assert is_removed(third)


@case("sync.forget_s")
def forget(one):
    """The least value is an hour, so the present run of a server must have
    begun two hours ago."""
    sys.path.insert(0, os.path.join(TOP, "tests", "net"))
    from peer import Peer
    port = free_port()
    one.config["listen"].append({"address": "127.0.0.1", "port": port,
                                 "for": "links"})
    one.config["links"] = [{"name": "py.test", "sid": "2PY",
                            "plaintext": True}]
    s = one.start()

    def going():
        return [x["forget"] for x in s.ask("servers") if x["sid"] == "2PY"]
    for ago in (9000, 7200):
        p = Peer("2PY", "py.test", {"1AA": ("one.test", None)},
                 inc=int(time.time()) - ago)
        try:
            p.dial(port)
            p.ready()
            until("it is seen", lambda: s.status()["servers"] == 2)
            if ago == 7200:
                assert going() == ["no"]
                one.set("sync.forget_s", 3600)
                one.reload()
                until("its former run goes", lambda: going() == ["yes"])
        finally:
            p.stop()
        until("it is gone", lambda: s.status()["servers"] == 1)


@case("sync.grace_s")
def grace(one):
    two = peer_of(one)
    one.set("sync.grace_s", 600)
    s = one.start()
    two.start()
    until("linked", lambda: s.status()["servers"] == 2)
    two.kill()
    until("it is out of reach", lambda: not is_up(s))
    assert s.status()["servers"] == 2
    one.set("sync.grace_s", 0)
    one.reload()
    until("it is hidden", lambda: s.status()["servers"] == 1)


@case("sync.silence_s")
def silence(one):
    import signal
    two = peer_of(one)
    one.set("sync.silence_s", 600)
    s = one.start()
    two.start()
    until("linked", lambda: is_up(s))
    one.set("sync.silence_s", 2)
    one.reload()
    two.signal(signal.SIGSTOP)
    try:
        until("it is given up", lambda: not is_up(s))
    finally:
        two.signal(signal.SIGCONT)


@case("sync.snapshot_mib")
def snapshot(one):
    """Its log does not reach back, so two.test sends a snapshot, which is
    larger than 1 MiB."""
    two = one.make.server("two.test", "2AA", tls=True)
    two.config["sync"] = {"keep_mib": 1}
    one.server.add_links()
    one.config["links"] = [{"name": "two.test", "sid": "2AA",
                            "pin": two.pin}]
    two.config["links"] = [{"name": "one.test", "sid": "1AA",
                            "pin": one.server.pin, "address":
                            f"127.0.0.1:{one.server.link}"}]
    two.start()
    c = two.client("alice")
    for i in range(90):
        c.ask(f"JOIN #{i}", f"TOPIC #{i} :{'x' * 370}",
              *[f"MODE #{i} +b *!*@{n}.{'x' * 50}" for n in range(90)])
    one.set("sync.snapshot_mib", 1)
    one.set("sync.alone_ms", 60000)     # the link may be slow to come up
    s = one.server.start(wait=False)    # it does not open without the snapshot
    until("it is refused", lambda: " snapshot-refused " in s.log())
    assert not s.is_ready()
    one.set("sync.snapshot_mib", 64)
    one.reload()
    until("it opens", s.is_ready)
    assert s.status()["channels"] == 90


@case("sync.keep_mib", "sync.keep_s", "classes.ping_s",
      "classes.ping_close_s")
def what_takes_ten_seconds(one):
    """These options cannot be set lower."""
    s = one.start()
    c = s.client("alice")
    c.join("#c")
    for i in range(40):
        c.ask(*[f"TOPIC #c :{i} {n} {'x' * 370}" for n in range(100)])
    assert s.status()["log_bytes"] > 1.5 * 1024 * 1024
    one.set("sync.keep_mib", 1)
    one.reload()
    c.ask("TOPIC #c :once more")
    until("the log is cut", lambda: s.status()["log_bytes"] <= 1024 * 1024)
    assert s.status()["log_entries"] > 0
    one.set("sync.keep_s", 10)
    one.set("classes.ping_s", 5)
    one.set("classes.ping_close_s", 5)
    one.reload()
    got = b""
    while data := c.sock.recv(65536):  # and no PONG
        got += data
    assert b"PING :" in got and got.rsplit(b"\r\n", 2)[1][:6] == b"ERROR "
    until("the log is old", lambda: s.status()["log_bytes"] < 10000)


# ---- operators, the log -----------------------------------------------------

@case("opers.name", "opers.password", "opers.mask")
def opers(one):
    good = {"name": "admin", "password": hash_of("right"), "mask": "*@127.*"}
    one.config["opers"] = [{**good, "name": "other"}]
    c = one.start().client("alice")

    def may():
        c.send("OPER admin right")
        return c.expect(" (381|464|491) alice ").group(1) == "381"
    for wrong in ({"name": "other"}, {"password": hash_of("wrong")},
                  {"mask": "*@192.0.2.1"}):
        one.config["opers"] = [{**good, **wrong}]
        one.reload()
        assert not may(), wrong
    one.config["opers"] = [good]
    one.reload()
    assert may()


def test_rehash_tells_what_is_wrong(make):
    one = make.server()
    one.config["opers"] = [{"name": "admin", "password": hash_of("right")}]
    one.start()
    a, b = one.client("alice"), one.client("bob")
    for c in (a, b):
        c.send("OPER admin right")
        c.expect(" 381 ")
    one.config["limits"] = {"topic_len": 77, "channel_len": 120}
    one.write()
    a.send("REHASH")
    a.expect(r" 382 alice banyand\.conf :Rehashing")
    a.expect(r":one\.test NOTICE alice :REHASH: the configuration was read")
    assert any("TOPICLEN=77" in x for x in a.lines)
    one.write("nonsense = 1;\nlog2 = 2;\n")
    for c in (a, b):  # at once: both are answered, by one reading or two
        c.send("REHASH")
    for c in (a, b):
        for text in (r" 382 ", r"NOTICE \w+ :REHASH: .*banyand\.conf:\d+: "
                     r'unknown option "nonsense"', r'"log2"',
                     r"NOTICE \w+ :REHASH: the old configuration stays"):
            c.expect(text)
    # an operator who leaves before the end
    b.send("REHASH", "QUIT")
    b.until_closed()
    a.send("REHASH")
    a.expect("the old configuration stays")
    one.await_log(" rehash by=bob oper=admin from=127.0.0.1 what=REHASH ")
    one.await_log("reload-failed")


@case("opers.pin")
def opers_pin(one):
    """The certificate that a client shows is that of WHOIS and of the block,
    with and without a password."""
    shows = os.path.join(one.server.folder, "client")
    os.mkdir(shows)
    pin = make_certificate(shows, "alice")
    one.config["opers"] = [{"name": "admin", "pin": "00" * 32}]
    s = one.start()
    ca = os.path.join(s.folder, "cert.pem")
    c = Client(s.tls, nick="alice", tls=ca, certificate=shows)
    c.send("WHOIS alice")
    c.expect(f" 276 alice alice :has client certificate fingerprint {pin}$")
    c.send("OPER admin")
    c.expect(" 491 alice ")
    s.await_log("oper-failed by=alice .* why=certificate ")
    one.config["opers"][0]["pin"] = pin
    one.reload()
    c.send("OPER admin")
    c.expect(" 381 alice ")
    c.send("MODE alice -o")
    one.config["opers"][0]["password"] = hash_of("right")
    one.reload()
    c.send("OPER admin wrong")
    c.expect(" 464 alice ")
    c.send("OPER admin right")
    c.expect(" 381 alice ")
    other = Client(s.tls, nick="bob", tls=ca)
    other.send("OPER admin right")
    other.expect(" 491 bob ")
    other.send("WHOIS bob")
    other.expect(" 318 bob ")
    assert not any(" 276 " in x for x in other.lines)


@case("opers.class", "oper_classes.name", "oper_classes.privileges",
      "oper_classes.inherits")
def oper_classes(one):
    one.config["opers"] = [{"name": "admin", "password": hash_of("right"),
                            "class": "high"}]
    low = {"name": "low", "privileges": ["kill", "modules"]}
    high = {"name": "high", "privileges": ["kill"]}
    one.config["oper_classes"] = [low, high]
    c = one.start().client("alice")
    c.send("OPER admin right")
    c.expect(" 381 alice ")

    def may():
        c.send("MODULES")
        return c.expect(" (703|723|481) alice ").group(1)
    assert may() == "723"
    one.config["oper_classes"] = [low, {**high, "inherits": "low"}]
    one.reload()
    assert may() == "703"
    one.config["oper_classes"] = [{**low, "privileges": ["kill"]},
                                  {**high, "inherits": "low"}]
    one.reload()
    assert may() == "723"
    one.config["oper_classes"] = [
        low, {"name": "high", "privileges": ["modules"]}]
    one.reload()
    assert may() == "703"
    one.config["oper_classes"] = [low, {**high, "name": "other"}]
    one.server.write()
    refused = one.server.ctl("reload")
    assert refused.returncode == 1 and "no class \"high\"" in refused.stderr
    assert may() == "703"
    one.config["opers"][0]["class"] = "other"
    one.reload()
    assert may() == "723"
    one.config["opers"] = []
    one.reload()
    assert may() == "481"


@case("log.file", "log.format", "log.level")
def log(one):
    one.set("log.level", "error")
    s = one.start()
    assert s.log() == ""
    one.set("log.level", "info")
    one.reload()
    until("it is told", lambda: s.log().endswith(" notice reload\n"))
    one.set("log.format", "json")
    s.log_path = os.path.join(s.folder, "log2")
    one.set("log.file", s.log_path)
    one.reload()
    until("it is told", lambda: re.fullmatch(
        r'\{"time":.*"event":"reload",.*\}\n', s.log()))
    del one.config["log"]["file"]
    one.reload()
    until("it is told", lambda: '"event":"reload"' in s.said())


@case("log.per_minute")
def log_per_minute(one):
    """test_events.py has the rest."""
    one.set("log.per_minute", 1)
    one.set("dns.enabled", False)
    one.set("classes", [{"name": "closed", "password": hash_of("x")}])
    s = one.start()

    def refused(n):
        for _ in range(n):
            c = Client(s.plain)
            c.send("NICK a", "USER a 0 * :a")
            c.until_closed()
    refused(2)
    one.set("log.per_minute", 0)
    one.reload()
    refused(3)
    until("all are told", lambda: s.log().count(" password-failed ") == 4)


# ---- classes ----------------------------------------------------------------

@case("classes.name", "classes.net")
def class_of(one):
    one.config["classes"] = [{"name": "near", "net": "192.0.2.0/24"}]
    s = one.start()
    for nick, name, net, got in (("a", "near", "192.0.2.0/24", "default"),
                                 ("b", "near", "127.0.0.0/8", "near"),
                                 ("c", "here", "127.0.0.0/8", "here")):
        one.config["classes"] = [{"name": name, "net": net}]
        one.reload()
        c = s.client(nick)
        until("it is in the log", lambda: re.search(
            rf"client-registered .*nick={nick} .*class={got}$", s.log(), re.M))
        c.close()


@case("classes.password")
def class_password(one):
    def registers(*lines):
        """Return 001, or 464 if the client is refused."""
        c = Client(one.server.plain)
        c.send(*lines, "NICK alice", "USER a 0 * :a", "QUIT")
        return re.search(r" (001|464) ", "\n".join(c.until_closed())).group(1)
    one.config["classes"] = [{"name": "x"}]
    one.start()
    assert registers() == "001"
    one.set("classes.password", hash_of("secret"))
    one.reload()
    assert registers() == "464"
    assert registers("PASS wrong") == "464"
    assert registers("PASS secret") == "001"
    one.set("classes.password", hash_of("other"))
    one.reload()
    assert registers("PASS secret") == "464"
    assert registers("PASS other") == "001"


def seconds(c, n):
    start = time.monotonic()
    c.send(*[f"PING n{i}" for i in range(n)])
    c.expect(rf" PONG .*n{n - 1}$")
    return time.monotonic() - start


@case("classes.flood_burst", "classes.flood_rate")
def flood(one):
    """The option also holds for clients that are connected. A client that is
    not slowed down is only faster than the slow one."""
    one.config["classes"] = [{"name": "x", "flood_burst": 0}]
    c = one.start().client("alice")
    seconds(c, 100)
    one.config["classes"] = [{"name": "x", "flood_burst": 1,
                              "flood_rate": 2}]
    one.reload()
    assert seconds(c, 5) >= 1.5
    one.config["classes"] = [{"name": "x", "flood_burst": 1000,
                              "flood_rate": 1}]
    one.reload()
    seconds(c, 300)  # it would take five minutes otherwise


@case("classes.per_address")
def per_address(one):
    address = own_address()
    if address.startswith("127."):
        pytest.skip("only loopback here, which is not bounded")
    s = one.server
    one.config["listen"][0]["address"] = address
    one.set("classes.per_address", 1)
    one.start()
    first = Client(s.plain, "first", host=address)
    refused = Client(s.plain, host=address)
    assert any(x.startswith("ERROR ") for x in refused.until_closed())
    one.set("classes.per_address", 2)
    one.reload()
    Client(s.plain, "second", host=address).close()
    first.close()


def behind_proxy(one):
    """Start it, with clients whose addresses a header tells: loopback is not
    bounded. Return what connects from such an address and stays, or returns
    None if it is refused."""
    one.config["listen"][0]["proxy"] = "127.0.0.0/8"
    one.set("dns.enabled", False)  # no traffic beyond loopback
    s = one.start()

    def connect(address):
        c = Client(s.plain)
        c.raw(f"PROXY TCP4 {address} 192.0.2.1 1 2\r\nPING :here\r\n".encode())
        return None if c.expect(r" PONG |^ERROR ")[0] == "ERROR " else c
    return connect


@case("classes.per_network")
def per_network(one):
    one.set("classes.per_network", 1)
    connect = behind_proxy(one)
    first = connect("192.0.2.7")
    assert first and not connect("192.0.2.8")
    one.set("classes.per_network", 2)
    one.reload()
    second = connect("192.0.2.8")
    assert second and not connect("192.0.2.9")
    first.close()
    second.close()


@case("classes.connect_rate")
def connect_rate(one):
    one.set("classes.connect_rate", 1)
    connect = behind_proxy(one)
    assert connect("192.0.2.7") and not connect("192.0.2.7")
    one.set("classes.connect_rate", 0)
    one.reload()
    assert all(connect("192.0.2.7") for _ in range(5))


@case("classes.channels")
def channels(one):
    c = one.start().client("alice")
    one.set("classes.channels", 1)
    one.reload()
    c.join("#a")
    c.send("JOIN #b")
    c.expect(" 405 ")


@case("classes.nick_changes")
def nick_changes(one):
    """The option also holds for clients that are connected: 20 changes would
    take 20 minutes otherwise."""
    one.set("classes.nick_changes", 1)
    s = one.start()
    c = s.client("alice")
    other = s.client("other")
    c.send(*[f"NICK a{i}" for i in range(4)])
    c.expect(":a0!.* NICK :?a1$")
    assert any(" 401 " in x for x in other.ask("WHOIS a3"))
    one.set("classes.nick_changes", 0)
    one.reload()
    c.expect(":a2!.* NICK :?a3$")
    c.ask(*[f"NICK b{i}" for i in range(20)])


@case("classes.joins")
def joins(one):
    """One more than is free goes through, and the next line waits."""
    one.config["classes"] = [{"name": "x", "flood_burst": 0, "channels": 1,
                              "joins": 1}]
    s = one.start()
    c = s.client("alice")
    c.join("#a")
    c.send("PART #a", "JOIN #a", "NICK late")
    c.expect(" 366 .*#a")
    other = s.client("bob")
    assert any(" 401 " in x for x in other.ask("WHOIS late"))
    one.set("classes.joins", 0)
    one.reload()
    c.expect(" NICK :?late$")


@case("classes.targets")
def targets(one):
    one.set("classes.targets", 1)
    s = one.start()
    c, a, b = s.client("alice"), s.client("bob"), s.client("carol")
    c.send("PRIVMSG bob :1", "PRIVMSG carol :1")
    c.expect(" 707 alice carol ")
    a.expect(" PRIVMSG bob :1$")
    one.set("classes.targets", 0)
    one.reload()
    c.send("PRIVMSG carol :2")
    b.expect(" PRIVMSG carol :2$")


@case("classes.sendq")
def sendq(one):
    """The option holds for clients that are connected, too."""
    one.set("classes.sendq", 64 * 1024 * 1024)
    s = one.start()
    mute = Client(s.plain, nick="mute", rcvbuf=4096)
    one.set("classes.sendq", 16384)
    one.reload()
    mute.join("#c")
    talker = s.client("talker")
    talker.join("#c")
    for _ in range(400):
        lines = talker.ask(*[f"PRIVMSG #c :{'x' * 400}"] * 50)
        if any(x.startswith(":mute!") and " QUIT " in x for x in lines):
            break
    else:
        raise AssertionError("it is still there")
    until("the queue is in the log", lambda: re.search(
        "client-closed .*(send|read)", s.log(), re.I))


@case("classes.recvq")
def recvq(one):
    """16 KiB are too much for a limit of 8, and not for one of 256. A client that
    has sent more already stays until it sends another byte."""
    slow = {"name": "x", "flood_burst": 3, "flood_rate": 1}
    one.config["classes"] = [{**slow, "recvq": 262144}]
    s = one.start()
    data = b"PRIVMSG nobody :flood\r\n" * 1000
    patient = Client(s.plain, "patient")
    patient.raw(data)
    one.config["classes"] = [{**slow, "recvq": 8192}]
    one.reload()
    other = Client(s.plain, "other")
    other.raw(data)
    other.until_closed()
    assert s.status()["users"] == 1
    patient.close()


@case("classes.registration_s")
def registration(one):
    s = one.start()
    one.set("classes.registration_s", 1)
    one.reload()
    assert any(x.startswith("ERROR ") for x in Client(s.plain).until_closed())


@pytest.mark.parametrize("fn", sorted(set(CASES.values()),
                                      key=lambda fn: fn.__name__),
                         ids=lambda fn: fn.__name__)
def test_it_holds_after_a_reload(make, fn):
    fn(One(make))


def test_each_row_is_proven():
    assert set(CASES) | set(RESTART) == set(rows())
    assert not set(CASES) & set(RESTART)
