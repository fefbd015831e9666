"""Compares the page splitter with Python's JSON parser over every file of the folders named.

differential.py SPLIT_PAGE FOLDER...; tools/fuzz runs it. Python keeps what the fuzzer's own judge gives up: numbers
as they are written, lone surrogates, duplicate keys and the order of members.
"""

import codecs
import json
import pathlib
import subprocess
import sys

AT_A_TIME = 200
MOST_NESTED = 1024
BYTE_ORDER_MARK = codecs.BOM_UTF8


class Number(str):
    """A number as it is written."""


class Members(list):
    """An object's members in their order, with duplicates."""


def refuse(literal):
    raise ValueError(f"{literal} is no JSON")


def parse(body):
    return json.loads(body.decode("utf-8"), parse_int=Number, parse_float=Number, parse_constant=refuse,
                      object_pairs_hook=Members)


def nesting(value):
    if not isinstance(value, list):
        return 0
    inside = [member[1] for member in value] if isinstance(value, Members) else value
    return 1 + max(map(nesting, inside), default=0)


def same(one, other):
    """Equal values of equal kinds: a number's text is no string, an object no list of pairs."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, tuple):
        return one[0] == other[0] and same(one[1], other[1])
    return one == other


def page(body):
    """The list that strict JSON of this text stands for; None if it is none, or too deep."""
    try:
        value = parse(body.removeprefix(BYTE_ORDER_MARK))
    except (ValueError, RecursionError):
        return None
    is_list = isinstance(value, list) and not isinstance(value, Members)
    return value if is_list and nesting(value) <= MOST_NESTED else None


def picked(record, key, kinds):
    """What the last member of that name holds, or nothing where that is of another kind or written with escapes."""
    members = top_level(record)
    values = [value for name, value in members if name == f'"{key}"']
    if not values or "\\" in values[-1]:
        return ""
    value = parse(values[-1].encode())
    return str(value) if type(value) in kinds else ""


def top_level(record):
    """The record's members as raw texts, cut by Python's decoder."""
    text = record.decode()
    decoder = json.JSONDecoder(parse_int=Number, parse_float=Number)
    members, at = [], text.index("{") + 1
    while True:
        key, at = raw(decoder, text, at)
        value, at = raw(decoder, text, text.index(":", at) + 1)
        members.append((key, value))
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n"))
        if text[at] == "}":
            return members
        at += 1


def raw(decoder, text, at):
    at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n"))
    _, end = decoder.raw_decode(text, at)
    return text[at:end], end


def check(body, outcome):
    """What is wrong with an outcome; nothing when it is right."""
    elements = page(body)
    if (elements is None) != outcome["refused"]:
        return "is refused" if outcome["refused"] else "is accepted"
    if elements is None:
        return None
    objects = [element for element in elements if isinstance(element, Members)]
    expected = [element for element in objects if element]
    if outcome["not_objects"] != len(elements) - len(objects) or outcome["empty"] != len(objects) - len(expected):
        return "is counted wrongly"
    if len(outcome["records"]) != len(expected):
        return "has another number of records"
    for fields, element in zip(outcome["records"], expected):
        record, line, key, cursor = map(bytes.fromhex, fields)
        if record not in body or not same(parse(record), element):
            return "has a record that differs"
        if b"\n" in line or b"\r" in line or not same(parse(line), element):
            return "has a line that differs"
        if key.decode() != picked(record, "id", (str, Number)):
            return "has another id"
        if cursor.decode() != picked(record, "dateCreated", (str,)):
            return "has another cursor"
    return None


def outcomes(split_page, files):
    for begin in range(0, len(files), AT_A_TIME):
        part = files[begin:begin + AT_A_TIME]
        run = subprocess.run([split_page, *map(str, part)], capture_output=True, text=True, check=True)
        yield from zip(part, map(json.loads, run.stdout.splitlines()), strict=True)


def main(split_page, *folders):
    sys.setrecursionlimit(20_000)
    files = sorted(file for folder in folders for file in pathlib.Path(folder).iterdir())
    wrong = [(file, what) for file, outcome in outcomes(split_page, files)
             if (what := check(file.read_bytes(), outcome)) is not None]
    for file, what in wrong:
        print(f"        {file} {what}")
    accepted = sum(page(file.read_bytes()) is not None for file in files)
    print(f"{'FAILED' if wrong else 'passed'}  differential   {len(files):>9} pages, {accepted} of them good")
    return 1 if wrong or not accepted else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
