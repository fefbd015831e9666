"""An OpsLevel: the webhook of a custom integration, and the part of its GraphQL API that examples/opslevel asks."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN, HOOK = "the-t0ken-of-opslevel", "/integrations/custom/webhook/h00k-id"
MOST_BYTES = 256_000
# What the input of each mutation may and must have.
INPUTS = {"serviceCreate": ({"name", "type"}, {"name", "type"}), "aliasCreate": ({"alias", "ownerId"},) * 2,
          "serviceUpdate": ({"id", "name", "description", "language", "framework", "product", "tierAlias",
                             "lifecycleAlias"}, {"id"}),
          "tagAssign": ({"id", "tags"},) * 2, "propertyAssign": ({"owner", "definition", "value"},) * 2}


class FakeOpsLevel:
    """`pushed` holds the bodies that came to the webhook, `components` what it has, by id, and `plan` what the next
    requests are answered: (status, headers)."""

    def __init__(self, *definitions):
        self.definitions, self.components, self.pushed, self.asked, self.plan = definitions, {}, [], [], []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    status, answer, headers = fake.answer(self.path, body, self.headers.get("Authorization"))
                except ConnectionAbortedError:  # a test wants no answer
                    self.close_connection = True
                    return
                text = json.dumps(answer).encode()
                self.send_response(status)
                for key, value in {"Content-Length": len(text), **headers}.items():
                    self.send_header(key, str(value))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, identifier, **properties):
        self.components[f"id-{len(self.components)}"] = {"aliases": [identifier], "properties": properties, "tags": {}}

    def by_alias(self):
        return {alias: one for one in self.components.values() for alias in one["aliases"]}

    def answer(self, path, body, authorization):
        if self.plan:
            status, headers = self.plan.pop(0)
            return status, {"message": f"as planned, for {authorization} at {self.url}{path}"}, headers
        if len(body) > MOST_BYTES:
            return 413, {"message": "too large"}, {}
        document = json.loads(body)
        if path == HOOK:
            if set(document) != {"external_kind", "data"} or not isinstance(document["data"], list):
                return 400, {"message": "not as the integration wants it"}, {}
            self.pushed.append(body)
            return 202, {"result": "ok"}, {}
        if path != "/graphql" or authorization != f"Bearer {TOKEN}":
            return 401, {"errors": [{"message": f"{authorization} is not valid"}]}, {}
        variables = document["variables"]
        [name] = re.findall(r"\{ (?:account \{ )?(\w+)\(", document["query"])
        self.asked.append((name, variables))
        if name in INPUTS:
            may, must = INPUTS[name]
            if not must <= set(variables["input"]) <= may:
                return 200, {"errors": [{"message": f"{name}: wrong input {variables}"}]}, {}
        try:
            return 200, {"data": getattr(self, name)(**variables.get("input", variables))}, {}
        except LookupError as error:
            return 200, {"data": {name: {"errors": [{"message": f"not found: {error}"}]}}}, {}

    def service(self, alias):
        found = [key for key, one in self.components.items() if alias in one["aliases"]]
        return {"account": {"service": {"id": found[0] if found else None}}}

    def serviceCreate(self, name, type):
        key = f"id-{len(self.components)}"
        self.components[key] = {"aliases": [], "name": name, "type": type["alias"], "properties": {}, "tags": {}}
        return {"serviceCreate": {"service": {"id": key}, "errors": []}}

    def aliasCreate(self, alias, ownerId):
        self.components[ownerId]["aliases"].append(alias)
        return {"aliasCreate": {"errors": []}}

    def serviceUpdate(self, id, **more):
        self.components[id].update(more)
        return {"serviceUpdate": {"errors": []}}

    def tagAssign(self, id, tags):
        self.components[id]["tags"].update({tag["key"]: tag["value"] for tag in tags})
        return {"tagAssign": {"errors": []}}

    def propertyAssign(self, owner, definition, value):
        if definition["alias"] not in self.definitions:
            raise LookupError(f"property definition {definition['alias']}")
        self.components[owner["id"]]["properties"][definition["alias"]] = json.loads(value)
        return {"propertyAssign": {"errors": []}}

    def propertyUnassign(self, owner, definition):
        self.components[owner["id"]]["properties"].pop(definition["alias"], None)
        return {"propertyUnassign": {"errors": []}}
