"""What the system does to the process: signals that stop it, that mean nothing or that end it, and limits of threads,
memory, processor time and file sizes."""

import os
import signal
import subprocess
import threading

import pytest
from support import protocol
from support.connector import EXECUTABLE, STREAMS, Run, catalog
from support.hostile import link, page_of, sentry_with


@pytest.fixture
def gate():
    """What the server waits for before it goes on; open when the test is over."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def halted(connector, serve, gate):
    """A read that has written a record and waits for its second page; then for a third, which never comes."""

    def respond(target):
        if "cursor=third" in target:
            return lambda connection: connection.recv(1)
        if "cursor=second" in target:
            gate.wait(60)
            return page_of(2, cursor="third")
        return page_of(1, cursor="second")

    server = serve(sentry_with("/projects/acme/web/events/", respond))
    process = connector.start("read", server.config(), catalog("events", sync_mode="full_refresh"))
    deaf = threading.Timer(40, process.kill)
    deaf.start()
    process.begin = lines_until(process, b'"id": "e1"')
    yield process
    deaf.cancel()
    process.kill()
    process.communicate()


def lines_until(process, mark):
    lines = b""
    for line in process.stdout:
        lines += line
        if mark in line:
            return lines
    raise AssertionError((lines, process.wait()))


def ended_by(process, which, read):
    """Whether the run ended by that signal, with whole lines and an INCOMPLETE."""
    messages = protocol.parse(read + process.stdout.read())
    assert process.wait(timeout=20) == -which and process.stderr.read() == b""
    statuses = [m["trace"]["stream_status"]["status"] for m in messages
                if m["type"] == "TRACE" and m["trace"]["type"] == "STREAM_STATUS"]
    assert statuses[-1] == "INCOMPLETE"


@pytest.mark.parametrize("which", [signal.SIGSTOP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXFSZ, signal.SIGPIPE,
                                   signal.SIGWINCH, signal.SIGCHLD, signal.SIGURG])
def test_a_signal_that_means_nothing_changes_nothing(halted, gate, which):
    halted.send_signal(which)
    if which == signal.SIGSTOP:
        os.waitpid(halted.pid, os.WUNTRACED)
        halted.send_signal(signal.SIGCONT)
    gate.set()
    begin = halted.begin + lines_until(halted, b'"id": "e2"')
    halted.send_signal(signal.SIGTERM)  # which it still hears
    ended_by(halted, signal.SIGTERM, begin)


@pytest.mark.parametrize("which", [signal.SIGQUIT, signal.SIGXCPU, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF,
                                   signal.SIGIO, signal.SIGPWR])
def test_whatever_signal_ends_a_run_leaves_whole_lines(halted, which):
    halted.send_signal(which)
    ended_by(halted, which, halted.begin)


def test_a_run_that_is_stopped_during_its_grace_ends_by_its_signal(halted):
    halted.send_signal(signal.SIGSTOP)
    os.waitpid(halted.pid, os.WUNTRACED)
    halted.send_signal(signal.SIGTERM)
    halted.send_signal(signal.SIGCONT)
    ended_by(halted, signal.SIGTERM, halted.begin)


ODD_FILES = {  # what the file is, and what is said of it
    "a number that no double holds": (b'{"a": ["1e999 \\"", -1e400]}', "a number that is out of range, at byte 21"),
    "a device without an end": ("/dev/zero", "larger than 32 MB"),
    "a pipe without an end": ("yes", "larger than 32 MB"),
}


@pytest.mark.parametrize("flag", ["config", "catalog", "state"])
@pytest.mark.parametrize("kind", ODD_FILES)
def test_a_file_that_cannot_be_held_is_named(connector, serve, flag, kind):
    server = serve(sentry_with("/nothing", None))
    content, said = ODD_FILES[kind]
    arguments = connector.arguments("read", server.config(), catalog("events"), [])
    at = arguments.index(f"--{flag}") + 1
    endless = subprocess.Popen(["yes"], stdout=subprocess.PIPE) if content == "yes" else None
    arguments[at] = (f"/proc/{os.getpid()}/fd/{endless.stdout.fileno()}" if endless
                     else content if isinstance(content, str) else connector.file("odd.json", content))
    run = connector.run(*arguments, timeout=60)
    if endless:
        endless.kill()
        endless.communicate()
    error, = run.errors()
    assert run.code == 1 and error["failure_type"] == "config_error"
    assert arguments[at] in error["message"] and said in error["message"]


def test_a_file_size_limit_is_told_as_a_full_disk(connector, tmp_path):
    with open(tmp_path / "out", "wb") as out:
        done = subprocess.run(["prlimit", "--fsize=1000", EXECUTABLE, "spec"], stdout=out, stderr=subprocess.PIPE,
                              timeout=60)
    assert done.returncode == 1 and b"stdout cannot be written: File too large" in done.stderr


def limited(connector, *limits, command="read", config):
    """A run of all streams, or a check, under limits of the process."""
    arguments = connector.arguments(command, config, catalog() if command == "read" else None)
    done = subprocess.run(["prlimit", *limits, EXECUTABLE, *arguments], capture_output=True, timeout=120)
    return Run(done.returncode, done.stdout, done.stderr)


def test_little_memory_ends_with_a_clear_error(connector, serve):
    """An address space that starts the program and does not hold its pages."""
    big = {"body": b"[" + b",".join(b'{"id": "e%d", "dateCreated": "2026-01-10T00:00:00Z", "x": "%s"}' % (i, b"x" * 2**20)
                                    for i in range(60)) + b"]", "headers": link()}
    server = serve(sentry_with("/projects/acme/web/events/", lambda target: big))
    outcomes = set()
    for megabytes in (100, 120):
        run = limited(connector, f"--as={megabytes * 10**6}", config=server.config())
        assert run.code in (0, 1, 127), (megabytes, run.code, run.stderr)  # 127: not even the libraries fit
        if run.code == 1:
            said = run.stderr + " ".join(error["message"] for error in run.errors())
            assert "memory" in said, (megabytes, said)
            outcomes.add(run.code)
    assert outcomes


@pytest.fixture(scope="module")
def fewer_threads(tmp_path_factory):
    """A library that lets a process start THREADS threads and refuses more, as a limit of processes does."""
    folder = tmp_path_factory.mktemp("threads")
    (folder / "threads.c").write_text(r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
static atomic_int started;
int pthread_create(pthread_t *id, const pthread_attr_t *how, void *(*run)(void *), void *with) {
  if (atomic_fetch_add(&started, 1) >= atoi(getenv("THREADS"))) return EAGAIN;
  int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = dlsym(RTLD_NEXT, "pthread_create");
  return real(id, how, run, with);
}
""")
    library = folder / "threads.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, folder / "threads.c", "-ldl"], check=True)
    return str(library)



@pytest.mark.parametrize("more", [0, 1, 2, 6])
@pytest.mark.parametrize("command", ["read", "check"])
def test_fewer_threads_than_wanted_do_as_well(connector, serve, fewer_threads, command, more):
    server = serve(sentry_with("/nothing", None))
    arguments = connector.arguments(command, server.config(), catalog() if command == "read" else None)
    run = connector.run(*arguments, env={"LD_PRELOAD": fewer_threads, "THREADS": str(more)})
    assert run.code == 0, (run.errors(), run.stderr)
    if command == "read":
        assert all(run.statuses(stream)[-1]["status"] == "COMPLETE" for stream in STREAMS)
    else:
        assert run.connection_status()["status"] == "SUCCEEDED"
