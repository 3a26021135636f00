"""banyanctl, and the banyand it asks."""
import json
import os
import pty
import re
import socket
import subprocess

from gates import Gate
from harness import (BANYANCTL, TIMEOUT, TOP, Client, free_port, make_certificate,
                     until)


def hash_of(password):
    out = subprocess.run([BANYANCTL, "hash"], input=password + "\n",
                         capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"\$argon2id\$v=19\$m=65536,t=\d+,p=1\$\S+\n", out)
    return out.strip()


def test_status_and_links(make):
    net = make.network(2).start()
    status = net[0].status()
    assert (status["name"], status["sid"]) == ("s0.test", "1AA")
    assert status["ready"] is True and status["servers"] == 2
    link, = net[0].ask("links")
    assert (link["name"], link["state"], link["tls"]) == ("s1.test", "up",
                                                          True)
    assert {s["sid"] for s in net[0].ask("servers")} == {"1AA", "2AA"}
    text = net[0].ctl("links")
    assert "name=s1.test" in text.stdout and text.returncode == 0
    client = net[0].client("alice")
    until("a user is counted at both", lambda:
          [s.status()["users"] for s in net] == [1, 1])
    client.close()


def test_drain(make):
    """A server that is emptied takes no clients, and tells a balancer so; who is there
    stays."""
    http = free_port()
    s = make.server("one.test", "1AA")
    s.config["listen"].append({"address": "127.0.0.1", "port": http, "for": "http"})
    s.start()
    c = s.client("early")

    def ready():
        with socket.create_connection(("127.0.0.1", http)) as sock:
            sock.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
            return sock.makefile("rb").readline().split()[1]
    assert ready() == b"200"
    assert s.ctl("drain", "on").returncode == 0
    assert s.status()["draining"] is True
    assert ready() == b"503"
    with socket.create_connection(("127.0.0.1", s.plain)) as sock:
        assert b"This server is being emptied" in sock.makefile("rb").read()
    c.send("PING x")
    c.expect(r" PONG ")
    assert s.ctl("drain", "maybe").returncode == 1
    assert s.ctl("drain", "off").returncode == 0
    assert s.status()["draining"] is False
    assert ready() == b"200"
    s.client("late")


def test_forget(make):
    """A server that is gone is forgotten; when it comes back, it is a new
    one."""
    net = make.network(2)
    for s in net:
        s.config["sync"] = {"keep_s": 10}
    net.start()
    alice, bob = net[0].client("alice"), net[1].client("bob")
    for each in (alice, bob):
        each.join("#c")
    for args, code, text in (
            (["forget"], 2, "needs one argument"),
            (["forget", "2AA", "3AA"], 2, "needs one argument"),
            (["status", "2AA"], 2, "takes no argument"),
            (["forget", "2A"], 1, "expected a sid"),
            (["forget", "9ZZ"], 1, "no server with that sid"),
            (["forget", "2AA"], 1, "is on the network"),
            (["forget", "x" * 100], 1, "expected a sid")):
        done = net[0].ctl(*args)
        assert done.returncode == code and text in done.stderr, args
    net[1].kill()
    until("it is gone", lambda: net[0].status()["servers"] == 1)
    done = net[0].ctl("--json", "forget", "2AA")
    assert '"ok":true' in done.stdout and " for 30 s" in done.stdout
    state = {x["sid"]: x for x in net[0].ask("servers")}
    assert state["2AA"]["forget"] == "yes"
    assert 20000 < state["2AA"]["forget_ms"] <= 30000
    assert state["1AA"]["forget"] == "no"
    until("it is forgotten", lambda:
          [x["sid"] for x in net[0].ask("servers")] == ["1AA"])
    net[0].await_log("forgotten.*sid=2AA")
    net[1].start()
    net.await_whole()
    until("they know the same", lambda: len(
        {(f["digest"], f["entries"]) for s in net for f in s.ask("facts")})
        == 1)
    bob = net[1].client("bob")
    bob.join("#c")
    alice.expect(r":bob!\S+ JOIN :?#c")
    bob.send("PRIVMSG #c :again")
    alice.expect("PRIVMSG #c :again$")


