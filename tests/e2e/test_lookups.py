"""Things that modules look up about clients: lists of addresses, asked of DNS servers
that the tests play (the module dnsbl), and countries, in databases that the tests
write (the module geo). Clients of dnsbl come from 127.0.0.x, so dns.private is
set; those of geo are handed on by a gateway, since no country has 127.0.0.x."""
import os
import re
import struct

import pytest

from harness import BUILD, Client, until
from test_check import assert_refused, check
from test_ctl import hash_of
from test_dns import A, Stuck, make_dns  # noqa: F401  (a fixture)
from test_modules import reload


# ---- lists of addresses ---------------------------------------------------------

def on_list(address, zone="bl.test"):
    return (".".join(reversed(address.split("."))) + "." + zone, A)


def listing(make, dns, *lists, **more):
    s = make.server()
    s.config["dns"] = {"servers": [f"127.0.0.1:{dns.port}"], "private": True,
                       "enabled": False, **more}
    s.config["modules"] = ["dnsbl"]
    s.config["dnsbl"] = {"lists": lists}
    return s


def refusal(server, address):
    """Return why the client of an address is refused, or None."""
    c = Client(server.plain, source=address)
    c.send("NICK alice", "USER a 0 * :a")
    m = c.expect(r" (001|465) alice :(.*)")
    c.send("QUIT")
    c.until_closed()
    return m.group(2).strip() if m.group(1) == "465" else None


def test_a_list_refuses(make, dns):
    d = dns({on_list("127.0.0.11"): ["127.0.0.2"],
             on_list("127.0.0.12"): ["127.0.0.3"],
             on_list("127.0.0.13"): ["198.51.100.7"]})
    s = listing(make, d, "bl.test refuse 2 See bl.test about %ip").start()
    why = refusal(s, "127.0.0.11")
    assert why and "See bl.test about 127.0.0.11" in why
    s.await_log(r" client-listed nick=alice .*list=bl\.test result=refused")
    for i in (12, 13, 14):
        assert refusal(s, f"127.0.0.{i}") is None
    # a second client of an address costs no question
    asked = len(d.queries)
    assert refusal(s, "127.0.0.11")
    assert refusal(s, "127.0.0.14") is None
    assert len(d.queries) == asked


def test_a_reload_changes_the_lists(make, dns):
    d = dns({on_list("127.0.0.11", "other.test"): ["127.0.0.2"]})
    s = listing(make, d, "bl.test refuse 2").start()
    assert refusal(s, "127.0.0.11") is None
    s.config["dnsbl"]["lists"] = ["other.test refuse *"]
    reload(s)
    assert refusal(s, "127.0.0.11")
    s.config["dnsbl"]["exempt"] = ["127.0.0.8/29"]
    reload(s)
    assert refusal(s, "127.0.0.11") is None
    del s.config["dnsbl"]["exempt"]
    reload(s)
    assert refusal(s, "127.0.0.11")
    for wrong in ("bl.test refuse", "bl.test drop *", "bl.test refuse 0",
                  "bl.test refuse 7-4", "bl.test refuse 256", "bl refuse *"):
        s.config["dnsbl"]["lists"] = ["bl.test refuse *", wrong]
        assert_refused(s, "dnsbl.lists", f'not "{wrong}"')
    s.config["dnsbl"] = {"lists": [], "exempt": ["127.0.0.0/33"]}
    assert_refused(s, "dnsbl.exempt", "expected a network")


class Silent(Stuck):
    """Does not answer for one zone, while it is told so."""
    silent = True

    def say(self, query):
        return super().say(query) if self.silent else [self.answer(query)]


def test_a_silent_list_lets_clients_in_and_is_told_once(make, dns):
    d = dns({on_list("127.0.0.20"): ["127.0.0.2"]}, kind=Silent)
    s = listing(make, d, "bl.test refuse *", timeout_ms=1000).start()
    for i in range(11, 14):
        assert refusal(s, f"127.0.0.{i}") is None
    s.await_log(r" list-silent list=bl\.test")
    asked = len(d.queries)
    assert refusal(s, "127.0.0.14") is None
    assert len(d.queries) == asked or d.queries[-1][0] == ""  # the root
    d.silent = False
    until("the list is asked again",
          lambda: refusal(s, "127.0.0.20") is not None)
    s.await_log(r" list-back list=bl\.test")
    assert s.log().count(" list-silent") == 1


# ---- countries ------------------------------------------------------------------

def control(kind, n):
    assert n < 29
    return bytes([kind << 5 | n])


def field(value):
    """Return a value in the format of MaxMind DB, version 2. A number is a pair
    of its type and itself."""
    if isinstance(value, str):
        text = value.encode()
        if len(text) >= 29:
            return bytes([2 << 5 | 29, len(text) - 29]) + text
        return control(2, len(text)) + text
    if isinstance(value, dict):
        return control(7, len(value)) + b"".join(
            field(k) + field(v) for k, v in value.items())
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(field(v) for v in value)
    kind, value = value
    form = {5: ">H", 6: ">I", 9: ">Q"}[kind]
    first = control(kind, struct.calcsize(form)) if kind < 8 else \
        bytes([struct.calcsize(form), kind - 7])
    return first + struct.pack(form, value)


