#!/usr/bin/env python3
"""peers.py FOLDER [NAME...]: start Debian's inspircd, ngircd and ircd-hybrid, or
those of them that are named, two linked servers each, without limits, and wait
until stdin ends; then stop them.

For each program it writes FOLDER/NAME.json, in the form of contrib/run.sh's
network.json, as far as bench reads it, and prints NAME=FILE. Packages that are
not installed are fetched by apt-get and unpacked in FOLDER: two of them cannot
be installed at once. A program that cannot be had or does not start is left
out, and the reason goes to stderr.
"""
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

PATIENCE_S = 60

INSPIRCD = """\
<server name="s{me}.test" description="a" network="Test" id="00{me}">
<admin name="a" nick="a" email="a@s1.test">
<bind address="127.0.0.1" port="{plain}" type="clients">
<module name="ssl_gnutls"><module name="spanningtree">
<gnutls certfile="{folder}/cert.pem" keyfile="{folder}/key.pem">
<sslprofile name="Clients" provider="gnutls" certfile="{folder}/cert.pem"
 keyfile="{folder}/key.pem">
<bind address="127.0.0.1" port="{tls}" type="clients" sslprofile="Clients">
<bind address="127.0.0.1" port="{server}" type="servers">
<link name="s{other}.test" ipaddr="127.0.0.1" port="{other_server}"
 allowmask="127.0.0.0/8" sendpass="secret" recvpass="secret">
{dial}
<connect name="all" allow="*" timeout="60" pingfreq="9000"
 hardsendq="104857600" softsendq="104857600" recvq="1048576" localmax="99999"
 globalmax="99999" resolvehostnames="no" useident="no" usednsbl="no"
 fakelag="no" commandrate="99999999" threshold="99999" maxchans="100"
 maxconnwarn="no" limit="99999">
<options defaultmodes="nt" hostintopic="yes">
<performance clonesonconnect="yes" softlimit="99999" somaxconn="1024">
<module name="cap"><module name="ircv3"><module name="ircv3_servertime">
<module name="ircv3_ctctags">
<log method="file" type="*" level="default" target="{folder}/log">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}"
 moduledir="{root}/usr/lib/inspircd/modules" runtimedir="{folder}">
<pid file="{folder}/pid">
"""
INSPIRCD_DIAL = '<autoconnect period="1" server="s{other}.test">'

NGIRCD = """\
[Global]
Name = s{me}.test
Info = a
AdminInfo1 = a
AdminEMail = a@s1.test
Listen = 127.0.0.1
Ports = {plain},{server}
MotdPhrase = a
PidFile = {folder}/pid
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
ConnectRetry = 5
PingTimeout = 9000
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
CertFile = {folder}/cert.pem
KeyFile = {folder}/key.pem
DHFile = {folder}/dh.pem
Ports = {tls}
[Server]
Name = s{other}.test
MyPassword = secret
PeerPassword = secret
Host = 127.0.0.1
{dial}
"""
NGIRCD_DIAL = "Port = {other_server}"

HYBRID = """\
serverinfo {{
 name = "s{me}.test"; description = "a"; sid = "00{me}";
 network_name = "Test"; hub = yes; default_max_clients = 15000;
 tls_certificate_file = "{folder}/cert.pem";
 rsa_private_key_file = "{folder}/key.pem";
}};
admin {{ name = "a"; description = "a"; email = "a@s1.test"; }};
class {{
 name = "all"; ping_time = 2 hours; max_number = 15000; max_channels = 100;
 sendq = 100 megabytes; recvq = 8000 bytes;
}};
class {{
 name = "server"; ping_time = 90 seconds; connectfreq = 3 seconds;
 max_number = 1; sendq = 100 megabytes;
}};
auth {{ user = "*@*"; class = "all"; flags = exceed_limit, can_flood; }};
listen {{ host = "127.0.0.1"; port = {plain}; flags = server; port = {server};
 flags = tls; port = {tls}; }};
connect {{
 name = "s{other}.test"; host = "127.0.0.1"; send_password = "secret";
 accept_password = "secret"; port = {other_server}; class = "server";
 {dial}
}};
channel {{ disable_fake_channels = no; max_channels = 100;
 default_join_flood_count = 0; default_join_flood_time = 1 second; }};
general {{ specials_in_ident = 2; throttle_count = 1000000; throttle_time = 1 second;
 default_floodcount = 0; ping_cookie = no; disable_auth = yes;
 anti_spam_exit_message_time = 0; max_accept = 1;
 caller_id_wait = 1 second; pace_wait = 0 seconds; pace_wait_simple = 0 seconds;
}};
log {{ use_logging = yes; file {{ type = debug; name = "{folder}/log"; size = unlimited; }}; }};
"""
HYBRID_DIAL = "flags = autoconn;"

#        package        configuration  of the server that dials  arguments
PEERS = {"inspircd":    (INSPIRCD, INSPIRCD_DIAL,
                         ["--nofork", "--config", "{conf}"]),
         "ngircd":      (NGIRCD, NGIRCD_DIAL, ["-n", "-f", "{conf}"]),
         "ircd-hybrid": (HYBRID, HYBRID_DIAL,
                         ["-foreground", "-configfile", "{conf}",
                          "-logfile", "{folder}/log",
                          "-pidfile", "{folder}/pid"])}


