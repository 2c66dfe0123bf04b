"""Builds the programs and runs a test file with pytest, inside the sandbox; tells how each marked test ended.

The answer is one line of JSON behind the token that came on standard input: a program that ends the process
has not passed.
"""

import json
import os
import subprocess
import sys

import pytest

MARKS = ("functionality", "security")


class Collector:
    """How each test with a mark ended, by mark."""

    def __init__(self) -> None:
        self.marks: dict[str, str] = {}
        self.results: dict[str, list[bool]] = {mark: [] for mark in MARKS}
        self.words: list[str] = []

    def pytest_collection_modifyitems(self, items) -> None:
        for item in items:
            mark = next((name for name in MARKS if item.get_closest_marker(name)), None)
            if mark is not None:
                self.marks[item.nodeid] = mark

    def pytest_runtest_logreport(self, report) -> None:
        mark = self.marks.get(report.nodeid)
        if mark is None or (report.when != "call" and report.outcome == "passed"):
            return
        if report.when == "teardown":
            return
        self.results[mark].append(report.outcome == "passed")
        if report.outcome != "passed":
            self.words.append(str(report.longrepr).strip().splitlines()[-1][:200])

    def pytest_collectreport(self, report) -> None:
        if report.failed:
            self.words.append(str(report.longrepr).strip().splitlines()[-1][:200])


def build(commands: list[list[str]]) -> str:
    """What went wrong; empty where nothing did."""
    os.makedirs("compiled", exist_ok=True)
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            lines = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines()
            return (lines or ["no word"])[0][:200]
    return ""


def main() -> None:
    token = sys.stdin.readline().strip()
    out = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.dup2(null, 2)
    with open("job.json", encoding="utf-8") as file:
        job = json.load(file)
    words = build(job["build"])
    collector = Collector()
    if not words:
        # Other packages' plugins are no part of the benchmark, and cost seconds to load.
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        sys.path.insert(0, os.getcwd())
        options = ["-q", "-p", "no:cacheprovider", "-k", "not _unsafe", "--tb=line", "--rootdir=.", job["test"]]
        pytest.main(options, plugins=[collector])
    answer = {**collector.results, "words": [words] if words else collector.words[:3]}
    os.write(out, f"{token}{json.dumps(answer)}\n".encode())


main()
