"""Delivers what `source-sentry read --output FOLDER` has written for OpsLevel: the records of extractors to a custom
integration's webhook, or those of transforms to OpsLevel's API.

    python deliver.py sentry --push https://app.opslevel.com/integrations/custom/webhook/...
    OPSLEVEL_API_TOKEN=... python deliver.py sentry --components

README.md says what comes of each record. It needs Python 3.9 or later and nothing else.
"""

import argparse
import fnmatch
import gzip
import http.client
import itertools
import json
import os
import pathlib
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

MOST_BYTES, TRIES, TIMEOUT = 256_000, 6, 60  # of one body; of one request
DONE, BUSY, OUTAGES = (200, 201, 202, 204), (429, 503), (0, 429, 500, 502, 503, 504)  # 0: no answer
# A component's own members, by their names in OpsLevel's API. All others are custom properties.
OWN = {"name": "name", "description": "description", "language": "language", "framework": "framework",
       "product": "product", "tier": "tierAlias", "lifecycle": "lifecycleAlias"}
FIND = "query($alias: String!) { account { service(alias: $alias) { id } } }"
CREATE = "mutation($input: ServiceCreateInput!) { serviceCreate(input: $input) { service { id } errors { message } } }"
ALIAS = "mutation($input: AliasCreateInput!) { aliasCreate(input: $input) { errors { message } } }"
UPDATE = "mutation($input: ServiceUpdateInput!) { serviceUpdate(input: $input) { errors { message } } }"
TAGS = "mutation($input: TagAssignInput!) { tagAssign(input: $input) { errors { message } } }"
SET = "mutation($input: PropertyInput!) { propertyAssign(input: $input) { errors { message } } }"
CLEAR = ("mutation($owner: IdentifierInput!, $definition: IdentifierInput!) "
         "{ propertyUnassign(owner: $owner, definition: $definition) { errors { message } } }")


class Failure(Exception):
    """Nothing more can be done. Its text is for people."""


class Refused(Exception):
    """One record could not be delivered."""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        """Another server would be sent the token."""


class Server:
    def __init__(self, url, token, longest_wait):
        self.url, self.longest_wait, self.secrets = url, longest_wait, [token, url]
        self.headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        self.opener = urllib.request.build_opener(NoRedirects)

    def post(self, body, again=OUTAGES):
        """The status and the text of the answer. `again`: the statuses after which it may be sent again."""
        for attempt in range(1, TRIES + 1):
            try:
                try:
                    answer = self.opener.open(urllib.request.Request(self.url, body, self.headers), timeout=TIMEOUT)
                except urllib.error.HTTPError as error:
                    answer = error
                status, text, after = answer.code, answer.read(), answer.headers.get("Retry-After") or ""
            except (OSError, http.client.HTTPException) as error:
                status, text, after = 0, str(error).encode(), ""
            if status not in again or (attempt == TRIES and status == 500):
                break
            if attempt == TRIES:
                raise Failure(f"OpsLevel does not answer ({why(status, text)}). Run it again later.")
            time.sleep(min(int(after) if after.isdecimal() else 2 ** attempt, self.longest_wait))
        if status in (401, 403):
            raise Failure(f"OpsLevel refuses the token or the address ({why(status, text)}).")
        return status, text

    def ask(self, query, variables, again=OUTAGES):
        """What a query brings. Throws Refused with the reasons of the server."""
        status, text = self.post(json.dumps({"query": query, "variables": variables}).encode(), again)
        try:
            document = json.loads(text)
            [[_, data]] = (document.get("data") or {"": {}}).items()
            errors = [str(error["message"]) for error in (document.get("errors") or (data or {}).get("errors") or [])]
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Refused(why(status, text)) from None
        if status not in DONE or errors:
            raise Refused("; ".join(errors) or why(status, text))
        return data

    def tell(self, text):
        """On stderr, and without secrets: a server may repeat what it was sent."""
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "***")
        print("".join(c if c.isprintable() else " " for c in text), file=sys.stderr)


def why(status, text):
    return f"{status or 'no answer'}, {text[:500].decode(errors='replace') or 'without a reason'}"


def lines_of(folder, about):
    """The records of a stream, oldest first: as many of each file as the manifest says (docs/files.md)."""
    for file in sorted(about["files"], key=lambda file: file.get("day", "")):
        path, count = folder / file["name"], 0
        if not path.name.endswith((".jsonl", ".jsonl.gz")):
            raise Failure(f"{path}: only JSON lines can be delivered, plain or with gzip.")
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as lines:
            for count, line in enumerate(itertools.islice(lines, file["records"]), 1):
                yield line.rstrip(b"\n")
        if count < file["records"]:
            raise Failure(f"{path} is shorter than the manifest says. Read the stream again.")


def records_of(folder, patterns, member):
    """Stream, line and record of those streams whose first record has that member."""
    for name, about in json.loads((folder / "manifest.json").read_text())["streams"].items():
        if not any(fnmatch.fnmatchcase(name, one) for one in patterns):
            continue
        for number, line in enumerate(lines_of(folder, about)):
            record = json.loads(line)
            if number == 0 and member not in record:
                break
            yield name, line, record