class Absent(Exception):
    """This program cannot be measured here, and why."""


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def root_of(name, folder):
    """Return the folder that holds usr/sbin/NAME: / or one of our own."""
    if os.access("/usr/sbin/" + name, os.X_OK):
        return ""
    root = os.path.join(folder, "root-" + name)
    os.makedirs(root)
    if subprocess.run(["apt-get", "download", name], cwd=root, check=False,
                      capture_output=True).returncode != 0:
        raise Absent("apt-get has no package of it")
    for package in glob.glob(os.path.join(root, "*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
    return root


def certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
         "/CN=s1.test", "-days", "30", "-keyout",
         os.path.join(folder, "key.pem"), "-out",
         os.path.join(folder, "cert.pem")], check=True, capture_output=True)
    subprocess.run(["openssl", "dhparam", "-dsaparam", "-out",
                    os.path.join(folder, "dh.pem"), "2048"], check=True,
                   capture_output=True)


def as_nobody():
    if os.geteuid() != 0:
        return {}
    return {"user": pwd.getpwnam("nobody").pw_uid,
            "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}


def command_of(name, root, words):
    """ircd-hybrid finds its modules in /usr/lib only, so /usr/lib of its own
    mount namespace is the real one with the package's laid over it."""
    program = f"{root}/usr/sbin/{name}"
    if not root or name != "ircd-hybrid":
        return [program] + words, as_nobody()
    lower = f"lowerdir={root}/usr/lib:/usr/lib"
    script = (f"mount -t overlay overlay -o {lower} /usr/lib && "
              'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" "$@"')
    return ["unshare", "-m", "sh", "-c", script, program] + words, {}


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Network:
    """Two linked servers of one program."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.root = root_of(name, folder)
        self.processes, self.servers = [], []

    def start(self):
        ports = free_ports(6)
        for me, other in ((1, 2), (2, 1)):
            mine = ports[3 * me - 3:3 * me]
            self.start_one(me, dict(zip(("plain", "tls", "server"), mine)),
                           {"other": other, "me": me,
                            "other_server": ports[3 * other - 1]})
        for server in self.servers:
            self.wait_for(server)
        self.wait_for_link()

    def start_one(self, me, ports, names):
        conf, dial, words = PEERS[self.name]
        folder = os.path.join(self.folder, f"{self.name}-{me}")
        os.makedirs(folder)
        certificate(folder)
        names = dict(names, folder=folder, root=self.root, **ports)
        names["dial"] = dial.format(**names) if me == 2 else ""
        names["conf"] = os.path.join(folder, "conf")
        with open(names["conf"], "w", encoding="utf-8") as f:
            f.write(conf.format(**names))
        if os.geteuid() == 0:
            for entry in [folder] + glob.glob(folder + "/*"):
                shutil.chown(entry, "nobody")
        command, who = command_of(self.name, self.root,
                                  [w.format(**names) for w in words])
        with open(os.path.join(folder, "output"), "wb") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=out, cwd="/", **who)
        self.processes.append(process)
        self.servers.append({"sid": f"00{me}", "pid": process.pid, **ports})

    def wait_for(self, server):
        end = time.monotonic() + PATIENCE_S
        while not answers(server["plain"]):
            for p in self.processes:
                if p.poll() is not None:
                    raise Absent(f"it ended with {p.returncode}")
            if time.monotonic() > end:
                raise Absent(f"it did not listen after {PATIENCE_S} s")
            time.sleep(0.1)

    def wait_for_link(self):
        """Wait until LINKS of the first server lists both."""
        end = time.monotonic() + PATIENCE_S
        with socket.create_connection(
                ("127.0.0.1", self.servers[0]["plain"]), 5) as s:
            lines = s.makefile("rwb")
            lines.write(b"NICK watch\r\nUSER a 0 * :a\r\n")
            lines.flush()
            for line in lines:
                word = line.split()
                if word[0] == b"PING":
                    lines.write(b"PONG " + word[1] + b"\r\nLUSERS\r\n")
                elif word[1] in (b"376", b"422"):
                    lines.write(b"LUSERS\r\n")
                elif word[1] == b"251" and b" 2 servers" in line:
                    return
                elif word[1] == b"266" or word[1] == b"250":
                    if time.monotonic() > end:
                        raise Absent("its servers did not link")
                    time.sleep(0.2)
                    lines.write(b"LUSERS\r\n")
                lines.flush()
        raise Absent("it closed the connection")

    def write(self):
        file = os.path.join(self.folder, self.name + ".json")
        with open(file, "w", encoding="utf-8") as f:
            json.dump({"servers": self.servers}, f)
        return file

    def stop(self):
        for p in self.processes:
            p.kill()
            p.wait()


def main():
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(PEERS):
        sys.exit(__doc__)
    folder = os.path.abspath(sys.argv[1])
    networks = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        for name in sys.argv[2:] or PEERS:
            try:
                network = Network(name, folder)
                networks.append(network)
                network.start()
                print(f"{name}={network.write()}", flush=True)
            except (Absent, OSError, subprocess.SubprocessError) as e:
                print(f"{name} is left out: {e}", file=sys.stderr)
        print("", flush=True)   # no more come
        sys.stdin.read()
    finally:
        for network in networks:
            network.stop()


if __name__ == "__main__":
    main()
