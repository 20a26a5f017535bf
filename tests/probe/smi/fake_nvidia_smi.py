"""Stands for nvidia-smi: answers from the JSON file $SMI_TABLE, ten times as fast as it was asked to.

`gpus`: rows by field name, what is left out is [N/A]. `processes`: rows. `unknown`: fields that this version does not
know. `lost`: index of the GPU at which a list breaks off. `fails`: what it says instead. `hang`, `slow`: seconds."""

import json
import os
import sys
import time
from pathlib import Path

ENDING = "GPU is lost.  Reboot the system to recover this GPU"


def option(name):
    found = [word.partition("=")[2] for word in sys.argv if word.startswith(name + "=")]
    if found:
        return found[0]
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else None


def say(*words):
    print(*words, flush=True)


def stamp():
    return time.strftime("%Y/%m/%d %H:%M:%S.000")


def gpus(table, fields, bus):
    for index, gpu in enumerate(table.get("gpus", [])):
        if bus and gpu.get("pci.bus_id") != bus:
            continue
        if table.get("lost") == index:
            say(f"Unable to determine the device handle for GPU{gpu.get('pci.bus_id')}: {ENDING}")
            sys.exit(15)
        values = {"timestamp": stamp(), "index": str(index), "count": str(len(table["gpus"])), **gpu}
        say(", ".join(values.get(field, "[N/A]") for field in fields))


def processes(table):
    for process in table.get("processes", []):
        say(", ".join([stamp(), process["gpu_uuid"], str(process["pid"]), process.get("used_memory", "[N/A]")]))


def once():
    table = json.loads(Path(os.environ["SMI_TABLE"]).read_text())
    time.sleep(table.get("slow", 0))
    if "fails" in table:
        say(table["fails"])
        sys.exit(9)
    while table.get("hang"):
        time.sleep(1000)
    if "-L" in sys.argv:
        return say(table.get("listing", ""))
    fields = (option("--query-gpu") or "").split(",")
    unknown = set(fields).intersection(table.get("unknown", []))
    if unknown:
        say(f'Field "{unknown.pop()}" is not a valid field to query.\n')
        sys.exit(2)
    return gpus(table, fields, option("-i")) if option("--query-gpu") else processes(table)


once()
while option("-l"):
    time.sleep(int(option("-l")) / 10)
    once()
