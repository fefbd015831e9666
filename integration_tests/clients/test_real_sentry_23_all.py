"""Every stream beyond the core, read from a real Sentry of July 2023: its own database says what is true."""

import pytest
import real_sentry
from real_sentry_all import OF_PROJECTS, READ, config_of, expect_not_offered, expect_of_projects, expect_truth, read_all
from real_sentry_more_truth import new_true_keys
from real_sentry_truth import ORGANIZATION, VISIBLE_PROJECTS
from support.all_streams import keys

pytestmark = pytest.mark.skipif(bool(real_sentry.NEW.missing()), reason=real_sentry.NEW.missing())

# What the server does not have, and what it says then.
NO_ROUTE = "does not offer {}: it has no such route"
NOT_OFFERED = {
    "detectors": NO_ROUTE.format('the detectors of the organization "acme"'),
    "workflows": NO_ROUTE.format('the workflows of the organization "acme"'),
    "alert_fires": NO_ROUTE.format('the history of the organization "acme"'),
    "issue_open_periods": "does not offer the open periods of issue",
    "feedback": "does not offer the feedback of the project",
    "symbol_sources": "does not offer the symbol sources of the project",
    "builds": NO_ROUTE.format('the builds of the organization "acme"'),
    "forwarders": NO_ROUTE.format('the forwarders of the organization "acme"'),
    "uptime_monitors": NO_ROUTE.format('the uptime monitors of the organization "acme"'),
    "issue_external_links": "does not offer the external links of issues",
}
# It has the lists, and nothing to put into them: its stand-in for the event store knows no replays.
EMPTY = ["replays", "relay_usage"]
# What other tests of this server do is written down there meanwhile.
ADDED_TO = "audit_logs"
# It sorts the members of a project by their e-mail addresses, and fails where one has none.
FAILING = ["project_members"]


@pytest.fixture(scope="module")
def sentry():
    with real_sentry.NEW.running() as running:
        sentry = real_sentry.RealSentry(*running["whole"])
        sentry.post("organizations/acme/api-keys/", {})
        add_notification_action(sentry)
        yield sentry


def add_notification_action(sentry):
    """Its API takes only what some service is registered for."""
    sentry.rows(f"""with action as (insert into sentry_notificationaction
            (organization_id, type, target_type, trigger_type, target_display)
            select id, 0, 0, 0, 'everybody' from ({ORGANIZATION}) as organization returning id)
        insert into sentry_notificationactionproject (action_id, project_id)
            select action.id, project.id from action, ({VISIBLE_PROJECTS} limit 1) as project""", organization="acme")


@pytest.fixture(scope="module")
def there_before(sentry):
    """The keys of ADDED_TO before it was read."""
    return new_true_keys(sentry, ADDED_TO)


@pytest.fixture(scope="module")
def reads(sentry, there_before, tmp_path_factory):
    return read_all(tmp_path_factory.mktemp("all"), config_of(sentry))


def test_what_grows_meanwhile_is_read_up_to_the_beginning(sentry, there_before, reads):
    """What was written in the second in which the first run began comes with the second one."""
    first, second = (keys(ADDED_TO, run.records(ADDED_TO)) for run in (reads.first, reads.second))
    assert reads.first.statuses(ADDED_TO)[-1]["status"] == reads.second.statuses(ADDED_TO)[-1]["status"] == "COMPLETE"
    assert there_before and first
    assert {*there_before} <= {*first, *second} <= {*new_true_keys(sentry, ADDED_TO)}


@pytest.mark.parametrize("stream", [name for name in READ
                                    if name not in [*NOT_OFFERED, *FAILING, *OF_PROJECTS, ADDED_TO]])
def test_a_stream_is_what_the_database_holds(sentry, reads, stream):
    truth = new_true_keys(sentry, stream)
    assert bool(truth) != (stream in EMPTY), "a test of nothing"
    expect_truth(reads, stream, truth)


@pytest.mark.parametrize("stream", FAILING)
def test_what_the_server_fails_at(sentry, reads, stream):
    """It fails in one project; the others are read."""
    assert reads.first.statuses(stream)[-1]["status"] == "INCOMPLETE"
    assert "HTTP 500" in reads.first.why(stream)
    found = keys(stream, reads.first.records(stream))
    assert found and set(found) < set(new_true_keys(sentry, stream))


@pytest.mark.parametrize("stream", [name for name in NOT_OFFERED if name in READ])
def test_what_the_server_does_not_offer(reads, stream):
    expect_not_offered(reads, stream, NOT_OFFERED[stream])


@pytest.mark.parametrize("stream", OF_PROJECTS)
def test_what_is_made_of_projects(sentry, reads, stream):
    expect_of_projects(reads, stream, new_true_keys(sentry, "project_ownership"))
