"""One GPU, read in tiers: what is cheap and changes in every reading, the rest more rarely."""

from .counters import Counters
from .detail import read_detail
from .faults.throttling import Throttling
from .fields import Fields, Gone, short_bus_id, text
from .files import read
from .mig import Mig
from .using import Using

SELDOM = 2  # usual intervals from one reading of the dear values to the next
SLOWLY = 3
LONG = 8
RARELY = 30
MUCH = 1 << 27  # bytes: no program takes less to begin with


class Turn:
    """One reading: by the time since the one before it is told which dear values are due, at whatever pace."""

    def __init__(self, before, now):
        """Usual intervals since the start, at the reading before and at this one; -1: there was none before."""
        self.before, self.now = before, now

    def due(self, step, phase=0):
        """Whether one of the counts `phase`, `phase` + `step`, … came since the reading before."""
        return (self.now - phase) // step != (self.before - phase) // step


class Gpu:
    def __init__(self, nvml, index, handle, uuid, name):
        self.index, self.handle, self.uuid, self.name = index, handle, uuid, name
        self.fields = Fields(nvml)
        self.using = Using(self.fields, uuid)
        self.mig = Mig(self.fields)
        self.counters = Counters(self.fields)
        self.throttling = Throttling(self.fields)
        self.gone = None
        self.unified = False
        self.fixed = {}  # what can't change while it is the same GPU
        self.kept = {}  # values of the dear fields, from one reading of them to the next
        self.links = []  # [index of another GPU, kind, lanes]
        self.processes = []
        self.memory = None  # as NVML told it last
        self.taken = 0  # bytes of it that were in use when the processes were listed

    def moved(self, index, handle):
        """It is where it was or elsewhere, and may have been away."""
        if self.gone is not None:
            self.kept = {}
            self.counters.forget()
        self.index, self.handle, self.gone = index, handle, None

    def read(self, turn, looking):
        """A row for the sample, and the processes that hold memory of this GPU.

        `looking`: somebody wants what is asked on request only."""
        row = {"index": self.index, "uuid": self.uuid, "name": self.name, "health": "ok", "error": None}
        try:
            if self.gone is not None:
                raise self.gone
            row.update(self._values(turn, looking))
        except Gone as gone:
            self.gone = gone
            self.processes = []
            row.update(self.fixed, health=gone.health, error=gone.reason)
        return row, self.processes

    def reread(self, row):
        """What a process may have been in that has ended since: the figures of one reading belong together."""
        try:
            row.update(self._use())
        except Gone:
            pass  # the next reading says it

    def _values(self, turn, looking):
        first = not self.kept
        if not self.fixed:
            self.fixed = self._fixed()
        if turn.due(SELDOM) or first:
            self._list(refresh=turn.due(RARELY) or first)
            self.kept.update(self._seldom())
        if turn.due(SLOWLY) or first:
            self.kept["fan"] = self.fields.ask("nvmlDeviceGetFanSpeed", self.handle)
        if turn.due(RARELY) or first:
            self.kept.update(self._rarely())
        if turn.due(RARELY, RARELY - 1 - self.index % RARELY):  # 4 ms on an H200: never all GPUs at once, nor at first
            self.kept["energy"] = self.fields.joules("nvmlDeviceGetTotalEnergyConsumption", self.handle)
        if looking or turn.due(LONG) or first:
            self.kept["counters"] = self.counters.read(self.handle)
            self.mig.count(self.handle)
        use = self._use()
        if self._taken() > self.taken + MUCH:  # somebody may have begun since they were listed
            self._list(refresh=False)
            use = self._use()
        self.using.weigh(self.handle, self.processes, use["utilization"], turn.due(LONG))
        if not looking:
            self.kept.pop("detail", None)
        elif turn.due(SELDOM, self.index % SELDOM) or "detail" not in self.kept:  # never all GPUs in one reading
            self.kept["detail"] = read_detail(self.fields, self.handle, self.memory)
        row = dict(self.fixed, **use)
        row.update(self.kept)
        if looking:
            row["links"] = self.links
        return row

    def _fixed(self):
        pci = self.fields.ask("nvmlDeviceGetPciInfo", self.handle)
        bus_id = None if pci is None else short_bus_id(text(pci.busId))
        return {"bus_id": bus_id, "numa_node": None if bus_id is None else numa_node(bus_id)}

    def _list(self, refresh):
        if refresh:
            self.mig.look(self.handle)
        self.processes = self.using.read(self.handle, self.mig.instances, refresh)
        self.memory = self.fields.memory(self.handle)
        self.taken = self._taken()

    def _taken(self):
        return self.memory.used if self.memory else 0

    def _use(self):
        """How much of it is in use, read after the list of its processes. `gaps`: what is not told → why."""
        gaps = {"processes": self.using.gaps[self.uuid]} if self.using.gaps.get(self.uuid) else {}
        rates = self.fields.ask("nvmlDeviceGetUtilizationRates", self.handle)
        if rates is None:
            gaps["utilization"] = self.fields.gap("nvmlDeviceGetUtilizationRates")
        self.memory = self.fields.memory(self.handle)
        if self.memory is None:
            gaps["memory"] = self.fields.memory_gap()
        row = dict(self._memory(self.memory), utilization=None if rates is None else rates.gpu, gaps=gaps)
        row["memory_activity"] = None if rates is None else rates.memory
        return dict(row, mig=self.mig.rows(self.handle, self.using.gaps))

    def _memory(self, found):
        """A GPU without memory of its own shares the host's; a divided one may only keep its own secret."""
        self.unified = not self.mig.enabled and (self.fields.has_no_memory() or bool(found and not found.total))
        if found is None or self.unified:
            return {"memory_used": None, "memory_total": None, "unified": self.unified}
        return {"memory_used": found.used, "memory_total": found.total}

    def _seldom(self):
        return {
            "temperature": self._temperature(),
            "power": self.fields.watts("nvmlDeviceGetPowerUsage", self.handle),
        }

    def _rarely(self):
        persistence = self.fields.ask("nvmlDeviceGetPersistenceMode", self.handle)
        return {
            "power_limit": self.fields.watts("nvmlDeviceGetEnforcedPowerLimit", self.handle),
            "persistence": None if persistence is None else bool(persistence),
            "throttled": self.throttling.read(self.handle),
        }

    def _temperature(self):
        found = self.fields.ask("nvmlDeviceGetTemperatureV", self.handle, 0)
        return self.fields.ask("nvmlDeviceGetTemperature", self.handle, 0) if found is None else found


def numa_node(bus_id):
    """-1 there is a machine without such nodes."""
    number = read("/sys/bus/pci/devices/%s/numa_node" % bus_id).strip()
    return int(number) if number.isdigit() else None
