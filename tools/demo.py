"""Runs the connector against the sandbox and prints what happened, for people. Started by tools/demo."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
OUTPUT = ROOT / "output"
CONNECTOR = str(BUILD / "source-sentry")
NEW_EVENTS = 25


def main():
    OUTPUT.mkdir(exist_ok=True)
    sandbox = start_sandbox()
    try:
        show(sandbox["announced"])
    finally:
        sandbox["process"].send_signal(signal.SIGTERM)
        sandbox["process"].wait(timeout=10)
    print("\nThe local Sentry is stopped. For your own see README.md, \"With your own Sentry\".")


def start_sandbox():
    announce = OUTPUT / "sandbox.json"
    announce.unlink(missing_ok=True)
    process = subprocess.Popen(
        [str(BUILD / "sentry-sandbox"), "--port", "0", "--announce", str(announce), *sys.argv[1:]],
        stdout=subprocess.DEVNULL)
    while not announce.exists():
        if process.poll() is not None:
            sys.exit("The local Sentry did not start.")
        time.sleep(0.02)
    return {"process": process, "announced": json.loads(announce.read_text())}


def show(announced):
    version = subprocess.run([CONNECTOR, "--version"], capture_output=True, text=True).stdout.strip()
    print(f"\n{version} reads a local Sentry at {announced['url']}\n")
    config = write("config.json", {
        "auth_token": announced["token"], "organization": announced["organization"],
        "project": announced["project"], "hostname": announced["url"]})

    messages, seconds = run("check", "--config", config)
    status = one(messages, "CONNECTION_STATUS")["connectionStatus"]
    step("check", status["status"].lower() + (": " + status["message"] if "message" in status else ""), seconds)
    if status["status"] != "SUCCEEDED":
        sys.exit(1)

    messages, seconds = run("discover", "--config", config)
    streams = one(messages, "CATALOG")["catalog"]["streams"]
    step("discover", f"{len(streams)} streams", seconds)
    catalog = write("catalog.json", {"streams": [
        {"stream": stream, "sync_mode": stream["supported_sync_modes"][-1], "destination_sync_mode": "append"}
        for stream in streams]})

    read("read", "everything", config, catalog, "records.jsonl")
    add_events(announced)
    read("read", f"again, from the saved state, after {NEW_EVENTS} new events", config, catalog,
         "records-2.jsonl", "--state", str(OUTPUT / "state.json"))
    print(f"\n  In {OUTPUT.relative_to(ROOT)}/: records.jsonl and records-2.jsonl, one JSON message a line, and the files of a"
          "\n  run: config.json, catalog.json, state.json.")


def read(name, what, config, catalog, file, *more):
    messages, seconds = run("read", "--config", config, "--catalog", catalog, *more, output=OUTPUT / file)
    counts, sizes, states = {}, {}, {}
    for message, size in messages:
        if message["type"] == "RECORD":
            stream = message["record"]["stream"]
            counts[stream] = counts.get(stream, 0) + 1
            sizes[stream] = sizes.get(stream, 0) + size
        elif message["type"] == "STATE":
            states[message["state"]["stream"]["stream_descriptor"]["name"]] = message
    step(name, what, seconds)
    for stream in (stream["stream"]["name"] for stream in json.loads(pathlib.Path(catalog).read_text())["streams"]):
        line(stream, counts.get(stream, 0), sizes.get(stream, 0))
    line("all", sum(counts.values()), sum(sizes.values()))
    write("state.json", [state["state"] for state in states.values()])


def run(command, *arguments, output=None):
    """Runs the connector; returns its messages with their sizes, and the seconds it took."""
    path = output or OUTPUT / f"{command}.jsonl"
    begin = time.monotonic()
    with open(path, "wb") as file:
        code = subprocess.run([CONNECTOR, command, *arguments], stdout=file).returncode
    seconds = time.monotonic() - begin
    messages = [(json.loads(line), len(line)) for line in path.read_bytes().splitlines()]
    if output is None:
        path.unlink()
    if code != 0:
        for message, _ in messages:
            if message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
                print(message["trace"]["error"]["message"], file=sys.stderr)
        sys.exit(f"{command} ended with exit code {code}.")
    return messages, seconds


def add_events(announced):
    control(announced, "world", {"add_events": {"project": announced["project"], "count": NEW_EVENTS}})
    # A read takes whole seconds only, and the one under way is not over yet.
    control(announced, "clock", {"advance": 2})


def control(announced, what, body):
    request = urllib.request.Request(f"{announced['url']}/_sandbox/{what}", data=json.dumps(body).encode(),
                                     method="POST", headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request).read()


def one(messages, kind):
    return next(message for message, _ in messages if message["type"] == kind)


def write(name, document):
    path = OUTPUT / name
    path.write_text(json.dumps(document, indent=1))
    os.chmod(path, 0o600)  # it holds a token
    return str(path)


def step(name, what, seconds):
    print(f"  {name:<10}  {what:<60}{seconds:>7.2f} s")


def line(stream, records, size):
    amount = f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} KB"
    print(f"              {stream:<22}{records:>9,} record{'s' if records != 1 else ' '} {amount if records else '':>12}")


if __name__ == "__main__":
    main()