def test_users_channels_and_kill(make):
    """Long answers come in pages; KILL reaches the users of other servers."""
    net = make.network(2)
    net[0].config["classes"] = [{"name": "all", "channels": 0,
                                 "flood_burst": 0}]
    net.start()
    alice, bob = net[0].client("alice"), net[1].client("bob")
    net.await_nicks("alice", "bob")
    names = [f"#{i:04}" for i in range(1200)]
    for i in range(0, len(names), 60):
        alice.send("JOIN " + ",".join(names[i:i + 60]))
    until("all are there", lambda: net[1].status()["channels"] == len(names))
    for s in net:
        assert [c["name"] for c in s.ask("channels")] == names
    text = net[0].ctl("channels").stdout.splitlines()
    assert len(text) == len(names)
    assert all(re.fullmatch(r"name=#\d{4} users=1 modes=\+nt "
                            r"founded_ms=\d+ topic=-", x) for x in text)
    users = {u["nick"]: u for u in net[0].ask("users")}
    assert set(users) == {"alice", "bob"}
    assert users["alice"]["channels"] == len(names)
    assert users["bob"]["server"] == "s1.test"
    assert users["bob"]["away"] is False
    for args, code, why in (
            (["users", "x"], 2, "takes no argument"),
            (["kill"], 2, "needs two arguments or more"),
            (["kill", "bob"], 2, "needs two arguments or more"),
            (["kill", "bob", ""], 1, "expected a nick and a reason"),
            (["kill", "nobody", "x"], 1, "no user has that nick"),
            (["kill", "bob", "a\x1bb"], 1, "without control characters"),
            (["kill", "bob", b"a\xff"], 1, "must be UTF-8"),
            (["kill", "bob", "a\nstop"], 2, "more than one line"),
            (["kill", "bob", "x" * 1100], 2, "too long")):
        done = net[0].ctl(*args)
        assert done.returncode == code and why in done.stderr, args
    done = net[0].ctl("--json", "kill", "bob", "too", "loud", "json")
    assert json.loads(done.stdout) == {"problems": [], "ok": True,
                                       "text": "killed"}
    assert done.returncode == 0
    assert any(line.endswith(" (Killed (s0.test (too loud json)))")
               for line in bob.until_closed())
    until("bob is gone", lambda: [u["nick"] for u in net[0].ask("users")] ==
          ["alice"])
    net[0].await_log(r" kill by=s0\.test oper=banyanctl .*result=sent")
    net[1].await_log(r" kill by=s0\.test .*result=ok")


def test_another_server_is_asked(make):
    net = make.network(2).start()
    told = net[0].ctl("--server", "s1.test", "version")
    assert told.returncode == 0 and " s1.test " in told.stdout
    own = net[0].ctl("version")
    assert own.returncode == 0 and " s0.test " in own.stdout
    up = net[0].ctl("--json", "--server", "s1.*", "stats", "u")
    lines = [json.loads(x) for x in up.stdout.splitlines()]
    assert lines[0]["numeric"] == "242" and "Server Up" in lines[0]["text"]
    assert lines[-1]["numeric"] == "219"
    gone = net[0].ctl("--server", "nowhere.test", "version")
    assert gone.returncode == 1 and not gone.stdout
    assert "no such server on the network" in gone.stderr
    wrong = net[0].ctl("--server", "s1.test", "users")
    assert wrong.returncode == 2 and "cannot be asked" in wrong.stderr
    # its configuration, and the server itself
    read = net[0].ctl("--server", "s1.test", "reload")
    assert read.returncode == 0
    assert "REHASH: the configuration was read again" in read.stdout
    net[1].write("nonsense = 1;\n")
    read = net[0].ctl("--server", "s1.test", "reload")
    assert read.returncode == 1
    assert "unknown option \"nonsense\"" in read.stdout
    assert read.stderr == "banyanctl: the old configuration stays in use\n"
    dialled = net[0].ctl("--json", "--server", "s1.test", "connect", "nowhere")
    assert dialled.returncode == 1 and not dialled.stdout
    assert dialled.stderr == "banyanctl: nowhere is not configured as a " \
                             "peer of this server\n"
    stopped = net[0].ctl("--server", "s1.test", "stop")
    assert stopped.stdout == "this server stops\n"
    assert net[1].wait() == 0
    net[0].await_log(r" die by=s0\.test oper=banyanctl .*result=sent")
    net[1].await_log(r" die by=s0\.test oper=banyanctl .*result=ok")


