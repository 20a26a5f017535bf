from __future__ import annotations

import pytest

from gpuws.config.profiles.env_file import read_env_file, readable_by_others
from gpuws.config.yaml.problems import ConfigProblems


def test_lines_are_read_as_compose_does(tmp_path):
    path = tmp_path / ".env"
    path.write_bytes(
        b"\xef\xbb\xbf# comment\n\nA=1\nexport B = two words  # why\nC='single $x # kept'\n"
        b'D="double \\"q\\" \\n end" # c\nE=\nF\nG=a=b#c\r\n'
    )
    assert {line.name: line.value for line in read_env_file(path)} == {
        "A": "1",
        "B": "two words",
        "C": "single $x # kept",
        "D": 'double "q" \n end',
        "E": "",
        "F": None,
        "G": "a=b#c",
    }


def test_wrong_lines_are_named_never_quoted(tmp_path):
    path = tmp_path / ".env"
    path.write_text("A=1\n=s3cret\nmy s3cret\n")
    with pytest.raises(ConfigProblems) as caught:
        read_env_file(path)
    assert str(caught.value) == f"{path}:2:1: expected NAME=VALUE\n{path}:3:1: expected NAME=VALUE"


def test_values_stay_out_of_repr(tmp_path):
    path = tmp_path / ".env"
    path.write_text("A=s3cret")
    assert "s3cret" not in repr(read_env_file(path))


def test_files_that_can_not_be_read_say_why(tmp_path):
    with pytest.raises(ConfigProblems, match="can't be read: No such file"):
        read_env_file(tmp_path / "gone")
    with pytest.raises(ConfigProblems, match="is not a file"):
        read_env_file(tmp_path)


def test_who_else_may_read_it(tmp_path):
    path = tmp_path / ".env"
    path.write_text("")
    path.chmod(0o640)
    assert readable_by_others(path)
    path.chmod(0o600)
    assert not readable_by_others(path)
    assert not readable_by_others(tmp_path / "gone")
