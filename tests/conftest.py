"""What holds for all tests: how they are spread over processes, hypothesis, signals."""

import os
import signal
from collections.abc import Iterator

import pytest
from _pytest.nodeid import coerce_node_id
from hypothesis import settings

from tests.lab.fixture import lab

__all__ = ["lab"]

# A busy machine is no finding; in CI hypothesis' own profile also makes the examples the same every time.
settings.register_profile("gpuws", settings.default, deadline=None)
settings.load_profile("gpuws")

# Started in the background, as by a CI runner, the tests and all they start would ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

GIVING_WAY = 5
"""How nice: a third of the processor where another wants it, too."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: those that wait for the lab leave theirs to the others."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The tests on the lab, one after the other, take as long as all others together: those give way to them."""
    if "PYTEST_XDIST_WORKER" in os.environ and not item.get_closest_marker("lab") and not os.nice(0):
        os.nice(GIVING_WAY)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """What one test changes another must not see: those that share the lab run in one process, one after the other, and
    those that share an engine of their own in another."""
    for item in items:
        if item.get_closest_marker("lab"):
            shared = "engine" if "daemon" in getattr(item, "fixturenames", ()) else "lab"
            item.add_marker(pytest.mark.xdist_group(shared))
    yield
    for item in items:  # xdist 3.8 tells a group by the end of the id, which it writes where pytest 9.2 does not look
        if told := vars(item).get("_nodeid"):
            item._id = coerce_node_id(told)