def test_stats_of_what_the_daemon_knows(server):
    def stats(letter):
        out = server.ctl("stats", letter)
        assert out.returncode == 0, out.stderr
        *lines, end = out.stdout.splitlines()
        assert end == f"{letter} :End of /STATS report"
        return lines

    def clients():
        line, = [x for x in stats("P") if x.startswith(f"P {server.plain} ")]
        assert line.endswith(" :clients")
        return int(line.split()[3])
    before = clients()
    alice, bob = server.client("alice"), server.client("bob")
    assert clients() == before + 2
    bob.send("QUIT")
    bob.until_closed()
    until("bob is gone", lambda: clients() == before + 1)

    def traffic():
        return [int(x) for x in re.findall(r"\d+", " ".join(stats("t")))]
    first = traffic()
    alice.ask("PRIVMSG alice :" + "x" * 100)
    second = traffic()
    # lines, messages, bytes in and out; each line begins with a "t"
    assert len(first) == 12 and first[0] >= 2
    assert second[7] > first[7] and second[8] == first[8] + 1
    assert second[9] >= first[9] + 100 and second[10] >= first[10] + 100
    assert [x.split(":")[1] for x in stats("n")] == [
        "servers", "lookups", "queries", "cache"]
    told = server.ctl("stats", "L", "alice")
    assert told.returncode == 0
    who, queues, memory, end = told.stdout.splitlines()
    assert who.startswith("L :alice: class ")
    assert queues == "L :queues: 0 bytes wait to be sent, 0 are not read yet"
    assert 100 < int(re.search(r"memory: (\d+) bytes", memory).group(1)) < 2000
    gone = server.ctl("stats", "L", "nobody")
    assert gone.returncode == 1 and "no user has that nick" in gone.stderr
    alice.close()


def test_by_configuration_like_by_socket(server):
    by_file = subprocess.run([BANYANCTL, "-f", "banyand.conf", "--json",
                              "status"], cwd=server.folder,
                             capture_output=True, text=True, check=True)
    assert '"name":"one.test"' in by_file.stdout


def test_stop(server):
    client = server.client("alice")
    done = server.ctl("--json", "stop")
    assert (done.returncode, '"ok":true' in done.stdout) == (0, True)
    assert any(line.startswith("ERROR :") for line in client.until_closed())
    assert server.wait() == 0
    gone = server.ctl("status")
    assert gone.returncode == 3 and "no server is running" in gone.stderr


def test_reload(server):
    assert server.ctl("reload").returncode == 0
    server.write("nonsense = 1;\n")
    refused = server.ctl("reload")
    assert refused.returncode == 1
    assert re.search(r"banyand\.conf:\d+: .*nonsense", refused.stderr)
    refused = server.ctl("--json", "reload")
    assert refused.returncode == 1
    answer = json.loads(refused.stdout)
    assert answer["ok"] is False
    assert answer["text"] == "the old configuration stays in use"
    assert len(answer["problems"]) == 1 and "nonsense" in answer["problems"][0]


def test_reload_tells_every_problem(server):
    server.write("nonsense = 1;\nlog2 = 2;\nlimits = { channel_len = 120; };\n")
    refused = server.ctl("reload")
    assert refused.returncode == 1 and not refused.stdout
    *told, end = refused.stderr.splitlines()
    assert end == "banyanctl: the old configuration stays in use"
    assert len(told) == 3 and all("banyand.conf:" in x for x in told)
    for text in ('unknown option "nonsense"', 'unknown option "log2"',
                 "warning: limits.topic_len"):
        assert any(text in x for x in told), text
    answer = json.loads(server.ctl("--json", "reload").stdout)
    assert answer["ok"] is False and len(answer["problems"]) == 3
    server.write("limits = { channel_len = 120; };\n")
    done = server.ctl("reload")
    assert done.returncode == 0 and done.stdout == "configuration read again\n"
    assert "warning: limits.topic_len" in done.stderr


def test_wrong_command_lines(server):
    for args in ([], ["status"], ["-s", server.control],
                 ["-s", server.control, "dance"], ["linkblock"],
                 ["-s", server.control, "status", "more"], ["--what"]):
        done = subprocess.run([BANYANCTL, *args], capture_output=True,
                              text=True)
        assert done.returncode == 2 and done.stderr and not done.stdout
    done = subprocess.run([BANYANCTL, "-f", "/nonesuch", "status"],
                          capture_output=True, text=True)
    assert done.returncode == 1 and "/nonesuch" in done.stderr


def test_hash_makes_an_operator(make):
    server = make.server()
    server.config["opers"] = [{"name": "admin",
                               "password": hash_of("correct horse")}]
    server.start()
    client = server.client("alice")
    client.send("OPER admin :wrong horse")
    client.expect(r" 464 ")
    client.send("OPER admin :correct horse")
    client.expect(r" 381 ")


