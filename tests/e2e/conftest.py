from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.gpuws import Gpuws, copied, users
from tests.lab import faults
from tests.lab.hosts import HOSTS


@pytest.fixture
def gpuws(lab, tmp_path) -> Gpuws:
    """A user of alpha, bravo and charlie."""
    return copied(tmp_path / "ada", lab.config_dir)


@pytest.fixture(autouse=True)
def no_keepers_left():
    yield
    while users:
        users.pop().stop_keeper()


@pytest.fixture(scope="module")
def scene(lab):
    """The lab as it was set up, before and after the tests of a module."""
    _reset()
    yield lab
    _reset()


def _reset():
    with ThreadPoolExecutor(len(HOSTS)) as pool:
        list(pool.map(faults.reset, HOSTS))
