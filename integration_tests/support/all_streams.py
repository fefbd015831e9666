"""What the tests of the streams beyond the core have in common."""

from .connector import ALL
from .tokens import TOKEN

OTHERS = sorted(name for name, stream in ALL.items() if stream["group"] != "core")
BY_CONTENTS = [name for name in OTHERS if ALL[name]["by_contents"]]
# Made of what other rows hold; the sandbox keeps no list of them.
MADE = ["event_breadcrumbs", "event_exceptions", "event_frames", "event_tags", "project_access", "project_features"]
# What a stream leaves out on purpose, and why.
LEFT_OUT = {"repositories": lambda row: row["status"] != "active",  # versions differ in what else they list
            # Asked for them, Sentry leaves out those of projects that the token's user is not a member of.
            "notification_actions": lambda row: not row["projects"]}


def config_of(sandbox, **more):
    """A configuration of all projects that leaves nothing out."""
    return sandbox.config(project=None, auth_token=TOKEN, allow_writing_reads=True, tag_keys=["*"], **more)


def key_of(stream, row):
    """The row's primary key as a text. In truth an event's own id is only `id`."""
    return "/".join(str(row[key] if key in row else row["id"]) for key in ALL[stream]["primary_key"])


def keys(stream, rows):
    """The rows' primary keys, as sorted texts."""
    return sorted(key_of(stream, row) for row in rows)


def true_keys(sandbox, stream):
    """Those that a complete read gives."""
    unwanted = LEFT_OUT.get(stream, lambda row: False)
    rows = [row for row in sandbox.rows(stream) if not unwanted(row)]
    if rows and "issueId" in rows[0]:
        # Sentry keeps the widget's feedback as issues, but its issue lists leave it out.
        feedback = {issue["id"] for issue in sandbox.rows("issues") if issue["category"] == "feedback"}
        rows = [row for row in rows if row["issueId"] not in feedback]
    return keys(stream, rows)