def database(countries):
    """Return a database: countries has the code of each IPv4 network, by its
    bits, such as {"11": "DE"} for 192.0.0.0/2."""
    data, at = b"", {}
    for code in countries.values():
        at[code] = len(data)
        data += field({"country": {"iso_code": code}})
    nodes = [[None, None]]
    for bits, code in countries.items():
        bits, here = "0" * 96 + bits, 0
        for i, bit in enumerate(bits):
            if i == len(bits) - 1:
                nodes[here][int(bit)] = code
            elif nodes[here][int(bit)] is None:
                nodes.append([None, None])
                nodes[here][int(bit)] = len(nodes) - 1
            here = nodes[here][int(bit)]

    def record(x):
        if x is None:
            x = len(nodes)
        elif isinstance(x, str):
            x = len(nodes) + 16 + at[x]
        return struct.pack(">I", x)[1:]
    tree = b"".join(record(x) for node in nodes for x in node)
    about = {"node_count": (6, len(nodes)), "record_size": (5, 24),
             "ip_version": (5, 6), "database_type": "Test-Country",
             "languages": ["en"], "binary_format_major_version": (5, 2),
             "binary_format_minor_version": (5, 0), "build_epoch": (9, 1),
             "description": {"en": "a test"}}
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + field(about)


def has_geo():
    with open(os.path.join(BUILD, "config.log"), encoding="utf-8",
              errors="replace") as f:
        return "have_geo=yes" in f.read() or os.path.exists(
            os.path.join(BUILD, "src/daemon/banyand-mmdb.o"))


needs_geo = pytest.mark.skipif(not has_geo(), reason="no libmaxminddb")


@pytest.fixture(name="geo")
def make_geo(make):
    s = make.server()
    s.database = os.path.join(s.folder, "countries.mmdb")
    s.config["dns"] = {"enabled": False}
    s.config["modules"] = ["geo"]
    s.config["geo"] = {"database": s.database}
    s.config["webirc"] = [{"name": "gateway", "net": "127.0.0.1",
                           "password": hash_of("secret")}]
    s.config["opers"] = [{"name": "admin", "password": hash_of("secret")}]
    return s


def put(server, data):
    """Replace the database, as those who update one do."""
    with open(server.database + ".new", "wb") as f:
        f.write(data)
    os.rename(server.database + ".new", server.database)


def country(server, address):
    """Return the country that operators see of a client from the address."""
    c = Client(server.plain)
    c.send(f"WEBIRC secret web {address} {address}", "NICK alice",
           "USER a 0 * :a")
    c.expect(r" 001 alice ")
    oper = Client(server.plain, "oper")
    oper.send("OPER admin secret")
    oper.expect(r" 381 oper ")
    said = "\n".join(oper.ask("WHOIS alice"))
    assert " 311 oper alice " in said
    for client in (c, oper):
        client.send("QUIT")
        client.until_closed()
    m = re.search(r" 344 oper alice (\S+) :", said)
    return m and m.group(1)


@needs_geo
def test_the_country_of_an_address(geo):
    put(geo, database({"11": "DE", "0000": "FR"}))
    assert check(geo) == (0, "")
    geo.start()
    assert country(geo, "192.0.2.7") == "DE"
    assert country(geo, "8.8.8.8") == "FR"
    assert country(geo, "128.0.0.7") is None
    assert country(geo, "2001:db8::1") is None
    # a private address
    assert country(geo, "192.168.0.1") is None


@needs_geo
def test_a_database_that_is_replaced_is_in_use_after_a_reload(geo):
    put(geo, database({"11": "DE"}))
    geo.start()
    put(geo, database({"11": "NL"}))
    assert country(geo, "192.0.2.7") == "DE"
    reload(geo)
    assert country(geo, "192.0.2.7") == "NL"
    # the file is cut under the running server
    with open(geo.database, "r+b") as f:
        f.truncate(1)
    assert country(geo, "192.0.2.7") == "NL"
    done = geo.ctl("reload")
    assert done.returncode != 0
    assert "not a database in the format of MaxMind" in \
        done.stdout + done.stderr
    assert country(geo, "192.0.2.7") == "NL"
    os.unlink(geo.database)
    done = geo.ctl("reload")
    assert "cannot read it: No such file" in done.stdout + done.stderr
    assert country(geo, "192.0.2.7") == "NL"


@needs_geo
@pytest.mark.parametrize("cut", [0, 1, 100, 1000, -1, -30, -200])
def test_a_damaged_database_is_refused_or_harmless(geo, cut):
    data = database({"11": "DE", "0000": "FR"})
    put(geo, data[:cut])
    status, said = check(geo)
    assert "geo.database" in said if status else said == ""


@needs_geo
def test_a_database_with_odd_contents_gives_no_country(geo):
    good = database({"11": "DE"})
    start = good.index(b"DE") - len(field({"country": {"iso_code": ""}})) - 16
    for odd in (good.replace(b"BDE", b"BD1"), good.replace(b"BDE", b"Bde"),
                good.replace(b"BDE", b"\xffDE"),
                good.replace(b"country", b"kountry"),
                good[:start] + b"\xff" * 40 + good[start + 40:]):
        put(geo, odd)
        if check(geo)[0] != 0:
            continue
        if geo.process is None:
            geo.start()
        else:
            reload(geo)
        assert country(geo, "192.0.2.7") is None


@needs_geo
def test_a_database_that_is_missing(geo):
    assert_refused(geo, "geo.database", "cannot read it: No such file")
    os.mkdir(geo.database)
    assert_refused(geo, "geo.database", "cannot read it: ")
    del geo.config["geo"]
    assert check(geo) == (0, "")
    assert country(geo.start(), "192.0.2.7") is None
