"""Bodies that are compressed: in every way that is right, in ways that are not, and to no end."""

import gzip
import json
import os
import subprocess
import sys
import zlib

import pytest
from support.connector import EXECUTABLE, catalog, state
from support.fast_time import fast
from support.hostile import event, link, sentry_with

SAVED = state(events={"dateCreated": "2026-01-09T23:59:00Z"})
PAGE = json.dumps([event(number) for number in range(5)]).encode()
IDS = [f"e{number}" for number in range(5)]
GIBIBYTE = 1 << 30


def deflated(data):
    """Without zlib's header."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


WHOLE = {
    "gzip": ("gzip", gzip.compress(PAGE)),
    "in capitals, by its old name": ("X-GZIP", gzip.compress(PAGE)),
    "two gzip members": ("gzip", gzip.compress(PAGE[:40]) + gzip.compress(PAGE[40:])),
    "gzip with zeros behind it": ("gzip", gzip.compress(PAGE) + bytes(100)),
    "gzip with a line end behind it": ("gzip", gzip.compress(PAGE) + b"\r\n"),
    "gzip that is zlib's format": ("gzip", zlib.compress(PAGE)),
    "twice": ("gzip, gzip", gzip.compress(gzip.compress(PAGE))),
    "deflate": ("deflate", zlib.compress(PAGE)),
    "deflate without a header": ("deflate", deflated(PAGE)),
    "not at all, which is said": ("identity", PAGE),
}
BROKEN = {
    "cut off": (gzip.compress(PAGE)[:-20], "cut off"),
    "without its end": (gzip.compress(PAGE)[:-8], "cut off"),
    "a wrong checksum": (gzip.compress(PAGE)[:-8] + b"\0\0\0\0" + gzip.compress(PAGE)[-4:], "damaged"),
    "a wrong size": (gzip.compress(PAGE)[:-4] + b"\1\0\0\0", "damaged"),
    "half a second member": (gzip.compress(PAGE) + gzip.compress(b" ")[:-6], "cut off"),
    "no gzip": (PAGE, "damaged"),
}


def answer(coding, body):
    return {"headers": {**link(), "Content-Encoding": coding}, "body": body}


def read(connector, serve, respond, **more):
    return connector.read(serve(sentry_with("/events/", respond)).config(), catalog("events"), SAVED, **more)


@pytest.mark.parametrize("way", WHOLE)
def test_a_page_is_read_however_it_is_compressed(connector, serve, way):
    run = read(connector, serve, lambda target: answer(*WHOLE[way]))
    assert run.code == 0 and run.ids("events") == IDS and not run.logs("WARN")


@pytest.mark.parametrize("fault", BROKEN)
def test_a_compressed_page_that_is_broken_is_asked_for_again(connector, serve, fault):
    """None of it is taken, although all of its text may have come: its checksum does not vouch for it."""
    body, why = BROKEN[fault]
    calls = []

    def respond(target):
        calls.append(target)
        return answer("gzip", body if len(calls) == 1 else gzip.compress(PAGE))

    run = read(connector, serve, respond)
    assert run.code == 0 and run.ids("events") == IDS and len(calls) == 2
    warning, = run.logs("WARN")
    assert why in warning


def test_only_gzip_is_asked_for_and_another_coding_is_told(connector, serve):
    server = serve(sentry_with("/events/", lambda target: answer("br", b"\x0b\x02\x80[]\x03")))
    run = connector.read(server.config(), catalog("events"), SAVED, env=fast(120))
    assert all(b"\r\nAccept-Encoding: gzip\r\n" in head for head in server.heads)
    error, = run.errors("events")
    assert run.code == 1 and not run.records("events")
    assert "Content-Encoding: br" in error["message"] and "send gzip" in error["message"]


def bomb(kind):
    """A MiB of gzip for more than a GiB of blanks."""
    piece, count = b" " * (16 << 20), 65
    if kind == "of many members":
        return gzip.compress(piece) * count
    packer = zlib.compressobj(wbits=-15)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)  # may stand after any other
    size = len(piece) * count % (1 << 32)
    # The checksum is never come to.
    return b"\x1f\x8b\x08\0\0\0\0\0\0\3" + block * count + b"\3\0" + bytes(4) + size.to_bytes(4, "little")


@pytest.mark.parametrize("kind", ["of one member", "of many members"])
def test_a_page_of_more_than_a_gibibyte_is_refused_and_takes_no_memory(connector, serve, kind):
    body = bomb(kind)
    assert len(body) < GIBIBYTE / 500
    server = serve(sentry_with("/events/", lambda target: answer("gzip", body)))
    records, kilobytes, output = measured(connector, server)
    assert records == 0 and b"larger than can be held" in output
    assert kilobytes < 100_000


@pytest.mark.skipif("asan" in EXECUTABLE or "tsan" in EXECUTABLE, reason="the sanitizers need memory of their own")
def test_a_compressed_page_takes_no_more_memory_than_another(connector, serve):
    body = json.dumps([event(number, filler="x" * 10_000) for number in range(4000)]).encode()
    for packed in (gzip.compress(body, 1), gzip.compress(body[:7], 1) + gzip.compress(body[7:], 1)):
        server = serve(sentry_with("/events/", lambda target: answer("gzip", packed)))
        records, kilobytes, _ = measured(connector, server)
        assert records == 4000
        assert kilobytes * 1024 < 4 * len(body)


# Runs a command: the records that it writes, its memory, and its last line. In a small process of its own, since what a
# process has counts as its children's too.
MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
lines = [line[:1000] for line in process.stdout]
print(sum(line.startswith(b'{"type":"RECORD"') for line in lines), os.wait4(process.pid, 0)[2].ru_maxrss)
print(b"".join(lines[-5:]).decode(errors="replace"))
"""


def measured(connector, server):
    command = [EXECUTABLE, *connector.arguments("read", server.config(), catalog("events"), SAVED)]
    done = subprocess.run([sys.executable, "-c", MEASURE, *command], capture_output=True, timeout=100, check=True,
                          env={**os.environ, **fast(20)})
    head, _, output = done.stdout.partition(b"\n")
    records, kilobytes = map(int, head.split())
    return records, kilobytes, output
