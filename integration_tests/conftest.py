import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from support.connector import Connector  # noqa: E402
from support.listener import Listener  # noqa: E402
from support.protocol import SHARED, has_shared  # noqa: E402
from support.sandbox import Sandbox  # noqa: E402


def pytest_terminal_summary(terminalreporter):
    if not has_shared():
        terminalreporter.write_line(
            f"Left out, since {SHARED} is not there: holding every line against Airbyte's protocol definition, and every "
            "request against Sentry's OpenAPI description. SHARED_DIR names another place.")


@pytest.fixture
def connector(tmp_path):
    return Connector(tmp_path)


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory):
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(shared_sandbox):
    """The sandbox in its default size, without faults. Tests that change its world start their own."""
    shared_sandbox.reset()
    yield shared_sandbox
    shared_sandbox.reset()


@pytest.fixture
def start_sandbox(tmp_path):
    """Starts sandboxes with options of the test's own; all are stopped at its end."""
    started = []

    def start(*options):
        started.append(Sandbox(tmp_path, *options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def serve():
    """Stops hand-made servers at the test's end."""
    servers = []

    def keep(server):
        servers.append(server)
        return server

    yield keep
    for server in servers:
        server.stop()


@pytest.fixture
def start_listener(tmp_path):
    """Starts listeners with options of the test's own, and waits until they listen; all are killed at its end."""
    started = []

    def start(*options, folder=None, **more):
        started.append(Listener(folder or tmp_path, *options, **more))
        return started[-1].wait()

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
