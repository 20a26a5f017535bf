"""What is told of a task that was broken off, by what carries its mark."""

from dataclasses import replace

import pytest

from gpuws.fleet.background.book import Interrupted
from gpuws.fleet.background.traces import found_of
from gpuws.model.placement.plan import Progress
from gpuws.model.task import LABEL, Task
from tests import factories


def test_data_that_came_in_part_is_not_to_be_started():
    made = factories.workspace("bravo", "c" * 64, "twin", "i", "created", labels={LABEL: "m"})
    task = Task("7", "m", "launch", "clone torch as twin", "bravo", 0.0, progress=Progress("starting"))
    with pytest.raises(Interrupted) as told:
        found_of(task, [made])
    assert "was made and not started" in told.value.message
    with pytest.raises(Interrupted) as told:
        found_of(replace(task, progress=Progress("filling", "cache: 3G of 9G")), [made])
    assert told.value.message.endswith("twin was made, and its data came in part")
    assert "gpuws start" not in told.value.remedy
