"""Facts from a shell agree with those of the agent."""

import shutil
from dataclasses import replace

import pytest

from gpuws.model.errors import GpuwsError
from gpuws.probe.smi.facts import shell_facts
from tests.probe.local_place import LocalPlace


def test_a_shell_tells_what_the_agent_tells(watch):
    told = watch().facts()
    facts = shell_facts(LocalPlace(noise="welcome\\n"))
    found = facts.has_tmux  # the agent's hello waits a second for it at most, and a test of its own looks at it
    assert found == bool(shutil.which("tmux"))
    assert replace(facts, groups=()) == replace(told, python=None, interpreter=None, groups=(), has_tmux=found)
    assert set(facts.groups) == set(told.groups)


def test_a_host_where_id_does_not_work(tmp_path):
    (tmp_path / "sh").symlink_to("/bin/sh")
    with pytest.raises(GpuwsError, match="does not say who I am"):
        shell_facts(LocalPlace({"PATH": str(tmp_path)}))
