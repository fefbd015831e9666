"""Prints the first lines and the tables of docs/performance.md anew and draws docs/pictures/*.svg, from
benchmarks/results/*.json. It runs nothing, and what has no results stays as it is.

    python3 benchmarks/report.py
"""

import importlib
import json

import pictures
import summary
from common import RESULTS, print_into_document, publish

NAMES = ["read", "hot_path", "profile", "workers", "limits", "memory", "requests", "streams", "files", "mapping",
         "listen"]


def main():
    for name in NAMES:
        if not (RESULTS / f"{name}.json").exists():
            continue
        results = json.loads((RESULTS / f"{name}.json").read_text())
        publish(name, results, importlib.import_module(f"{name}_bench").tables(results))
    print_into_document("summary", summary.text())
    pictures.draw_all()


if __name__ == "__main__":
    main()
