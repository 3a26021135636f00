"""Fixtures: each test has a folder of its own with a short name (the path of a
socket has at most 107 bytes), and leaves no process behind. The folder of a
failed test stays."""
import os
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import harness  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed:
        item.has_failed = True


@pytest.fixture
def folder(request):
    path = tempfile.mkdtemp(prefix="banyan-e2e-", dir="/tmp")
    yield path
    if getattr(request.node, "has_failed", False):
        print("kept:", path)
    else:
        shutil.rmtree(path, ignore_errors=True)


class Makers:
    """Servers and clients of a test; they end when the test ends."""

    def __init__(self, folder):
        self.folder, self.made = folder, []

    def keep(self, thing):
        self.made.append(thing)
        return thing

    def server(self, name="one.test", sid="1AA", **kwargs):
        return self.keep(harness.Server(os.path.join(self.folder, sid), name,
                                        sid, **kwargs))

    def network(self, n=3, graph="line"):
        return self.keep(harness.Network(self.folder, n, graph))

    def terminal(self, command):
        return self.keep(harness.Terminal(self.folder, command))


@pytest.fixture
def make(folder):
    makers = Makers(folder)
    yield makers
    faults = []
    for thing in reversed(makers.made):
        try:
            (getattr(thing, "close", None) or thing.kill)()
        except AssertionError as e:     # of a thing that checks at its end
            faults.append(e)
    if faults:
        raise faults[0]


@pytest.fixture
def server(make):
    return make.server().start()
