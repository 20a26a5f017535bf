"""What one command said on many hosts."""

from gpuws.present.answers import Answer, grouped, heading, summed

SAME = [Answer(name, 0, b"580.1\n") for name in ("alpha", "bravo", "delta")]
OTHER, FAILED = Answer("charlie", 0, b"535.2\n"), Answer("echo", 3, b"", b"no such program\n")
AWAY = Answer("golf", error="golf.lab did not answer")


def test_equal_answers_stand_together_and_those_without_a_status_last():
    groups = grouped([AWAY, OTHER, *SAME[:2], FAILED, SAME[2]])
    assert groups == [SAME, [OTHER], [FAILED], [AWAY]]
    assert [heading(group) for group in groups] == [
        "alpha, bravo, delta (3 hosts)", "charlie", "echo: exit 3", "golf: no status",
    ]  # fmt: skip


def test_the_status_is_the_highest():
    assert summed(SAME) == 0
    assert summed([*SAME, FAILED, Answer("x", 1)]) == 3
    assert summed([*SAME, FAILED, AWAY]) == 255
    assert summed([]) == 0
