"""A container as a Compose file for its own host, as it was asked for: nothing is made fit for elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gpuws.engines.docker.existing.capture import name_for
from gpuws.engines.docker.existing.parse import name_of, rows, table
from gpuws.engines.docker.options import mounts, network, program
from gpuws.engines.docker.options.option import NOTHING, Inspected
from gpuws.engines.docker.options.table import OPTIONS
from gpuws.engines.docker.options.unsupported import in_service, lost_in_services
from gpuws.model.gpu import memory_cap
from gpuws.model.secret import HIDDEN, is_secret, masked_words
from gpuws.model.text import plain


def compose_file(inspected: Mapping[str, Any], image: Mapping[str, Any], reference: str) -> str:
    """Arguments as `capture.read` takes them. Secrets stand in it by name only: Compose takes them from its caller."""
    import yaml

    told = Inspected.of(inspected, image, reference)
    name = str(inspected.get("Name") or "")
    data: dict[str, Any] = {"services": {name_for(name).replace(".", "-"): _escaped(_service(told))}}
    named = [volume.source for volume in mounts.volumes(told) if volume.type == "volume" and volume.source]
    if named:
        data["volumes"] = {source: {"external": True} for source in dict.fromkeys(named)}
    if networks := network.service_networks(told):
        data["networks"] = {name: {"external": True} for name in networks}
    lost = "".join(f"# lost: {plain(note, 300)}\n" for note in _lost(told))
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    return lost + text


def _service(told: Inspected) -> dict[str, Any]:
    """Without what says nothing. In `environment` null means the environment's own value."""
    service = {
        "image": told.reference,
        "container_name": name_of([told.answer.get("Name")]),
        **{option.compose or option.key: option.in_service(told) for option in OPTIONS},
        "networks": network.service_networks(told),
        **in_service(told),
    }
    return {key: value for key, value in service.items() if value not in NOTHING}


def _lost(told: Inspected) -> Iterator[str]:
    """What a service can't say."""
    yield from lost_in_services(told)
    if told.at("HostConfig.AutoRemove"):
        yield "--rm"
    yield from mounts.odd_mounts(told)
    if any(program.by_tools(name) and name != memory_cap.LABEL for name in told.mine.labels):
        yield "labels of gpuws and Compose: whoever makes it anew writes their own"
    test = [str(word) for word in rows(table(told.config.get("Healthcheck")).get("Test"))]
    for what, words in (
        ("command", (*(told.mine.entrypoint or ()), *(told.mine.command or ()))),
        ("healthcheck", tuple(test)),
    ):
        if masked_words(words) != words:
            yield f"what in its {what} looks like a secret: {HIDDEN} stands there"
    logging = table(table(told.host_config.get("LogConfig")).get("Config"))
    for what, said in (("label", told.mine.labels), ("option of its log", logging)):
        yield from (
            f"the {what} {name}: it may hold a secret" for name, text in said.items() if is_secret(name, str(text))
        )


def _escaped(value: Any) -> Any:
    """Compose reads `$` as the beginning of a variable."""
    match value:
        case str():
            return value.replace("$", "$$")
        case list():
            return [_escaped(item) for item in value]
        case dict():
            return {key: _escaped(inner) for key, inner in value.items()}
    return value
