"""Port's API, as deliver.py asks it: patient with a server that is busy, and silent about what is secret."""

import http.client
import json
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

TRIES, TIMEOUT, LOG_IN = 6, 60, "/v1/auth/access_token"
DONE, OUTAGES = (200, 201, 204, 207), (0, 429, 502, 503, 504)  # 0: no answer


class Failure(Exception):
    """Nothing more can be done. Its text is for people."""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        """Another server would be sent the token."""


class Port:
    def __init__(self, base, client_id, secret, longest_wait):
        self.base, self.client_id, self.secret, self.longest_wait = base.rstrip("/"), client_id, secret, longest_wait
        self.secrets = [secret, client_id]
        self.token, self.lock, self.opener = "", threading.Lock(), urllib.request.build_opener(NoRedirects)

    def ask(self, method, path, body=None):
        """The status and the JSON of the answer. Asks again where that may help."""
        for attempt in range(1, TRIES + 1):
            headers, token = {"Content-Type": "application/json"}, ""
            if path != LOG_IN:
                token = self.log_in()
                headers["Authorization"] = f"Bearer {token}"
            try:
                try:
                    answer = self.opener.open(urllib.request.Request(self.base + path, body, headers, method=method),
                                              timeout=TIMEOUT)
                except urllib.error.HTTPError as error:
                    answer = error
                status, text, after = answer.code, answer.read(), answer.headers.get("Retry-After") or ""
            except (OSError, http.client.HTTPException) as error:
                status, text, after = 0, json.dumps({"message": str(error)}), ""
            if status == 401 and path != LOG_IN and attempt < TRIES:
                with self.lock:
                    self.token = "" if self.token == token else self.token  # it lives for some hours
            elif status not in OUTAGES and status < 500:
                break
            elif attempt < TRIES:
                time.sleep(min(int(after) if after.isdecimal() else 2 ** attempt, self.longest_wait))
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        document = document if isinstance(document, dict) else {}
        if status in OUTAGES:
            raise Failure(f"Port does not answer ({why(status, document)}). Run it again later.")
        return status, document

    def log_in(self):
        """The token, which all threads share."""
        body = json.dumps({"clientId": self.client_id, "clientSecret": self.secret}).encode()
        with self.lock:
            if not self.token:
                status, answer = self.ask("POST", LOG_IN, body)
                if status != 200 or not answer.get("accessToken"):
                    raise Failure(f"Port refuses PORT_CLIENT_ID and PORT_CLIENT_SECRET: {why(status, answer)}")
                self.token = answer["accessToken"]
                self.secrets.append(self.token)
            return self.token

    def tell(self, text):
        """On stderr, and without secrets: a server may repeat what it was sent."""
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "***")
        print("".join(c if c.isprintable() else " " for c in text), file=sys.stderr)


def why(status, answer):
    return f"{status or 'no answer'}, {str(answer.get('message') or answer.get('error') or 'without a reason')[:500]}"


def path_of(blueprint):
    return f"/v1/blueprints/{urllib.parse.quote(blueprint, safe='')}"


def make_blueprints(port, blueprints):
    """Creates those that Port does not have. Those that it has stay as they are. Returns a line about each."""
    lines = []
    for blueprint in blueprints:
        name = blueprint["identifier"]
        status, answer = port.ask("GET", path_of(name))
        if status == 404:
            status, answer = port.ask("POST", "/v1/blueprints", json.dumps(blueprint).encode())
            lines.append(f"blueprint {name}: created")
        else:
            lines.append(f"blueprint {name}: is there, and stays as it is")
        if status not in DONE:
            raise Failure(f"The blueprint {name} cannot be created: {why(status, answer)}")
    return lines
