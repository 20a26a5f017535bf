"""How an error reads: its sentence, its remedy, and what a program wrote under it."""

from gpuws.model.errors import GpuwsError


def test_a_sentence_and_its_remedy():
    assert str(GpuwsError("it failed")) == GpuwsError("it failed").brief == "it failed"
    assert str(GpuwsError("it failed", "mend it")) == GpuwsError("it failed", "mend it").brief == "it failed — mend it"


def test_lines_of_a_program_stand_under_both():
    error = GpuwsError("it ended", "see its log", ["Traceback", "  x = 1", "KeyError: x"])
    assert str(error) == "it ended — see its log\n  Traceback\n    x = 1\n  KeyError: x"
    assert error.brief == "it ended: KeyError: x — see its log"
    crossed = GpuwsError(error.message, error.remedy)
    assert (str(crossed), crossed.brief) == (str(error), error.brief)