def test_hash_refuses_no_password():
    for password in ("", "x" * 301):
        done = subprocess.run([BANYANCTL, "hash"], input=password + "\n",
                              capture_output=True, text=True)
        assert done.returncode == 1 and done.stderr and not done.stdout


def read_until(fd, text):
    got = b""
    while text not in got:
        got += os.read(fd, 4096)
    return got


def test_hash_does_not_echo():
    def ask(*passwords):
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(BANYANCTL, [BANYANCTL, "hash"])
        seen = b""
        for prompt, password in zip((b"Password: ", b"Password again: "),
                                    passwords):
            seen += read_until(fd, prompt)
            os.write(fd, password + b"\n")
        try:
            while data := os.read(fd, 4096):
                seen += data
        except OSError:
            pass
        os.close(fd)
        return seen, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    seen, status = ask(b"secret-one", b"secret-one")
    assert status == 0 and b"$argon2id$" in seen and b"secret" not in seen
    seen, status = ask(b"secret-one", b"secret-two")
    assert status == 1 and b"$argon2id$" not in seen


def test_linkblock_links(make):
    """Each operator pastes the block of the other and reloads, as in the
    README."""
    one = make.server("one.test", "1AA", tls=True)
    two = make.server("two.test", "2AA", tls=True)
    one.add_links()
    blocks = []
    for s in (one, two):
        s.write()
        done = subprocess.run([BANYANCTL, "-f", s.path, "linkblock"],
                              capture_output=True, text=True, check=True)
        assert s.pin in done.stdout
        blocks.append(done.stdout)
    assert f"127.0.0.1:{one.link}" in blocks[0]
    assert "this server dials" in blocks[1]
    for s, block in ((one, blocks[1]), (two, blocks[0])):
        s.start()
        s.write(block)
        done = s.ctl("reload")
        assert done.returncode == 0, done.stderr
    until("linked", lambda: [x["state"] for x in one.ask("links")] == ["up"])
    a, b = one.client("alice"), two.client("bob")
    until("alice sees bob", lambda: any(" 303 " in x and "bob" in x
                                        for x in a.ask("ISON bob")))
    a.send("PRIVMSG bob :through the link")
    b.expect(r":alice!\S+ PRIVMSG bob :through the link")


def test_a_second_linkblock_goes_into_the_list(make):
    """As the block says, and as the error says if it was not read."""
    s = make.server(tls=True)
    s.add_links()
    for name, sid in (("two.test", "2AA"), ("three.test", "3AA")):
        other = make.server(name, sid, tls=True)
        other.add_links()
        other.write()
        with open(s.path if name == "three.test" else s.path + ".first", "a",
                  encoding="utf-8") as f:
            f.write(subprocess.run([BANYANCTL, "-f", other.path, "linkblock"],
                                   capture_output=True, text=True,
                                   check=True).stdout)
    with open(s.path, encoding="utf-8") as f:
        second = f.read()
    with open(s.path + ".first", encoding="utf-8") as f:
        first = f.read()
    s.start()
    s.write(first + second)
    refused = s.ctl("reload")
    assert refused.returncode == 1
    assert re.search(r"banyand\.conf:\d+:1: links is already set in line \d+: "
                     r"put both into one list", refused.stderr), refused.stderr
    block = re.search(r"\t\{\n.*?\n\t\}\n", second, re.S).group()
    assert "put only the lines from { to } into their list" in second
    s.write(first.replace("\t}\n);", "\t},\n" + block + ");"))
    done = s.ctl("reload")
    assert done.returncode == 0, done.stderr
    assert {x["name"] for x in s.ask("links")} == {"two.test", "three.test"}


def test_a_wrong_pin_is_refused_on_both_sides(make, folder):
    net = make.network(2)
    stranger = os.path.join(folder, "stranger")
    os.mkdir(stranger)
    net[0].config["links"][0]["pin"] = make_certificate(stranger, "s1.test")
    for s in net:
        s.start()
    for s in net:
        until(f"{s.name} tells of it", lambda: re.search(
            r"link-(refused|error|down).*pin", s.log()), TIMEOUT)
    assert all(x["state"] != "up" for s in net for x in s.ask("links"))
    # The server that dials reports it; the other one cannot know whose key it
    # is.
    until("the operator is told why", lambda: any(
        "key" in x["why"] or "pin" in x["why"]
        for s in net for x in s.ask("links")))
    assert net[0].status()["servers"] == 1


