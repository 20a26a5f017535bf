"""What an engine says of its parts, far away, is what it has."""

import pytest

from gpuws.engines.base import Absent, present
from gpuws.engines.docker.engine import DockerEngine
from gpuws.model.errors import Refused
from gpuws.model.host.host import Host
from tests.engines.memory import Memory, MemoryEngine

PARTS = ("images", "recipes", "dial")
ENGINES = [DockerEngine(None, Host("alpha"), {}), MemoryEngine("alpha", None, Memory())]


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
