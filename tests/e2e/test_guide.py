"""The commands of doc/operator.md and doc/user.md work, in the order in which the
pages have them. The server is in a folder of the test, in the place of
/etc/banyan."""
import os
import re
import subprocess

from harness import BANYAND, BUILD, TIMEOUT, TOP, Client, free_port, until

# Numerics from 400 on say that something is wrong, but these are answers to HELP,
# STATS and WHOIS.
ANSWERS = range(670, 800)


def page(name):
    with open(os.path.join(TOP, "doc", name), encoding="utf-8") as f:
        return f.read()


def commands():
    """Return the lines for a shell, a configuration and an IRC client."""
    return re.findall(r"^    ((?:banyand|banyanctl|\w+ = \(|[A-Z]+) .*)$",
                      page("operator.md"), re.M)


def free_ports(path):
    """Give the configuration ports that this machine has free. Return the one
    for clients without TLS."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    ports = {port: free_port() for port in ("6697", "6667", "7000", "9667")}
    for port, free in ports.items():
        assert f"port = {port};" in text
        text = text.replace(f"port = {port};", f"port = {free};")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return ports["6667"]


def run(line, folder):
    words = [w.replace("/etc/banyan", folder).replace(
             "/var/lib/banyan", os.path.join(folder, "state"))
             for w in line.split()]
    words[0] = os.path.join(BUILD, words[0])
    if "tail" in words:     # it has no end
        p = subprocess.Popen(words, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE)
        try:
            p.wait(0.5)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
            return 0, "", ""
    done = subprocess.run(words, input="secret\n", capture_output=True,
                          text=True, timeout=TIMEOUT)
    return done.returncode, done.stdout, done.stderr


def mistakes(lines):
    """Return the answers that say that a command was wrong."""
    return [ln for ln in lines if (m := re.match(r":\S+ (\d{3}) ", ln))
            and int(m[1]) >= 400 and int(m[1]) not in ANSWERS
            or re.search(r" NOTICE \S+ :[A-Z]+: |^:\S+ FAIL ", ln)]


class Operator:
    """People of the guide: the operator, and alice, who is on #channel but has
    not founded it."""

    def __init__(self, port):
        self.founder = Client(port, nick="founder")
        self.founder.join("#channel")
        self.alice = Client(port, nick="alice")
        self.alice.join("#channel")
        self.client = Client(port, nick="admin")

    def do(self, line):
        said = self.client.ask(line)
        if line.startswith("OPER ") and not any(" 381 " in x for x in said):
            said.append(self.client.expect(" 381 ").string)
        assert not mistakes(said), (line, said)
        if line.startswith("KILL alice "):
            seen = "\n".join(self.alice.until_closed())
            assert re.search(r" MODE #channel \+o alice(.|\n)*"
                             r" PART #channel (.|\n)*^ERROR ", seen, re.M), seen

    def close(self):
        self.founder.close()
        self.alice.close()
        self.client.close()


def test_the_commands_of_the_guide(make, folder):
    new = os.path.join(folder, "banyan")
    path = os.path.join(new, "banyand.conf")
    s = make.server()
    lines, operator = commands(), None
    assert len(lines) >= 35 and " init " in lines[0]
    for line in lines:
        if re.match(r"\w+ = ", line):
            with open(path, "a", encoding="utf-8") as f:
                f.write(line.replace("$argon2id$...", verifier) + "\n")
            continue
        if line[0].isupper():
            if operator is None:
                operator = make.keep(Operator(port))
            if line.startswith("MODE ") and operator.client.closed:
                operator = make.keep(Operator(port))
                operator.do("OPER admin secret")
            operator.do(line)
            continue
        if " status" in line:
            s.control = os.path.join(new, "state", "control")
            s.process = subprocess.Popen([BANYAND, "-f", path],
                                         stderr=subprocess.DEVNULL)
            until("it is ready", lambda: s.status().get("ready"))
        before = s.status().get("inc") if s.process else None
        status, out, err = run(line, new)
        if " forget " in line:
            assert "no server with that sid" in err
            continue
        assert status == 0, (line, out, err)
        if " init " in line:
            port = free_ports(path)
        elif "--check" in line:
            assert (out, err) == ("ok\n", "")
        elif " hash" in line:
            assert out.startswith("$argon2id$")
            verifier = out.strip()
        elif " restart" in line:
            assert "clients that stay connected: 2, " in out
            until("it is ready again", lambda: s.status().get("ready"))
            assert s.status()["inc"] == before
            operator.do("LUSERS")
    assert s.process.poll() is None


def as_sent(command):
    """Return what irssi sends for it."""
    words = command.lstrip("/").split(" ")
    if words[0] == "quote":
        words = words[1:]
    return " ".join([words[0].upper()] + words[1:])


def test_the_commands_for_users(make):
    """All that doc/user.md lets people type, but for /connect, which other tests
    do, is known to a server with the modules that the page names."""
    s = make.server()
    s.config["modules"] = ["help", "silence", "cloak"]
    s.config["cloak"] = {"key": "0123456789abcdef" * 4, "may_show": True}
    s.start()
    typed = [c for c in re.findall(r"`(/\w+[^`]*)`", page("user.md"))
             if not c.startswith("/connect")]
    assert len(typed) >= 10
    left = make.keep(s.client("nick"))  # for WHOWAS
    left.send("QUIT")
    left.until_closed()
    nick = make.keep(s.client("nick"))
    you = make.keep(s.client("yournick"))
    nick.join("#other")
    for command in typed:
        said = you.ask(as_sent(command))
        assert not mistakes(said), (command, said)
        if command == "/join #channel":
            nick.join("#channel")
