"""Proves that the streams beyond the core are complete: tables of their records, upserted by primary key, hold in the
end what the organization holds, though the runs are killed at random moments while it goes on.

    python3 benchmarks/lists_proof.py [--rounds N] [--kills N] [--seed N] [--events N] [--projects N] ...

Needs a release build. Takes about ten minutes; ends with 0 if each table is what there is.
integration_tests/test_lists_proof.py runs the same in small.
"""

import argparse
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration_tests"))

from support.connector import Connector  # noqa: E402
from support.lists_proof import ListsProof  # noqa: E402
from support.proof import HISTORY  # noqa: E402
from support.sandbox import Sandbox  # noqa: E402


def main():
    options = arguments()
    begin = time.monotonic()

    def report(text):
        print(f"{time.monotonic() - begin:7.1f} s  {text}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        sandbox = Sandbox(folder, "--projects", options.projects, "--events", options.events,
                          "--issues", options.issues, "--releases", options.releases, *HISTORY)
        try:
            proof = ListsProof(Connector(folder), sandbox, options.seed, report)
            proof.prove(options.rounds, options.kills)
        finally:
            sandbox.control("DELETE", "requests")  # too many to check each against Sentry's description
            sandbox.stop()
    for name, count in sorted(proof.world.done.items()):
        report(f"{name.replace('_', ' ')}: {count}")
    for stream, rows in proof.tables.rows.items():
        report(f"{stream}: {len(rows):,} rows")
    rows = sum(map(len, proof.tables.rows.values()))
    report(f"{proof.kills} kills, {sum(proof.world.done.values()):,} changes, {rows:,} rows of "
           f"{len(proof.tables.rows)} streams, all as they should be")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("rounds", 30), ("kills", 100), ("seed", 1), ("projects", 12), ("events", 300),
                          ("issues", 200), ("releases", 100)):
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()


if __name__ == "__main__":
    main()