def bodies(records):
    """Bodies for the webhook, with how many records each has. Data of one kind shares one, byte for byte."""
    def whole():
        return head + b",".join(waiting) + b"]}", len(waiting)

    head, waiting, size = b"", [], 0
    for _, line, record in records:
        begin = b'{"external_kind":' + json.dumps(record["external_kind"], ensure_ascii=False).encode() + b',"data":['
        if not line.startswith(begin) or not line.endswith(b"]}"):
            yield from [whole(), (line, 1)] if waiting else [(line, 1)]  # in another form: as it stands
            waiting = []
            continue
        data = line[len(begin):-2]
        if waiting and (begin != head or size + len(data) + 1 > MOST_BYTES):
            yield whole()
            waiting = []
        if not waiting:
            head, size = begin, len(begin) + 2
        waiting.append(data)
        size += len(data) + 1
    if waiting:
        yield whole()


def push(server, records, dry):
    sent, problems = 0, []
    for body, count in bodies(records):
        status, text = (200, b"") if dry else server.post(body)
        kind = json.loads(body)["external_kind"]
        if status in DONE:
            sent += count
        else:
            problems.append(f"{count} records of {kind}: {why(status, text)}")
    print(f"{sent} records {'would be ' if dry else ''}pushed")
    return problems


def deliver_component(server, record):
    """Returns what became of it."""
    alias, properties = record["opslevel_identifier"], record.get("properties") or {}
    verb, component = "updated", ((server.ask(FIND, {"alias": alias}) or {}).get("service") or {}).get("id")
    if not component:
        otherwise = record.get("on_component_not_found")
        if otherwise != "create":
            return "to be suggested" if otherwise == "suggest" else "skipped"
        properties = {**(record.get("default_properties") or {}), **properties}
        made = {"name": str(properties.get("name") or alias), "type": {"alias": record["opslevel_kind"]}}
        # Sent again only where it was surely not done: it would be there twice.
        verb, component = "created", server.ask(CREATE, {"input": made}, BUSY)["service"]["id"]
        server.ask(ALIAS, {"input": {"alias": alias, "ownerId": component}})
    if own := {OWN[name]: value for name, value in properties.items() if name in OWN}:
        server.ask(UPDATE, {"input": {"id": component, **own}})
    if "tags" in properties:
        server.ask(TAGS, {"input": {"id": component, "tags": properties["tags"] or []}})
    for name in properties.keys() - {"tags", *OWN}:
        value, place = properties[name], {"owner": {"id": component}, "definition": {"alias": name}}
        if value is None:
            server.ask(CLEAR, place)
        else:
            server.ask(SET, {"input": {**place, "value": json.dumps(value)}})
    return verb


def deliver_components(server, records, dry):
    newest = {(record["opslevel_kind"], record["opslevel_identifier"]): (name, record) for name, _, record in records}
    counts, problems = {}, []
    for (kind, identifier), (name, record) in newest.items():
        try:
            verb = "to be delivered" if dry else deliver_component(server, record)
            counts[verb] = counts.get(verb, 0) + 1
            if verb == "to be suggested":
                print(f"suggest: {kind} {identifier}")
        except Refused as reason:
            problems.append(f"{name}, {kind} {identifier}: {reason}")
    print(", ".join(f"{count} components {verb}" for verb, count in sorted(counts.items())) or "no components")
    return problems


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="what `source-sentry read --output` wrote")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--push", metavar="URL", help="the integration's webhook; '-' takes it from OPSLEVEL_WEBHOOK_URL")
    what.add_argument("--components", action="store_true", help="write components through OpsLevel's API")
    parser.add_argument("--streams", default="*", help="names or patterns of streams, with commas between")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--longest-wait", type=float, default=300, metavar="SECONDS", help="between two tries")
    options = parser.parse_args()
    url, token = options.push, ""
    if options.components:
        url = (os.environ.get("OPSLEVEL_API_URL") or "https://app.opslevel.com").rstrip("/") + "/graphql"
        token = os.environ.get("OPSLEVEL_API_TOKEN", "")
    elif url == "-":
        url = os.environ.get("OPSLEVEL_WEBHOOK_URL", "")
    if not (options.folder / "manifest.json").is_file():
        parser.error(f"{options.folder} has no manifest.json: it is no folder of `source-sentry read --output`")
    if not re.match(r"https://|http://(localhost|127\.0\.0\.1)(:|/|$)", url):
        parser.error("the address must begin with https://")
    if options.components and not token and not options.dry_run:
        parser.error("OPSLEVEL_API_TOKEN must be in the environment")
    return options, Server(url, token, options.longest_wait)


def main():
    options, server = arguments()
    member = "opslevel_kind" if options.components else "external_kind"
    records = records_of(options.folder, options.streams.split(","), member)
    try:
        if options.components:
            problems = deliver_components(server, records, options.dry_run)
        else:
            problems = push(server, records, options.dry_run)
    except (ValueError, KeyError, TypeError) as error:
        problems = [f"A record is not as expected: {error}"]
    except (Failure, OSError) as failure:
        problems = [str(failure)]
    for text in problems:
        server.tell(text)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
