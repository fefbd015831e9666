"""tools/demo.py leaves what it promises; tools/demo builds before it."""

import json
import os
import signal
import subprocess
import sys

from support.connector import BUILD, STREAMS
from support.protocol import ROOT
from support.sandbox import EXECUTABLE


def demo(*options):
    return subprocess.run([sys.executable, str(ROOT / "tools" / "demo.py"), "--events", "60", *map(str, options)],
                          env={**os.environ, "BUILD_DIR": str(BUILD), "SANDBOX": EXECUTABLE},
                          capture_output=True, text=True)


def records(folder, stream):
    return [json.loads(line) for line in (folder / f"{stream}.jsonl").read_text().splitlines()]


def test_it_reads_every_stream_into_a_folder_and_then_what_is_new(tmp_path):
    folder = tmp_path / "out"
    for _ in range(2):  # an earlier demo's folder is replaced
        done = demo("--output", folder)
        assert done.returncode == 0 and done.stderr == ""
        assert "Can read all" in done.stdout and done.stdout.count("$ ") == 3
        runs = json.loads((folder / "manifest.json").read_text())["runs"]
        assert [run["complete"] for run in runs] == [True, True] and runs[1]["records"]["events"] == 25
    assert all("id" in record for stream in STREAMS for record in records(folder, stream))


def test_it_touches_no_folder_of_anything_else(tmp_path):
    (tmp_path / "precious").touch()
    done = demo("--output", tmp_path)
    assert done.returncode != 0 and "no demo has written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_what_it_keeps_running_can_be_read(tmp_path):
    done = demo("--keep", "--output", tmp_path / "out")
    stop, command = (line.strip() for line in done.stdout.splitlines() if "kill" in line or "SENTRY_URL=" in line)
    try:
        again = subprocess.run(command, shell=True, capture_output=True, text=True)
        assert again.returncode == 0 and "Read" in again.stderr
    finally:
        os.kill(int(stop.rpartition(" ")[2]), signal.SIGTERM)


def test_help_starts_nothing():
    done = subprocess.run([ROOT / "tools" / "demo", "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "--keep" in done.stdout and "Building" not in done.stdout
