"""`read --output DIR`: every record once, whatever happens between the first read and the last."""

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import time

import pytest
from support.connector import EXECUTABLE, INCREMENTAL, STREAMS, catalog
from support.crashes import crashes
from support.folder import Folder
from support.hostile import page_of, sentry_with
from support.sandbox import true_ids

WORLD = ["--event-size", "small", "--events", 1500, "--issues", 400, "--releases", 150, "--projects", 4]


def truth_of(sandbox):
    truth = sandbox.control("GET", "truth?organization=acme")
    ids = {stream: true_ids(truth, stream) for stream in STREAMS}
    ids["project_detail"] = ids["projects"]
    return ids


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "out")


@pytest.fixture
def arguments(connector, folder):
    def make(sandbox, wanted=None, **changes):
        config = sandbox.config(**{"project": None, **changes})
        return [*connector.arguments("read", config, wanted or catalog()), "--output", str(folder.path)]
    return make


def test_records_go_to_files_alone_and_the_next_run_adds_what_is_new(connector, folder, arguments, start_sandbox):
    sandbox = start_sandbox(*WORLD)
    run = connector.run(*arguments(sandbox), "--dedupe")
    assert run.code == 0 and run.stdout == b"" and "error" not in run.stderr
    folder.check(truth_of(sandbox), STREAMS)
    first = folder.lines("events")
    sandbox.change(add_events={"project": "web", "count": 50, "issue": folder.ids("issues")[0]})
    sandbox.advance(2)
    assert connector.run(*arguments(sandbox), "--dedupe").code == 0
    assert folder.lines("events")[:len(first)] == first and len(folder.lines("events")) == len(first) + 50
    folder.check(truth_of(sandbox), set(STREAMS) - {"issues"})
    # An issue with a new event is a new line, behind the old one.
    newest = {record["id"]: record for record in folder.records("issues")}
    assert sorted(newest) == truth_of(sandbox)["issues"] and len(newest) < len(folder.lines("issues"))
    latest = [json.loads(line) for line in (folder.path / "issues.latest.jsonl").read_bytes().splitlines()]
    assert {record["id"]: record for record in latest} == newest and len(latest) == len(newest)
    assert not (folder.path / "events.latest.jsonl").exists(), "events never change"
    runs = folder.manifest()["runs"]
    assert [run["complete"] for run in runs] == [True, True] and runs[1]["records"]["events"] == 50


def test_what_a_look_back_brings_again_is_written_once(connector, folder, arguments, start_sandbox):
    sandbox = start_sandbox(*WORLD)
    assert connector.run(*arguments(sandbox), "--dedupe").code == 0
    before = {stream: folder.lines(stream) for stream in INCREMENTAL}
    assert connector.run(*arguments(sandbox, lookback_window="P30D")).code == 0
    assert {stream: folder.lines(stream) for stream in INCREMENTAL} == before


