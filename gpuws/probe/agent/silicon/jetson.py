"""The GPU of a Jetson by /sys: NVML is not there before JetPack 6, and has no figures of it since."""

import os

from ..files import read

BOARD = "/proc/device-tree/model"
FREQUENCIES = "/sys/class/devfreq"
NODES = ("gv11b", "gp10b", "gm20b", "ga10b", "gpu")  # what the device tree calls such a GPU
LOADS = ("/sys/devices/gpu.0/load", "/sys/devices/platform/gpu.0/load")
ZONES = "/sys/class/thermal"
UNLISTED = "a Jetson does not list them"
UUID = "jetson-gpu-0"  # it has none that is told before JetPack 6


class Jetson:
    """`root`: where /proc and /sys are."""

    def __init__(self, root=""):
        self.root = root
        self.board = read(root + BOARD).strip("\0 \n")
        self.there = "jetson" in self.board.lower()
        self.paths = self._loads() if self.there else []

    def complete(self, found):
        """A reading of NVML's, with the board's GPU where it has none, and with its figures where it has no figures."""
        if not self.there:
            return found
        if found["source"] is None and (found["error"] or {}).get("kind") == "no-driver":
            row = {"index": 0, "uuid": UUID, "name": self.board, "health": "ok", "error": None, "unified": True}
            row["gaps"] = {"processes": UNLISTED}
            found = dict(found, source="sysfs", coverage="read", error=None, gpus=[row])
        rows = [row for row in found["gpus"] if row.get("unified") and row.get("utilization") is None]
        for row in rows[:1]:  # it has one
            self._fill(row)
        return found

    def _fill(self, row):
        load = self._load()
        if load is not None:
            row["utilization"] = load
            row.get("gaps", {}).pop("utilization", None)
        if row.get("temperature") is None:
            row["temperature"] = self._temperature()

    def _load(self):
        for path in self.paths:
            said = read(path).strip()
            if said.isdigit():
                return int(said) / 10  # it counts thousandths
        return None

    def _loads(self):
        found = []
        for name in _names(self.root + FREQUENCIES):
            device = "%s%s/%s/device" % (self.root, FREQUENCIES, name)
            if read(device + "/of_node/name").strip("\0 \n") in NODES:
                found.append(device + "/load")
        return found + [self.root + path for path in LOADS]

    def _temperature(self):
        for name in _names(self.root + ZONES):
            zone = "%s%s/%s" % (self.root, ZONES, name)
            if read(zone + "/type").strip().lower() in ("gpu-therm", "gpu-thermal"):
                said = read(zone + "/temp").strip()
                return int(said) / 1000 if said.isdigit() else None
        return None


def _names(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
