"""Runs the connector against the sandbox and prints what happened, for people. Started by tools/demo."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD_DIR", ROOT / "build" / "release"))
CONNECTOR = str(BUILD / "source-sentry")
SANDBOX = os.environ.get("SANDBOX", str(BUILD / "sentry-sandbox"))
NEW_EVENTS = 25
SHOWN_LINES = 12


def main():
    options, for_sandbox = arguments()
    demo = Demo(options.output, for_sandbox)
    try:
        demo.show()
    except BaseException:
        demo.stop()
        raise
    if options.keep:
        demo.leave_running()
    else:
        demo.stop()
        demo.forget_run()
        print("\nThe local Sentry is stopped; --keep leaves it running. For your own Sentry see README.md,"
              "\n\"With your own Sentry\".")


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/demo", description="Builds the connector and reads a local Sentry that comes with it.",
        epilog="All other options are the local Sentry's: --events 100000, for example (sandbox/README.md).")
    parser.add_argument("--keep", action="store_true", help="leave the local Sentry running, and the files of a run")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "output", metavar="FOLDER",
                        help="where the records go (default: %(default)s)")
    return parser.parse_known_args()


class Demo:
    """A local Sentry, and a folder for the records: <stream>.jsonl for each stream, and run/ for the files of a run."""

    def __init__(self, output, options):
        self.output, self.run_folder = output.resolve(), output.resolve() / "run"
        shutil.rmtree(self.run_folder, ignore_errors=True)
        self.run_folder.mkdir(parents=True)
        for file in self.output.glob("*.jsonl"):
            file.unlink()
        announce, log = self.run_folder / "sandbox.json", self.run_folder / "sandbox.log"
        with open(log, "w", encoding="utf-8") as file:
            self.sandbox = subprocess.Popen([SANDBOX, "--port", "0", "--announce", str(announce), *options],
                                            stdout=subprocess.DEVNULL, stderr=file, start_new_session=True)
        while not announce.exists():
            if self.sandbox.poll() is not None:
                sys.exit(f"The local Sentry did not start. {log.read_text()}")
            time.sleep(0.02)
        self.announced = json.loads(announce.read_text())

    def stop(self):
        self.sandbox.send_signal(signal.SIGTERM)
        self.sandbox.wait(timeout=10)

    def forget_run(self):
        """They name a server that is no longer there."""
        shutil.rmtree(self.run_folder)

    def leave_running(self):
        run = shown(self.run_folder)
        print(f"\nThe local Sentry is still running; stop it with: kill {self.sandbox.pid}\nRead it again:\n"
              f"  {shown(CONNECTOR)} read --config {run}/config.json --catalog {run}/catalog.json"
              f" --state {run}/state.json")

    def show(self):
        announced = self.announced
        version = subprocess.run([CONNECTOR, "--version"], capture_output=True, text=True).stdout.strip()
        print(f"\n{version} reads a local Sentry at {announced['url']}\n")
        config = self.write("config.json", {
            "auth_token": announced["token"], "organization": announced["organization"],
            "project": announced["project"], "hostname": announced["url"]})

        messages, seconds = self.run("check", "--config", config)
        status = one(messages, "CONNECTION_STATUS")["connectionStatus"]
        step("check", status["status"].lower() + (": " + status["message"] if "message" in status else ""), seconds)
        if status["status"] != "SUCCEEDED":
            sys.exit(1)

        messages, seconds = self.run("discover", "--config", config)
        streams = one(messages, "CATALOG")["catalog"]["streams"]
        step("discover", f"{len(streams)} streams", seconds)
        catalog = self.write("catalog.json", {"streams": [
            {"stream": stream, "sync_mode": stream["supported_sync_modes"][-1], "destination_sync_mode": "append"}
            for stream in streams]})

        names = [stream["name"] for stream in streams]
        self.read("read", "everything", names, "--config", config, "--catalog", catalog)
        self.add_events()
        self.read("read", f"again, from the saved state, after {NEW_EVENTS} new events", names,
                  "--config", config, "--catalog", catalog, "--state", str(self.run_folder / "state.json"))
        self.show_records()

    def read(self, name, what, streams, *arguments):
        messages, seconds = self.run("read", *arguments)
        records, states = {stream: [] for stream in streams}, {}
        for message in messages:
            if message["type"] == "RECORD":
                records[message["record"]["stream"]].append(json.dumps(message["record"]["data"], ensure_ascii=False))
            elif message["type"] == "STATE":
                states[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
        step(name, what, seconds)
        for stream, lines in records.items():
            line(stream, len(lines), sum(map(len, lines)))
            with open(self.output / f"{stream}.jsonl", "a", encoding="utf-8") as file:
                file.writelines(one + "\n" for one in lines)
        line("all", sum(map(len, records.values())), sum(sum(map(len, lines)) for lines in records.values()))
        self.write("state.json", list(states.values()))

    def run(self, command, *arguments):
        """Runs the connector; returns its messages, and the seconds it took."""
        begin = time.monotonic()
        done = subprocess.run([CONNECTOR, command, *arguments], stdout=subprocess.PIPE)
        seconds = time.monotonic() - begin
        messages = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode != 0:
            for message in messages:
                if message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
                    print(message["trace"]["error"]["message"], file=sys.stderr)
            sys.exit(f"{command} ended with exit code {done.returncode}.")
        return messages, seconds

    def add_events(self):
        self.control("world", {"add_events": {"project": self.announced["project"], "count": NEW_EVENTS}})
        # A read takes whole seconds only, and the one under way is not over yet.
        self.control("clock", {"advance": 2})

    def control(self, what, body):
        request = urllib.request.Request(f"{self.announced['url']}/_sandbox/{what}", data=json.dumps(body).encode(),
                                         method="POST", headers={"Content-Type": "application/json"})
        urllib.request.urlopen(request).read()

    def show_records(self):
        with open(self.output / "issues.jsonl", encoding="utf-8") as file:
            issue = json.dumps(json.loads(list(file)[-1]), indent=2, ensure_ascii=False).splitlines()
        print(f"\n  The records are in {shown(self.output)}/, one file for each stream, with one record on each line."
              "\n  The beginning of an issue:\n")
        print(textwrap.indent("\n".join(issue[:SHOWN_LINES]), "    "))

    def write(self, name, document):
        path = self.run_folder / name
        path.write_text(json.dumps(document, indent=1))
        os.chmod(path, 0o600)  # it holds a token
        return str(path)


def shown(path):
    """As one would write it here."""
    here = os.path.relpath(path)
    return str(path) if here.startswith("..") else here


def one(messages, kind):
    return next(message for message in messages if message["type"] == kind)


def step(name, what, seconds):
    print(f"  {name:<10}  {what:<60}{seconds:>7.2f} s")


def line(stream, records, size):
    amount = f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} KB"
    print(f"              {stream:<22}{records:>9,} record{'s' if records != 1 else ' '} {amount if records else '':>12}")


if __name__ == "__main__":
    main()
