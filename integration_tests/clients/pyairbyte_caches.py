"""PyAirbyte's caches, asked without PyAirbyte, and their tables taken back to records."""

import datetime
import json
import re

from support.connector import STREAMS
from support.protocol import ROOT


class DuckDBTables:
    """A DuckDB file of one test."""

    types = {"string": "VARCHAR", "date-time": "TIMESTAMP", "integer": "BIGINT", "number": "DECIMAL(38,9)",
             "boolean": "BOOLEAN", "object": "JSON", "array": "JSON"}

    def __init__(self, client, folder):
        self.client, self.cache = client, str(folder / "cache.duckdb")

    def prepare(self, sandbox):
        """Nothing to do: every byte arrives."""

    def tables(self):
        return self.client.expect("tables", cache=self.cache)

    def text(self, value):
        return value


class PostgresTables:
    """A PostgreSQL database of one test. PyAirbyte fills it through pandas, which takes no whole number above 64 bits,
    and text of digits alone for a number of 53 bits. The sandbox's ids are long to find out whoever rounds them; with
    Sentry's own nothing is lost: 34 bits for issues, 53 for projects."""

    types = {"string": "character varying", "date-time": "timestamp without time zone", "integer": "bigint",
             "number": "numeric", "boolean": "boolean", "object": "json", "array": "json"}

    def __init__(self, server, name):
        self.server, self.cache = server, server.create(name)

    def prepare(self, sandbox):
        """Makes the numbers as long as Sentry's where else nothing could be read, or issues would become the same."""
        sandbox.faults({"path": "/events/", "times": -1, "replace": ["123456789012345678901234567890", "123456789"]},
                       {"path": "/issues/", "times": -1, "replace": ["68123456789", "68"]})

    def tables(self):
        return self.server.tables(self.cache["database"])

    def text(self, value):
        """As pandas reads it."""
        return str(int(float(value))) if value.isdecimal() and int(value) > 2**53 else value


def stored(tables):
    """The records in a cache, by stream and id."""
    return {stream: records(stream, table["rows"]) for stream, table in tables.items() if stream in STREAMS}


def sent(run, store, streams=STREAMS):
    """The records that a run of the executable gave, as the cache should hold them."""
    return {stream: records(stream, run.records(stream), store.text) for stream in streams}


def records(stream, rows, text=lambda value: value):
    """Records by id and in one form, whether they come from a table or from the source: every declared field under
    its column's name, times as times, `text` applied to texts."""
    forms = {"string": text, "date-time": lambda value: datetime.datetime.fromisoformat(value).replace(tzinfo=None),
             "number": lambda value: round(value, 9)}
    taken = {}
    for row in rows:
        record = {}
        for name, schema in properties(stream).items():
            value, form = row.get(name, row.get(column(name))), forms.get(kind(schema))
            record[column(name)] = form(value) if form and value is not None else value
        assert record["id"] not in taken, f"{stream} {record['id']} is there twice"
        taken[record["id"]] = record
    return taken


def column_types(stream, store):
    """The columns that a stream's schema promises."""
    return {column(name): store.types[kind(schema)] for name, schema in properties(stream).items()}


def column(name):
    """PyAirbyte's name for a field."""
    return re.sub(r"[^a-z0-9_]", "_", name.lower())


def properties(stream):
    return json.loads((ROOT / "schemas" / f"{stream}.json").read_text())["properties"]


def kind(schema):
    """The one type of a field, null aside; date-time for a time. Without a type it may be anything: text then."""
    only, = (one for one in schema.get("type", ["string"]) if one != "null")
    return schema.get("format", only)
