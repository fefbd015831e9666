"""Every stream beyond the core holds what Sentry holds: in full, in increments, killed and resumed."""

import pytest
from support.all_streams import BY_CONTENTS, MADE, OTHERS, config_of, keys, true_keys
from support.connector import ALL, catalog

KEPT = [name for name in OTHERS if name not in MADE]
INCREMENTAL = [name for name in KEPT if "incremental" in ALL[name]["sync_modes"]]


@pytest.mark.parametrize("stream", KEPT)
def test_a_full_refresh_is_complete(connector, sandbox, stream):
    run = connector.read(config_of(sandbox), catalog(stream, sync_mode="full_refresh"))
    assert run.code == 0 and not run.errors(), run.errors()
    assert keys(stream, run.records()) == true_keys(sandbox, stream)
    assert run.records(), "a test of nothing"


@pytest.mark.parametrize("stream", INCREMENTAL)
def test_increments_give_the_same(connector, start_sandbox, stream):
    """The second run of an unchanged world writes next to nothing, and the state stays usable."""
    sandbox = start_sandbox("--events", 300, "--issues", 40, "--releases", 30)
    first = connector.read(config_of(sandbox), catalog(stream))
    assert first.code == 0 and keys(stream, first.records()) == true_keys(sandbox, stream)
    sandbox.advance(60)
    second = connector.read(config_of(sandbox), catalog(stream), first.state_file())
    assert second.code == 0, second.errors()
    if stream in BY_CONTENTS:
        assert not second.records()
    # What the latest second and the look back hold is read again; children of a parent that moved, too.
    assert len(second.records()) <= max(len(first.records()) / 4, 20)
    assert set(keys(stream, second.records())) <= set(true_keys(sandbox, stream))


@pytest.mark.parametrize("stream", KEPT)
def test_a_server_that_fails_in_between_costs_nothing_in_the_end(connector, start_sandbox, stream):
    """A run that breaks off and the next one, from its state, give together what there is."""
    sandbox = start_sandbox("--events", 300, "--issues", 40, "--releases", 30)
    sandbox.faults({"path": "/api/0/", "after": 6, "times": -1, "status": 403, "body": '{"detail":"no"}'})
    first = connector.read(config_of(sandbox), catalog(stream))
    sandbox.control("DELETE", "faults")
    second = connector.read(config_of(sandbox), catalog(stream), first.state_file())
    assert second.code == 0, second.errors()
    both = set(keys(stream, first.records() + second.records()))
    assert both == set(true_keys(sandbox, stream))
    assert not [row for row in first.records() + second.records() if row.get("_deleted")]
