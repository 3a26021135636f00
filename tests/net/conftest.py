"""Tests that take a minute by themselves begin before all others, if they are
asked for. Their results are checked where the tests are defined. With
`pytest -n`, the process that is given these tests begins them."""
import os
import shutil
import sys
import tempfile

import pytest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             "..", "e2e"))  # cable.py and harness.py


def long_modules(items):
    return {item.module for item in items if hasattr(item.module, "begin")}


@pytest.fixture(scope="session")
def begun(request):
    folder = tempfile.mkdtemp(prefix="banyan-", dir="/tmp")
    yield from long_modules(request.session.items).pop().begin(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def early(request):
    if (long_modules(request.session.items) and
            "PYTEST_XDIST_WORKER" not in os.environ):
        request.getfixturevalue("begun")
