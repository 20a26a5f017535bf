"""`commands:` of config.yaml: argument lists of mine, with what is wrong said with file and line."""

import pytest

from gpuws.config.hosts.hosts import read_hosts
from gpuws.config.settings import read_settings
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.own_command import filled, places

GOOD = """\
commands:
  nvtop:
    key: ctrl+t
    argv: [ssh, -t, "{host}", nvtop]
  stack:
    argv: [py-spy, dump, "--pid={pid}"]
    help: Where a process is
    stay: true
"""


def problems(tmp_path, text):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(ConfigProblems) as caught:
        read_settings(file, {})
    return [str(problem).removeprefix(f"{file}:") for problem in caught.value.problems]


def test_they_are_read_with_the_place_of_their_key(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(GOOD)
    nvtop, stack = read_settings(file, {}).look.commands
    assert nvtop.argv == ("ssh", "-t", "{host}", "nvtop")
    assert (nvtop.key, nvtop.where) == ("ctrl+t", f"{file}:3:5")
    assert (stack.key, stack.help, stack.stay) == ("", "Where a process is", True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("commands: {a: {argv: []}}", "expected a program and its arguments"),
        ("commands: {a: {argv: 'ssh {host} nvtop'}}", "no shell takes it apart: expected a program and its arguments"),
        ("commands: {a: {}}", "argv is missing"),
        ("commands: {a: {argv: [kill, '{job}']}}", "there is no {job}; expected one of {host}, {workspace}"),
        ("commands: {a: {argv: ['{host}']}}", "the program itself must be named"),
        ("commands: {a: {argv: [top], key: control-t}}", "expected one key, such as ctrl+t, T or f5"),
        ("commands: {A b: {argv: [top]}}", "expected an id of small letters"),
        ("commands: {a: {argv: [top], shell: true}}", "commands.a.shell: unknown key"),
        ("commands: {a: {argv: [top], key: T}, b: {argv: [top], key: T}}", "commands.b.key: T is the key of a already"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_line(tmp_path, text, said):
    (problem,) = problems(tmp_path, text + "\n")
    assert problem.startswith("1:")
    assert said in problem


def test_a_hosts_file_can_bring_none(tmp_path):
    file = tmp_path / "hosts.yaml"
    file.write_text("hosts: {alpha: {}}\ncommands: {a: {argv: [top]}}\n")
    assert "commands: unknown key" in str(read_hosts((file,), {}, ()).problems[0])


def test_a_value_stays_one_argument_whatever_it_holds():
    argv = ("ssh", "{host}", "--x={workspace}:{gpu}", "{print $1}", "{{.Names}}")
    values = {"host": "a b; rm -rf ~", "workspace": "'$(id)'", "gpu": "{host}"}
    assert places(argv) == ("host", "workspace", "gpu")
    assert filled(argv, values) == ("ssh", "a b; rm -rf ~", "--x='$(id)':{host}", "{print $1}", "{{.Names}}")
