"""A client in a browser: irc-framework, which is under Kiwi IRC and others, in a
page of Chromium, over WebSocket to gates and to a server. The time is mostly that
of the browser."""
import os
import shutil
import signal
import tempfile

import pytest

import npm
from chromium import Browser, Page, Site, missing
from gates import Gate
from harness import free_port, until
from test_libraries import act_out
from test_negotiation import asked, own, quoted, rows


@pytest.fixture(scope="module")
def site():
    if why := missing():
        pytest.skip(why)
    made = Site(npm.modules())
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser(site):
    folder = tempfile.mkdtemp(prefix="banyan-e2e-", dir="/tmp")
    made = Browser(folder)
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)


def web_gate(make, folder, site, servers, name="gate1"):
    """Return a gate with listeners for WebSocket, `web` and `wss`, for the pages of
    the site."""
    gate = make.keep(Gate(os.path.join(folder, name),
                          [s.gates for s in servers], name, tls=True))
    gate.config["learn"] = False
    gate.web, gate.wss = free_port(), free_port()
    for port, tls in ((gate.web, False), (gate.wss, True)):
        gate.config["listen"].append({
            "address": "127.0.0.1", "port": port, "tls": tls,
            "websocket": True, "origins": [site.url]})
    return gate


@pytest.fixture
def three(make):
    """Three servers, of which the first two take gates."""
    net = make.network(3)
    for s in net[:2]:
        s.add_gates({"name": "gate1", "plaintext": True},
                    {"name": "gate2", "plaintext": True})
    net[0].web = free_port()
    net[0].config["listen"].append({"address": "127.0.0.1", "port":
                                    net[0].web, "websocket": True})
    return net.start()


@pytest.mark.parametrize("way", ["server", "gate", "gate, TLS"])
def test_a_page(three, make, folder, site, browser, way):
    """It does what other clients of this library do."""
    port = three[0].web
    if way != "server":
        gate = web_gate(make, folder, site, three[:1]).start()
        gate.await_trunks()
        port = gate.wss if way == "gate, TLS" else gate.web
    act_out(make, three, lambda: Page(browser, site.url, "bot", port,
                                      tls=way == "gate, TLS"))


def test_two_pages_at_two_gates(three, make, folder, site, browser):
    """Each is at another gate and server; one with TLS, one without."""
    one = web_gate(make, folder, site, three[:1]).start()
    two = web_gate(make, folder, site, three[1:2], "gate2").start()
    for gate in (one, two):
        gate.await_trunks()
    ann = make.keep(Page(browser, site.url, "ann", one.wss, tls=True))
    bob = make.keep(Page(browser, site.url, "bob", two.web))
    three.await_nicks("ann", "bob")
    ann.do("join #tea")
    ann.is_told("members #tea", "members @ann$")
    three.await_same_facts()
    bob.do("join #tea")
    ann.expect("join bob #tea$")
    bob.do("privmsg #tea h\u00e9 \U0001f333")
    ann.expect("pubmsg bob #tea h\u00e9 \U0001f333$")
    ann.do("privmsg bob " + "x" * 300)
    bob.expect("privmsg ann bob x{300}$")
    ann.do("whois bob")
    ann.expect("whois nick=bob .*server=s1.test")
    ann.do("quit good night")
    bob.expect("quit ann - Quit: good night$")
    # The page closes at the same moment as the gate, so the code may be any.
    until("the connection of ann has ended", lambda: ann.get("ends"))


def test_a_window_that_is_closed(three, make, folder, site, browser):
    """The user quits at once: the browser says that the page goes away."""
    gate = web_gate(make, folder, site, three[:1]).start()
    gate.await_trunks()
    dan = make.keep(three[2].client("dan"))
    dan.join("#tea")
    page = make.keep(Page(browser, site.url, "ann", gate.web))
    page.do("join #tea")
    dan.expect(r"^:ann!\S+ JOIN #tea")
    page.kill()
    dan.expect(r"^:ann!\S+ QUIT :")


def test_a_server_that_ends(three, make, folder, site, browser):
    """The page is told by 1001, and comes back to the other server."""
    gate = web_gate(make, folder, site, three[:2]).start()
    gate.await_trunks(2)
    page = make.keep(Page(browser, site.url, "ann", gate.wss, tls=True))
    until("a server has ann", lambda: any(
        x["server"] for x in gate.ask("sessions")))
    at = {s.name: s for s in three}[gate.ask("sessions")[0]["server"]]
    at.signal(signal.SIGTERM)
    until("the page is told", lambda: page.get("ends") == [1001])
    page.do("again")
    page.expect("welcome ann$")


def test_pages_of_other_sites(three, make, folder, site, browser):
    """Chromium says where a page is from, and the gate refuses it. So does it
    refuse a page that comes without TLS where TLS is spoken."""
    gate = web_gate(make, folder, site, three[:1]).start()
    gate.await_trunks()
    other = site.url.replace("localhost", "127.0.0.1")
    stranger = make.keep(Page(browser, other, "eve", gate.web, wait=False))
    until("it is refused", lambda: set(stranger.get("ends")) == {1006})
    gate.await_log("websocket-failed address=127.0.0.1 ")
    wrong = make.keep(Page(browser, site.url, "eve", gate.wss, wait=False))
    until("it is refused", lambda: set(wrong.get("ends")) == {1006})


def test_what_is_asked_for(three, make, folder, site, browser):
    """The page sends what doc/clients.md says of its library."""
    gate = web_gate(make, folder, site, three[:1]).start()
    gate.await_trunks()
    page = make.keep(Page(browser, site.url, "bot", gate.web))
    page.do("join #talk", "privmsg #talk that is all")
    sent = until("it says it", lambda: [
        ln for ln in [page.get("sent")] if "that is all" in ln[-1]])[0]
    _, _, caps, lines = rows("What they ask for")["irc-framework"]
    assert asked(sent) == quoted(caps)
    assert own(sent) == quoted(lines)
