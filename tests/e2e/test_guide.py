"""The commands of doc/operator.md work, in the order in which the page has
them: for a server in a folder of the test, in the place of /etc/banyan."""
import os
import re
import subprocess

from harness import BANYAND, BUILD, TIMEOUT, TOP, free_port, until


def commands():
    with open(os.path.join(TOP, "doc", "operator.md"), encoding="utf-8") as f:
        return re.findall(r"^    ((?:banyand|banyanctl) .*)$", f.read(), re.M)


def free_ports(path):
    """Give the configuration ports that this machine has free."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for port in ("6697", "6667", "7000", "9667"):
        text = text.replace(f"port = {port};", f"port = {free_port()};")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def run(line, folder):
    words = [w.replace("/etc/banyan", folder) for w in line.split()]
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


def test_the_commands_of_the_guide(make, folder):
    new = os.path.join(folder, "banyan")
    path = os.path.join(new, "banyand.conf")
    s = make.server()
    lines = commands()
    assert len(lines) >= 12 and " init " in lines[0]
    for line in lines:
        if " status" in line:
            s.control = os.path.join(new, "state", "control")
            s.process = subprocess.Popen([BANYAND, "-f", path],
                                         stderr=subprocess.DEVNULL)
            until("it is ready", lambda: s.status().get("ready"))
        status, out, err = run(line, new)
        if " forget " in line:
            assert "no server with that sid" in err
            continue
        assert status == 0, (line, out, err)
        if " init " in line:
            free_ports(path)
        elif "--check" in line:
            assert (out, err) == ("ok\n", "")
        elif " hash" in line:
            assert out.startswith("$argon2id$")
    assert s.process.poll() is None
