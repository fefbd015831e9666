"""The lists of a moving world that stand beside its events, issues and releases: comments, deploys, members, rules,
check-ins. What may happen in them, by dice, and the keys of all that ever was in them."""

import collections
import datetime

from .all_streams import BY_CONTENTS, MADE, key_of, true_keys
from .connector import ALL
from .moving_world import MovingWorld

GROUPS = ("people", "issues", "releases", "alerts", "apps")
STREAMS = [name for name, stream in ALL.items() if stream["group"] in GROUPS]
KEPT = [name for name in STREAMS if name not in MADE]
# The sandbox keeps the others among what all else is made from, and knows no such change.
CHANGING = [name for name in BY_CONTENTS if name in STREAMS and name not in ("organizations", "teams")]
# What a record takes from the row that its list belongs to. The first says whose list it is.
TAKEN = {"issueId": ["issueId"], "releaseVersion": ["releaseVersion"], "monitorId": ["monitorId", "monitorSlug"],
         "teamId": ["teamId", "teamSlug"], "projectId": ["projectId", "projectSlug"]}
OWNERS = {"issue_comments": "issueId", "issue_external_links": "issueId", "event_attachments": "issueId",
          "release_deploys": "releaseVersion", "release_commits": "releaseVersion", "release_files": "releaseVersion",
          "monitor_checkins": "monitorId", "team_members": "teamId",
          **{name: "projectId" for name in STREAMS if "projectId" in ALL[name]["primary_key"]}}
MORE_THAN_A_PAGE = 110
# Sentry shows the newest hundred activities of an issue: nothing is done to one with so many.
MANY_ACTIVITIES = 50
# A replay grows for up to an hour, a check-in is closed within 90 minutes; nothing closes at the last moment here.
GROWING = datetime.timedelta(minutes=55)


