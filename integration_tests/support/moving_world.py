"""An organization that goes on while it is read: what may happen in it, by dice, and what there ever was."""

import threading

LATEST = 480  # seconds that an event may reach Sentry late; the connector's lookback_window is 600


class MovingWorld:
    """Changes `sandbox` at random and keeps the ids of all that ever was in it, for what a read may write."""

    def __init__(self, sandbox, dice):
        self.sandbox, self.dice = sandbox, dice
        self.made = 0   # a number for each new name
        self.done = {}  # how often each change was made
        self.recent = []  # issues that were new or seen again
        self.ever = {stream: set(ids) for stream, ids in self.ids().items()}
        self.slugs = [row["slug"] for row in self.rows("projects").values()]
        self.old_issues = [issue for issue, row in self.rows("issues").items() if row["category"] == "error"]

    def truth(self, *only, ids=1):
        lists = "".join(f"&only={name}" for name in only)
        return self.sandbox.control("GET", f"truth?organization=acme&ids={ids}{lists}")

    def ids(self):
        """The ids that there are now, of each stream that has a cursor."""
        issues = (row["id"] for row in self.truth("issues", ids=0)["issues"] if row["category"] != "feedback")
        return {"issues": set(issues), **{name: set(map(str, self.truth(name)[name]))
                                          for name in ("events", "releases", "projects")}}

    def rows(self, stream):
        return {row["id"]: row for row in self.truth(stream, ids=0)[stream]}

    def name(self, kind):
        self.made += 1
        return f"{kind}-{self.made}"

    # What may happen at any time.

    def new_events(self):
        self.happen(add_events={"project": self.project(), "count": self.dice.randint(1, 15)})

    def late_events(self):
        self.happen(add_events={"project": self.project(), "count": self.dice.randint(1, 5),
                                "new_issue": self.dice.random() < 0.5, "at": self.dice.randint(1, LATEST)})

    def new_issue(self):
        self.happen(add_issue={"project": self.project(), "category": self.dice.choice(["error", "default"])})

    def issue_seen_again(self):
        """It moves to the front of its list."""
        self.happen(add_events={"issue": self.dice.choice(self.old_issues)})

    def issue_resolved(self):
        if self.recent:
            self.sandbox.change(resolve_issue=self.dice.choice(self.recent))

    def resolved_issue_seen_again(self):
        if self.recent:
            issue = self.dice.choice(self.recent)
            self.sandbox.change(resolve_issue=issue)
            self.happen(add_events={"issue": issue})

    def new_release(self):
        version = f"{self.name('release')}@1.0"
        made = self.sandbox.change(add_release={"project": self.project(), "version": version})
        self.ever["releases"].add(str(made["add_release"]["id"]))

    # What happens between runs only: a project that goes while it is read is an error, and rightly so.

    def project_renamed(self):
        old, new = self.project(), self.name("renamed")
        self.sandbox.change(rename_project={"from": old, "to": new})
        self.slugs[self.slugs.index(old)] = new

    def project_deleted(self):
        gone = self.project()
        self.sandbox.change(delete_project=gone)
        self.slugs.remove(gone)
        left = self.rows("issues")
        self.recent, self.old_issues = ([issue for issue in issues if issue in left]
                                        for issues in (self.recent, self.old_issues))

    def project_added(self):
        slug = self.name("added")
        made = self.sandbox.change(add_project={"slug": slug})
        self.ever["projects"].add(made["add_project"]["id"])
        self.slugs.append(slug)
        self.happen(add_events={"project": slug, "count": 25, "new_issue": True})

    ANY_TIME = [new_events, late_events, new_issue, issue_seen_again, issue_resolved, resolved_issue_seen_again,
                new_release]
    BETWEEN_RUNS = [project_renamed, project_deleted, project_added]

    def project(self):
        return self.dice.choice(self.slugs)

    def happen(self, **change):
        for made in self.sandbox.change(**change).values():
            self.ever["events"].update(made["events"])
            self.ever["issues"].add(made["issue"])
            self.recent = [*self.recent[-20:], made["issue"]]

    def change(self, choices):
        change = self.dice.choice(choices)
        change(self)
        self.done[change.__name__] = self.done.get(change.__name__, 0) + 1

    def going_on(self, choices=ANY_TIME, pause=0.03):
        """A context in which the world does not stand still."""
        return _GoingOn(self, choices, pause)


class _GoingOn:
    def __init__(self, world, choices, pause):
        self.end, self.failure = threading.Event(), None
        self.thread = threading.Thread(target=self.run, args=(world, choices, pause))

    def run(self, world, choices, pause):
        try:
            while not self.end.wait(pause):
                world.change(choices)
        except Exception as failure:  # raised again where it is seen
            self.failure = failure

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
        if self.failure:
            raise self.failure
