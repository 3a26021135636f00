"""Links through brokers, NATS and Redis: nothing is lost and nothing comes
twice, whatever happens to the broker, and it is trusted with nothing."""
import os
import re
import shutil
import signal
import socket
import time

import pytest

import harness
from brokers import (KINDS, Broker, BrokerNetwork, Stranger, counter, figures)
from harness import until


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def broker(make, folder, kind):
    return make.keep(Broker(os.path.join(folder, "broker"), kind)).start()


@pytest.fixture
def net(make, folder, broker):
    return make.keep(BrokerNetwork(folder, broker)).start()


class People:
    """One client on each server, all in one channel, each with a counter."""

    def __init__(self, net):
        self.nicks = ["alice", "bob", "carol", "dave"][:len(net.servers)]
        self.clients, self.said = [], [0] * len(self.nicks)
        for s, nick in zip(net.servers, self.nicks):
            self.clients.append(s.client(nick))
            self.clients[-1].join("#sum")
            net.await_same_facts()
        net.await_nicks(*self.nicks)

    def say(self, rounds=1):
        for _ in range(rounds):
            for i, c in enumerate(self.clients):
                self.said[i] += 1
                c.send(f"PRIVMSG #sum :{self.said[i]}")

    def await_all(self):
        """Every client has heard all that the others said, in order and
        once."""
        for i, c in enumerate(self.clients):
            for j, nick in enumerate(self.nicks):
                if i != j and self.said[j] > 0 and self.said[j] not in \
                        counter(c.lines, nick, "#sum"):
                    c.expect(rf"^:{nick}!\S+ PRIVMSG #sum :{self.said[j]}$")
        for i, c in enumerate(self.clients):
            for j, nick in enumerate(self.nicks):
                if i != j:
                    assert counter(c.lines, nick, "#sum") == \
                        list(range(1, self.said[j] + 1)), (i, nick)


def await_links(server, n):
    until(f"{server.name} has {n} links", lambda: n == len(
        [x for x in server.ask("links") if x["state"] == "up"]))


def test_three_servers(net, broker, kind):
    people = People(net)
    people.say(200)
    people.await_all()
    for s in net:
        for link in s.ask("links"):
            assert link["host"] == broker.url and link["tls"]
        f = figures(s)
        assert f["state"] == "up" and f["links"] == 2 and f["sent"] > 0
        assert f["present"] == 2
        assert f["forged"] == 0 and f["dropped"] == 0
    text = net[0].ctl("brokers").stdout
    assert re.search(rf"^broker={re.escape(broker.url)} state=up links=2 ",
                     text)
    people.clients[0].send("QUIT")
    people.clients[1].expect(r":alice!\S+ QUIT")
    net[0].signal(signal.SIGTERM)
    assert net[0].wait() == 0
    await_links(net[1], 1)
    net[0].start(wait=False)
    net.await_whole()


def test_with_a_link_by_tcp(make, folder, broker):
    """A fourth server has one link by TCP, to one of the three."""
    net = make.keep(BrokerNetwork(folder, broker, 4, tcp=[(3, 2)],
                                  graph="full"))
    for i in (0, 1):
        net.edges.remove((3, i))
    for i, s in enumerate(net.servers):
        s.config["links"] = [net.block(i, j) for j in net.peers(i)]
    net.start()
    people = People(net)
    people.say(100)
    people.await_all()


def test_the_broker_is_killed(net, broker):
    """Short breaks of the broker end no link."""
    people = People(net)
    since = [{x["name"]: x["sent"] for x in s.ask("links")} for s in net]
    for _ in range(2):
        people.say(20)
        broker.kill()
        people.say(20)
        for s in net:
            until("the server notices", lambda s=s:
                  figures(s)["state"] == "down")
        assert [x for x in net[0].ask("links") if x["state"] == "up"]
        broker.start()
        people.say(20)
        people.await_all()
    assert not [s for s in net if " link-down " in s.log()], since
    assert " broker-down " in net[0].log()
    assert net[0].log().count(" broker-up ") == 3


def test_the_broker_is_away_for_long(make, folder, broker):
    """The links end, and come again with the broker."""
    net = make.keep(BrokerNetwork(folder, broker))
    for s in net:
        s.config["sync"] = {"silence_s": 10}
    net.start()
    people = People(net)
    people.say(10)
    people.await_all()
    broker.kill()
    for s in net:
        await_links(s, 0)
    broker.start()
    net.await_whole()
    net.await_nicks(*people.nicks)
    people.say(10)
    people.await_all()


