"""Every stream beyond the core, read from a real Sentry of 2019: its own database says what is true."""

import pytest
import real_sentry
from real_sentry_all import OF_PROJECTS, READ, config_of, expect_not_offered, expect_of_projects, expect_truth, read_all
from real_sentry_features import everything_switched_on, world_of_everything
from real_sentry_more_truth import old_true_keys

pytestmark = pytest.mark.skipif(bool(real_sentry.OLD.missing()), reason=real_sentry.OLD.missing())

# What the server does not have, and what it says then.
NO_ROUTE = "does not offer {}"
NOT_OFFERED = {
    "issue_activity": NO_ROUTE.format("the activity of issue"),
    "event_attachments": NO_ROUTE.format("the attachments of issue"),
    "issue_external_links": NO_ROUTE.format("the external links of issues"),
    "issue_open_periods": NO_ROUTE.format("the open periods of issue"),
    "alert_fires": NO_ROUTE.format("the history of the organization"),
    "symbol_sources": NO_ROUTE.format("the symbol sources of the project"),
    "artifact_bundles": NO_ROUTE.format("the artifact bundles of the project"),
    "source_map_archives": NO_ROUTE.format("the source map archives of the project"),
    "builds": NO_ROUTE.format("the builds of the organization"),
    "notification_actions": NO_ROUTE.format("the notification actions of the organization"),
    "forwarders": NO_ROUTE.format("the forwarders of the organization"),
    "relay_usage": NO_ROUTE.format("the relays of the organization"),
    "replays": NO_ROUTE.format("the replays of the organization"),
    "codeowners": NO_ROUTE.format("the CODEOWNERS files of the project"),
    "detectors": NO_ROUTE.format("the detectors of the organization"),
    "workflows": NO_ROUTE.format("the workflows of the organization"),
    "metric_alert_rules": NO_ROUTE.format("the metric alert rules of the organization"),
    "incidents": NO_ROUTE.format("the incidents of the organization"),
    "uptime_monitors": NO_ROUTE.format("the uptime monitors of the organization"),
}
# What comes with a feature that is off where nobody has switched it on.
SWITCHED_OFF = {
    "monitors": "though it answers for the organization",
    "monitor_checkins": "though it answers for the organization",
    "saved_queries": "does not offer the saved queries",
    "sentry_apps": "does not offer the apps",
    "sentry_app_installations": "does not offer the installed apps",
    "service_hooks": "does not have the feature behind the service hooks",
}
# It has the lists, and nothing to put into them; installing an app takes a server that it can call.
EMPTY = ["integrations", "sentry_app_installations", "debug_files", "dashboard_widgets", "saved_queries",
         "event_breadcrumbs"]


# Every search for a category is an internal error of the server, which might pass.
FAILING = ["feedback"]


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """One where all is switched on, and one as it is shipped, over the same data."""
    with real_sentry.OLD.running() as running:
        sentries = {kind: real_sentry.RealSentry(*place) for kind, place in running.items()}
        with everything_switched_on(sentries["org-issues"], tmp_path_factory.mktemp("web")) as everything:
            yield {"everything": everything, "as-shipped": sentries["as-shipped"]}


@pytest.fixture(scope="module")
def world(servers):
    return world_of_everything(servers["everything"])


@pytest.fixture(scope="module")
def reads(servers, world, tmp_path_factory):
    return {kind: read_all(tmp_path_factory.mktemp(kind), config_of(sentry, organization=world.slug))
            for kind, sentry in servers.items()}


@pytest.mark.parametrize("stream", [name for name in READ if name not in [*NOT_OFFERED, *FAILING, *OF_PROJECTS]])
def test_a_stream_is_what_the_database_holds(servers, world, reads, stream):
    truth = old_true_keys(servers["everything"], stream, world.slug)
    assert bool(truth) != (stream in EMPTY), "a test of nothing"
    expect_truth(reads["everything"], stream, truth)
    if stream not in SWITCHED_OFF:
        expect_truth(reads["as-shipped"], stream, truth)


@pytest.mark.parametrize("stream", [name for name in FAILING if name in READ])
def test_what_the_server_fails_at(reads, stream):
    for kind in reads:
        assert reads[kind].first.statuses(stream)[-1]["status"] == "INCOMPLETE"
        assert "HTTP 500" in reads[kind].first.why(stream)


@pytest.mark.parametrize("stream", [name for name in NOT_OFFERED if name in READ])
def test_what_the_server_does_not_offer(reads, stream):
    for kind in reads:
        expect_not_offered(reads[kind], stream, NOT_OFFERED[stream])


@pytest.mark.parametrize("stream", [name for name in SWITCHED_OFF if name in READ])
def test_what_is_switched_off(reads, stream):
    expect_not_offered(reads["as-shipped"], stream, SWITCHED_OFF[stream])


def test_what_is_made_of_projects(servers, world, reads):
    """Its projects do not say what the token may do, so project_access is empty."""
    for kind, sentry in servers.items():
        projects = old_true_keys(sentry, "project_ownership", world.slug)
        expect_of_projects(reads[kind], "project_features", projects)
        expect_of_projects(reads[kind], "plugins", projects)
        assert not reads[kind].first.records("project_access")
        assert reads[kind].first.statuses("project_access")[-1]["status"] == "COMPLETE"
