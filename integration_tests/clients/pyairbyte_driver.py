"""PyAirbyte behind a pipe: each line of stdin is a request, each line of stdout its answer, both JSON. One process
serves many tests, since to import PyAirbyte takes seconds; every request makes its source and its cache anew."""

import contextlib
import io
import itertools
import json
import os
import sys

import airbyte
import duckdb
from airbyte.caches import DuckDBCache, PostgresCache
from airbyte.exceptions import PyAirbyteError


def source(request):
    return airbyte.get_source("source-sentry", config=request["config"], local_executable=request["executable"])


def describe(request):
    one = source(request)
    return {"streams": one.get_available_streams(), "config_spec": one.config_spec}


def validate(request):
    source(request).validate_config()


def check(request):
    source(request).check()


def read(request):
    """Reads into the cache: the path of a DuckDB file, or how to reach a PostgreSQL."""
    where = request["cache"]
    cache = PostgresCache(**where) if isinstance(where, dict) else DuckDBCache(db_path=where)
    try:
        result = source(request).read(cache, streams=request["streams"], **request["options"])
        return {name: len(rows) for name, rows in result.items()}
    finally:
        cache.get_sql_engine().dispose()


def take(request):
    """The first `count` records of a stream; the rest of it is never read."""
    records = source(request).get_records(request["stream"])
    return [dict(record) for record in itertools.islice(records, request["count"])]


def tables(request):
    """What a DuckDB file holds, asked without PyAirbyte: each table's columns with their types, and its rows."""
    with duckdb.connect(request["cache"]) as database:
        def ask(query, *values):
            return database.execute(query, values).fetchall()

        return {name: {"columns": dict(ask("SELECT column_name, data_type FROM information_schema.columns "
                                           "WHERE table_name = ?", name)),
                       "rows": [json.loads(row) for row, in ask(f'SELECT to_json(one)::VARCHAR FROM "{name}" AS one')]}
                for name, in ask("SELECT table_name FROM information_schema.tables")}


def answer(request):
    """What came of a request, and what PyAirbyte printed meanwhile."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            outcome = {"result": REQUESTS[request["do"]](request)}
        except PyAirbyteError as error:
            outcome = {"error": type(error).__name__, "text": str(error)}
    return {**outcome, "printed": printed.getvalue()}


REQUESTS = {function.__name__: function for function in (describe, validate, check, read, take, tables)}

if __name__ == "__main__":
    # Nothing that a library prints may come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        # Records hold their time as a datetime: text does for the answer.
        print(json.dumps(answer(json.loads(line)), default=str), file=answers, flush=True)
