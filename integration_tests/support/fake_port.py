"""A Port that is as strict as its API's description: identifiers, sizes, tokens, relations, and answers of its own."""

import json
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CLIENT_ID, CLIENT_SECRET = "the-client", "the-s3cret-of-the-client"
MOST_BYTES, BULK, BULK_TO_DELETE = 1 << 20, 20, 100
IDENTIFIER = re.compile(r"(?!\.{1,2}$)[\w@.+:\\/=-]+")  # \w is \p{L}, digits and _
FLAGS = {"upsert", "merge", "create_missing_related_entities", "validation_only"}


class FakePort:
    """`entities` holds what it has, by blueprint and identifier; `requests` what it was asked: method, path,
    parameters, body. `plan` is what the next requests are answered, (status, headers). `on_bulk` is called with each
    bulk before it is looked at."""

    def __init__(self, *blueprints):
        self.blueprints = {name: {"identifier": name} for name in blueprints}
        self.entities = {name: {} for name in blueprints}
        self.requests, self.plan, self.tokens, self.on_bulk, self.most_bytes = [], [], [], None, MOST_BYTES
        self.lock = threading.Lock()
        port = self

        class Handler(BaseHTTPRequestHandler):
            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                address = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(address.query))
                with port.lock:
                    status, answer, headers = port.answer(self.command, address.path, query, body,
                                                          self.headers.get("Authorization", ""))
                text = json.dumps(answer).encode()
                self.send_response(status)
                for key, value in {"Content-Length": len(text), **headers}.items():
                    self.send_header(key, str(value))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_DELETE = respond

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def asked(self, ending, method="POST"):
        return [request for request in self.requests if request[0] == method and request[1].endswith(ending)]

    def answer(self, method, path, query, body, authorization):
        if path == "/v1/auth/access_token":
            return self.log_in(json.loads(body))
        if not self.tokens or authorization != f"Bearer {self.tokens[-1]}":
            return refused(401, f"the token {authorization[7:]} is not valid")
        try:
            document = json.loads(body or b"null")
        except ValueError:
            return refused(400, "no JSON")
        self.requests.append((method, path, query, document))
        planned = self.plan.pop(0) if self.plan else None
        if planned:
            return refused(planned[0], "as planned, for " + CLIENT_SECRET, planned[1])
        if len(body) > self.most_bytes:
            return refused(413, "the body is too large")
        parts = [urllib.parse.unquote(part) for part in path.split("/")[3:]]
        if path == "/v1/blueprints" and method == "POST":
            return self.add_blueprint(document)
        if parts[0] not in self.blueprints:
            return refused(404, f"there is no blueprint {parts[0]}")
        if method == "GET" and len(parts) == 1:
            return 200, {"ok": True, "blueprint": self.blueprints[parts[0]]}, {}
        return self.change(method, parts[0], parts[1:], query, document)

    def log_in(self, document):
        if document != {"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET}:
            return refused(401, f"{document['clientSecret']} is not the secret")
        self.tokens.append(f"t0ken-{len(self.tokens)}")
        return 200, {"ok": True, "accessToken": self.tokens[-1], "expiresIn": 10800, "tokenType": "Bearer"}, {}

    def add_blueprint(self, document):
        if document["identifier"] in self.blueprints:
            return refused(409, "there is one of that name")
        missing = [relation["target"] for relation in document["relations"].values()
                   if relation["target"] not in self.blueprints]
        if missing:
            return refused(422, f"there is no blueprint {missing[0]}")
        self.blueprints[document["identifier"]], self.entities[document["identifier"]] = document, {}
        return 201, {"ok": True, "blueprint": document}, {}

    def change(self, method, blueprint, rest, query, document):
        mine = self.entities[blueprint]
        if method == "POST" and rest in (["entities"], ["entities", "bulk"]):
            if set(query) != FLAGS or not set(query.values()) <= {"true", "false"} or query["upsert"] != "true":
                return refused(400, f"what parameters are these? {query}")
            if rest == ["entities"]:
                error, created = self.put(blueprint, document, query)
                return refused(*error) if error else (201 if created else 200, {"ok": True, "entity": document}, {})
            return self.bulk(blueprint, document["entities"], query)
        if query and set(query) != {"delete_dependents"}:
            return refused(400, f"what parameters are these? {query}")
        if method == "POST" and rest == ["bulk", "entities", "delete"]:
            names = document["entities"]
            if len(names) > BULK_TO_DELETE:
                return refused(400, "too many entities")
            missing = [name for name in names if name not in mine]
            if missing:
                return refused(404, f"there is no {missing[0]}")
            for name in names:
                del mine[name]
            return 200, {"ok": True, "deletedEntities": names}, {}
        if method == "DELETE" and len(rest) == 2:
            if mine.pop(rest[1], None) is None:
                return refused(404, f"there is no {rest[1]}")
            return 200, {"ok": True}, {}
        return refused(404, "there is no such route")

    def bulk(self, blueprint, entities, query):
        if self.on_bulk:
            self.on_bulk(entities)
        if not 0 < len(entities) <= BULK:
            return refused(400, "a bulk has 1 to 20 entities")
        done, errors = [], []
        for index, entity in enumerate(entities):
            error, created = self.put(blueprint, entity, query)
            about = {"index": index, "identifier": entity.get("identifier")}
            if error:
                errors.append({**about, "statusCode": error[0], "error": "refused", "message": error[1]})
            else:
                done.append({**about, "created": created})
        return 207 if errors else 200, {"ok": not errors, "entities": done, "errors": errors}, {}

    def put(self, blueprint, entity, query):
        """An error (status and text) or none, and whether the entity is new."""
        mine, identifier = self.entities[blueprint], entity.get("identifier")
        if isinstance(identifier, dict):
            found = [name for name, one in mine.items() if all(
                rule["operator"] == "=" and one["properties"].get(rule["property"]) == rule["value"]
                for rule in identifier["rules"])]
            if len(found) != 1:
                return (422, f"{len(found)} entities are found"), False
            [identifier] = found
        if not isinstance(identifier, str) or len(identifier) > 1000 or not IDENTIFIER.fullmatch(identifier):
            return (422, f"the identifier must match {IDENTIFIER.pattern}"), False
        title = entity.get("title")
        if not isinstance(entity.get("properties", {}), dict) or not isinstance(title, (str, type(None))):
            return (422, "properties must be an object, and title a string"), False
        for name, value in entity.get("relations", {}).items():
            if value is None or isinstance(value, dict):
                continue
            target = self.blueprints[blueprint].get("relations", {}).get(name, {}).get("target", blueprint)
            for one in value if isinstance(value, list) else [value]:
                if one not in self.entities[target]:
                    if query["create_missing_related_entities"] == "false":
                        return (404, f"{name}: there is no {target} {one}"), False
                    self.entities[target][one] = {"properties": {}, "relations": {}}
        old = mine.get(identifier)
        merged = {**entity, "identifier": identifier}
        if old and query["merge"] == "true":
            merged = {**old, **merged}
            for part in ("properties", "relations"):
                merged[part] = {**old.get(part, {}), **entity.get(part, {})}
        mine[identifier] = {"properties": {}, "relations": {}, **merged}
        return None, old is None


def refused(status, message, headers=None):
    return status, {"ok": False, "error": "refused", "message": message}, headers or {}
