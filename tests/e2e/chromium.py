"""Chromium without a screen, driven by chromedriver (WebDriver, W3C), and pages in
it that are clients. A page comes from a server of this process, and reaches
nothing but this machine."""
import http.server
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request

from harness import TIMEOUT, free_port, until
from test_libraries import DRIVERS, Bot

# The bundle of irc-framework takes a `process` for granted, which pages lack.
PAGE = """<!doctype html><meta charset="utf-8"><title>client</title>
<script>window.process = { env: {}, nextTick: f => setTimeout(f) };</script>
<script src="/client.js"></script><script>window.module = {};</script>
<script src="/bot.js"></script><script src="/page.js"></script>"""
ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
    "--disable-background-timer-throttling", "--disable-default-apps",
    "--disable-renderer-backgrounding",
    "--ignore-certificate-errors",      # of WebSocket, too
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]


def missing():
    """Return what is not installed, or None."""
    for name in ("chromium", "chromedriver"):
        if not shutil.which(name):
            return name + " is not installed"
    return None


class Site:
    """Serves the page at http://localhost:PORT."""

    def __init__(self, modules):
        static = os.path.join(modules, "irc-framework/dist/browser/static")
        self.files = {"/": ("text/html", PAGE.encode())}
        for path, file in (
                ("/client.js", os.path.join(static, "browser.js")),
                ("/bot.js", os.path.join(DRIVERS, "framework_bot.js")),
                ("/page.js", os.path.join(DRIVERS, "page.js"))):
            with open(file, "rb") as f:
                self.files[path] = "text/javascript", f.read()
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                kind, body = site.files.get(self.path, ("text/plain", b""))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Browser:
    def __init__(self, folder):
        port = free_port()
        self.base = f"http://127.0.0.1:{port}/session"
        self.session, self.window = None, None
        self.output = open(os.path.join(folder, "chromedriver"), "w",
                           encoding="utf-8")
        self.process = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdin=subprocess.DEVNULL,
            stdout=self.output, stderr=self.output)
        until("chromedriver listens", self.is_there)
        options = {"binary": shutil.which("chromium"), "args": [
            *ARGUMENTS, "--user-data-dir=" + os.path.join(folder, "profile")]}
        self.session = self.call("", {"capabilities": {"alwaysMatch": {
            "acceptInsecureCerts": True,
            "goog:chromeOptions": options}}})["sessionId"]
        self.first = self.call("/window", method="GET")

    def is_there(self):
        try:
            with urllib.request.urlopen(self.base.replace("session", "status")):
                return True
        except OSError:
            return False

    def call(self, path, data=None, method="POST"):
        """Send a command. Return its value."""
        url = self.base + (f"/{self.session}" if self.session else "") + path
        request = urllib.request.Request(
            url, json.dumps(data or {}).encode() if method == "POST" else None,
            {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as e:
            raise AssertionError(e.read().decode()) from e

    def run(self, window, script, *args):
        if self.window != window:
            self.call("/window", {"handle": window})
            self.window = window
        return self.call("/execute/sync", {"script": script,
                                           "args": list(args)})

    def open(self, url):
        """Open a page in a window of its own."""
        window = self.call("/window/new", {"type": "window"})["handle"]
        self.call("/window", {"handle": window})
        self.window = window
        self.call("/url", {"url": url})
        return window

    def shut(self, window):
        """Close a window that is open."""
        self.run(window, "")
        self.call("/window", method="DELETE")
        self.window = self.first
        self.call("/window", {"handle": self.window})

    def close(self):
        if self.session:
            self.call("", method="DELETE")
        self.process.terminate()
        self.process.wait()
        self.output.close()


class Page(Bot):
    """A page in which irc-framework is a client, like a Driver."""

    def __init__(self, browser, url, nick, port, tls=False, wait=True,
                 **options):
        super().__init__()
        self.browser, self.window = browser, browser.open(url)
        self.browser.run(self.window, "begin(arguments[0])", {
            "host": "localhost", "port": port, "tls": tls, "nick": nick,
            "auto_reconnect": False, **options})
        if wait:
            self.expect("welcome " + nick)

    def do(self, *lines):
        for line in lines:
            self.browser.run(self.window, "act(arguments[0])", line)

    def next(self):
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            line = self.browser.run(self.window, "return told.shift()")
            if line is not None:
                return line
            time.sleep(0.02)
        return None

    def get(self, name):
        """Return `sent` or `ends`."""
        return self.browser.run(self.window, "return " + name)

    def kill(self):
        if self.window:
            self.browser.shut(self.window)
        self.window = None
