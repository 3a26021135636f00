"""Packages of npm, in the versions that npm/package-lock.json names. They are
installed once for all tests of a process, in a folder that is removed at the end."""
import atexit
import functools
import os
import shutil
import subprocess
import tempfile

import pytest

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npm")


@functools.cache
def install():
    """Return the folder node_modules, or why there is none."""
    if not shutil.which("node") or not shutil.which("npm"):
        return None, "nodejs or npm is not installed"
    folder = tempfile.mkdtemp(prefix="banyan-npm-", dir="/tmp")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(FOLDER, name), folder)
    try:
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
             "--fetch-retries=0", "--fetch-timeout=20000"],
            cwd=folder, capture_output=True, text=True, timeout=120,
            check=False)
    except subprocess.TimeoutExpired:
        return None, "npm cannot install packages in time"
    if done.returncode != 0:
        return None, "npm cannot install packages: " + done.stderr[-300:]
    return os.path.join(folder, "node_modules"), None


def modules():
    """Return the folder node_modules. Skip the test if there is none."""
    path, why = install()
    if path is None:
        pytest.skip(why)
    return path
