"""The folder of a server is copied to another machine, and both run."""
import os
import shutil

from test_links import await_linked, links_up, pair
from test_peer import harness, until, world

assert world      # a fixture


def copy_of(world, server):
    """A server that has all that this one has, at other ports."""
    folder = os.path.join(world.folder, "copy")
    shutil.copytree(server.folder, folder,
                    ignore=lambda d, names: {"ctl"} & set(names))
    twin = harness.Server(folder, name=server.name, sid=server.sid, tls=True)
    world.made.append(twin.kill)
    for name in ("cert.pem", "key.pem"):
        shutil.copy(os.path.join(server.folder, name),
                    os.path.join(folder, name))
    twin.config["links"] = server.config["links"]
    twin.config["sync"] = dict(server.config["sync"])
    return twin


def test_true_one_comes_back(world):
    one, four = pair(world)
    for s in (one, four):
        s.config["log"]["format"] = "text"
    four.config["links"][0]["address"] = f"127.0.0.1:{one.link}"
    one.start()
    four.start()
    await_linked(one, four)
    bob = world.client(four, "bob")
    twin = copy_of(world, four)
    twin.start()
    until("the copy is linked", lambda: len(links_up(twin)) == 1)
    # the operators of both ends read where the copy is
    told = r"a newer run of the peer is on the network, linked from 127.0.0.1"
    for s in (one, four):
        s.await_log(r"code=copy .*" + told)
    four.ctl("reload")      # it dials at once
    assert len(links_up(four)) == 0
    # the clients of the one outside know, and the operator of the other
    cut_off = ":.* NOTICE \\* :This server is cut off from the network"
    bob.expect(cut_off)
    dan = world.client(four, "dan")
    dan.expect(cut_off)
    twin.await_log(r"own-sid-twice"
                   r" address=127.0.0.1 ")
    bob.ask("ISON bob")     # nobody is thrown out while people must decide
    twin.kill()
    until("one sees no copy", lambda: len(links_up(one)) == 0)
    four.ctl("reload")
    bob.expect("ERROR :This server begins anew: another one ran under its")
    await_linked(one, four)
    ann, bob = world.client(one, "ann"), world.client(four, "bob")
    until("bob's server knows ann", lambda: any(
        "303" in ln and "ann" in ln for ln in bob.ask("ISON ann")))
    bob.send("PRIVMSG ann :back")
    ann.expect(":bob!.* PRIVMSG ann :back")
