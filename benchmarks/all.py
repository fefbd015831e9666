"""Runs every benchmark that needs nothing but this repository, one after the other, and draws the pictures. Wants a
quiet machine; takes half an hour. read_bench.py and organization_proof.py are run by themselves.

    cmake --preset release && cmake --build --preset release && cmake --build --preset release --target read_peer
    python3 benchmarks/all.py
"""

import pathlib
import subprocess
import sys

SCRIPTS = ["hot_path_bench", "workers_bench", "memory_bench", "limits_bench", "requests_bench", "report"]


def main():
    for script in SCRIPTS:
        print(f"== {script}", flush=True)
        subprocess.run([sys.executable, pathlib.Path(__file__).parent / f"{script}.py"], check=True)


if __name__ == "__main__":
    main()
