"""A Notion that is as strict as its API where a client can go wrong: versions, types, limits, faults, ids."""

import json
import re
import threading
import time
import urllib.parse
import uuid
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "ntn_the-t0ken-of-the-test"
OLD, SOURCES, TRASH = "2022-06-28", "2025-09-03", "2026-03-11"
VERSIONS = [OLD, "2025-05-06", SOURCES, TRASH]
READ_ONLY = {"unique_id", "created_time", "last_edited_time", "created_by", "last_edited_by", "formula", "rollup",
             "verification", "button"}
EMPTY = {"title": [], "rich_text": [], "people": [], "multi_select": [], "relation": [], "files": [], "checkbox": False}
TEXT, URL, TEXTS, LIST, BLOCKS, PAYLOAD = 2000, 2000, 100, 100, 100, 500_000


class Refusal(Exception):
    def __init__(self, status, code, message, **headers):
        super().__init__(message)
        self.status, self.headers = status, headers
        self.body = {"object": "error", "status": status, "code": code, "message": message,
                     "request_id": str(uuid.uuid4())}


def refuse(message):
    raise Refusal(400, "validation_error", message)


def made_id():
    return str(uuid.uuid4())


def plain_id(text):
    """An id as the API takes it, with dashes or without; refused where it is none."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", text or ""):
        refuse(f"path failed validation: path.id should be a valid uuid, instead was `\"{text}\"`.")
    return str(uuid.UUID(text))


def units(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def moment(shift=0):
    """Real pages know whole minutes only."""
    now = datetime.now(timezone.utc) + timedelta(seconds=shift)
    return now.replace(second=0, microsecond=0).strftime("%Y-%m-%dT%H:%M:00.000Z")


class FakeNotion:
    """`columns`: names and types of the first data source. `users`, `pages`, `sources` hold what it has. `requests`:
    what it was asked, (method, path, query, body). `plan`: what the next calls get, in order: a dictionary with the
    beginning of the call, `call` ("POST /v1/pages"), and optional `status` (0: the connection is closed without an
    answer), `headers`, `body` (bytes), `seconds` of delay, and `done`: what was asked for is done all the same."""

    def __init__(self, columns=None, options=("Unresolved", "Resolved", "Archived"), prefix="TASK", token=TOKEN):
        self.token, self.prefix = token, prefix
        self.columns = columns or {"Name": "title", "Assignee": "people", "ID": "unique_id", "Sentry link": "url"}
        self.options = list(options)
        self.database, self.bot = made_id(), made_id()
        self.sources = {made_id(): "Tasks"}
        self.users, self.pages, self.requests, self.plan, self.cursors = [], {}, [], [], {}
        self.shared, self.numberless, self.capabilities = True, 0, {"content", "users"}
        self.number = 0
        self.lock = threading.RLock()
        notion = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, text = notion.answer(self.command, self.path, self.headers, body)
                if status == 0:
                    self.close_connection = True
                    return
                self.send_response(status)
                for key, value in {"Content-Type": "application/json", "Content-Length": len(text), **headers}.items():
                    self.send_header(key, str(value))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = respond

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def environment(self, secret, **config):
        """That of the bridge."""
        return {"NOTION_TOKEN": self.token, "NOTION_API_URL": self.url,
                "SENTRY_NOTION_INTEGRATION_CLIENT_SECRET": secret,
                "NOTION_CONFIG": json.dumps({"database_id": self.database.replace("-", ""), **config})}

    def add_user(self, name, email=None, kind="person"):
        user = {"object": "user", "id": made_id(), "type": kind, "name": name, "avatar_url": None,
                kind: {"email": email} if email else {}}
        self.users.append(user)
        return user["id"]

    def add_page(self, title, url=None, source=None):
        values = {"Name": {"title": [{"text": {"content": title}}]}}
        if url:
            values["Sentry link"] = {"url": url}
        return self.make_page(source or next(iter(self.sources)), values)

    def asked(self, beginning):
        return [request for request in self.requests if f"{request[0]} {request[1]}".startswith(beginning)]

    # How a call is answered.

    def answer(self, method, target, headers, body):
        address = urllib.parse.urlsplit(target)
        query = urllib.parse.parse_qs(address.query)
        call = f"{method} {address.path}"
        with self.lock:
            self.requests.append((method, address.path, query, body))
            fault = next((fault for fault in self.plan if call.startswith(fault["call"])), None)
            if fault:
                self.plan.remove(fault)
        if fault:
            time.sleep(fault.get("seconds", 0))
        breaks = fault is not None and "status" in fault
        status, more, given = 200, {}, None
        with self.lock:
            try:
                if not breaks or fault.get("done"):
                    given = self.respond(method, address.path, query, headers, body)
            except Refusal as refusal:
                status, more, given = refusal.status, refusal.headers, refusal.body
        if not breaks:
            return status, more, json.dumps(given).encode()
        codes = {429: "rate_limited", 409: "conflict_error", 503: "service_unavailable", 529: "service_overload"}
        error = {"object": "error", "status": fault["status"], "message": "A fault of the test.",
                 "code": codes.get(fault["status"], "internal_server_error")}
        return fault["status"], fault.get("headers", {}), fault.get("body", json.dumps(error).encode())

    def respond(self, method, path, query, headers, body):
        if headers.get("Authorization") != f"Bearer {self.token}":
            raise Refusal(401, "unauthorized", "API token is invalid.")
        version = headers.get("Notion-Version")
        if not version:
            raise Refusal(400, "missing_version", "Notion-Version header failed validation: it should be defined.")
        if version not in VERSIONS:
            raise Refusal(400, "invalid_request", f"Notion-Version {version} is not known.")
        given = {}
        if method in ("POST", "PATCH"):
            if len(body) > PAYLOAD:
                refuse("body is too large")
            if headers.get("Content-Type", "").split(";")[0] != "application/json":
                raise Refusal(400, "invalid_json", "Error parsing JSON body.")
            try:
                given = json.loads(body)
            except ValueError:
                raise Refusal(400, "invalid_json", "Error parsing JSON body.") from None
        parts = path.split("/")[2:] if path.startswith("/v1/") else []
        match (method, *parts):
            case ("GET", "users", "me"):
                return {"object": "user", "id": self.bot, "type": "bot", "bot": {}, "name": "The bridge"}
            case ("GET", "users"):
                return self.list_users(query)
            case ("GET", "databases", id_):
                return self.show_database(plain_id(id_), version)
            case ("GET", "data_sources", id_) if version >= SOURCES:
                return self.show_source(plain_id(id_))
            case ("POST", "databases", id_, "query") if version < SOURCES:
                self.needs_one_source()
                return self.query(self.source_of(plain_id(id_)), given, version)
            case ("POST", "data_sources", id_, "query") if version >= SOURCES:
                return self.query(self.known_source(plain_id(id_)), given, version)
            case ("POST", "pages"):
                return self.create(given, version)
            case ("GET", "pages", id_):
                return self.show(self.page(plain_id(id_)), version)
            case ("PATCH", "pages", id_):
                return self.change(self.page(plain_id(id_)), given, version)
        raise Refusal(400, "invalid_request_url", "Invalid request URL.")

    def page_size(self, value):
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
            refuse(f"page_size should be at most 100 and a number, instead was {value!r}.")
        return value

    def listing(self, rows, size, cursor, what):
        """One page of a list. A cursor is good for the filter that it was made with."""
        begin = 0
        if cursor is not None:
            begin = self.cursors.get((plain_id(cursor), what))
            if begin is None:
                refuse("start_cursor is invalid.")
        following = None
        if begin + size < len(rows):
            following = made_id()
            self.cursors[following, what] = begin + size
        return {"object": "list", "results": rows[begin:begin + size], "has_more": following is not None,
                "next_cursor": following}

    def list_users(self, query):
        if "users" not in self.capabilities:
            raise Refusal(403, "restricted_resource", "Insufficient permissions for this endpoint.")
        size = query.get("page_size", ["100"])[0]
        size = self.page_size(int(size) if size.isdigit() else size)
        return self.listing(self.users, size, query.get("start_cursor", [None])[0], "users")

    # Databases and their data sources.

    def not_found(self, id_):
        raise Refusal(404, "object_not_found", f"Could not find object with ID: {id_}. Make sure the relevant pages "
                                               "and databases are shared with your integration.")

    def needs_one_source(self):
        if len(self.sources) > 1:
            refuse("Databases with multiple data sources are not supported in this API version.")

    def source_of(self, database):
        if database != self.database or not self.shared:
            self.not_found(database)
        return next(iter(self.sources))

    def known_source(self, id_):
        if id_ not in self.sources or not self.shared:
            self.not_found(id_)
        return id_

    def schema(self):
        details = {"status": {"options": [{"id": name, "name": name} for name in self.options]},
                   "unique_id": {"prefix": self.prefix}}
        return {name: {"id": "title" if kind == "title" else urllib.parse.quote(name[:4]), "name": name, "type": kind,
                       kind: details.get("status" if kind == "select" else kind, {})}
                for name, kind in self.columns.items()}

    def show_database(self, id_, version):
        self.source_of(id_)
        shown = {"object": "database", "id": self.database, "title": [{"type": "text", "plain_text": "Tasks"}],
                 "in_trash": False, "url": f"https://www.notion.so/{self.database}"}
        if version >= SOURCES:
            return {**shown, "data_sources": [{"id": key, "name": name} for key, name in self.sources.items()]}
        self.needs_one_source()
        return {**shown, "archived": False, "properties": self.schema()}

    def show_source(self, id_):
        return {"object": "data_source", "id": self.known_source(id_), "properties": self.schema(),
                "parent": {"type": "database_id", "database_id": self.database}}

    # Pages.

    def page(self, id_):
        if id_ not in self.pages or not self.shared:
            self.not_found(id_)
        return self.pages[id_]

    def create(self, given, version):
        parent = given.get("parent") or {}
        kind = parent.get("type") or next(iter(parent), "")
        if kind not in parent or len(set(parent) - {"type"}) != 1:
            refuse("body.parent should have one of database_id and data_source_id, and its type.")
        if kind == "data_source_id":
            source = self.known_source(plain_id(parent[kind]))
        elif kind == "database_id":
            self.needs_one_source()
            source = self.source_of(plain_id(parent[kind]))
        else:
            refuse("body.parent.type is not known.")
        unknown = set(given) - {"parent", "properties", "children", "icon", "cover"}
        if unknown:
            refuse(f"body.{unknown.pop()} should be not present.")
        self.check_blocks(given.get("children", []))
        page = self.make_page(source, given.get("properties", {}))
        page["_numberless"] = self.numberless
        return self.show(page, version)

    def check_blocks(self, blocks):
        if len(blocks) > BLOCKS:
            refuse(f"body.children.length should be ≤ {BLOCKS}.")
        for block in blocks:
            kind = block.get("type")
            if kind != "paragraph" or kind not in block:
                refuse("body.children has a block of an unknown type.")
            self.check_texts("children", block[kind].get("rich_text"))

    def check_texts(self, name, items):
        if not isinstance(items, list) or len(items) > TEXTS:
            refuse(f"{name}.length should be ≤ {TEXTS}.")
        for item in items:
            content = item.get("text", {}).get("content")
            if not isinstance(content, str) or units(content) > TEXT:
                refuse(f"{name}.text.content.length should be ≤ {TEXT}.")

    def make_page(self, source, values):
        self.number += 1
        id_ = made_id()
        page = {"object": "page", "id": id_, "created_time": moment(), "last_edited_time": moment(),
                "url": f"https://www.notion.so/{id_.replace('-', '')}", "public_url": None, "properties": {},
                "_source": source, "_number": self.number, "_trash": False, "_order": self.number, "_numberless": 0}
        checked = self.checked(values)
        page["properties"].update(checked)
        self.pages[id_] = page
        return page

    def change(self, page, given, version):
        if "archived" in given and version >= TRASH:
            refuse("body.archived should be not present, use in_trash.")
        page["_trash"] = given.get("in_trash", given.get("archived", page["_trash"]))
        page["properties"].update(self.checked(given.get("properties", {})))
        page["last_edited_time"] = moment()
        page["_order"] = max(other["_order"] for other in self.pages.values()) + 1
        return self.show(page, version)

    def checked(self, values):
        """The properties as they are kept: each of a column that there is, and of its type."""
        kept = {}
        by_id = {about["id"]: name for name, about in self.schema().items()}
        for key, value in values.items():
            name = key if key in self.columns else by_id.get(key)
            if name is None:
                refuse(f"{key} is not a property that exists.")
            kind = self.columns[name]
            if kind in READ_ONLY:
                refuse(f"Cannot update read-only property {name}.")
            if not isinstance(value, dict) or kind not in value or set(value) - {kind, "type", "id"}:
                refuse(f"{name} is expected to be {kind}.")
            kept[name] = self.checked_value(name, kind, value[kind])
        return kept

    def checked_value(self, name, kind, value):
        if kind in ("title", "rich_text"):
            self.check_texts(name, value)
            return [{"type": "text", "plain_text": item["text"]["content"], "href": None, "annotations": {}, **item}
                    for item in value]
        if kind == "url" and value is not None and (not isinstance(value, str) or units(value) > URL or not value):
            refuse(f"{name}.url.length should be ≤ {URL}.")
        if kind in ("people", "multi_select", "relation"):
            if not isinstance(value, list) or len(value) > LIST:
                refuse(f"{name}.{kind} should be a list of at most {LIST}.")
        if kind == "people":
            known = {user["id"] for user in self.users}
            for person in value:
                if set(person) - {"object", "id"} or plain_id(person.get("id")) not in known:
                    refuse(f"{name}: could not find user with ID: {person.get('id')}.")
        if kind == "status" and value is not None and value.get("name") not in self.options:
            refuse(f"{name}: status option \"{value.get('name')}\" does not exist.")
        if kind == "select" and value is not None and value.get("name") not in self.options:
            self.options.append(value["name"])
        if kind == "date" and value is not None:
            try:
                datetime.fromisoformat(value["start"].replace("Z", "+00:00"))
            except (KeyError, ValueError):
                refuse(f"{name}.date.start should be a valid ISO 8601 date.")
        return value

    def show(self, page, version):
        source, number = page["_source"], page["_number"]
        shown = {key: value for key, value in page.items() if not key.startswith("_")}
        shown["properties"] = {}
        for name, about in self.schema().items():
            kind = about["type"]
            value = page["properties"].get(name, EMPTY.get(kind))
            if kind == "unique_id":
                if page["_numberless"] > 0:
                    page["_numberless"] -= 1
                    continue
                value = {"prefix": self.prefix, "number": number}
            shown["properties"][name] = {"id": about["id"], "type": kind, kind: value}
        shown["parent"] = {"type": "database_id", "database_id": self.database}
        if version >= SOURCES:
            shown["parent"] = {"type": "data_source_id", "data_source_id": source, "database_id": self.database}
        shown["in_trash"] = page["_trash"]
        if version < TRASH:
            shown["archived"] = page["_trash"]
        return shown

    # Queries.

    def query(self, source, given, version):
        unknown = set(given) - {"filter", "sorts", "start_cursor", "page_size"}
        if unknown:
            refuse(f"body.{unknown.pop()} should be not present.")
        rows = [page for page in self.pages.values() if page["_source"] == source and not page["_trash"]]
        if given.get("filter"):
            rows = [page for page in rows if self.matches(page, given["filter"])]
        for sort in reversed(given.get("sorts", [])):
            if sort.get("timestamp") not in ("created_time", "last_edited_time"):
                refuse("body.sorts should sort by a timestamp here.")
            key = "_number" if sort["timestamp"] == "created_time" else "_order"
            rows.sort(key=lambda page: page[key], reverse=sort.get("direction") == "descending")
        what = json.dumps([given.get("filter"), given.get("sorts")], sort_keys=True)
        size = self.page_size(given.get("page_size", 100))
        shown = self.listing(rows, size, given.get("start_cursor"), what)
        shown["results"] = [self.show(page, version) for page in shown["results"]]
        return {**shown, "type": "page_or_database" if version < SOURCES else "page_or_data_source"}

    def matches(self, page, wanted):
        for word, combine in (("or", any), ("and", all)):
            if word in wanted:
                return combine([self.matches(page, one) for one in wanted[word]])
        name = wanted.get("property")
        if name == "title":
            name = next(column for column, kind in self.columns.items() if kind == "title")
        if name not in self.columns:
            refuse(f"Could not find property with name or id: {name}")
        kind = self.columns[name]
        if set(wanted) != {"property", kind} or kind not in ("title", "rich_text", "url"):
            refuse(f"The filter of {name} should be one of {kind}.")
        value = page["properties"].get(name) or ""
        if isinstance(value, list):
            value = "".join(item["plain_text"] for item in value)
        (how, text), = wanted[kind].items()
        value, text = value.lower(), str(text).lower()
        tests = {"equals": value == text, "contains": text in value, "ends_with": value.endswith(text),
                 "starts_with": value.startswith(text)}
        if how not in tests:
            refuse(f"{how} is no condition of {kind}.")
        return tests[how]
