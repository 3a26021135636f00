"""How banyan-gate learns of servers, with servers that the test plays: what it may use
of what it is told, what the configuration has before that, and what it forgets."""
import os
import ssl
import time

import pytest

from gates import Gate, Trunk, TrunkPort, sid_of
from harness import TIMEOUT, Client, free_port, make_certificate, until


@pytest.fixture
def ports(make):
    return [make.keep(TrunkPort()) for _ in range(3)]


@pytest.fixture
def gate(make, folder, ports):
    """A gate that is configured with the first server alone."""
    return make.keep(Gate(os.path.join(folder, "g"), [ports[0].port]))


def peer(port, name="two.test", region="*", host="127.0.0.1", pin="-", sid=None):
    return (f"PEER {sid or sid_of(port)} {name} {region} {host} {port} {pin}")


def records(gate):
    return {r["name"]: r for r in gate.ask("servers") if r.get("name")}


def reload(gate):
    gate.write()
    assert gate.ctl("reload").returncode == 0


def test_a_server_that_is_told_is_used(gate, ports):
    gate.start()
    first = ports[0].open()
    first.send(peer(ports[0].port, "one.test"), peer(ports[1].port))
    second = ports[1].open(name="two.test")
    gate.await_trunks(2)
    found = records(gate)
    assert (found["one.test"]["from"], found["two.test"]["from"]) == (
        "configuration", "servers")
    assert found["two.test"]["told_by"] == 1
    gate.await_log("gate-server-learned server=two.test")
    clients = [Client(gate.plain) for _ in range(4)]
    assert len(first.news()) == len(second.news()) == 2
    for client in clients:
        client.close()


def test_a_learned_server_tells_of_others(gate, ports):
    """The first one is not needed any more then."""
    gate.start()
    first = ports[0].open()
    first.send(peer(ports[1].port))
    second = ports[1].open(name="two.test")
    second.send(peer(ports[2].port, "three.test"))
    third = ports[2].open(name="three.test")
    gate.await_trunks(3)
    first.close()
    ports[0].close()
    until("one is gone", lambda: gate.status()["trunks"] == 2)
    second.send("BEAT 1")
    third.send("BEAT 1")
    assert records(gate)["three.test"]["state"] == "up"


def test_a_reload_keeps_what_is_learned(gate, ports):
    gate.start()
    first = ports[0].open()
    first.send(peer(ports[1].port))
    second = ports[1].open(name="two.test")
    gate.await_trunks(2)
    client = Client(gate.plain)
    gate.config["limits"]["clients"] = 100
    reload(gate)
    assert gate.status()["trunks"] == 2
    assert len(first.news() + second.news()) == 1
    client.close()


def test_learn_can_be_switched_off_and_on(gate, ports):
    gate.config["learn"] = False
    gate.start()
    first = ports[0].open()
    first.send(peer(ports[1].port))
    until("it is told", lambda: "two.test" in records(gate))
    assert records(gate)["two.test"]["state"] == "idle"
    gate.config["learn"] = True
    reload(gate)
    second = ports[1].open(name="two.test")
    gate.await_trunks(2)
    gate.config["learn"] = False
    reload(gate)
    second.expect("^ERROR removed :")
    gate.await_trunks(1)
    first.close()


def test_a_server_is_not_told_any_more(gate, ports):
    """Its trunk is used as long as it works, and the server is forgotten then."""
    gate.config["forget_s"] = 1
    gate.start()
    first = ports[0].open()
    first.send(peer(ports[1].port))
    second = ports[1].open(name="two.test")
    gate.await_trunks(2)
    first.send(f"PEER {sid_of(ports[1].port)}", "PEER 0ZZ")
    until("nobody tells it", lambda: records(gate)["two.test"]["told_by"] == 0)
    time.sleep(1.5)
    assert records(gate)["two.test"]["state"] == "up"
    ports[1].close()
    second.close()
    gate.await_log("gate-server-forgotten server=two.test")
    assert "two.test" not in records(gate)
    first.send("BEAT 1")


