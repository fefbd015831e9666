"""An Airflow DAG that reads a Sentry organization: each shard is a mapped task, and all write into one shared folder.

`source-sentry` must be on the PATH of the workers, and these variables name what all of them can reach:

    SENTRY_CONFIG   the configuration, without a shard
    SENTRY_FOLDER   the folder of the records
    SENTRY_SHARDS   how many shards; a folder keeps its number

A task that fails or is killed is tried again by Airflow, on any worker, and resumes from its shard's folder. `python
sentry_shards.py` runs the DAG once, without a scheduler. docs/organization.md says how many shards are of use.
"""

import datetime
import json
import os
import pathlib
import subprocess

from airflow.sdk import dag, task

CONFIG = os.environ.get("SENTRY_CONFIG", "/srv/sentry/config.json")
FOLDER = os.environ.get("SENTRY_FOLDER", "/srv/sentry/data")
SHARDS = int(os.environ.get("SENTRY_SHARDS", "4"))


@dag(schedule="@hourly", start_date=datetime.datetime(2026, 1, 1), catchup=False, max_active_runs=1)
def sentry_shards():
    @task(retries=3, retry_delay=datetime.timedelta(seconds=10))
    def read_shard(index):
        """Brings the folder of a shard up to date. Returns how many records of each stream it holds."""
        shard = json.dumps({"index": index, "count": SHARDS})
        # A task that is killed takes its connector with it, which else would hold the folder when it is tried again.
        subprocess.run(["setpriv", "--pdeathsig", "KILL", "source-sentry", "read", "--config", CONFIG,
                        "--output", FOLDER, "--set", f"shard={shard}"], check=True)
        manifest = json.loads(pathlib.Path(FOLDER, f"shard-{index}-of-{SHARDS}", "manifest.json").read_text())
        return {name: sum(file["records"] for file in stream["files"]) for name, stream in manifest["streams"].items()}

    @task
    def add_up(shards):
        """How many records of each stream all shards hold. What loads them comes behind this task."""
        shards = list(shards)
        return {name: sum(shard.get(name, 0) for shard in shards) for name in sorted(set().union(*shards))}

    add_up(read_shard.expand(index=list(range(SHARDS))))


whole = sentry_shards()

if __name__ == "__main__":
    whole.test()
