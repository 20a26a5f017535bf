"""`${name}` in scalars, replaced after parsing: a value can't change the shape of a file. `$$` is a dollar. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from gpuws.config.merge.caller import is_callers
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, ScalarNode, leaves
from gpuws.config.yaml.problems import Problem, problem_at
from gpuws.config.yaml.scalars import resolve
from gpuws.model.query.nearest import nearest_names

_TOKEN = re.compile(r"\$\$|\$\{([^}]*)\}?")
_COMPOSE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?[-?+]")
OF_A_SHELL = {
    "HOME": "write ~ for your home on that host",
    "PWD": "write the directory on that host; ~ is your home there",
    "UID": "user: host, the default, is your uid and gid on that host",
    "GID": "user: host, the default, is your uid and gid on that host",
}
"""What to write instead of variables that people bring from their shell."""
CALLERS = "your environment gives whole values of environment and build.args only"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def has_variables(node: Node) -> bool:
    """Whether a value under `node` waits for a variable."""
    match node:
        case MapNode():
            return any(has_variables(entry.node) for entry in node.entries.values())
        case ListNode():
            return any(has_variables(item) for item in node.items)
    return isinstance(node.value, str) and any(match[0] != "$$" for match in _TOKEN.finditer(node.value))


def named_in(node: Node) -> tuple[str, ...]:
    """The variables that one value waits for."""
    text = node.value if isinstance(node, ScalarNode) and isinstance(node.value, str) else ""
    return tuple(match[1] for match in _TOKEN.finditer(text) if match[0] != "$$" and _is_one(match))


def misspelt(tree: MapNode, problems: list[Problem]) -> None:
    """What begins like a variable and is none, whatever the host, goes to `problems`."""
    for key, node in leaves(tree):
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            found = () if is_callers(key, node.value) else _TOKEN.finditer(node.value)
            problems += (_not_one(node, key, match[0]) for match in found if not (match[0] == "$$" or _is_one(match)))


def _is_one(match: re.Match[str]) -> bool:
    return match[0].endswith("}") and bool(_NAME.match(match[1]))


def _not_one(node: ScalarNode, key: str, text: str) -> Problem:
    if _COMPOSE.match(text):
        what = f"a profile has no {text}: write the value, or ${{name}} with its value under vars in hosts.yaml"
        return problem_at(node.mark, key, f"{what}; {CALLERS}")
    return problem_at(node.mark, key, "expected ${name}; a dollar itself is written $$")


def _undefined(node: ScalarNode, key: str, name: str, variables: Mapping[str, str]) -> Problem:
    if instead := OF_A_SHELL.get(name):
        return problem_at(node.mark, key, f"there is no ${{{name}}} on a host: {instead}")
    what = f"the variable {name} is not defined for this host; write $${{{name}}} for a literal one"
    near = nearest_names(name, variables)
    if not near and name.isupper():
        what = f"the variable {name} is not defined for this host: its value goes under vars in hosts.yaml; {CALLERS}"
    return problem_at(node.mark, key, what, near)


def substitute(tree: MapNode, variables: Mapping[str, str], problems: list[Problem], key: str = "") -> MapNode:
    """`tree` with every variable replaced; undefined ones go to `problems`."""
    entries = {
        name: Entry(entry.mark, _replaced(entry.node, variables, problems, f"{key}.{name}" if key else name))
        for name, entry in tree.entries.items()
    }
    return replace(tree, entries=entries)


def _replaced(node: Node, variables: Mapping[str, str], problems: list[Problem], key: str) -> Node:
    match node:
        case MapNode():
            return substitute(node, variables, problems, key)
        case ListNode():
            items = (_replaced(item, variables, problems, f"{key}[{i}]") for i, item in enumerate(node.items))
            return replace(node, items=tuple(items))
    if not isinstance(node.value, str) or "$" not in node.value:
        return node
    return _scalar(node, variables, problems, key)


def _scalar(node: ScalarNode, variables: Mapping[str, str], problems: list[Problem], key: str) -> ScalarNode:
    replaced = False

    def value(match: re.Match[str]) -> str:
        nonlocal replaced
        if match[0] == "$$":
            return "$"
        name = match[1]
        if not _is_one(match):
            problems.append(_not_one(node, key, match[0]))
        elif name not in variables:
            problems.append(_undefined(node, key, name, variables))
        replaced = True
        return variables.get(name, "")

    text = _TOKEN.sub(value, str(node.value))
    found = resolve(text) if replaced else text
    return replace(node, text=text, value=text if found is None else found)
