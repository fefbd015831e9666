"""Proves that an organization of 200 projects, a million events, 100,000 issues and 20,000 releases is read completely:
in full, and incrementally with 50 kills at random moments while it goes on.

    python3 benchmarks/organization_proof.py [--kills N] [--seed N] [--events N] [--projects N] ...

Needs a release build. Takes about five minutes; ends with 0 if everything arrived, in its newest version, and no more
of it twice than docs/state.md allows. integration_tests/test_organization_proof.py runs the same in small.
"""

import argparse
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration_tests"))

from support.connector import Connector  # noqa: E402
from support.proof import HISTORY, Proof  # noqa: E402
from support.sandbox import Sandbox  # noqa: E402


def main():
    options = arguments()
    begin = time.monotonic()

    def report(text):
        print(f"{time.monotonic() - begin:7.1f} s  {text}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        sandbox = Sandbox(folder, "--projects", options.projects, "--events", options.events, "--event-size", "small",
                          "--issues", options.issues, "--releases", options.releases, *HISTORY)
        try:
            proof = Proof(Connector(folder), sandbox, options.seed, report)
            ledger = proof.prove(options.kills)
        finally:
            sandbox.control("DELETE", "requests")  # too many to check each against Sentry's description
            sandbox.stop()
    for name, count in sorted(proof.world.done.items()):
        report(f"{name.replace('_', ' ')}: {count}")
    for stream, written in ledger.written.items():
        report(f"{stream}: {len(written):,} ids, all that there are")
    report(f"{ledger.kills} kills; {ledger.repeats:,} records came again, within the bound")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("kills", 50), ("seed", 1), ("projects", 200), ("events", 1_000_000), ("issues", 100_000),
                          ("releases", 20_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()


if __name__ == "__main__":
    main()
