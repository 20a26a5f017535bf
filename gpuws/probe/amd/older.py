"""What `rocm-smi … --json` tells, as the rows that an agent would have sent. Pure; nothing raises.

`{"card0": {NAME: TEXT}, "system": {…}}`, whose names changed over the years. Of a process it does not say on which GPU
it is."""

from __future__ import annotations

import re

from gpuws.probe.amd.values import Row, document, first, real, size, text

NOT_TOLD = "not told by rocm-smi"
WHERE = "rocm-smi does not say on which GPU they are"
CARD = re.compile(r"card(\d{1,3})\Z")
PID = re.compile(r"PID(\d{1,9})\Z")
NAMES = ("Card Series", "Card series", "Card Model", "Card model", "Card SKU")
USED, TOTAL = ("VRAM Total Used Memory (B)",), ("VRAM Total Memory (B)",)
POWERS = ("Average Graphics Package Power (W)", "Current Socket Graphics Package Power (W)")
TEMPERATURES = ("Temperature (Sensor junction) (C)", "Temperature (Sensor edge) (C)")


def rows(said: str) -> Row:
    """`gpus`, `processes`, `driver`."""
    found = document(said)
    found = found if isinstance(found, dict) else {}
    cards = {int(at[1]): card for key, card in found.items() if (at := CARD.match(key)) and isinstance(card, dict)}
    system = found.get("system")
    system = system if isinstance(system, dict) else {}
    owners = [owner for key, told in system.items() if (owner := _owner(key, told))]
    alone = len(cards) == 1
    gpus = [_gpu(index, card, [] if alone else owners) for index, card in sorted(cards.items())]
    processes = [{**owner, "gpu_uuid": gpus[0]["uuid"]} for owner in owners] if alone else []
    version = text(system.get("Driver version"))
    return {"gpus": gpus, "processes": processes, "driver": f"amdgpu {version}" if version else None}


def _gpu(index: int, card: Row, owners: list[Row]) -> Row:
    used, busy = size(first(card, USED)), real(card.get("GPU use (%)"))
    told = text(card.get("PCI Bus"))
    bus = told.split()[0].lower() if told else None
    parts = {"memory": used, "utilization": busy}
    gaps = {part: NOT_TOLD for part, value in parts.items() if value is None}
    if owners:
        gaps["processes"] = WHERE
    return {
        "index": index,
        "uuid": f"AMD-{text(card.get('Unique ID')) or bus or index}",
        "name": next((name for key in NAMES if (name := text(card.get(key)))), "AMD GPU"),
        "vendor": "amd",
        "health": "ok",
        "bus_id": bus,
        "memory_used": used,
        "memory_total": size(first(card, TOTAL)),
        "utilization": busy,
        "memory_activity": real(card.get("GPU Memory Read/Write Activity (%)")),
        "temperature": real(first(card, TEMPERATURES)),
        "power": real(first(card, POWERS)),
        "power_limit": real(card.get("Max Graphics Package Power (W)")),
        "fan": real(card.get("Fan speed (%)")),
        "gaps": gaps,
    }


def _owner(key: str, told: object) -> Row | None:
    """`PID1234: "name, number of GPUs, bytes, …"`; one that has none holds none."""
    pid = PID.match(key)
    words = [word.strip() for word in told.rsplit(",", 4)] if isinstance(told, str) else []
    if pid is None or len(words) != 5 or not real(words[1]):
        return None
    return {"pid": int(pid[1]), "memory": size(words[2]), "command": words[0] or None}
