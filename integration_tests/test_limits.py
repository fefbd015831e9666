"""Rate limits: waited out as the headers say, told to the user, with the heartbeat going on (G3)."""

import os
import threading
import time

import pytest
from support.connector import Connector, Run, catalog
from support.fast_time import fast
from support.hostile import PROJECT, HostileServer, link
from support.sandbox import true_ids

FASTER = 10


def rate_limited(run, stream):
    return [status for status in run.statuses(stream) if status.get("reasons")]


@pytest.mark.parametrize("shape", ["gateway", "query", "old", "glitchtip"])
def test_every_shape_of_429_is_waited_out(connector, sandbox, shape):
    sandbox.faults({"path": "/issues/", "times": 1, "rate_limited": 2, "rate_limited_shape": shape})
    run = connector.read(sandbox.config(), catalog("issues"))
    assert run.code == 0
    assert sorted(run.ids("issues")) == true_ids(sandbox.truth(), "issues")
    told = rate_limited(run, "issues")
    assert len(told) == 1 and [reason["type"] for reason in told[0]["reasons"]] == ["RATE_LIMITED"]
    after = run.statuses("issues")[run.statuses("issues").index(told[0]) + 1]
    assert after["status"] == "RUNNING" and not after.get("reasons")
    assert len([text for text in run.logs("INFO") if "rate limit" in text]) == 1


def test_it_waits_as_long_as_the_reset_says_and_no_longer(connector, sandbox):
    sandbox.faults({"path": "/issues/", "times": 1, "rate_limited": 4})
    begin = time.monotonic()
    assert connector.read(sandbox.config(), catalog("issues")).code == 0
    assert 3 <= time.monotonic() - begin < 20


@pytest.mark.parametrize("workers", [1, 8])
def test_a_stream_that_waits_does_not_hold_up_the_others(connector, sandbox, workers):
    sandbox.faults({"path": "/events/", "times": 1, "rate_limited": 5})
    run = connector.read(sandbox.config(num_workers=workers), catalog("events", "issues"))
    assert run.code == 0
    position = {id(message): i for i, message in enumerate(run.messages)}
    issues_done = next(i for i, m in enumerate(run.messages) if m["type"] == "TRACE"
                       and m["trace"].get("stream_status", {}).get("status") == "COMPLETE"
                       and m["trace"]["stream_status"]["stream_descriptor"]["name"] == "issues")
    first_event = next(position[id(m)] for m in run.of("RECORD") if m["record"]["stream"] == "events")
    assert issues_done < first_event


def test_a_slow_stream_does_not_hold_up_the_others(connector, serve):
    """Two workers. The issues of both projects are answered only once the streams behind them were asked for."""
    others = {path: threading.Event() for path in ("/web/events/", "/releases/")}
    in_time = []

    def respond(target):
        for path, asked in others.items():
            if path in target:
                asked.set()
        if target.startswith("/api/0/organizations/acme/projects/"):
            return {"body": [PROJECT, {**PROJECT, "id": "4508", "slug": "api"}], "headers": link()}
        if "/issues/" in target:
            in_time.append(all(asked.wait(20) for asked in others.values()))
        if target.startswith("/api/0/organizations/acme/events/"):
            return {"status": 404, "body": ""}
        return {"headers": link()}

    server = serve(HostileServer(respond))
    config = server.config(projects=["*"], num_workers=2)
    del config["project"]
    run = connector.read(config, catalog("issues", "events", "releases", sync_mode="full_refresh"))
    assert run.code == 0, run.errors()
    for number in ("4507", "4508"):
        assert any("/issues/" in target and f"project={number}" in target for target in server.targets)
    assert all(in_time)


def test_sentrys_own_limits_are_kept_without_provoking_refusals(connector, start_sandbox):
    sandbox = start_sandbox("--events", 200, "--projects", 1, "--event-size", "small", "--days", 2,
                            "--limits", "sentry.io", "--limit", "project-events=12/3/1")
    run = connector.read(sandbox.config(), catalog("events", "issues", "releases"))
    assert run.code == 0 and len(run.ids("events")) == len(sandbox.truth()["events"])
    refused = [request for request in sandbox.requests() if request["status"] == 429]
    assert len(refused) <= 1, "the headers say when to wait"
    assert rate_limited(run, "events")


def test_two_shards_share_a_limit_without_refusals(start_sandbox, tmp_path):
    """Each may use half of it, and neither knows of the other. Without `max_rate_share` a tenth is refused."""
    sandbox = start_sandbox("--projects", 40, "--issues", 1000, "--events", 1000, "--event-size", "small", "--days", 30,
                            "--limit", "default=20/1")
    streams = ["issues", "projects", "project_detail", "releases", "all_projects_detail"]
    processes = []
    for index in range(2):
        folder = tmp_path / f"shard-{index}"
        folder.mkdir()
        config = sandbox.config(project=None, shard={"index": index, "count": 2}, max_rate_share=50)
        processes.append(Connector(folder).start("read", config, catalog(*streams, sync_mode="full_refresh")))
    outputs = [process.communicate(timeout=120) for process in processes]
    runs = [Run(process.returncode, *output) for process, output in zip(processes, outputs)]
    assert [run.code for run in runs] == [0, 0]
    truth = sandbox.control("GET", "truth?organization=acme")
    for stream in streams:
        wanted = true_ids(truth, "projects" if stream == "project_detail" else stream)
        assert sorted(str(one) for run in runs for one in run.ids(stream)) == wanted, stream
    asked = sandbox.requests()
    refused = [request for request in asked if request["status"] == 429]
    assert len(asked) > 100 and len(refused) <= len(asked) / 100, (len(refused), len(asked))


def test_a_long_wait_keeps_the_heartbeat(connector, sandbox):
    """The last STATE is written again at least every minute, with the count of what came since."""
    sandbox.faults({"path": "/events/", "after": 1, "times": 1, "rate_limited": 65})
    process = connector.start("read", sandbox.config(), catalog("events"), env={**os.environ, **fast(FASTER)})
    times = [time.monotonic()]
    for line in process.stdout:
        if line.startswith((b'{"type":"STATE"', b'{"type":"RECORD"')):
            times.append(time.monotonic())
    assert process.wait() == 0
    gaps = [FASTER * (after - before) for before, after in zip(times, times[1:])]
    assert max(gaps) < 60 and sum(gap > 25 for gap in gaps) >= 2
