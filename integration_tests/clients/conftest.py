import pytest
from clients.drop_in import Pair
from clients.postgres import Postgres


@pytest.fixture(scope="session")
def loaded(tmp_path_factory):
    """The official connector and ours; the first takes seconds to load."""
    pair = Pair(tmp_path_factory.mktemp("drop_in"))
    yield pair
    pair.official.stop()


@pytest.fixture(scope="module")
def postgres():
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture
def pair(loaded):
    """The same for a test that starts servers of its own, which are stopped at its end."""
    yield loaded
    while loaded.sandboxes:
        loaded.sandboxes.pop().stop()
