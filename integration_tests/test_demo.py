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


def test_it_leaves_plain_records_of_every_stream(tmp_path):
    done = demo("--output", tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    assert {path.name for path in tmp_path.iterdir()} == {f"{stream}.jsonl" for stream in STREAMS}
    assert all("id" in record for stream in STREAMS for record in records(tmp_path, stream))
    assert len({event["id"] for event in records(tmp_path, "events")}) > 25


def test_what_it_keeps_running_can_be_read(tmp_path):
    done = demo("--keep", "--output", tmp_path)
    stop, command = (line.strip() for line in done.stdout.splitlines() if "kill" in line or " read --config" in line)
    try:
        again = subprocess.run(command, shell=True, capture_output=True, text=True)
        assert again.returncode == 0 and "RECORD" in again.stdout
    finally:
        os.kill(int(stop.rpartition(" ")[2]), signal.SIGTERM)


def test_help_starts_nothing():
    done = subprocess.run([ROOT / "tools" / "demo", "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "--keep" in done.stdout and "Building" not in done.stdout
