"""Tries torch, and says each thing that it finds as one line of JSON. Fed to the Python of a workspace.

Standard library and torch alone, in the syntax of Python 3.6: `python3 program.py` runs it anywhere."""

import json
import sys
import time
import warnings

SIZE = 2048
"""Rows of a square matrix: of ones, so that each element of the product is exactly this."""


def say(**found):
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


def brief(error):
    """The first line with something in it: torch adds pages of advice."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:400]


def imported():
    """torch, or None with the reason said."""
    try:
        import torch
    except ModuleNotFoundError as error:
        say(**({"absent": True} if error.name == "torch" else {"broken": brief(error)}))
        return None
    except BaseException as error:
        say(broken=brief(error))
        return None
    return torch


def usable(torch):
    """Whether CUDA can be used; why not is said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            if torch.cuda.is_available() and torch.cuda.device_count():
                return True
            torch.cuda.init()
        except BaseException as error:
            say(unusable=brief(error))
            return False
    say(unusable=brief(caught[0].message) if caught else "no GPU is seen")
    return False


def multiplied(torch, index):
    """Seconds of one matrix product on that GPU; the first one, which loads libraries, is not counted. ValueError where
    it is wrong."""
    device = "cuda:%d" % index
    ones = torch.ones((SIZE, SIZE), device=device)
    (ones @ ones).sum().item()
    torch.cuda.synchronize(index)
    began = time.perf_counter()
    product = ones @ ones
    torch.cuda.synchronize(index)
    took = time.perf_counter() - began
    least, most = product.min().item(), product.max().item()
    if (least, most) != (SIZE, SIZE):
        raise ValueError("a product of ones is %s to %s, and should be %d" % (least, most, SIZE))
    return took


def try_gpu(torch, index):
    found = {"gpu": index, "name": "", "memory": None, "seconds": None, "error": ""}
    try:
        properties = torch.cuda.get_device_properties(index)
        found["name"], found["memory"] = str(properties.name), int(properties.total_memory)
        found["seconds"] = multiplied(torch, index)
    except BaseException as error:
        found["error"] = brief(error)
    say(**found)


def main():
    say(python=sys.version.split()[0], executable=sys.executable)
    torch = imported()
    if torch is None:
        return
    say(torch=str(torch.__version__), cuda=torch.version.cuda)
    if usable(torch):
        count = torch.cuda.device_count()
        say(gpus=count)
        for index in range(count):
            try_gpu(torch, index)
    say(done=True)


if __name__ == "__main__":
    main()
