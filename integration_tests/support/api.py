"""Asks a sandbox as a client of Sentry does, page by page."""

import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

EXPLORE = "organizations/acme/events/"


class Api:
    """Asks one sandbox."""

    def __init__(self, sandbox, token="sandbox-token"):
        self.sandbox, self.token = sandbox, token

    def open(self, target, **params):
        query = f"?{urllib.parse.urlencode(params, doseq=True)}" if params else ""
        request = urllib.request.Request(f"{self.sandbox.url}/api/0/{target}{query}",
                                         headers={"Authorization": f"Bearer {self.token}"})
        return urllib.request.urlopen(request)

    def get(self, target, **params):
        with self.open(target, **params) as answer:
            return json.load(answer)

    def refusal(self, target, **params):
        with pytest.raises(urllib.error.HTTPError) as raised:
            self.open(target, **params)
        return raised.value.code, json.loads(raised.value.read())["detail"]

    def pages(self, target, **params):
        """The answers of all pages, one after the other, as they are asked for."""
        while params is not None:
            with self.open(target, **params) as answer:
                yield json.load(answer)
                following = answer.headers.get("Link", "").partition(", ")[2]
            cursor = following.partition('cursor="')[2][:-1] if 'results="true"' in following else None
            params = {**params, "cursor": cursor} if cursor else None

    def rows(self, target, **params):
        return [row for page in self.pages(target, **params) for row in page]

    def explore(self, **params):
        asked = {"dataset": "errors", "project": "-1", **params}
        return [row for page in self.pages(EXPLORE, **asked) for row in page["data"]]


def truth_of(sandbox, **params):
    return sandbox.control("GET", f"truth?organization=acme&{urllib.parse.urlencode(params)}")
