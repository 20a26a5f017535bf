"""Keys of a service that are words and lists of words: image, command, user, network, rights. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from gpuws.config.imports.compose import gpus
from gpuws.config.imports.compose.layers import pairs
from gpuws.config.imports.compose.service import Service, as_items, as_map, as_text, text_at, wrong
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode, is_null
from gpuws.config.yaml.scalars import resolve
from gpuws.model.linux import CAPABILITIES, HOSTNAME

Rule = Callable[[Service, Entry], None]

_RESTART = re.compile(r"no|always|unless-stopped|on-failure(?::[0-9]{1,5})?")
_SECURITY = re.compile(r"(?:seccomp[:=](?!unconfined|builtin)|systempaths|writable-cgroups|credentialspec)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(rf"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)({'|'.join(_SECONDS)})")
_DURATION = re.compile(rf"0|(?:{_PART.pattern}){{1,8}}")
_PULL = {"if_not_present": "missing", "missing": "missing", "always": "always", "never": "never"}


def seconds(key: str, entry: Entry) -> float:
    """A duration as Go writes it, `1m30s`; Compose takes nothing shorter to type."""
    text = as_text(key, entry.mark, entry.node)
    if not _DURATION.fullmatch(text):
        wrong(entry.mark, key, "a duration such as 30s, 1m30s or 500ms")
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def lose(service: Service, key: str, entry: Entry, why: str, instead: str) -> None:
    """What a key says in a few words, and why a profile does not."""
    word = entry.node.text if isinstance(entry.node, ScalarNode) else ""
    service.lose(f"{key}: {word}" if word else key, entry.mark, why, instead)


def plain_node(node: Node) -> Node:
    """Scalars as text, however they are written."""
    match node:
        case ListNode():
            return ListNode(node.mark, tuple(plain_node(item) for item in node.items))
        case ScalarNode() if node.value is not None:
            return ScalarNode(node.mark, node.text, node.text)
    return node


def image(service: Service, entry: Entry) -> None:
    service.draft.say("image", as_text("image", entry.mark, entry.node), entry.mark)


def command(key: str) -> Rule:
    """A line is split as a shell would; an empty entry point takes the image's away."""

    def say(service: Service, entry: Entry) -> None:
        if isinstance(entry.node, ListNode):
            found = [as_text(f"{key}[{index}]", item.mark, item) for index, item in enumerate(entry.node.items)]
        else:
            try:
                found = shlex.split(as_text(key, entry.mark, entry.node))
            except ValueError as error:
                wrong(entry.mark, key, f"a command line: {str(error).lower()}")
        if found or key == "entrypoint":
            service.draft.say(key, [ScalarNode(entry.node.mark, word, word) for word in found or [""]], entry.mark)

    return say


def container_name(service: Service, entry: Entry) -> None:
    service.draft.container = as_text("container_name", entry.mark, entry.node)


def user(service: Service, entry: Entry) -> None:
    """Without this key it is as the image says, which a profile must be told."""
    word = as_text("user", entry.mark, entry.node)
    if word in ("host", "image"):
        service.lose(f"user: {word}", entry.mark, "in a profile that is no user's name", "its number")
    elif word:
        service.draft.say("user", "root" if word == "0" else word, entry.mark)


def groups(service: Service, entry: Entry) -> None:
    service.draft.say("group_add", plain_node(entry.node), entry.mark)


def hostname(service: Service, entry: Entry) -> None:
    word = as_text("hostname", entry.mark, entry.node)
    if re.fullmatch(HOSTNAME, word):
        service.draft.say("hostname", word, entry.mark)
    else:
        lose(service, "hostname", entry, "expected letters, digits, dots and dashes", "")


def shared(key: str) -> Rule:
    """Whose memory or processes it sees."""

    def say(service: Service, entry: Entry) -> None:
        word = as_text(key, entry.mark, entry.node)
        if word.startswith("service:"):
            lose(service, key, entry, "a profile knows no other services", f"{key}: container:NAME")
        elif word and not (key == "pid" and word == "private"):
            service.draft.say(key, word, entry.mark)

    return say


