"""Proves that the shards of an organization make a whole where a real engine runs them: one of its tasks is killed on
the way and tried again by the engine, and all records are there once.

    python3 benchmarks/shards_proof.py spark      PySpark, a local cluster of two workers
    python3 benchmarks/shards_proof.py airflow    an Airflow DAG with mapped tasks

Needs a release build, and for Spark a Java runtime. The engine comes from PyPI, as examples/ENGINE/requirements.lock
says, into build/clients.
"""

import argparse
import contextlib
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration_tests"))

from support.connector import BUILD, EXECUTABLE, Connector  # noqa: E402
from support.environments import environment  # noqa: E402
from support.folder import Folder  # noqa: E402
from support.protocol import ROOT  # noqa: E402
from support.sandbox import Sandbox, true_ids  # noqa: E402

SHARDS = 4
STREAMS = ["events", "issues", "projects", "releases"]
WORLD = ["--projects", 12, "--events", 4000, "--event-size", "small", "--issues", 400, "--releases", 100,
         "--latency", 40]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=["spark", "airflow"])
    engine = parser.parse_args().engine
    programs = environment(engine, ROOT / "examples" / engine / "requirements.txt")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        sandbox = Sandbox(folder, *WORLD)
        try:
            config = Connector(folder).file("config.json", sandbox.config(project=None))
            output = folder / "sentry"
            run, kill = {"spark": (run_spark, kill_task), "airflow": (run_airflow, kill_connector)}[engine]
            log = run(programs, folder, config, output, kill)
            compare(sandbox, output)
        finally:
            sandbox.stop()
    print(*[line for line in log.splitlines() if line.startswith("shard ") or "in all" in line], sep="\n")
    print(f"{engine}: a task was killed and tried again; every record is there once")


def run_spark(programs, folder, config, output, kill):
    """A cluster of two workers with one core each. Returns what the example prints."""
    command = [programs / "spark-submit", "--master", "local-cluster[2,1,1024]", "--conf", "spark.ui.enabled=false",
               "--conf", "spark.driver.bindAddress=127.0.0.1", "--conf", "spark.driver.host=127.0.0.1",
               ROOT / "examples" / "spark" / "read_shards.py", "--config", config, "--output", output,
               "--shards", str(SHARDS)]
    log = run_and_kill(command, folder, output, kill, {"PYSPARK_PYTHON": str(programs / "python"),
                                                       "SPARK_LOCAL_IP": "127.0.0.1"})
    assert any(line.startswith("shard ") and "attempt 1" not in line for line in log.splitlines()), log
    return log


def run_airflow(programs, folder, config, output, kill):
    """The DAG by itself, in one process, as its test() does. Returns a line for each shard, from Airflow's database."""
    variables = {"AIRFLOW_HOME": str(folder / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
                 "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "examples" / "airflow"), "SENTRY_CONFIG": config,
                 "SENTRY_FOLDER": str(output), "SENTRY_SHARDS": str(SHARDS)}
    subprocess.run([programs / "airflow", "db", "migrate"], check=True, env={**os.environ, **variables},
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    log = run_and_kill([programs / "python", ROOT / "examples" / "airflow" / "sentry_shards.py"], folder, output, kill,
                       variables)
    with contextlib.closing(sqlite3.connect(folder / "airflow" / "airflow.db")) as database:
        tries = database.execute("SELECT map_index, try_number, state FROM task_instance WHERE task_id = 'read_shard' "
                                 "ORDER BY map_index").fetchall()
    assert len(tries) == SHARDS and all(state == "success" for _, _, state in tries), tries
    assert max(number for _, number, _ in tries) > 1, log[-4000:]
    return "".join(f"shard {index} of {SHARDS}: attempt {number}\n" for index, number, _ in tries)


def run_and_kill(command, folder, output, kill, variables):
    """Runs an engine, and kills one of its tasks in the middle of its work. Returns all that it has printed."""
    path = os.pathsep.join([str(BUILD.absolute()), os.environ["PATH"]])
    with open(folder / "log", "w+", encoding="utf-8") as log:
        engine = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder,
                                  env={**os.environ, "PATH": path, **variables})
        killed = False
        while engine.poll() is None:
            if not killed and (connector := working(output)):
                kill(connector)
                killed = True
            time.sleep(0.02)
        log.seek(0)
        printed = log.read()
    assert engine.returncode == 0 and killed, f"killed: {killed}\n{printed[-6000:]}"
    return printed


def working(output):
    """A connector that has written some of its events, and not all: its process; None if there is none."""
    for folder in output.glob("shard-*"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            about = Folder(folder).manifest()["streams"]["events"]
            if about["status"] == "running" and sum(file["records"] for file in about["files"]) > 50:
                return int((folder / ".source-sentry" / "lock").read_text())
    return None


def kill_connector(process):
    os.kill(process, signal.SIGKILL)


def kill_task(process):
    """The task that has started the connector: its parent."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    os.kill(next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:")), signal.SIGKILL)


def compare(sandbox, output):
    """That the shards together hold each record of the truth once, and a run with another number is refused."""
    truth = sandbox.control("GET", "truth?organization=acme")
    shards = [Folder(output / f"shard-{index}-of-{SHARDS}") for index in range(SHARDS)]
    for stream in STREAMS:
        ids = [one for shard in shards if stream in shard.manifest()["streams"] for one in shard.ids(stream)]
        assert sorted(ids) == true_ids(truth, stream), f"{stream}: {len(ids)} of {len(true_ids(truth, stream))}"
    refused = subprocess.run([EXECUTABLE, "read", "--config", output.parent / "config.json", "--output", output,
                              "--set", 'shard={"index": 0, "count": 3}'], capture_output=True)
    assert refused.returncode == 1 and b"another number of shards" in refused.stderr


if __name__ == "__main__":
    main()
