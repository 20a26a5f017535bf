"""Stands for a training run: says a step now and then; ends on SIGTERM, as a container's first process, too."""

import argparse
import itertools
import math
import signal
import sys
import time


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    config = parser.parse_args().config
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"configuration {config}", flush=True)
    for step in itertools.count(0, 50):
        loss = 1.8 + 4 * math.exp(-step / 4000) + 0.05 * math.sin(step)
        print(f"epoch {step // 5000}  step {step:6d}  loss {loss:.3f}  lr 3.0e-04", flush=True)
        time.sleep(3)


main()
