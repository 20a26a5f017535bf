"""One value after another out of NVML: any of them may be missing, and what is never to be had is not asked again."""

LOST, RESET_REQUIRED, UNINITIALIZED = 15, 16, 1
NOT_SUPPORTED = 3
NEVER = frozenset([NOT_SUPPORTED, 13])  # not supported, function not found; no data may come
NO_PERMISSION = 4
NOWHERE, FORBIDDEN = "not supported", "no permission"  # as the model has them
REASONS = {
    LOST: "GPU is lost: it has fallen off the bus",
    RESET_REQUIRED: "GPU requires a reset or a reboot",
    NO_PERMISSION: "no permission to use this GPU",
}


class Gone(Exception):
    """The GPU answers no more: NVML's error number."""

    def __init__(self, number):
        Exception.__init__(self, number)
        self.number = number

    @property
    def health(self):
        return "reset-required" if self.number == RESET_REQUIRED else "lost"

    @property
    def reason(self):
        return REASONS.get(self.number, "GPU does not answer (NVML error %d)" % self.number)


class Stale(Exception):
    """NVML was shut down under us: the driver was reloaded."""


class Fields:
    """Asks one GPU or one MIG instance."""

    def __init__(self, nvml):
        self.nvml = nvml
        self.never = {}  # what is not asked again → NVML's error number
        self.failed = {}  # what could not be told when it was asked last → why

    def ask(self, name, *arguments):
        """What an NVML call returns; None where it is not to be had. Its numbers tell one question from another."""
        numbers = tuple(argument for argument in arguments if isinstance(argument, int))
        return self.attempt((name,) + numbers, lambda: getattr(self.nvml, name)(*arguments))

    def attempt(self, field, call):
        if field in self.never:
            return None
        self.failed.pop(field, None)
        try:
            return call()
        except self.nvml.NVMLError as error:
            if error.value in (LOST, RESET_REQUIRED):
                raise Gone(error.value) from error
            if error.value == UNINITIALIZED:
                raise Stale() from error
            if error.value in NEVER:
                self.never[field] = error.value
            else:
                self.failed[field] = FORBIDDEN if error.value == NO_PERMISSION else str(error)
        except Exception:  # a library too old for a call: no NVMLError, see pynvml.NVMLLibraryMismatchError
            self.never[field] = None
        return None

    def gap(self, *names):
        """Why none of these calls told anything: a failure, else that there is no such thing."""
        return next((self.failed[(name,)] for name in names if (name,) in self.failed), NOWHERE)

    def memory(self, handle):
        """Version 2 leaves out what the driver keeps for itself, as nvidia-smi does. Version 1 has no `reserved`."""
        version = getattr(self.nvml, "nvmlMemory_v2", None)
        return self.ask("nvmlDeviceGetMemoryInfo", handle, version) or self.ask("nvmlDeviceGetMemoryInfo", handle)

    def memory_gap(self):
        return self.gap("nvmlDeviceGetMemoryInfo")

    def has_no_memory(self):
        """The driver says that there is no such thing here: it knows of no memory but the host's."""
        return self.never.get(("nvmlDeviceGetMemoryInfo",)) == NOT_SUPPORTED

    def watts(self, name, handle):
        milliwatts = self.ask(name, handle)
        return None if milliwatts is None else round(milliwatts / 1000.0, 1)

    def joules(self, name, handle):
        millijoules = self.ask(name, handle)
        return None if millijoules is None else round(millijoules / 1000.0)


def text(value):
    """Names are bytes in old bindings."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def short_bus_id(bus_id):
    """As /sys and the kernel's log write it: NVML's 00000000:1B:00.0 is 0000:1b:00.0."""
    domain, _, rest = bus_id.lower().partition(":")
    return "%s:%s" % (domain[-4:], rest)