@pytest.mark.parametrize("mode", ["incremental", "full_refresh"])
def test_kills_at_any_moment_leave_every_record_once(connector, folder, arguments, start_sandbox, mode):
    """Each run resumes what the one before left, until enough of them were killed."""
    sandbox = start_sandbox(*WORLD, "--latency", 10)
    truth = truth_of(sandbox)
    wanted = catalog(sync_mode=None if mode == "incremental" else mode)
    begun = time.monotonic()
    assert connector.run(*arguments(sandbox, wanted, num_workers=2)).code == 0
    whole = time.monotonic() - begun
    dice, kills, partial, runs = random.Random(mode), 0, 0, 0
    while kills < crashes(0.03125) or runs == 0:
        if mode == "incremental" and runs % 5 == 0:
            subprocess.run(["rm", "-rf", str(folder.path)], check=True)
        process = subprocess.Popen([EXECUTABLE, *arguments(sandbox, wanted, num_workers=2)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert process.wait(timeout=dice.random() * whole) == 0
            folder.check(truth, STREAMS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            saved = folder.manifest()["streams"] if (folder.path / "manifest.json").exists() else {}
            partial += any(0 < sum(file["records"] for file in stream["files"]) < len(truth[name])
                           for name, stream in saved.items())
        runs += 1
    assert partial > 0 or mode == "full_refresh", "no kill left a stream in its middle"
    assert connector.run(*arguments(sandbox, wanted)).code == 0
    folder.check(truth, STREAMS)
    assert list(folder.path.glob(".source-sentry/next/*")) == []


@pytest.mark.parametrize("mode", ["incremental", "full_refresh"])
@pytest.mark.parametrize("options", [
    ["--compress", "gzip", "--rotate", "100kB"],
    ["--compress", "zstd", "--partition-by", "day", "--rotate", "1h"],
    ["--format", "csv", "--compress", "zstd"],
    ["--format", "csv", "--partition-by", "day", "--rotate", "50kB"],
], ids=" ".join)
def test_every_way_to_write_survives_two_kills(connector, folder, arguments, start_sandbox, mode, options):
    sandbox = start_sandbox(*WORLD, "--latency", 4)
    wanted = catalog(sync_mode=None if mode == "incremental" else mode)
    for kill in ("after the first save", "after the second"):
        before = (folder.path / "manifest.json").read_bytes() if kill == "after the second" else None
        process = subprocess.Popen([EXECUTABLE, *arguments(sandbox, wanted), *options], stdout=subprocess.DEVNULL)
        while process.poll() is None:
            with contextlib.suppress(FileNotFoundError):
                if (folder.path / "manifest.json").read_bytes() != before:
                    break
        process.kill()
        process.wait()
    assert connector.run(*arguments(sandbox, wanted), *options).code == 0
    folder.check(truth_of(sandbox), STREAMS)
    events = folder.manifest()["streams"]["events"]["files"]
    assert len(events) > 1 or "--rotate" not in options


def test_an_earlier_start_is_not_taken_for_read(connector, folder, arguments, start_sandbox):
    sandbox = start_sandbox(*WORLD)
    everything = arguments(sandbox, catalog("events"))
    assert connector.run(*everything).code == 0
    times = sorted(event["dateCreated"] for event in folder.records("events"))
    shutil.rmtree(folder.path)
    part = arguments(sandbox, catalog("events"), start_date=times[len(times) // 2][:19] + "Z")
    assert "begun with" not in connector.run(*part).stderr + connector.run(*part).stderr
    read = len(folder.lines("events"))
    run = connector.run(*arguments(sandbox, catalog("events")))
    assert run.code == 0 and "warning: events: the folder was begun with the start 20" in run.stderr
    assert 0 < len(folder.lines("events")) == read < len(times)


def test_a_full_refresh_replaces_the_old_file_only_when_it_is_complete(connector, folder, arguments, serve):
    answer = {"page": page_of(1)}
    server = serve(sentry_with("/web/events/", lambda target: answer["page"]))
    wanted = catalog("events", sync_mode="full_refresh")
    assert connector.run(*arguments(server, wanted, project="web")).code == 0
    old = folder.lines("events")
    answer["page"] = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    run = connector.run(*arguments(server, wanted, project="web"))
    about = folder.manifest()["streams"]["events"]
    assert run.code == 1 and folder.lines("events") == old
    assert about["status"] == "incomplete" and about["errors"]
    answer["page"] = page_of(2)
    assert connector.run(*arguments(server, wanted, project="web")).code == 0
    assert folder.ids("events") == ["e2"] and folder.lines("events") != old


def test_a_file_that_cannot_grow_ends_the_run_with_a_clear_error_and_a_good_folder(connector, folder, arguments,
                                                                                   start_sandbox):
    """As a full disk does."""
    sandbox = start_sandbox(*WORLD)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    done = subprocess.run([EXECUTABLE, *arguments(sandbox)], capture_output=True, preexec_fn=limit, timeout=60)
    assert done.returncode == 1
    assert b"events.jsonl cannot be written: File too large" in done.stderr and done.stdout == b""
    about = folder.manifest()["streams"]["events"]
    assert about["status"] == "incomplete" and (folder.path / "events.jsonl").stat().st_size == about["files"][0]["bytes"]
    assert connector.run(*arguments(sandbox)).code == 0
    folder.check(truth_of(sandbox), STREAMS)


def test_one_run_at_a_time_and_one_source(connector, folder, arguments, start_sandbox):
    sandbox = start_sandbox(*WORLD, "--latency", 300)
    first = subprocess.Popen([EXECUTABLE, *arguments(sandbox)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (folder.path / "manifest.json").exists():
        assert first.poll() is None
        time.sleep(0.01)
    second = connector.run(*arguments(sandbox))
    assert second.code == 1 and "Another run (process" in second.stderr
    first.kill()
    first.wait()
    other = connector.run(*arguments(sandbox, organization="globex"))
    assert other.code == 1 and "holds the records of the organization \"acme\"" in other.stderr


def test_shards_share_a_folder(connector, folder, arguments, start_sandbox):
    sandbox = start_sandbox(*WORLD)
    ids = []
    for index in range(3):
        assert connector.run(*arguments(sandbox, catalog("events"), shard={"index": index, "count": 3})).code == 0
        ids += Folder(folder.path / f"shard-{index}-of-3").ids("events")
    assert sorted(ids) == truth_of(sandbox)["events"]
    refused = connector.run(*arguments(sandbox, catalog("events"), shard={"index": 0, "count": 2}))
    assert refused.code == 1 and "another number of shards" in refused.stderr


def test_a_state_beside_the_folders_own_is_refused(connector, arguments, start_sandbox):
    done = connector.run(*arguments(start_sandbox(*WORLD)), "--state", os.devnull)
    assert done.code == 2 and "--state" in done.stderr and "--output" in done.stderr
