"""Shows the connector at work against the sandbox, for people. Started by tools/demo."""

import argparse
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
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
        say("\nThe local Sentry is stopped; --keep leaves it running. For your own Sentry see README.md,"
            "\n\"From a token to files\".")


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/demo", description="Builds the connector and reads a local Sentry that comes with it.",
        epilog="All other options are the local Sentry's: --events 100000, for example (sandbox/README.md).")
    parser.add_argument("--keep", action="store_true", help="leave the local Sentry running")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "output", metavar="FOLDER",
                        help="where the records go, in place of those of an earlier demo (default: %(default)s)")
    return parser.parse_known_args()


class Demo:
    """A local Sentry, and a folder that its records are read into."""

    def __init__(self, output, options):
        self.output = output.resolve()
        clear(self.output)
        with tempfile.TemporaryDirectory() as name:
            announce, log = pathlib.Path(name, "announce.json"), pathlib.Path(name, "log")
            with open(log, "w", encoding="utf-8") as file:
                self.sandbox = subprocess.Popen([SANDBOX, "--port", "0", "--announce", str(announce), *options],
                                                stdout=subprocess.DEVNULL, stderr=file, start_new_session=True)
            while not announce.exists():
                if self.sandbox.poll() is not None:
                    sys.exit(f"The local Sentry did not start. {log.read_text()}")
                time.sleep(0.02)
            self.announced = json.loads(announce.read_text())
        self.settings = {"SENTRY_URL": self.announced["url"], "SENTRY_AUTH_TOKEN": self.announced["token"],
                         "SENTRY_ORG": self.announced["organization"], "SENTRY_PROJECT": self.announced["project"]}

    def stop(self):
        self.sandbox.send_signal(signal.SIGTERM)
        self.sandbox.wait(timeout=10)

    def leave_running(self):
        settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in self.settings.items())
        say(f"\nThe local Sentry is still running; stop it with: kill {self.sandbox.pid}\nRead it again:\n"
            f"  {settings} {self.command('read')}")

    def show(self):
        version = subprocess.run([CONNECTOR, "--version"], capture_output=True, text=True).stdout.strip()
        say(f"\n{version} reads a local Sentry at {self.announced['url']}. Its address and a token are in the "
            f"environment.")
        self.run("check", "--exit-code")
        self.run("read")
        self.add_events()
        say(f"\n{NEW_EVENTS} new events have arrived. The same command reads what is new:")
        self.run("read")
        self.show_records()

    def command(self, name, *flags):
        return shlex.join([shown(CONNECTOR), name, *(flags or ["--output", shown(self.output), "--streams", "*"])])

    def run(self, name, *flags):
        """Runs the connector where the user stands, and shows what it tells people."""
        say(f"\n$ {self.command(name, *flags)}")
        done = subprocess.run(self.command(name, *flags), shell=True, env={**os.environ, **self.settings},
                              stdout=subprocess.DEVNULL, stderr=sys.stdout)
        if done.returncode != 0:
            sys.exit(f"{name} ended with exit code {done.returncode}.")

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
        say(f"\nThe records are in {shown(self.output)}/, one file for each stream, with one record on each line "
            "(docs/files.md).\nThe beginning of an issue:\n")
        say(textwrap.indent("\n".join(issue[:SHOWN_LINES]), "  "))


def clear(output):
    """Removes an earlier demo's records; a folder of anything else is left alone."""
    if not output.exists() or not any(output.iterdir()):
        return
    if not (output / "manifest.json").exists():
        sys.exit(f"{shown(output)} holds something that no demo has written. Move it away, or name another folder "
                 "with --output.")
    shutil.rmtree(output)


def shown(path):
    """As one would write it here."""
    here = os.path.relpath(path)
    return str(path) if here.startswith("..") else here


def say(text):
    print(text, flush=True)  # before what the connector tells


if __name__ == "__main__":
    main()
