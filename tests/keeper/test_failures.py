"""Errors keep their class, words and exit code on their way; faults of the keeper are answers, too."""

import inspect

import pytest

from gpuws.config.yaml.problems import ConfigProblems, Problem
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.keeper.wire.messages import Failure
from gpuws.model import errors
from gpuws.model.errors import GpuwsError, Unreachable, UsageError
from gpuws.model.workspace.workspace import Ref

CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, GpuwsError)]


class Failing(DemoFleet):
    """Every look at a container fails with `error`."""

    error: Exception = GpuwsError("unset")

    def inspect(self, ref):
        raise self.error


@pytest.fixture
def failing(serve):
    fleet = Failing(tick=0)
    return fleet, serve(fleet).client(start=False)


@pytest.mark.parametrize("kind", CLASSES)
def test_a_failure_is_the_same_on_the_other_side(failing, kind):
    fleet, client = failing
    fleet.error = kind("it broke — really", "mend it: `so`")
    with pytest.raises(GpuwsError) as caught:
        client.inspect(Ref("alpha", "c"))
    assert type(caught.value) is kind
    assert (caught.value.message, caught.value.remedy) == ("it broke — really", "mend it: `so`")
    assert (caught.value.exit_code, str(caught.value)) == (kind.exit_code, str(fleet.error))


def test_a_class_of_another_layer_comes_as_its_nearest_of_the_model(failing):
    fleet, client = failing
    fleet.error = ConfigProblems([Problem("a.yaml", 1, 1, "x", "one"), Problem("a.yaml", 2, 1, "y", "two")])
    with pytest.raises(UsageError) as caught:
        client.inspect(Ref("alpha", "c"))
    assert caught.value.message == fleet.error.message
    assert caught.value.message.count("\n") == 1


def test_a_fault_of_the_keeper_is_one_sentence_and_its_log_has_the_rest(failing, caplog):
    fleet, client = failing
    fleet.error = ZeroDivisionError("oops")
    with pytest.raises(GpuwsError, match="ZeroDivisionError: oops") as caught:
        client.inspect(Ref("alpha", "c"))
    assert "gpuws keeper log" in caught.value.remedy
    assert "\n" not in str(caught.value)
    fleet.error = Unreachable("next")
    with pytest.raises(Unreachable):  # the keeper goes on
        client.inspect(Ref("alpha", "c"))


@pytest.mark.parametrize("kind", ["NoSuchError", "Exception", "annotations", "__name__", ""])
def test_a_class_that_is_not_known_here_is_still_an_error(kind):
    error = Failure(kind, "m", "r").error()
    assert type(error) is GpuwsError
    assert str(error) == "m — r"


def test_every_class_has_its_own_name_on_the_wire():
    assert {Failure.of(kind("m")).kind for kind in CLASSES} == {kind.__name__ for kind in CLASSES}