def test_answers_while_many_ask(server):
    ps = [subprocess.Popen([BANYANCTL, "-s", server.control, "status"],
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL) for _ in range(40)]
    assert {p.wait(timeout=TIMEOUT) for p in ps} <= {0, 1, 3}
    assert server.status()["ready"]
    Client(server.plain, nick="alice").close()


def test_the_manual_page_has_each_key(make):
    net = make.network(2)
    net[0].config["modules"] = ["help"]
    net[0].add_gates({"name": "gate1", "plaintext": True})
    net.start()
    alice = net[0].client("alice")
    alice.join("#c")
    gate = make.keep(Gate(os.path.join(make.folder, "gate"), [net[0].gates]))
    gate.start()
    gate.await_trunks()
    walled = make.server("three.test", "3AA", tls=True)
    walled.add_gates({"name": "gate1", "pin": "0" * 64}, tls=True)
    walled.write()
    answers = {c: net[0].ask(c) for c in ("status", "links", "servers",
                                          "facts", "modules", "users",
                                          "channels", "gates", "reload")}
    brokered = make.server("four.test", "4AA", tls=True)
    brokered.config["links"] = [{"name": "two.test", "sid": "2AA",
                                 "pin": "0" * 64,
                                 "broker": "redis://127.0.0.1:1"}]
    answers["brokers"] = brokered.start().ask("brokers")
    bob = gate.client("bob")
    answers["sessions"] = gate.ask("sessions")
    bob.close()
    for command in (["-f", net[0].path, "linkblock"],
                    ["-f", walled.path, "gateblock"], ["hash"]):
        out = subprocess.run([BANYANCTL, "--json", *command], input="x\n",
                             capture_output=True, text=True,
                             check=True).stdout
        answers[command[-1]] = [json.loads(out)]
    answers["drain"] = [json.loads(
        net[0].ctl("--json", "drain", "off").stdout)]
    answers["forget"] = [json.loads(
        net[0].ctl("--json", "forget", "9ZZ").stdout)]
    answers["kill"] = [json.loads(
        net[0].ctl("--json", "kill", "nobody", "x").stdout)]
    for order in ("samode #none +m", "sajoin nobody #c", "sapart nobody #c",
                  "sanick nobody x", "remove #c nobody", "connect x.test",
                  "squit x.test", "globops x", "wallops x"):
        name, *args = order.split()
        answers[name] = [json.loads(
            net[0].ctl("--json", name, *args).stdout)]
    for name in ("ban", "unban"):
        answers[name] = [json.loads(net[0].ctl(
            "--json", name, "kline", "nobody@nowhere.test", "x").stdout)]
        answers.setdefault("bans", net[0].ask("bans"))
    for name in ("trace", "lusers", "version", "time", "motd", "admin",
                 "info"):
        answers[name] = net[0].ask(name)[:1]
    answers["stats"] = [json.loads(net[0].ctl(
        "--json", "stats", "u").stdout.splitlines()[0])]
    answers["restart"] = net[1].ask("restart")
    answers["init"] = [json.loads(subprocess.run(
        [BANYANCTL, "--json", "init", "new.test", net[0].folder + "/new"],
        capture_output=True, text=True, check=True).stdout)]
    answers["backup"] = [json.loads(
        net[0].ctl("--json", "backup", "/nowhere/copy").stdout)]
    answers["stop"] = net[0].ask("stop")
    with open(os.path.join(TOP, "doc", "man", "banyanctl.8"),
              encoding="utf-8") as f:
        page = f.read().partition(".Sh ANSWERS")[2].partition("\n.Sh ")[0]
    usage = subprocess.run([BANYANCTL, "--help"], capture_output=True,
                           text=True, check=True).stdout
    assert re.search(r"^  ban KIND MASK \[DURATION\] REASON\n {26}set a ban: ",
                     usage, re.M)
    # the lines of tail are events; banyan-gate(8) has those of placement
    assert set(answers) == set(re.findall("^  ([a-z]+) ", usage, re.M)) - {
        "tail", "placement"}
    told = {}
    for part in page.split("\n.It Ic ")[1:]:
        head, _, rest = part.partition("\n")
        for name in head.split(" , "):
            told[name] = set(re.findall(r"^\.Cm (\w+)", rest, re.M))
    for command, objects in answers.items():
        assert len(objects) == (2 if command == "servers" else 1), command
        for o in objects:
            assert set(o) == told[command], command