def network_mode(service: Service, entry: Entry) -> None:
    word = as_text("network_mode", entry.mark, entry.node)
    if word.startswith("service:"):
        lose(service, "network_mode", entry, "a profile knows no other services", "network_mode: container:NAME")
    elif word not in ("default", "bridge", ""):
        service.draft.say("network_mode", word, entry.mark)


def networks(why: str, instead: str) -> Rule:
    """One that is there already is joined; Compose would make the others."""

    def say(service: Service, entry: Entry) -> None:
        if service.entry("network_mode"):
            return
        found = entry.node.entries if isinstance(entry.node, MapNode) else ()
        names = list(found) or [as_text("networks", one.mark, one) for one in _items(entry)]
        outside = [name for one in names if (name := _external(service, one))]
        if len(names) == 1 and outside:
            service.draft.say("network_mode", outside[0], entry.mark)
        elif names not in ([], ["default"]):
            service.lose(f"networks: {', '.join(names)}", entry.mark, why, instead)

    return say


def _items(entry: Entry) -> tuple[Node, ...]:
    return () if isinstance(entry.node, MapNode) else as_items("networks", entry.mark, entry.node)


def _external(service: Service, name: str) -> str:
    """What the engine calls a network that is not the file's own; "": it is."""
    told = service.project.named("networks", name)
    if not isinstance(told, MapNode) or is_null(told.get("external")):
        return ""
    outside = told.get("external")
    inner = text_at(outside, "name") if isinstance(outside, MapNode) else ""
    if isinstance(outside, ScalarNode) and outside.value is False:
        return ""
    return text_at(told, "name") or inner or name


def of_the_host(key: str) -> Rule:
    """What may be the host's own, or is the container's."""

    def say(service: Service, entry: Entry) -> None:
        word = as_text(key, entry.mark, entry.node)
        if word == "host":
            service.draft.say(key, word, entry.mark)
        elif word:
            lose(service, key, entry, "a profile knows host only", "")

    return say


def sysctls(service: Service, entry: Entry) -> None:
    found = pairs(entry.node)
    if not isinstance(found, MapNode):
        wrong(entry.mark, "sysctls", "a map, or a list of NAME=VALUE", entry.node)
    for name, one in found.entries.items():
        service.draft.put("sysctls", name, as_text(f"sysctls.{name}", one.mark, one.node), one.mark)


def capabilities(key: str) -> Rule:
    def say(service: Service, entry: Entry) -> None:
        for index, item in enumerate(as_items(key, entry.mark, entry.node)):
            word = as_text(f"{key}[{index}]", item.mark, item)
            if word.upper().removeprefix("CAP_") in (*CAPABILITIES, "ALL"):
                service.draft.add(key, word.upper(), item.mark)
            else:
                service.lose(f"{key}: {word}", item.mark, "Linux has no such capability")

    return say


def security(service: Service, entry: Entry) -> None:
    for index, item in enumerate(as_items("security_opt", entry.mark, entry.node)):
        word = as_text(f"security_opt[{index}]", item.mark, item)
        if _SECURITY.match(word):
            service.lose(f"security_opt: {word}", item.mark, "a profile takes no files and nothing else of it")
        else:
            service.draft.add("security_opt", word, item.mark)


def devices(service: Service, entry: Entry) -> None:
    """NVIDIA's names of GPUs are what `gpus` says."""
    for index, item in enumerate(as_items("devices", entry.mark, entry.node)):
        key = f"devices[{index}]"
        if isinstance(item, MapNode):
            source, target = text_at(item, "source"), text_at(item, "target")
            word = ":".join(filter(None, (source, target, text_at(item, "permissions"))))
        else:
            word = as_text(key, item.mark, item)
        if word.startswith(gpus.CDI):
            gpus.named(service, word, item.mark)
        elif not word.startswith("/"):
            service.lose(f"devices: {word}", item.mark, "a profile knows devices by their paths")
        else:
            service.draft.add("devices", word, item.mark)