def test_the_list_ends_with_its_trunk(gate, ports):
    gate.config["forget_s"] = 1
    gate.start()
    first = ports[0].open()
    first.send(peer(free_port(), sid="2XX"))
    until("it is told", lambda: "two.test" in records(gate))
    first.close()
    gate.await_log("gate-server-forgotten server=two.test sid=2XX")
    again = ports[0].open()
    gate.await_trunks(1)
    assert "two.test" not in records(gate)
    again.close()


def test_a_server_that_moves_to_another_port(gate, ports, make):
    gate.start()
    first = ports[0].open()
    first.send(peer(ports[1].port, sid="2XX"))
    second = ports[1].open(name="two.test", origin="2XX.1")
    gate.await_trunks(2)
    ports[1].close()
    second.close()
    until("it is gone", lambda: gate.status()["trunks"] == 1)
    first.send(peer(ports[2].port, sid="2XX"))
    again = ports[2].open(name="two.test", origin="2XX.2")
    gate.await_trunks(2)
    assert records(gate)["two.test"]["port"] == ports[2].port
    again.close()
    first.close()


def test_a_configured_server_that_moves(gate, ports):
    """Its configured address is dead, and others know the new one."""
    gate.config["servers"].append(gate.server(ports[1].port))
    gate.start()
    first = ports[0].open()
    second = ports[1].open(name="two.test", origin="2XX.1")
    gate.await_trunks(2)
    first.send(peer(ports[1].port, sid="2XX"))
    ports[1].close()
    second.close()
    until("it is gone", lambda: gate.status()["trunks"] == 1)
    first.send(peer(ports[2].port, sid="2XX"))
    again = ports[2].open(name="two.test", origin="2XX.2")
    gate.await_trunks(2)
    again.close()
    first.close()


def test_no_second_trunk_to_a_configured_server(gate, ports):
    """It is told of at another place, before the gate knows that it is the same."""
    gate.config["servers"].append(gate.server(ports[1].port))
    gate.start()
    first = ports[0].open()
    late = ports[1].accept()
    first.send(peer(ports[2].port, sid="2XX"))
    learned = ports[2].open(name="two.test", origin="2XX.1")
    gate.await_trunks(2)
    client = Client(gate.plain)
    for trunk in first, learned:
        trunk.news()
    late.open(name="two.test", origin="2XX.1")
    until("the configured one is up", lambda: any(
        r["state"] == "up" and r["port"] == ports[1].port
        for r in gate.ask("servers")))
    client.close()
    until("no other is left", lambda: not any(
        r["state"] == "leaving" for r in gate.ask("servers")))
    first.close()


@pytest.mark.parametrize("said", [
    {"host": "192.0.2.1"},            # plain, and not on this machine
    {"host": "localhost.test"},       # plain, by name
    {"host": "0.0.0.0"},
    {"host": "a..b", "pin": "ab" * 32},
    {"host": "x" * 64 + ".test", "pin": "ab" * 32},
])
def test_what_cannot_be_used(gate, ports, said):
    gate.start()
    first = ports[0].open()
    first.send(peer(ports[1].port, **said), peer(ports[2].port, "three.test"))
    third = ports[2].open(name="three.test")
    gate.await_trunks(2)
    assert "two.test" not in records(gate)
    third.close()
    first.close()


def test_another_server_is_there(gate, ports):
    gate.start()
    first = ports[0].open()
    first.send(peer(ports[1].port, sid="2XX"))
    trunk = ports[1].open(name="two.test", origin="3XX.1")
    trunk.expect("^ERROR name :the server is not the one")
    gate.await_log("gate-trunk-refused .*code=name by=gate")
    assert gate.status()["trunks"] == 1
    first.send("BEAT 1")


@pytest.mark.parametrize("hosts", [("127.0.0.1",), ("127.0.0.1", "127.0.0.2")])
def test_a_server_that_comes_and_goes_in_a_list(gate, ports, hosts):
    """The gate does not dial it more often for that."""
    gate.start()
    first = ports[0].open()
    dead = free_port()
    for i in range(300):
        first.send(peer(dead, sid="2XX", host=hosts[i % len(hosts)]), "PEER 2XX")
        time.sleep(0.005)
    first.send("BEAT 1")
    gate.await_log("gate-trunk-failed")
    assert gate.log().count("gate-trunk-failed") <= 8
    assert gate.status()["trunks"] == 1


