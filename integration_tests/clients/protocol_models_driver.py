"""Parses the lines of stdin with Airbyte's own protocol models, and prints for each what the model holds of it and
which keys the model does not know. The argument says which models: pydantic1, pydantic2 or cdk; each has an environment
of its own."""

import json
import sys


def pydantic1(line):
    from airbyte_protocol.models import AirbyteMessage
    message = AirbyteMessage.parse_raw(line)
    return json.loads(message.json(exclude_unset=True, by_alias=True)), list(unknown_keys(message))


def pydantic2(line):
    from airbyte_protocol.models import AirbyteMessage
    message = AirbyteMessage.model_validate_json(line, strict=True)
    return json.loads(message.model_dump_json(exclude_unset=True, by_alias=True)), list(unknown_keys(message))


def cdk(line):
    """Dataclasses, which forget what they do not know, so that an unknown key is missing in what they hold; and which
    add their defaults, which are taken away again."""
    from airbyte_cdk.models import AirbyteMessageSerializer
    written = json.loads(line)  # the CDK's own reader of JSON rounds integers of more than 64 bits
    message = AirbyteMessageSerializer.load(written)
    held = AirbyteMessageSerializer.dump(message)
    if message.record:
        held["record"]["data"] = message.record.data  # the nulls that are in there, dump leaves out
    return without_additions(held, written), []


def without_additions(held, written):
    if isinstance(held, dict) and isinstance(written, dict):
        return {key: without_additions(one, written[key]) for key, one in held.items() if key in written}
    return held


def unknown_keys(value, path=""):
    """The paths of keys that no model declares. A state's own content is free."""
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from unknown_keys(one, f"{path}[{number}]")
    known = getattr(type(value), "model_fields", None) or getattr(value, "__fields__", None)
    if known is None or type(value).__name__ == "AirbyteStateBlob":
        return
    for key, one in {**value.__dict__, **(getattr(value, "__pydantic_extra__", None) or {})}.items():
        if key in known:
            yield from unknown_keys(one, f"{path}.{key}")
        else:
            yield f"{path}.{key}"


parse = {"pydantic1": pydantic1, "pydantic2": pydantic2, "cdk": cdk}[sys.argv[1]]
for text in sys.stdin.buffer:
    held, unknown = parse(text)
    print(json.dumps({"held": held, "unknown": unknown}))
