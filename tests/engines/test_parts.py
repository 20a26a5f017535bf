"""What an engine says of its parts, far away, is what it has."""

from dataclasses import fields
from types import SimpleNamespace

import pytest

from gpuws.engines.base import Absent, Engine, present
from gpuws.engines.docker.engine import DockerEngine
from gpuws.model.errors import Refused
from gpuws.model.host.host import Host
from gpuws.model.workspace.engine import Caps
from tests.engines.memory import Memory, MemoryEngine

VERBS = {"pause", "rename"}
"""Of the core; an engine may refuse them."""
PARTS = sorted({field.name for field in fields(Caps)} - {"commands"} - VERBS)
CLIENT = SimpleNamespace(host="alpha", link=None)
ENGINES = [DockerEngine(CLIENT, Host("alpha"), {}), MemoryEngine("alpha", None, Memory())]


def test_each_part_of_an_engine_has_its_word_in_the_caps():
    gives = {
        name: one.fget.__annotations__["return"] for name, one in vars(Engine).items() if isinstance(one, property)
    }
    parts = {name for name, type_ in gives.items() if type_.endswith("| Absent")}
    assert parts - {"orphans"} == set(PARTS)  # of orphans nobody far away asks


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: type(engine).__name__)
@pytest.mark.parametrize("name", PARTS)
def test_its_caps_tell_why_a_part_is_not_there(engine, name):
    part, why = getattr(engine, name), getattr(engine.caps, name)
    assert (part.reason if isinstance(part, Absent) else "") == why
    if why:
        with pytest.raises(Refused, match=why):
            present(part)
    else:
        assert present(part) is part


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_its_caps_tell_why_it_refuses_a_verb(verb):
    assert getattr(DockerEngine(CLIENT, Host("alpha"), {}).caps, verb) == ""
    memory = MemoryEngine("alpha", None, Memory())
    call = (lambda: memory.act("1", "pause")) if verb == "pause" else (lambda: memory.rename("1", "other"))
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.message == getattr(memory.caps, verb) != ""