def test_a_server_is_stopped(net, kind):
    """A subscriber that reads nothing holds a broker up, or is cut off by
    it; the others go on, and it catches up."""
    people = People(net)
    people.say(10)
    people.await_all()
    net[2].signal(signal.SIGSTOP)
    for _ in range(30):
        for i in (0, 1):
            people.said[i] += 1
            people.clients[i].send(f"PRIVMSG #sum :{people.said[i]}")
        time.sleep(0.1)
    people.clients[1].expect(rf":alice!\S+ PRIVMSG #sum :{people.said[0]}$")
    net[2].signal(signal.SIGCONT)
    people.say(10)
    people.await_all()


def test_a_subscriber_is_cut_off(make, folder):
    """Redis cuts off a subscriber that is far behind: what it was sent
    meanwhile is gone, and is sent again. Here an operator of Redis does it,
    while people talk."""
    broker = make.keep(Broker(os.path.join(folder, "broker"),
                              "redis")).start()
    net = make.keep(BrokerNetwork(folder, broker)).start()
    people = People(net)
    for n in range(5):
        people.say(20)
        with socket.create_connection(("127.0.0.1", broker.port)) as s:
            s.sendall(b"CLIENT KILL TYPE pubsub\r\n")
            assert s.recv(100).startswith(b":")
        people.say(20)
        for server in net:
            until("it has a new connection", lambda s=server:
                  figures(s)["connected"] > n + 1)
    people.await_all()
    assert not [s for s in net if " link-down " in s.log()]


