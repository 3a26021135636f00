#!/usr/bin/env python3
"""coverage.py BUILD: print the executed lines of each file of src/, from gcov.

A line counts once, however many programs were linked with it. It is covered if
any of them ran it.
"""
import collections
import json
import os
import subprocess
import sys


def main():
    build = os.path.abspath(sys.argv[1])
    lines = collections.defaultdict(dict)
    for here, _, names in os.walk(build):
        data = [os.path.join(here, n) for n in names if n.endswith(".gcda")]
        if not data:
            continue
        out = subprocess.run(["gcov", "--json-format", "--stdout"] + data,
                             cwd=build, check=True, capture_output=True,
                             text=True).stdout
        for row in filter(None, out.splitlines()):
            for file in json.loads(row)["files"]:
                _, found, name = file["file"].partition("/src/src/")
                if found:
                    for line in file["lines"]:
                        number = line["line_number"]
                        lines[name][number] = (lines[name].get(number, 0)
                                               + line["count"])
    total = ran = 0
    for name in sorted(lines):
        counts = lines[name].values()
        hit = sum(1 for c in counts if c)
        total, ran = total + len(counts), ran + hit
        print(f"{100 * hit / len(counts):6.1f} %  {hit:5}/{len(counts):<5}  "
              f"src/{name}")
    print(f"{100 * ran / max(total, 1):6.1f} %  {ran:5}/{total:<5}  all")


if __name__ == "__main__":
    main()