def extra_hosts(service: Service, entry: Entry) -> None:
    """A name may have several addresses."""
    if isinstance(entry.node, MapNode):
        for name, one in entry.node.entries.items():
            for address in one.node.items if isinstance(one.node, ListNode) else (one.node,):
                service.draft.add("extra_hosts", f"{name}:{as_text('extra_hosts', one.mark, address)}", one.mark)
        return
    for index, item in enumerate(as_items("extra_hosts", entry.mark, entry.node)):
        service.draft.add("extra_hosts", as_text(f"extra_hosts[{index}]", item.mark, item), item.mark)


def healthcheck(service: Service, entry: Entry) -> None:
    for key, one in as_map("healthcheck", entry.mark, entry.node).entries.items():
        if key == "start_interval":
            lose(service, "healthcheck.start_interval", one, "a profile has one interval", "")
        elif key == "test":
            if not isinstance(one.node, ListNode) or one.node.items:
                service.draft.put("healthcheck", key, plain_node(one.node), one.mark)
        elif key in ("interval", "timeout", "start_period"):
            service.draft.put("healthcheck", key, seconds(f"healthcheck.{key}", one), one.mark)
        elif key in ("retries", "disable") and isinstance(one.node, ScalarNode):
            value = resolve(one.node.text)
            service.draft.put("healthcheck", key, ScalarNode(one.node.mark, value, one.node.text), one.mark)
        elif not key.startswith("x-"):
            service.draft.put("healthcheck", key, one.node, one.mark)


def logging(service: Service, entry: Entry) -> None:
    node = as_map("logging", entry.mark, entry.node)
    if driver := text_at(node, "driver"):
        service.draft.put("logging", "driver", driver, entry.mark)
    options = node.get("options")
    if options is not None and not is_null(options):
        said = as_map("logging.options", options.mark, options).entries
        texts = {key: as_text(f"logging.options.{key}", one.mark, one.node) for key, one in said.items()}
        service.draft.put("logging", "options", texts, options.mark)


def labels(service: Service, entry: Entry) -> None:
    found = pairs(entry.node)
    if not isinstance(found, MapNode):
        wrong(entry.mark, "labels", "a map, or a list of NAME=VALUE", entry.node)
    for name, one in found.entries.items():
        if name.startswith("gpuws."):
            service.lose(f"labels: {name}", one.mark, "labels that begin with gpuws. are gpuws' own")
        else:
            text = "" if is_null(one.node) else as_text(f"labels.{name}", one.mark, one.node)
            service.draft.put("labels", name, ScalarNode(one.node.mark, text, text), one.mark)


def pull_policy(service: Service, entry: Entry) -> None:
    word = as_text("pull_policy", entry.mark, entry.node)
    if word in _PULL:
        service.draft.say("pull_policy", _PULL[word], entry.mark)
    elif word == "build":
        lose(service, "pull_policy", entry, "an image is built once, and again when asked", "gpuws images build")
    else:
        lose(service, "pull_policy", entry, "a profile fetches if missing, always or never", "pull_policy: always")


def restart(service: Service, entry: Entry) -> None:
    word = as_text("restart", entry.mark, entry.node)
    word = "no" if word in ("false", "") else word
    if not _RESTART.fullmatch(word):
        wrong(entry.mark, "restart", "no, always, unless-stopped or on-failure[:N]")
    service.draft.say("restart", word, entry.mark)


def grace(service: Service, entry: Entry) -> None:
    service.draft.say("stop_grace_period", seconds("stop_grace_period", entry), entry.mark)


def replicas(key: str) -> Rule:
    def say(service: Service, entry: Entry) -> None:
        if as_text(key, entry.mark, entry.node) != "1":
            lose(service, key, entry, "a profile is one container", "launch it as often, each by its --name")

    return say


def unknown(service: Service, key: str, mark: Position) -> None:
    service.lose(key, mark, "Compose does not know this key, and a profile neither")
