"""What holds for all tests: how they are spread over processes, hypothesis, signals, garbage."""

import gc
import os
import re
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from _pytest.nodeid import coerce_node_id
from hypothesis import settings

from gpuws.__main__ import COLLECT
from tests.lab.fixture import lab

__all__ = ["lab"]

# A busy machine is no finding; in CI hypothesis' own profile also makes the examples the same every time.
settings.register_profile("gpuws", settings.default, deadline=None)
settings.load_profile("gpuws")

# Started in the background, as by a CI runner, the tests and all they start would ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# Ten thousand tests are made and stay: nobody looks for garbage in them, neither while they are made nor later; and in
# what they leave as seldom as gpuws does, which is a seventh of what tests of screens take.
gc.disable()
gc.set_threshold(*COLLECT)

GROUP = re.compile(r"@[^][/:]+$")
"""The end of a name that tells the group of a test, `test_x[a@b]@lab`."""
GIVING_WAY = 5
"""How nice: a third of the processor where another wants it, too."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: those that wait for the lab leave theirs to the others."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


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
        _check_marked(item)
        if item.get_closest_marker("lab") and not item.get_closest_marker("xdist_group"):
            shared = "engine" if "daemon" in getattr(item, "fixturenames", ()) else "lab"
            item.add_marker(pytest.mark.xdist_group(shared))
    yield
    for item in items:  # xdist 3.8 tells a group by the end of the id, which it writes where pytest 9.2 does not look
        if told := vars(item).get("_nodeid"):
            item._id = coerce_node_id(told)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """What failed is kept by its name. Of a run by xdist the group is a part of that: no test would be called so in the
    run that takes them once more, which then takes all."""
    cache = session.config.cache
    failed = cache.get("cache/lastfailed", {}) if cache and "PYTEST_XDIST_WORKER" not in os.environ else {}
    if any(GROUP.search(name) for name in failed):
        cache.set("cache/lastfailed", {GROUP.sub("", name): True for name in failed})


def _check_marked(item: pytest.Item) -> None:
    """The Makefile reads only the files in which these marks stand: half of a minute each time."""
    for name in ("soak", "alone"):
        if item.get_closest_marker(name) and f"mark.{name}" not in _text(item.path):
            raise pytest.UsageError(f"{item.nodeid} is `{name}`, but mark.{name} is not written in its file")


@cache
def _text(path: Path) -> str:
    return path.read_text()
