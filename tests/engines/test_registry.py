"""Which engine a host has: the one it is configured to have, else the first that is found there."""

import sys
from types import ModuleType

import pytest

from gpuws.engines import registry
from gpuws.engines.docker.caps import CAPS as DOCKER
from gpuws.model.errors import EngineMissing, EngineShut
from gpuws.model.host.host import Host
from gpuws.model.workspace.engine import Caps


@pytest.fixture
def kinds(monkeypatch):
    """`kinds(first=…, second=…)`: what connecting to an engine of each kind comes to, an error or the engine itself."""
    monkeypatch.setattr(registry, "KINDS", {})

    def kinds(**outcomes):
        for name, outcome in outcomes.items():
            module = ModuleType(f"kind_{name}")
            module.CAPS = Caps(images=f"{name} has none")
            module.MARK = "b-" if name.startswith("beside") else ""
            module.unfit = lambda profile: ""
            module.connect = lambda host, link, environ, outcome=outcome: connected(outcome)
            monkeypatch.setitem(sys.modules, module.__name__, module)
            registry.KINDS[name] = module.__name__

    return kinds


def connected(outcome):
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def has(found):
    """Kind → its engine."""
    return {kind: one.engine for kind, one in found.engine.members.items()}


def test_auto_takes_the_first_that_is_there(kinds):
    kinds(first=EngineMissing("no first here"), second="an engine", third="another")
    found = registry.search(Host("alpha"), None)
    assert (has(found), found.info.kind, found.info.caps.images) == (
        {"second": "an engine"},
        "second",
        "second has none",
    )


def test_those_that_are_beside_any_other_are_there_whatever_becomes_of_it(kinds):
    kinds(first="an engine", beside="hands")
    found = registry.search(Host("alpha"), None)
    assert (has(found), found.info.kind, [*found.info.beside]) == (
        {"first": "an engine", "beside": "hands"},
        "first",
        ["beside"],
    )
    kinds(first=EngineShut("you may not use it", "ask its admin"))
    found = registry.search(Host("alpha"), None)
    assert (has(found), found.info.kind, found.info.error) == ({"beside": "hands"}, "first", "you may not use it")
    assert found.info.beside["beside"].images == "beside has none"
    found = registry.search(Host("alpha", engine="beside"), None)
    assert (has(found), found.info.kind, found.error) == ({"beside": "hands"}, "beside", None)


def test_what_is_configured_is_what_is_asked_for(kinds):
    kinds(first="an engine", second=EngineMissing("no second here"))
    found = registry.search(Host("alpha", engine="second"), None)
    assert (found.engine, found.info.kind, found.info.error) == (None, "none", "no second here")


def test_one_that_can_t_be_used_is_not_passed_over(kinds):
    kinds(first=EngineShut("you may not use it", "ask its admin"), second="an engine")
    found = registry.search(Host("alpha"), None)
    assert (found.engine, found.info.kind, found.info.shut) == (None, "first", True)
    assert (found.info.error, found.info.remedy) == ("you may not use it", "ask its admin")
    assert found.info.caps.images == "first has none"


def test_where_there_is_none_the_first_says_so(kinds):
    kinds(first=EngineMissing("no first here"), second=EngineMissing("no second here"))
    found = registry.search(Host("alpha"), None)
    assert (found.engine, found.info.kind, found.info.error) == (None, "none", "no first here")


def test_a_kind_that_nobody_knows_is_told_with_those_there_are(kinds):
    kinds(first="an engine", second="another")
    found = registry.search(Host("alpha", engine="frist"), None)
    assert (found.engine, found.info.kind) == (None, "frist")
    assert (found.info.error, found.info.remedy) == (
        "gpuws knows no engine 'frist'",
        "in hosts.yaml, engine: auto, or first, second",
    )


def test_docker_has_every_part_and_is_loaded_by_its_line():
    assert registry.kind("docker").CAPS is DOCKER
    assert (DOCKER.images, DOCKER.recipes, DOCKER.dial) == ("", "", "")
