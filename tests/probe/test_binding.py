"""The part of NVIDIA's binding that is sent: all that the agent calls, and little else."""

import ast
import re
import sys
import types

import pytest

from gpuws.probe import binding, bootstrap
from gpuws.probe.agent import stand_ins

AGENT = [bootstrap._agent(name) for name in bootstrap.MODULES]


@pytest.fixture(scope="module")
def whole():
    return binding.installed()


@pytest.fixture(scope="module")
def part(whole):
    return binding.needed(whole, AGENT)


@pytest.fixture
def module(part, monkeypatch):
    made = types.ModuleType("pynvml")
    monkeypatch.setitem(sys.modules, "pynvml", made)  # it looks itself up for its exceptions
    monkeypatch.setitem(sys.modules, "agent", types.ModuleType("agent"))
    monkeypatch.setitem(sys.modules, "agent.stand_ins", stand_ins)
    exec(compile(part, "pynvml", "exec"), made.__dict__)
    return made


def test_statements_are_those_that_python_sees(whole):
    names = [
        node.name
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        else ast.unparse(node.targets[0]).partition(".")[0]
        for node in ast.parse(whole).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Assign)
    ]
    assert [name for name, _ in binding._statements(whole) if name] == names
    assert "".join(text for _, text in binding._statements(whole)) == whole


def test_it_has_every_name_of_the_binding_that_the_agent_says(whole, module):
    theirs = {node.name for node in ast.parse(whole).body if isinstance(node, ast.FunctionDef)}
    said = set(re.findall(r"nvml\w+", "".join(AGENT))) & theirs
    said |= {name for name in theirs if re.fullmatch(r"nvmlDeviceGet(Compute|Graphics)RunningProcesses_\w+", name)}
    assert len(said) > 35
    assert not {name for name in said if not hasattr(module, name)}


def test_every_name_in_it_is_known_there(part, module):
    """Nothing that is called at run time was cut away."""
    known = set(vars(module)) | set(dir(__import__("builtins")))
    for node in ast.parse(part).body:
        if isinstance(node, ast.FunctionDef):
            local = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
            local |= {
                each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
            }
            local |= {each.name for each in ast.walk(node) if isinstance(each, ast.FunctionDef | ast.ClassDef)}
            local |= {each.name for each in ast.walk(node) if isinstance(each, ast.ExceptHandler) and each.name}
            used = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            assert not used - local - known, node.name


def test_its_exceptions_are_all_there(whole, module):
    codes = set(re.findall(r"^(NVML_ERROR_\w+)\s*=", whole, re.MULTILINE))
    assert codes <= set(vars(module))
    assert issubclass(module.NVMLError_GpuIsLost, module.NVMLError)


def test_it_is_a_tenth_and_says_whose_it_is(whole, part):
    assert len(part) < len(whole) / 5
    assert "Copyright" in part[:200]


def test_nothing_large_is_imported_for_a_word_of_it(part):
    imports = re.findall(r"^(?:from|import) .*", part, re.MULTILINE)
    small = [f"from agent.stand_ins import {name}" for name in ("wraps", "threading", "string")]
    assert sorted(imports) == sorted(["from ctypes import *", "import sys", "import os", *small])


def test_a_module_of_which_more_is_used_stays_whole():
    source = "import threading\nimport shutil\nnvmlLock = threading.RLock()\n"
    assert binding.needed(source, ["nvmlLock"]) == "import threading\nnvmlLock = threading.RLock()\n"