def test_short_messages(make, folder):
    """NATS takes messages of 5000 bytes only."""
    path = os.path.join(folder, "nats.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write("max_payload: 5000\n")
    broker = make.keep(Broker(os.path.join(folder, "broker"), "nats",
                              options=["-c", path])).start()
    net = make.keep(BrokerNetwork(folder, broker)).start()
    people = People(net)
    long = "y" * 400
    people.clients[0].send(*[f"PRIVMSG #sum :{long}"] * 200)
    people.say(50)
    people.await_all()
    assert "maximum payload" not in broker.log().lower()


def test_messages_that_are_too_short(make, folder):
    path = os.path.join(folder, "nats.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write("max_payload: 1000\n")
    broker = make.keep(Broker(os.path.join(folder, "broker"), "nats",
                              options=["-c", path])).start()
    net = make.keep(BrokerNetwork(folder, broker))
    for s in net:
        s.start(wait=False)
    net[0].await_log(r" broker-down .*messages of 4096 bytes")


def test_passwords(make, folder, kind):
    """A wrong password is told, and is in no log; a reload mends it."""
    broker = make.keep(Broker(os.path.join(folder, "broker"), kind,
                              password="s3cret")).start()
    net = make.keep(BrokerNetwork(folder, broker))
    for s in net:
        with open(os.path.join(s.folder, "password"), "w",
                  encoding="utf-8") as f:
            f.write("s3cret\n" if s is not net[1] else "wr0ng\n")
        s.config["brokers"] = [{"url": broker.url, "user": "banyan",
                                "password_file": "password"}]
    for s in net:
        s.start(wait=False)
    net[1].await_log(r" broker-down .*(Authorization|WRONGPASS)")
    until("the others are linked", lambda: len(
        [x for x in net[0].ask("links") if x["state"] == "up"]) == 1)
    with open(os.path.join(net[1].folder, "password"), "w",
              encoding="utf-8") as f:
        f.write("s3cret\n")
    assert net[1].ctl("reload").returncode == 0
    net.await_whole()
    for s in net:
        assert "s3cret" not in s.log() and "wr0ng" not in s.log()
        assert "s3cret" not in s.ctl("brokers").stdout


def test_a_broker_repeats_the_password(make, folder):
    """Programs that do not know AUTH repeat its words; they are told nowhere."""
    listener = make.keep(socket.create_server(("127.0.0.1", 0)))
    url = f"redis://127.0.0.1:{listener.getsockname()[1]}"
    s = make.server("one.test", "1AA", tls=True)
    with open(os.path.join(s.folder, "password"), "w", encoding="utf-8") as f:
        f.write("s3cret\n")
    s.config["links"] = [{"name": "two.test", "sid": "2AA", "pin": "0" * 64,
                          "broker": url}]
    s.config["brokers"] = [{"url": url, "user": "banyan",
                            "password_file": "password"}]
    s.start()
    halves = [listener.accept()[0] for _ in range(2)]
    for c in halves:
        assert b"s3cret" in c.recv(4096)
        c.sendall(b"-ERR unknown command `AUTH`, with args beginning with: "
                  b"`banyan`, `s3cret`, \r\n")
    s.await_log(r" broker-down .*Redis refuses user and password: ERR")
    assert "s3cret" not in s.log() and "s3cret" not in s.ctl("brokers").stdout
    for c in halves:
        c.close()


def test_tls(make, folder, kind):
    """The certificate of the broker is verified."""
    certs = os.path.join(folder, "certs")
    for name in ("right", "other"):
        os.makedirs(os.path.join(certs, name))
        harness.make_certificate(os.path.join(certs, name), "localhost")
    broker = make.keep(Broker(
        os.path.join(folder, "broker"), kind,
        tls=os.path.join(certs, "right"))).start()
    net = make.keep(BrokerNetwork(folder, broker))
    for s in net:
        ca = "right" if s is not net[2] else "other"
        shutil.copy(os.path.join(certs, ca, "cert.pem"),
                    os.path.join(s.folder, "ca.pem"))
        s.config["brokers"] = [{"url": broker.url, "ca": "ca.pem"}]
        s.start(wait=False)
    net[2].await_log(r" broker-down .*")
    await_links(net[0], 1)
    shutil.copy(os.path.join(certs, "right", "cert.pem"),
                os.path.join(net[2].folder, "ca.pem"))
    assert net[2].ctl("reload").returncode == 0
    net.await_whole()
    people = People(net)
    people.say(20)
    people.await_all()


def test_a_stranger(make, net, broker):
    """Others at the broker publish what they have heard again, in part,
    changed, and under other subjects, and much else: all of it is dropped,
    and nothing that is said can be read."""
    people = People(net)
    stranger = make.keep(Stranger(broker))
    people.say(20)
    people.clients[0].send("PRIVMSG #sum :a word that is nobody's business")
    heard = [stranger.next() for _ in range(60)]
    assert not [d for _, d in heard if b"business" in d or b"#sum" in d]
    subjects = sorted({s for s, _ in heard})
    for subject, data in heard:
        stranger.publish(subject, data)
        stranger.publish(subject, data[:-1])
        stranger.publish(subject, data[:20])
        stranger.publish(subject, data[:-1] + bytes([data[-1] ^ 1]))
        stranger.publish(subject, data[:9] + bytes([data[9] ^ 64]) +
                         data[10:])
        stranger.publish(subjects[-1], data)
        stranger.publish(subject, b"")
        stranger.publish(subject, os.urandom(200))
    stranger.publish(subjects[0], b"x" * 100000)
    people.say(20)
    people.await_all()
    for s in net:
        until("the server has counted", lambda s=s: sum(
            v for k, v in figures(s).items()
            if k in ("form", "stranger", "forged")) > 50)
        s.await_log(r" broker-foreign ")
    assert not [s for s in net if " link-down " in s.log()]


def test_a_reload(make, folder, kind, broker):
    """Links move from one broker to another, and to TCP and back."""
    net = make.keep(BrokerNetwork(folder, broker)).start()
    other = make.keep(Broker(os.path.join(folder, "other"), kind)).start()
    people = People(net)
    people.say(10)
    people.await_all()
    for change in ({"broker": other.url}, None, {"broker": broker.url}):
        for i, s in enumerate(net.servers):
            for block, j in zip(s.config["links"], net.peers(i)):
                block.pop("broker", None)
                block.pop("address", None)
                block.update(change or {
                    "address": f"127.0.0.1:{net[j].link}"})
            s.write()
        for s in net:
            assert s.ctl("reload").returncode == 0, s.log()
        net.await_whole()
        want = change["broker"] if change else ""
        until("the links have moved", lambda: net.is_whole() and all(
            x["host"] == want for s in net for x in s.ask("links")))
        people.say(10)
        people.await_all()


def test_a_restart(net):
    """A server becomes a new program of the same run."""
    people = People(net)
    people.say(10)
    people.await_all()
    net[0].again()
    net.await_whole()
    people.say(10)
    people.await_all()


def test_figures(make, folder, broker):
    net = make.keep(BrokerNetwork(folder, broker, 2))
    port = harness.free_port()
    net[0].config["listen"].append({"address": "127.0.0.1", "port": port,
                                    "for": "http"})
    net.start()
    import urllib.request
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as page:
        text = page.read().decode()
    label = '{broker="' + broker.url + '"}'
    assert f"banyan_broker_up{label} 1\n" in text
    assert f"banyan_broker_links{label} 1\n" in text
    assert re.search(re.escape(f"banyan_broker_sent_bytes_total{label}")
                     + r" [1-9]", text)
