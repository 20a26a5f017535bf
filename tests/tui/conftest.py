"""Tests of the screen: coroutines are run by asyncio; fleets are the demo's, standing still unless stepped."""

import asyncio
import inspect

import pytest

from gpuws.fleet.demo.fleet import DemoFleet


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(pyfuncitem.obj(**wanted))
    return True


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    """As usual: all colours, dark. Whoever runs the tests may have another one."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    for name in ("NO_COLOR", "COLORFGBG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def demo():
    fleet = DemoFleet(tick=0)
    yield fleet
    fleet.close()
