"""Reads a Sentry organization with Spark: each shard is a task, and all of them write into one shared folder.

    spark-submit read_shards.py --config config.json --output /shared/sentry --shards 8

`source-sentry` must be on the PATH of every executor, and the configuration and the folder must be where every executor
finds them. A task that fails or is killed is tried again by Spark (spark.task.maxFailures), anywhere, and resumes from
its shard's folder. Run it again for what is new. docs/organization.md says how many shards are of use.
"""

import argparse
import json
import pathlib
import subprocess

from pyspark import TaskContext
from pyspark.sql import SparkSession


def main():
    options = arguments()
    spark = SparkSession.builder.appName("sentry").getOrCreate()
    shards = spark.sparkContext.parallelize(range(options.shards), options.shards)
    for line in shards.map(lambda index: read_shard(index, options)).collect():
        print(line)
    files = f"{options.output}/shard-*-of-{options.shards}/events.jsonl"
    events = spark.read.schema("projectID STRING, id STRING").json(files)
    print(f"{events.distinct().count()} events in all")
    spark.stop()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True, help="the configuration, without a shard")
    parser.add_argument("--output", required=True, help="the folder that all executors share")
    parser.add_argument("--shards", type=int, required=True, help="how many; a folder keeps its number")
    parser.add_argument("--executable", default="source-sentry")
    return parser.parse_args()


def read_shard(index, options):
    """One task: brings the folder of a shard up to date. Returns a line about it."""
    shard = json.dumps({"index": index, "count": options.shards})
    # A task that is killed takes its connector with it, which else would hold the folder when Spark tries again.
    subprocess.run(["setpriv", "--pdeathsig", "KILL", options.executable, "read", "--config", options.config,
                    "--output", options.output, "--set", f"shard={shard}"], check=True)
    folder = pathlib.Path(options.output, f"shard-{index}-of-{options.shards}")
    streams = json.loads((folder / "manifest.json").read_text())["streams"]
    records = sum(file["records"] for stream in streams.values() for file in stream["files"])
    return f"shard {index} of {options.shards}: {records} records, attempt {TaskContext.get().attemptNumber() + 1}"


if __name__ == "__main__":
    main()
