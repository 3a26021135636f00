"""The configuration: included files, files that it names, the sample, the
manual page; and the rights and descriptors of a server."""
import os
import pwd
import re
import signal
import subprocess

import pytest

from harness import (BANYANCTL, BANYAND, BUILD, TIMEOUT, TOP, Client,
                     free_port, make_certificate, until)


def check(path, *args):
    """Run --check. If it hangs, that is a failure."""
    return subprocess.run([BANYAND, "-f", path, "--check", *args], cwd="/",
                          capture_output=True, text=True, timeout=TIMEOUT)


def put(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def test_includes_and_paths_are_meant_from_the_folder(make):
    s = make.server()
    s.write('@include "more.conf"\n')
    put(s.folder, "more.conf", 'sync = { keep_s = 77; };\n')
    done = check(s.path, "--print")
    assert done.returncode == 0 and "keep_s = 77;" in done.stdout
    put(s.folder, "more.conf", 'sync = { keep_z = 77; };\n')
    assert f"{s.folder}/more.conf:1: unknown option" in check(s.path).stderr
    put(s.folder, "more.conf", "\nsync = ;\n")
    assert (f"{s.folder}/more.conf:2:8: expected a value for sync, not \";\""
            in check(s.path).stderr)


def test_the_tool_reads_what_the_server_reads(make):
    s = make.server().start()
    s.write('@include "more.conf"\n')
    put(s.folder, "more.conf", 'sync = { keep_s = 77; };\n')
    done = subprocess.run([BANYANCTL, "-f", s.path, "status"], cwd="/",
                          capture_output=True, text=True, timeout=TIMEOUT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_neither_ends_nor_hangs_a_server(server, kind):
    path = os.path.join(server.folder, "odd")
    (os.mkdir if kind == "folder" else os.mkfifo)(path)
    line = len(open(server.path, encoding="utf-8").readlines()) + 1
    server.write('@include "odd"\n')
    said = check(server.path).stderr
    assert f"banyand.conf:{line}: {path}: not a plain file" in said
    assert "not a plain file" in check(path).stderr
    server.signal(signal.SIGHUP)
    until("it is refused", lambda: "not a plain file" in server.log())
    server.client("alice").close()


@pytest.mark.parametrize("text, said", [
    ("port = 4294996696;", ":8: listen\\[1\\].port: expected a whole number "
     "from 1 to 65535, not the number 4294996696"),
    ("port = 0x100001A0B;", ":8: listen\\[1\\].port: expected .*, not the "
     "number 4294973963"),
    ("port = 99999999999999999999;", ":8: listen\\[1\\].port: expected .*, "
     "not the number 9223372036854775807 or a larger one"),
    ("port = 6667x;", ":8:34: expected .*, not 6667x"),
    ("port = \"6667;", ":8:34: the text that begins here has no closing"),
    ("port = 6667; /* tls", ":8:40: the comment that begins here has no end"),
    ("port = 6667; }", ":9:2: expected \",\" or \"\\)\" to close the "
     "\"\\(\" of line 7, not \"}\""),
    ("port 6667;", ":8:32: expected \"=\" after the name port, not the number"),
])
def test_mistakes_are_reported_with_column_and_word(make, text, said):
    s = make.server()
    put(s.folder, "banyand.conf",
        f"""state = "{s.folder}/state";
server = {{
\tname = "one.test";
\tsid = "1AA";
\tnetwork = "Tests";
}};
listen = (
\t{{ address = "127.0.0.1"; {text}
\t}} );
""")
    done = check(s.path)
    assert done.returncode == 1
    assert re.search(r"banyand\.conf" + said, done.stderr), done.stderr
    refused = subprocess.run([BANYANCTL, "-f", s.path, "linkblock"],
                             capture_output=True, text=True, timeout=TIMEOUT)
    assert refused.returncode == 1
    assert re.search(r"banyand\.conf" + said, refused.stderr), refused.stderr


def test_a_motd_is_wrapped_or_refused(make):
    """The MOTD is sent whole even with the least sendq."""
    s = make.server()
    words = [f"caf\u00e9{i}" for i in range(5000)]
    s.config["server"]["motd"] = put(s.folder, "motd", " ".join(words))
    s.config["classes"][0]["sendq"] = 16384
    c = s.start().client("alice")
    lines = [x.partition(" 372 alice :- ")[2] for x in c.lines if " 372 " in x]
    assert " ".join(lines).split() == words
    assert all(len(x.encode()) <= 510 for x in c.lines)
    with open(os.path.join(s.folder, "motd"), "wb") as f:
        f.write(b"fine\ncaf\xe9\n")
    done = check(s.path)
    assert done.returncode == 1
    assert f"{s.folder}/motd:2: the line is not UTF-8" in done.stderr
    refused = s.ctl("reload")
    assert refused.returncode == 1 and "/motd:2: " in refused.stderr
    c.send("MOTD")
    c.expect(r" 372 alice :- .*caf\u00e94999$")
    s.config["server"]["utf8only"] = False
    s.write()
    assert s.ctl("reload").returncode == 0
    c.raw(b"MOTD\r\n")
    c.expect(r" 372 alice :- caf\ufffd$")


def test_missing_files_are_told_with_their_line(make):
    s = make.server(tls=True)
    s.config["server"]["motd"] = "no-motd"
    s.config["tls"] = {"certificate": "no-cert", "key": "no-key"}
    s.write()
    said = check(s.path).stderr
    for option, name in (("server.motd", "no-motd"),
                         ("tls.certificate", "no-cert"),
                         ("tls.key", "no-key")):
        assert re.search(rf"banyand\.conf:\d+: {option}: cannot read "
                         rf"{s.folder}/{name}: No such file", said), said


def test_the_second_server_leaves_the_pid_file_of_the_first(server):
    done = subprocess.run([BANYAND, "-f", server.path], capture_output=True,
                          timeout=TIMEOUT)
    assert done.returncode == 1
    with open(server.pidfile, encoding="ascii") as f:
        assert int(f.read()) == server.process.pid


def test_a_reload_says_what_waits_for_a_restart(server):
    server.config["server"]["sid"] = "9ZZ"
    server.config["server"]["description"] = "changed"
    server.write()
    server.signal(signal.SIGHUP)
    until("it is read", lambda: " reload" in server.log())
    server.await_log("server.sid only changes at a restart")
    server.await_log(r"banyand.conf:\d+: warning: server.description only "
                     "changes when the server is stopped and started")
    assert server.status()["sid"] == "1AA"


def test_strangers_take_no_descriptor_of_links_and_operators(make):
    """Strangers take all the descriptors they can. A lost link comes back,
    files are read, and the operator is heard, all the same."""
    net = make.network(2)
    s = net[0].start(fds=64)
    net[1].start()
    net.await_whole()
    old = s.client("old")
    clients = [Client(s.plain) for _ in range(120)]
    until("it says so", lambda: "out-of-fds" in s.log())
    net[1].kill()
    until("the link is lost", lambda: s.status()["servers"] == 1)
    net[1].start()
    net.await_whole()
    assert s.ctl("reload").returncode == 0
    assert old.ask("WHOIS old") and s.status()["ready"]
    assert s.log().count("out-of-fds") < 10
    assert s.ctl("stop").returncode == 0
    assert s.wait() == 0
    for c in clients:
        c.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_rights_are_dropped(make):
    s = make.server(tls=True)
    nobody = pwd.getpwnam("nobody")
    s.config["user"] = "nobody"
    os.chown(s.config["tls"]["key"], nobody.pw_uid, nobody.pw_gid)
    os.chmod(os.path.dirname(s.folder), 0o755)
    s.config["control"] = os.path.join(s.config["state"], "ctl")
    s.control = s.config["control"]
    s.start()
    with open(f"/proc/{s.process.pid}/status", encoding="ascii") as f:
        status = dict(line.rstrip().split(":\t", 1) for line in f
                      if ":\t" in line)
    assert status["Uid"].split() == [str(nobody.pw_uid)] * 4
    assert status["Gid"].split() == [str(nobody.pw_gid)] * 4
    assert status["Groups"].split() == [str(g) for g in os.getgrouplist(
        "nobody", nobody.pw_gid)]
    assert status["CapEff"].strip("0 ") == ""
    assert "runs as root" not in s.log()
    s.signal(signal.SIGHUP)
    until("it is read", lambda: " reload" in s.log())
    s.client("alice").close()
    # The log may be appended to, but no new one can be created where the
    # server may not write.
    old = s.log_path + ".1"
    os.rename(s.log_path, old)
    assert s.ctl("reload").returncode == 0
    with open(old, encoding="utf-8") as f:
        until("it is told", lambda: re.search(
            r"banyand\.conf:\d+: warning: log\.file: cannot open .* again: "
            "Permission denied", f.read()))
    os.chown(s.folder, nobody.pw_uid, nobody.pw_gid)
    assert s.ctl("reload").returncode == 0
    until("the new one is written", lambda: " reload" in s.log())
    # A file that only root may read is an error now, and nothing changes.
    os.chmod(s.config["tls"]["key"], 0o600)
    os.chown(s.config["tls"]["key"], 0, 0)
    done = s.ctl("reload")
    assert done.returncode == 1 and "tls.key: cannot read" in done.stderr
    Client(s.tls, "bob", tls=s.cafile).close()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_without_a_user_is_told(server):
    server.await_log(r"warning .*runs as root: set `user`")


def test_a_log_that_cannot_be_opened(make, folder):
    s = make.server()
    s.config["log"]["file"] = os.path.join(folder, "none", "log")
    assert re.search(r"banyand\.conf:\d+: log\.file: "
                     f"{folder}/none: No such file", s.refused())
    s.config["log"]["file"] = s.log_path
    s.start()
    s.config["log"]["file"] = os.path.join(folder, "none", "log")
    s.config["server"]["network"] = "Never"
    s.write()
    done = s.ctl("reload")
    assert done.returncode == 1 and "log.file: cannot open" in done.stderr
    assert "NETWORK=Tests" in "\n".join(s.client("alice").lines)


def test_a_user_that_does_not_exist(make):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    s = make.server()
    s.config["user"] = "nosuchuser"
    assert "no such user" in s.refused()


def test_the_sample_is_right(folder):
    """With the commands in its comments, for a folder and a user of the test."""
    with open(os.path.join(TOP, "contrib", "banyand.conf.example"),
              encoding="utf-8") as f:
        text = f.read()
    commands = re.search(r"^# (openssl .*?)\n# (chown .*?)\n", text,
                         re.M | re.S)
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    for old, new in (("/var/lib/banyan", folder + "/state"),
                     ('"banyan"', f'"{user}"')):
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = put(folder, "banyand.conf", text)
    assert "key.pem: No such file" in check(path).stderr
    os.chmod(folder, 0o755)
    for command in commands.groups():
        subprocess.run(command.replace("\n#", "\n").replace("chown banyan",
                                                            f"chown {user}"),
                       shell=True, check=True, capture_output=True, cwd=folder)
    done = check(path)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_names_the_programs_where_they_are_installed():
    done = subprocess.run(
        ["make", "-s", "--no-print-directory", "-C", BUILD,
         "--eval=where: ; @echo $(sbindir) $(bindir)", "where"],
        capture_output=True, text=True, check=True)
    sbin, bin = done.stdout.split()
    with open(os.path.join(BUILD, "contrib", "banyand.service"),
              encoding="utf-8") as f:
        unit = f.read()
    assert f"\nExecStart={sbin}/banyand -f " in unit
    assert f"\nExecReload={bin}/banyanctl -s " in unit
    assert "@" not in unit.replace("@system-service", "")


def test_the_manual_page_has_each_option():
    with open(os.path.join(TOP, "src", "conf", "option.def"),
              encoding="utf-8") as f:
        rows = re.findall(r'^OPTION\((\w+), "(\w+)"', f.read(), re.M)
    with open(os.path.join(BUILD, "doc", "man", "banyand.conf.5"),
              encoding="utf-8") as f:
        page = f.read()
    assert len(rows) > 50 and "@OPTIONS@" not in page
    page = page[page.index("\n.Sh OPTIONS\n"):page.index("\n.Sh PRIVILEGES\n")]
    told = re.findall(r"^\.It Ic (\w+)$", page, re.M)
    assert told == [key for _, key in rows]


def test_ports_of_two_listeners_that_meet(make):
    s = make.server()
    port = free_port()
    s.config["listen"] = [{"address": "127.0.0.1", "port": port},
                          {"address": "0.0.0.0", "port": port}]
    s.write()
    assert re.search(r"banyand\.conf:\d+: listen\[2\]\.port: another "
                     "listener", check(s.path).stderr)