def test_a_bound_on_servers(gate, ports):
    gate.start()
    first = ports[0].open()
    sids = [f"{i // 36 % 10}{'ABCDEFGHIJ'[i // 360]}"
            f"{'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'[i % 36]}"
            for i in range(400)]
    first.send(*[peer(1, f"s{i}.test", sid=s) for i, s in enumerate(sids)])
    until("they are told", lambda: len(gate.ask("servers")) == 128)
    first.send("BEAT 1", *[f"PEER {s}" for s in sids[:200]])
    gate.await_trunks(1)
    assert "ERROR" not in "".join(first.lines)


# ---- keys ---------------------------------------------------------------------

class TlsPort(TrunkPort):
    def __init__(self, folder, name):
        super().__init__()
        path = os.path.join(folder, name)
        os.makedirs(path)
        self.pin = make_certificate(path, name)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.path.join(path, "cert.pem"),
                                     os.path.join(path, "key.pem"))

    def accept(self):
        sock = self.listener.accept()[0]
        sock.settimeout(TIMEOUT)
        return Trunk(self.context.wrap_socket(sock, server_side=True))


@pytest.fixture
def tls(make, folder):
    return [make.keep(TlsPort(folder, f"s{i}.test")) for i in range(3)]


@pytest.fixture
def secure(make, folder, tls):
    """A gate that is configured with the first of these servers alone."""
    gate = make.keep(Gate(os.path.join(folder, "g"), [], tls=True))
    gate.config["servers"] = [{"address": "127.0.0.1", "port": tls[0].port,
                               "pin": tls[0].pin}]
    return gate


def test_a_key_that_is_told(secure, tls):
    secure.start()
    first = tls[0].open(name="s0.test")
    first.send(peer(tls[1].port, "s1.test", pin=tls[1].pin))
    second = tls[1].open(name="s1.test")
    secure.await_trunks(2)
    second.close()
    first.close()


def test_a_wrong_key_that_is_told(secure, tls):
    """It is not used. If another server tells the right one, that is tried, too."""
    secure.start()
    first = tls[0].open(name="s0.test")
    first.send(peer(tls[1].port, "s1.test", pin=tls[1].pin),
               peer(tls[2].port, "s2.test", pin="ab" * 32))
    second = tls[1].open(name="s1.test")
    tls[2].accept().expect("^ERROR pin :the key of the server is not")
    secure.await_log("gate-trunk-refused .*code=pin by=gate")
    secure.await_trunks(2)
    second.send(peer(tls[2].port, "s2.test", pin=tls[2].pin))
    third = tls[2].open(name="s2.test")
    secure.await_trunks(3)
    for trunk in first, second, third:
        trunk.close()


def test_a_plain_server_is_not_taken_from_a_distant_one(secure, tls, ports):
    """Its key could be anybody's: the one that tells it may be on another
    machine."""
    secure.start()
    first = tls[0].open(name="s0.test")
    first.send(peer(ports[0].port), peer(tls[1].port, "s1.test", pin=tls[1].pin))
    second = tls[1].open(name="s1.test")
    secure.await_trunks(2)
    assert "two.test" not in records(secure)
    second.close()
    first.close()


def test_the_configured_key_counts(secure, tls):
    """A server tells another key, and another place, of a configured one."""
    secure.config["servers"].append({
        "address": "127.0.0.1", "port": tls[1].port, "pin": tls[1].pin})
    secure.start()
    first = tls[0].open(name="s0.test")
    second = tls[1].open(name="s1.test", origin="2XX.1")
    secure.await_trunks(2)
    first.send(peer(tls[2].port, "s1.test", pin=tls[2].pin, sid="2XX"))
    tls[1].close()
    second.close()
    until("it is gone", lambda: secure.status()["trunks"] == 1)
    tls[2].listener.settimeout(3)
    with pytest.raises(TimeoutError):
        tls[2].accept()
    first.close()
