"""How much a service may use: sizes, numbers, `ulimits`, `deploy.resources`. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpuws.config.imports.compose import words
from gpuws.config.imports.compose.service import Service, as_map, as_text, flag_at, wrong
from gpuws.config.profiles.fields import ULIMITS
from gpuws.config.yaml.nodes import Entry, MapNode, Node, ScalarNode, is_null
from gpuws.config.yaml.scalars import resolve
from gpuws.model.sizes import parse_size

Rule = Callable[[Service, Entry], None]

_SPREAD = "a profile is one container on one host"


def number(key: str) -> Rule:
    """A number, which Compose takes in quotes too. 0: as if it were not said."""

    def say(service: Service, entry: Entry) -> None:
        node = read(entry.node)
        if not isinstance(node, ScalarNode) or node.value not in (0, "0"):
            service.draft.say(key, node, entry.mark)

    return say


def size(key: str) -> Rule:
    """Bytes. 0: as if it were not said."""

    def say(service: Service, entry: Entry) -> None:
        node = read(entry.node)
        if not isinstance(node, ScalarNode) or node.value not in (0, "0"):
            service.draft.say(key, node, entry.mark)

    return say


def switch(key: str) -> Rule:
    return lambda service, entry: service.draft.say(key, _flag(key, entry), entry.mark)


def ulimits(service: Service, entry: Entry) -> None:
    for name, one in as_map("ulimits", entry.mark, entry.node).entries.items():
        if name.lower() not in ULIMITS:
            service.lose(f"ulimits.{name}", one.mark, "Linux has no such limit")
            continue
        service.draft.put("ulimits", name.lower(), _limit(f"ulimits.{name}", one), one.mark)


def _limit(key: str, entry: Entry) -> Any:
    node = entry.node
    if isinstance(node, MapNode):
        both = {name: _count(f"{key}.{name}", one) for name, one in node.entries.items()}
        return {"soft": both.get("soft", both.get("hard")), "hard": both.get("hard", both.get("soft"))}
    soft, colon, hard = as_text(key, entry.mark, node).partition(":")
    if not colon:
        return _count(key, entry)
    return {"soft": _number(key, entry, soft), "hard": _number(key, entry, hard)}


def _count(key: str, entry: Entry) -> int:
    return _number(key, entry, as_text(key, entry.mark, entry.node))


def _number(key: str, entry: Entry, text: str) -> int:
    found = resolve(text)
    if isinstance(found, bool) or not isinstance(found, int) or found < -1:
        wrong(entry.mark, key, "a number, or -1 for no limit")
    return found


def deploy(service: Service, entry: Entry) -> None:
    """`resources.reservations.devices` is what `gpus` says."""
    for key, one in as_map("deploy", entry.mark, entry.node).entries.items():
        if is_null(one.node) or key.startswith("x-"):
            continue
        if key == "resources":
            _resources(service, as_map("deploy.resources", one.mark, one.node))
        elif key == "restart_policy":
            _restart(service, as_map("deploy.restart_policy", one.mark, one.node), one)
        elif key == "replicas":
            words.replicas("deploy.replicas")(service, one)
        else:
            words.lose(service, f"deploy.{key}", one, _SPREAD, "")


def _resources(service: Service, node: MapNode) -> None:
    said = {
        "limits": {"cpus": number("cpus"), "memory": size("mem_limit"), "pids": number("pids_limit")},
        "reservations": {"memory": size("mem_reservation")},
    }
    for part, rules in said.items():
        under = node.get(part)
        if under is None or is_null(under):
            continue
        for key, entry in as_map(f"deploy.resources.{part}", under.mark, under).entries.items():
            if key == "devices" or is_null(entry.node):
                continue
            if key in rules:
                rules[key](service, entry)
            else:
                words.lose(service, f"deploy.resources.{part}.{key}", entry, "a profile does not reserve it", "")


def _restart(service: Service, node: MapNode, entry: Entry) -> None:
    """`restart` says it where it stands."""
    if service.entry("restart"):
        return
    condition = node.get("condition")
    word = condition.text if isinstance(condition, ScalarNode) else "any"
    most = node.get("max_attempts")
    count = f":{most.text}" if isinstance(most, ScalarNode) and most.value else ""
    policies = {"none": "no", "any": "always", "on-failure": f"on-failure{count}"}
    if word not in policies:
        wrong(entry.mark, "deploy.restart_policy.condition", "none, on-failure or any")
    service.draft.say("restart", policies[word], entry.mark)
    for key in ("delay", "window"):
        if key in node.entries:
            why = "the engine has a rule of its own"
            words.lose(service, f"deploy.restart_policy.{key}", node.entries[key], why, "")


def docker_swap(service: Service) -> None:
    """Without a limit of its own Docker gives as much swap as memory; a profile gives none."""
    said = service.draft.said
    memory = said.get("mem_limit")
    if memory is None or "memswap_limit" in said or not isinstance(memory.node, ScalarNode):
        return
    try:
        service.draft.say("memswap_limit", 2 * parse_size(memory.node.value), memory.mark)
    except ValueError:
        return  # told where it stands


def read(node: Node) -> Node:
    """What stands in quotes, where a number is meant."""
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return ScalarNode(node.mark, resolve(node.value.strip()), node.text)
    return node


def _flag(key: str, entry: Entry) -> bool:
    return flag_at(MapNode(entry.mark, {key: entry}), key)
