"""Delivers the entities that `source-sentry read --output FOLDER` has written of a Port file to Port.

    export PORT_CLIENT_ID=... PORT_CLIENT_SECRET=...
    python deliver.py sentry --port-file port-app-config.yml

Each record of the streams `port_*` is an entity as Port's API takes it, and is sent as it stands. After a full refresh
that was read whole, what an earlier delivery has written and this one has not is deleted from Port: the ledger in the
folder says what was written. README.md says more. It needs Python 3.9 or later and nothing else.
"""

import argparse
import concurrent.futures
import fcntl
import itertools
import json
import os
import pathlib
import re
import shutil
import sys
import urllib.parse

from port_api import DONE, Failure, Port, make_blueprints, path_of, why
from port_file import FLAGS, flag, flags_of
from sentry_folder import streams_of

BULK, BULK_TO_DELETE, MOST_BYTES = 20, 100, 1 << 20  # Port's limits of one request
AT_A_TIME = 5
HERE = pathlib.Path(__file__).resolve().parent
DEFAULT = HERE / "port-app-config.yml"


class Ledger:
    """What was written for each stream. It is added to before each request, so that a kill loses nothing of it."""

    def __init__(self, path, base, dry):
        self.path, self.dry, self.written = path, dry, {}
        lines = path.read_text().split("\n")[:-1] if path.exists() else []  # what is behind the last one is torn
        if lines and json.loads(lines[0]) != base:
            raise Failure(f"{path} is of another Port, {lines[0]}. Name another file with --ledger.")
        for verb, stream, *key in map(json.loads, lines[1:]):
            (set.add if verb == "wrote" else set.discard)(self.of(stream), tuple(key))
        entries = [base] + [("wrote", stream, *key) for stream, keys in self.written.items() for key in keys]
        if not dry:
            new = path.with_name(path.name + ".new")
            new.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
            os.replace(new, path)

    def of(self, stream):
        return self.written.setdefault(stream, set())

    def note(self, verb, stream, keys):
        """Returns those of which it did not know that."""
        keys = {key for key in keys if key[1] is not None and (key in self.of(stream)) == (verb == "deleted")}
        (set.update if verb == "wrote" else set.difference_update)(self.of(stream), keys)
        if keys and not self.dry:
            with open(self.path, "a") as file:
                file.write("".join(json.dumps((verb, stream, *key)) + "\n" for key in keys))
                file.flush()
                os.fsync(file.fileno())
        return keys


def bulks(entities):
    """Lists of entities, each for one request. One with a search for its identifier goes alone."""
    waiting = {}
    for entity in entities:
        bulk = waiting.setdefault((entity[0], entity[1][0]), [])
        if entity[1][1] is None:
            yield [entity]
            continue
        if len(bulk) == BULK or sum(len(line) + 1 for _, _, line in [*bulk, entity]) + 15 > MOST_BYTES:
            yield bulk[:]
            bulk.clear()
        bulk.append(entity)
    yield from filter(None, waiting.values())


