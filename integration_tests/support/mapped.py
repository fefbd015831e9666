"""What the tests of mapped streams and of Port files have in common."""

import json

from .all_streams import config_of


def config(sandbox, *streams, **more):
    """A configuration of all projects with these mapped streams."""
    return config_of(sandbox, mapped_streams=list(streams), **more)


def wanted(*names, sync_mode="incremental"):
    """A configured catalog of streams that a configuration makes, and of others."""
    return {"streams": [{"stream": {"name": name, "json_schema": {}, "supported_sync_modes": [sync_mode]},
                         "sync_mode": sync_mode, "destination_sync_mode": "append"} for name in names]}


def of_issues(name="mine", **more):
    return {"name": name, "from": "issues", **more}


def read(connector, sandbox, *streams, also=(), **more):
    """Reads these mapped streams, and `also` others."""
    return connector.read(config(sandbox, *streams, **more), wanted(*(one["name"] for one in streams), *also))


def lines(run, stream):
    """The data of the stream's records as bytes, sorted."""
    begin = b'{"type":"RECORD","record":{"stream":"%s","data":' % stream.encode()
    return sorted(line[len(begin):line.rindex(b',"emitted_at":')] for line in run.stdout.splitlines()
                  if line.startswith(begin))


def entry(run, name):
    """A stream's entry in the catalog that was discovered."""
    [message] = run.of("CATALOG")
    return next((stream for stream in message["catalog"]["streams"] if stream["name"] == name), None)


def written(record):
    """The record's bytes in a RECORD message."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def resource(kind, selector="{query: 'true'}", identifier=".id", more=""):
    """A resource of a Port file, in one line."""
    return (f"- {{kind: {kind}, selector: {selector}, port: {{entity: {{mappings: {{identifier: '{identifier}', "
            f"blueprint: '\"x\"'{more}}}}}}}}}\n")
