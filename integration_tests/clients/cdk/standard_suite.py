"""Airbyte's own standard tests of a source connector. Runs in the environment `cdk`, in a folder that looks like a
connector's in Airbyte's repository; test_cdk_standard.py makes both.

SOURCE_SENTRY names the executable, REGISTRY the address of a connector registry."""

import os
import subprocess

import pytest
from airbyte_cdk.test import entrypoint_wrapper
from airbyte_cdk.test.standard_tests import SourceTestSuiteBase, _spec_compatibility


class Executable:
    """Stands for the connector where the suite wants a Python object."""

    def launch(self, arguments):
        """Runs one command; the executable's own lines and exit code are what is tested."""
        command = [os.environ["SOURCE_SENTRY"], *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        failure = subprocess.CalledProcessError(done.returncode, command) if done.returncode else None
        return entrypoint_wrapper.EntrypointOutput(done.stdout.splitlines(), failure, command=command,
                                                   stderr=done.stderr)

    def spec(self, logger):
        return self.launch(["spec"]).spec_messages[0].spec


class TestSourceSentry(SourceTestSuiteBase):
    connector = Executable


@pytest.fixture(autouse=True)
def launch_the_executable(monkeypatch):
    """The suite would run the object inside the CDK's entry point, which judges configurations and catalogs, and
    counts records, in the connector's place."""
    monkeypatch.setattr(entrypoint_wrapper, "_run_command", lambda source, args, **_: source.launch(args))


@pytest.fixture(autouse=True)
def registry_within_reach(monkeypatch):
    address = os.environ["REGISTRY"] + "/{docker_repository}/{version}/{registry}.json"
    monkeypatch.setattr(_spec_compatibility, "REGISTRY_ENTRY_URL_TEMPLATE", address)
