"""How the streams beyond the core are read from a real Sentry and held against its database. Those that take minutes of
these servers are left to `tools/prove sentries`."""

import dataclasses
import os

from support.all_streams import BY_CONTENTS, OTHERS, keys
from support.connector import ALL, Connector, Run, catalog

# Made of what Sentry works out for each project; no table holds it.
OF_PROJECTS = ["plugins", "project_access", "project_features"]
# They take requests for each issue, monitor or tag, or are limited to five a minute.
SLOW = ["event_attachments", "feedback", "issue_activity", "issue_comments", "issue_events", "issue_hashes",
        "issue_open_periods", "issue_tag_values", "issue_tags", "monitor_checkins", "project_tag_values", "project_users"]
EVERY_STREAM = bool(os.environ.get("EVERY_STREAM"))
# Made of what the servers here keep elsewhere, or do not have.
COUNTED = ["org_stats", "release_health", "stats_summary"]
READ = [stream for stream in OTHERS if (EVERY_STREAM or stream not in SLOW) and stream not in COUNTED
        and ALL[stream]["group"] != "explore"]
PATIENCE = 3600 if EVERY_STREAM else 600  # seconds for one run, on a machine that does other things too


@dataclasses.dataclass
class Reads:
    """The streams at once, twice in increments while nothing changes."""

    first: Run
    second: Run


def config_of(sentry, **changes):
    """A configuration of all projects that leaves nothing out, with a token that may read everything."""
    config = sentry.config(auth_token=sentry.announced["token_admin"], allow_writing_reads=True, tag_keys=["*"],
                           lookback_window="PT0S", **changes)
    config.pop("project", None)
    return config


def read_all(folder, config):
    connector = Connector(folder)
    first = connector.read(config, catalog(*READ), timeout=PATIENCE)
    second = connector.read(config, catalog(*READ), first.state_file(), timeout=PATIENCE)
    return Reads(first, second)


def expect_truth(reads, stream, truth):
    """Its records are those of the database, and an increment brings nothing new."""
    for run in reads.first, reads.second:
        assert not run.errors(stream)
        assert run.statuses(stream)[-1]["status"] == "COMPLETE"
    assert keys(stream, reads.first.records(stream)) == truth
    again = keys(stream, reads.second.records(stream))
    if "incremental" not in ALL[stream]["sync_modes"]:
        assert again == truth
    elif stream in BY_CONTENTS:
        assert not again
    else:
        # What belongs to the second of the state, or to a parent of it, is read again: six tags each of five events.
        assert set(again) <= set(truth) and len(again) <= max(len(truth) / 4, 30)


def expect_not_offered(reads, stream, words):
    """It fails, and says that the server is what does not have it."""
    for run in reads.first, reads.second:
        assert run.statuses(stream)[-1]["status"] == "INCOMPLETE" and not run.records(stream)
        assert {error["failure_type"] for error in run.errors(stream)} == {"config_error"}
        assert words in run.why(stream) and "scope" not in run.why(stream), run.why(stream)


def expect_of_projects(reads, stream, projects):
    for run in reads.first, reads.second:
        assert not run.errors(stream)
        found = {record["projectId"] for record in run.records(stream)}
        if run is reads.second and stream in BY_CONTENTS:
            assert not found
            continue
        assert found and found <= set(projects)  # one may have none
        assert len(set(keys(stream, run.records(stream)))) == len(run.records(stream))
