"""Runs every benchmark, one after the other, and draws the pictures. Wants a quiet machine, and perf for the profile;
takes three quarters of an hour. Airbyte's own connector is measured where it is given (see read_bench.py), and so is
Port's processor (see mapping_bench.py); without it the benchmark does not run, since its table would lack the
comparison. The proofs are run by themselves (docs/performance.md).

    tools/build release all read_peer
    python3 benchmarks/all.py [--official EXECUTABLE] [--ocean PYTHON]
"""

import argparse
import pathlib
import subprocess
import sys

SCRIPTS = ["hot_path_bench", "profile_bench", "workers_bench", "memory_bench", "limits_bench", "requests_bench",
           "streams_bench", "files_bench", "listen_bench", "report"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--official", help="Airbyte's own connector")
    parser.add_argument("--ocean", help="the Python of an environment with Port's processor")
    options = parser.parse_args()
    commands = [[script] for script in SCRIPTS]
    if options.official:
        commands.insert(0, ["read_bench", "--official", str(pathlib.Path(options.official).absolute())])
    if options.ocean:
        commands.insert(0, ["mapping_bench", "--ocean", str(pathlib.Path(options.ocean).absolute())])
    for script, *more in commands:
        print(f"== {script}", flush=True)
        subprocess.run([sys.executable, pathlib.Path(__file__).parent / f"{script}.py", *more], check=True)


if __name__ == "__main__":
    main()