class Delivery:
    def __init__(self, port, flags, ledger):
        self.port, self.flags, self.ledger = port, flags, ledger
        self.query = ("upsert=true&validation_only=false&merge={enableMergeEntity}&create_missing_related_entities="
                      "{createMissingRelatedEntities}").format(**flags).lower()

    def run(self, streams):
        """What could not be done, a line each."""
        failures, before = [failure for stream in streams for failure in self.upsert(stream.entities())], None
        # Without that flag an entity may have come before one that it is related to.
        while failures and not self.flags["createMissingRelatedEntities"] and len(failures) != before:
            before, failures = len(failures), list(self.upsert([entity for entity, _ in failures]))
        return [f"{name}, {key[0]} {key[1] or 'by a search'}: {text}" for (name, key, _), text in failures]

    def upsert(self, entities):
        """Each entity that failed, with the reason."""
        requests = bulks(entities)
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
            while batch := list(itertools.islice(requests, AT_A_TIME)):
                new = [self.ledger.note("wrote", bulk[0][0], [key for _, key, _ in bulk]) for bulk in batch]
                for keys, failures in zip(new, pool.map(self.send, batch)):
                    for entity, text in failures:
                        self.ledger.note("deleted", entity[0], keys & {entity[1]})  # it was never ours
                        yield entity, text

    def send(self, bulk):
        path, singly, failures = f"{path_of(bulk[0][1][0])}/entities", bulk, []
        if bulk[0][1][1] is not None:
            body = b'{"entities":[' + b",".join(line for _, _, line in bulk) + b"]}"
            status, answer = self.port.ask("POST", f"{path}/bulk?{self.query}", body)
            errors = {error.get("index"): error for error in answer.get("errors") or []}
            told = len(errors) + len(answer.get("entities") or [])
            if status in DONE and set(errors) <= set(range(len(bulk))) and (status != 207 or told >= len(bulk)):
                failed = {index: error.get("statusCode") or 0 for index, error in errors.items()}
                singly = [bulk[index] for index, code in failed.items() if code == 429 or code >= 500]
                failures = [(bulk[index], why(code, errors[index])) for index, code in failed.items()
                            if bulk[index] not in singly]
            elif status in (401, 403, 404):
                return [(entity, why(status, answer)) for entity in bulk]
        for entity in singly:
            status, answer = self.port.ask("POST", f"{path}?{self.query}", entity[2])
            failures += [] if status in DONE else [(entity, why(status, answer))]
        return failures

    def stale(self, stream, streams):
        """What is to be deleted. What another stream has written stays, as that one's."""
        known = self.ledger.of(stream.name)
        lost = known - stream.current if stream.whole else known & stream.gone if stream.complete else set()
        held = set().union(*(other.current for other in streams if other is not stream),
                           *(keys for name, keys in self.ledger.written.items() if name != stream.name))
        if lost and len(lost) > self.flags["entityDeletionThreshold"] * len(known):
            self.port.tell(f"{stream.name}: nothing is deleted, since {len(lost)} of {len(known)} entities would go, "
                           "more than entityDeletionThreshold allows.")
            return set()
        self.ledger.note("deleted", stream.name, lost & held)
        return lost - held

    def delete(self, name, keys):
        """What could not be deleted, a line each."""
        problems, dependents = [], f"delete_dependents={self.flags['deleteDependentEntities']}".lower()
        for blueprint, group in itertools.groupby(sorted(keys), lambda key: key[0]):
            path, group = path_of(blueprint), list(group)
            for chunk in (group[at:at + BULK_TO_DELETE] for at in range(0, len(group), BULK_TO_DELETE)):
                body = json.dumps({"entities": [identifier for _, identifier in chunk]}).encode()
                status, answer = self.port.ask("POST", f"{path}/bulk/entities/delete?{dependents}", body)
                if status not in DONE or answer.get("errors"):
                    for key in chunk[:]:
                        one = f"{path}/entities/{urllib.parse.quote(key[1], safe='')}?{dependents}"
                        status, answer = self.port.ask("DELETE", one)
                        if status not in (*DONE, 404):  # 404: somebody else has deleted it
                            problems.append(f"{name}, {key[0]} {key[1]}: not deleted, {why(status, answer)}")
                            chunk.remove(key)
                self.ledger.note("deleted", name, chunk)
        return problems


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, nargs="?", help="what `source-sentry read --output` wrote")
    parser.add_argument("--port-file", type=pathlib.Path, help="whose flags hold; or port-app-config.yml")
    parser.add_argument("--streams", default="port_*", help="names or patterns of streams, with commas between")
    for name in FLAGS:
        parser.add_argument(f"--{name}", type=lambda text, name=name: flag(name, text), help="in place of the file's")
    parser.add_argument("--ledger", type=pathlib.Path, help="what was written before; FOLDER/port-ledger.jsonl")
    parser.add_argument("--init", action="store_true", help="first make the default blueprints and Port file")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--longest-wait", type=float, default=300, metavar="SECONDS", help="between two tries")
    options = parser.parse_args()
    file = options.port_file or pathlib.Path(DEFAULT.name)
    if options.folder is None and not options.init:
        parser.error("name the folder that `source-sentry read --output` wrote")
    if options.folder and not (options.folder / "manifest.json").is_file():
        parser.error(f"{options.folder} has no manifest.json: it is no folder of `source-sentry read --output`")
    if options.port_file and not file.exists() and not options.init:
        parser.error(f"there is no {file}")
    if not options.dry_run and not (os.environ.get("PORT_CLIENT_ID") and os.environ.get("PORT_CLIENT_SECRET")):
        parser.error("PORT_CLIENT_ID and PORT_CLIENT_SECRET must be in the environment")
    base = os.environ.get("PORT_BASE_URL") or "https://api.getport.io"
    if not re.match(r"https://|http://(localhost|127\.0\.0\.1)(:|/|$)", base):
        parser.error("PORT_BASE_URL must begin with https://")
    source = DEFAULT if options.init and not file.exists() else file
    try:
        given = {name: getattr(options, name) for name in FLAGS if getattr(options, name) is not None}
        flags = flags_of(source.read_text("utf-8-sig") if source.exists() else "", given)
    except ValueError as error:
        parser.error(f"{file}, {error}")
    return options, flags, Port(base, os.environ.get("PORT_CLIENT_ID"), os.environ.get("PORT_CLIENT_SECRET"),
                                options.longest_wait)


def main():
    options, flags, port = arguments()
    problems = []
    try:
        if options.init and not options.dry_run:
            make_defaults(options.port_file or pathlib.Path(DEFAULT.name), port)
        if options.folder:
            problems = deliver(options, flags, port)
    except (Failure, OSError) as failure:
        problems = [str(failure)]
    for text in problems:
        port.tell(text)
    return 1 if problems else 0


def make_defaults(file, port):
    """What is there already stays as it is."""
    if not file.exists():
        shutil.copyfile(DEFAULT, file)
        print(f"{file}: written")
    print("\n".join(make_blueprints(port, json.loads((HERE / "blueprints.json").read_text()))))


def deliver(options, flags, port):
    lock = options.folder / ".source-sentry" / "lock"
    with open(lock if lock.exists() else os.devnull) as held:
        try:
            lock.exists() and fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"A run of source-sentry writes to {options.folder}. Deliver when it has ended.") from None
        ledger = Ledger(options.ledger or options.folder / "port-ledger.jsonl", port.base, options.dry_run)
        streams = streams_of(options.folder, options.streams.split(","))
        delivery = Delivery(port, flags, ledger)
        problems = [text for stream in streams for text in stream.problems]
        if not options.dry_run:
            problems += delivery.run(streams)
        verb = "would be " if options.dry_run else ""
        for stream in streams:
            stale = delivery.stale(stream, streams)
            problems += [] if options.dry_run else delivery.delete(stream.name, stale)
            print(f"{stream.name}: {len(stream.keys)} entities {verb}sent, {len(stale)} {verb}deleted"
                  + ("" if stream.whole else " (no full refresh that was read whole)" if not stream.left_out else
                     f" (nothing is deleted, since expressions failed for {stream.left_out} records)"))
    return problems


if __name__ == "__main__":
    sys.exit(main())
