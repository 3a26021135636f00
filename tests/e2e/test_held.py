"""A restart ends connections with TLS, and holds their users: a client that comes
back in time is that user again."""
import os
import re

import pytest

from harness import Client, make_certificate
from test_stay import is_told


@pytest.fixture
def pair(make):
    """A server with a user of TLS, without a certificate, and a user without."""
    s = make.server(tls=True).start()
    alice, bob = Client(s.tls, "alice", tls=s.cafile), s.client("bob")
    for c in (alice, bob):
        c.join("#c")
    alice.ask()
    bob.ask()
    return s, alice, bob


@pytest.fixture
def proof(folder):
    """A folder with a certificate of a client."""
    path = os.path.join(folder, "client")
    os.mkdir(path)
    make_certificate(path, "client")
    return path


def names(client):
    """Return the names on #c that the client was sent last."""
    return [m.group(1).split() for ln in client.lines
            if (m := re.search(r" 353 \S+ = #c :(.*)$", ln))][-1]


def test_with_a_certificate(pair, proof):
    s, old, bob = pair
    old.send("QUIT")
    old.until_closed()
    alice = Client(s.tls, "alice", tls=s.cafile, certificate=proof)
    alice.join("#own")
    alice.ask("MODE #own +ik key", "AWAY :busy", "MONITOR + bob,carol")
    bob.ask()
    first = len(bob.lines)
    for _ in range(2):      # the second time it is held already
        s.again()
    s.await_log(r" taken-over kept=1 ended=1$")
    assert is_told(alice)
    assert any(" 301 bob alice :A restart " in ln
               for ln in bob.ask("PRIVMSG alice :are you there?"))
    stranger = Client(s.tls, tls=s.cafile)
    stranger.send("NICK alice")
    stranger.expect(r" 433 \* alice ")
    back = Client(s.tls, "alice", tls=s.cafile, certificate=proof,
                  caps=("server-time",))
    back.expect(r" 306 alice ")
    back.expect(r"^@time=\S+ :alice!\S+ JOIN #own$")
    back.expect(r" 353 alice = #own :@alice$")
    back.expect(r"^@time=\S+ :bob!\S+ PRIVMSG alice :are you there\?$")
    back.expect(r" 730 alice :bob!")
    s.await_log(r" client-returned .*nick=alice .*why=certificate$")
    assert not any("alice" in ln and " 301 " not in ln and " PONG " not in ln
                   for ln in bob.lines[first:])


def test_without_a_certificate(pair):
    s, alice, bob = pair
    first = len(bob.lines)
    s.again()
    assert is_told(alice)
    back = Client(s.tls, "alice", tls=s.cafile)
    back.expect(r"^:alice!\S+ JOIN #c$")
    back.expect(r" 366 alice #c ")
    assert sorted(names(back)) == ["alice", "bob"]
    bob.expect(r"^:\S+ MODE #c -o alice$")
    bob.send("PRIVMSG alice :hi")
    back.expect(r"^:bob!\S+ PRIVMSG alice :hi$")
    assert not any(" QUIT " in ln or " JOIN " in ln for ln in bob.lines[first:])


def test_in_vain(pair):
    """Without TLS, from elsewhere, or too late."""
    s, alice, bob = pair
    # others must have asked for the nick by then, also on a loaded machine
    s.config["server"]["hold_s"] = 8
    s.write()
    s.ctl("reload", check=True)
    s.again()
    assert is_told(alice)
    for c in (Client(s.plain), Client(s.tls, tls=s.cafile, source="127.0.0.2")):
        c.send("NICK alice")
        c.expect(r" 433 \* alice ")
    bob.expect(r"^:alice!\S+ QUIT :Did not come back after a restart$")
    Client(s.tls, "alice", tls=s.cafile)


def test_nobody_is_held(pair):
    s, alice, bob = pair
    s.config["server"]["hold_s"] = 0
    s.write()
    s.ctl("reload", check=True)
    s.again()
    assert is_told(alice)
    bob.expect(r"^:alice!\S+ QUIT :Server is starting again$")