class MovingLists(MovingWorld):
    """Changes `sandbox` at random. `there_was` has the keys of all that was in each list, by stream."""

    def __init__(self, sandbox, dice):
        super().__init__(sandbox, dice)
        self.deleted_projects = set()
        self.there_was = {stream: set() for stream in KEPT}
        for stream in ("repositories", "workflows"):
            row = self.any_of(stream)
            for _ in range(MORE_THAN_A_PAGE):
                self.put(stream, row, id=self.number())
        self.remember(*KEPT)
        activities = collections.Counter(row["issueId"] for row in sandbox.rows("issue_activity"))
        self.old_issues = [issue for issue in self.old_issues if activities[issue] < MANY_ACTIVITIES]

    def remember(self, *streams):
        for stream in streams:
            self.there_was[stream].update(true_keys(self.sandbox, stream))

    def now(self):
        return self.sandbox.control("GET", "clock")["now"]

    def rows_of(self, stream):
        """Those that a read shows."""
        wanted = set(true_keys(self.sandbox, stream))
        return [row for row in self.sandbox.rows(stream) if key_of(stream, row) in wanted]

    def any_of(self, stream, wanted=lambda row: True):
        rows = [row for row in self.rows_of(stream) if wanted(row)]
        return self.dice.choice(rows) if rows else None

    def put(self, stream, row, **changes):
        """Changes these members of a row; or adds it, where its key is new."""
        taken = TAKEN.get(OWNERS.get(stream), [])
        synthetic = [] if "id" in ALL[stream]["primary_key"] else ["id"]
        own = {name: value for name, value in row.items() if name not in [*taken, *synthetic]}
        if stream not in OWNERS:  # otherwise it would go with the project that it names, or that project's old name
            own["_projects"] = list(self.rows("projects"))
        self.sandbox.change(put_row={"shelf": stream, "owner": self.owner(stream, row), "row": {**own, **changes}})

    def remove(self, stream, wanted=lambda row: True):
        row = self.any_of(stream, wanted)
        if row is None:
            return
        self.there_was[stream].add(key_of(stream, row))
        own = [str(row[key]) for key in ALL[stream]["primary_key"] if key not in sum(TAKEN.values(), [])]
        self.sandbox.change(remove_row={"shelf": stream, "owner": self.owner(stream, row), "id": "/".join(own)})

    @staticmethod
    def owner(stream, row):
        return row[OWNERS[stream]] if stream in OWNERS else ""

    def number(self):
        """An id that no other row has."""
        self.made += 1
        return str(987_000_000 + self.made)

    def issue(self):
        return self.dice.choice(self.old_issues)

    # Of issues.

    def comment_added(self):
        self.sandbox.change(comment_issue=self.issue())

    def comment_edited(self):
        row = self.any_of("issue_comments")
        self.put("issue_comments", row, data={"text": self.name("edited")})

    def comment_deleted(self):
        self.remember("issue_activity")  # where it is, too
        self.remove("issue_comments")

    def issue_assigned(self):
        self.sandbox.change(assign_issue={"issue": self.issue(), "to": self.dice.choice(["user", "team", "nobody"])})

    def issue_prioritized(self):
        self.sandbox.change(prioritize_issue={"issue": self.issue(),
                                              "priority": self.dice.choice(["low", "medium", "high"])})

    def issue_deleted(self):
        if len(self.old_issues) < 10:
            return
        gone = self.issue()
        self.remember(*(stream for stream in KEPT if "issueId" in ALL[stream]["primary_key"] or
                        OWNERS.get(stream) == "issueId"))
        self.sandbox.change(delete_issue=gone)
        self.old_issues.remove(gone)
        self.recent = [issue for issue in self.recent if issue != gone]

    def file_attached(self):
        """It comes with an event."""
        row, issue = self.any_of("event_attachments"), self.issue()
        self.put("event_attachments", {**row, "issueId": issue}, id=self.number(), dateCreated=self.now())
        self.happen(add_events={"issue": issue})

    def link_added(self):
        row = self.any_of("issue_external_links", lambda row: row["kind"] == "app")
        self.put("issue_external_links", {**row, "issueId": self.issue()}, id=self.number())

    def link_edited(self):
        row = self.any_of("issue_external_links", lambda row: row["kind"] == "app")
        self.put("issue_external_links", row, displayName=self.name("Ticket"))

    def link_removed(self):
        self.remove("issue_external_links", lambda row: row["id"].startswith("987"))

    def feedback_given(self):
        self.put("user_feedback", self.any_of("user_feedback"), id=self.number(), dateCreated=self.now())

    def replay_begun(self):
        row = self.any_of("replays", lambda row: not row["is_archived"])
        begun = self.now()[:19] + "+00:00"
        self.put("replays", row, id=f"{int(self.number()):032x}", started_at=begun, _started_at=begun)

    def replay_grown(self):
        row = self.any_of("replays", lambda row: not row["is_archived"] and self.is_young(row["started_at"]))
        if row is not None:
            self.put("replays", row, _started_at=row["started_at"], count_segments=row["count_segments"] + 1,
                     finished_at=self.now()[:19] + "+00:00")

    def is_young(self, time, age=GROWING):
        begun, now = (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (time, self.now()))
        return now - begun < age

    # Of releases.

    def release_deployed(self):
        self.sandbox.change(deploy_release=self.any_of("releases")["version"])

    def deploy_removed(self):
        self.remove("release_deploys")

    def commit_added(self):
        row = self.any_of("release_commits")
        self.put("release_commits", row, id=f"{int(self.number()):040x}", dateCreated=self.now())

    def commit_removed(self):
        self.remove("release_commits")

    def release_file_added(self):
        """To a young release: of older ones new files are not looked for."""
        release = self.any_of("releases", lambda row: self.is_young(row["dateCreated"], datetime.timedelta(days=15)))
        row = self.any_of("release_files")
        if release is not None:
            self.put("release_files", {**row, "releaseVersion": release["version"]}, id=self.number())

    # Of people and projects.

    def member_joined_team(self):
        row = self.any_of("team_members")
        self.put("team_members", row, id=self.number(), email=f"{self.name('joined')}@acme.example")

    def member_left_team(self):
        self.remove("team_members")

    def user_appeared(self):
        self.put("project_users", self.any_of("project_users"), hash=f"{int(self.number()):032x}")

    def ownership_written(self):
        self.put("project_ownership", self.any_of("project_ownership"), raw=f"path:src/{self.name('path')}/* #platform")

    def audit_written(self):
        self.put("audit_logs", self.any_of("audit_logs"), id=self.number(), dateCreated=self.now())

    # Of monitors. Sentry's shows the newest check-in of each environment.

    def checked_in(self):
        row = self.any_of("monitor_checkins")
        now = self.now()
        self.put("monitor_checkins", row, id=f"{int(self.number()):032x}", status="in_progress", duration=None,
                 dateCreated=now, dateAdded=now, dateUpdated=now)
        self.note_check_in(row["monitorId"], now)

    def check_in_ended(self):
        row = self.any_of("monitor_checkins", lambda row: row["status"] == "in_progress" and
                          self.is_young(row["dateAdded"]))
        if row is not None:
            now = self.now()
            self.put("monitor_checkins", row, status="ok", duration=self.dice.randrange(50_000), dateUpdated=now)
            self.note_check_in(row["monitorId"], now)

    def note_check_in(self, monitor, now):
        row = self.any_of("monitors", lambda row: row["id"] == monitor)
        first, *others = row["environments"]
        self.put("monitors", {"id": monitor}, environments=[{**first, "lastCheckIn": now}, *others])

    # Of lists that are known by their contents: rules, repositories, environments.

    def row_added(self, stream=None):
        stream = stream or self.dice.choice(CHANGING)
        row = self.any_of(stream)
        if row is not None:
            [key] = [key for key in ALL[stream]["primary_key"] if key != "projectId"]
            names = {"slug": self.name("monitor"), "name": self.name("monitor")} if stream == "monitors" else {}
            number = int(self.number()) if isinstance(row[key], int) else self.number()
            self.put(stream, row, **{key: number}, **names)

    def row_changed(self, stream=None):
        stream = stream or self.dice.choice(CHANGING)
        row = self.any_of(stream)
        if row is not None:
            self.put(stream, row, made_up=self.name("changed"))

    def row_removed(self, stream=None):
        stream = stream or self.dice.choice(CHANGING)
        if stream == "monitors":
            self.remember("monitor_checkins")
        # A list that shows nothing says nothing of its rows.
        rows = collections.Counter(self.owner(stream, row) for row in self.rows_of(stream))
        self.remove(stream, lambda row: rows[self.owner(stream, row)] > 1)

    def every_list_changed(self):
        for stream in CHANGING:
            for change in (self.row_added, self.row_changed, self.row_removed):
                change(stream)

    def project_added(self):
        """Its monitors would have a past: check-ins from before there was a project."""
        before = {row["id"] for row in self.rows_of("monitors")}
        super().project_added()
        for monitor in {row["id"] for row in self.rows_of("monitors")} - before:
            self.sandbox.change(remove_row={"shelf": "monitors", "owner": "", "id": monitor})

    def project_deleted(self):
        before = self.rows("projects")
        self.remember(*KEPT)
        super().project_deleted()
        self.deleted_projects |= before.keys() - self.rows("projects").keys()

    ANY_TIME = [*MovingWorld.ANY_TIME, comment_added, comment_edited, comment_deleted, issue_assigned,
                issue_prioritized, issue_deleted, file_attached, link_added, link_edited, link_removed, feedback_given,
                replay_begun, replay_grown, release_deployed, deploy_removed, commit_added, commit_removed,
                release_file_added, member_joined_team, member_left_team, user_appeared, ownership_written,
                audit_written, checked_in, check_in_ended, row_added, row_changed, row_removed]
    BETWEEN_RUNS = [MovingWorld.project_renamed, project_deleted, project_added]
