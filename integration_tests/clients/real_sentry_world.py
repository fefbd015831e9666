"""Small worlds inside a real Sentry, made through its own API: an organization for each test that changes something,
so that tests may run side by side."""

import time
import urllib.parse
import uuid


class World:
    """An organization `slug` with a team and one project, `shop`."""

    def __init__(self, sentry):
        self.sentry = sentry
        self.slug = "test-" + uuid.uuid4().hex[:12]
        sentry.forget_limits()
        sentry.post("organizations/", {"name": self.slug, "slug": self.slug})
        self.team = f"crew-{self.slug}"
        sentry.post(f"organizations/{self.slug}/teams/", {"name": "Crew", "slug": self.team})
        self.add_project("shop")
        [[self.project_id, key]] = sentry.rows(
            "select project_id, public_key from sentry_projectkey join sentry_project as p on p.id = project_id"
            " join sentry_organization as o on o.id = organization_id where o.slug = :'slug'", slug=self.slug)
        self.dsn = sentry.url.replace("://", f"://{key}@") + f"/{self.project_id}"

    def config(self, **changes):
        return self.sentry.config(organization=self.slug, project="shop", **changes)

    def add_project(self, slug):
        return self.sentry.post(f"teams/{self.slug}/{self.team}/projects/", {"name": slug, "slug": slug})

    def add_release(self, version, **more):
        return self.sentry.post(f"organizations/{self.slug}/releases/",
                                {"version": version, "projects": ["shop"], **more})

    def post_file(self, version, name):
        """Adds a file to a release."""
        boundary = "xxBOUNDxx"
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\n{name}\r\n',
                 f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="app.js"\r\n'
                 "Content-Type: application/javascript\r\n\r\nconsole.log(1)\r\n", f"--{boundary}--\r\n"]
        return self.sentry.post(f"organizations/{self.slug}/releases/{urllib.parse.quote(version, safe='')}/files/",
                                "".join(parts).encode(), f"multipart/form-data; boundary={boundary}")

    def send(self, *messages):
        """Sends an event for each message, as an application does; returns their hex ids."""
        sent = self.sentry.send(self.dsn, messages)
        stored = self.sentry.rows("select message_id from sentry_message where project_id = :'project'",
                                  project=self.project_id)
        assert {event for [event] in stored} >= set(sent), "the server did not store what was sent"
        return sent

    def ingest(self, *messages):
        """The same for 23.7.1."""
        return self.sentry.ingest(self.project_id, messages)

    def ingest_with_webhooks(self, *messages):
        return self.sentry.ingest(self.project_id, messages, "webhooks")

    def copy_event(self, count):
        """Adds copies of an event by SQL, all of one and the same second."""
        self.sentry.rows("""
            insert into sentry_message (group_id, message_id, project_id, message, platform, datetime, data)
            select group_id, md5(random()::text || number), project_id, message, platform,
                   date_trunc('second', datetime), data
            from (select * from sentry_message where project_id = :'project' order by id limit 1) as event,
                 generate_series(1, :'count'::integer) as number""", project=self.project_id, count=count)

    @staticmethod
    def settle():
        """Waits for the end of the second that is under way: a read leaves it for the next one."""
        time.sleep(1 - time.time() % 1)
