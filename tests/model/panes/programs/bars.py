"""Progress bars of tqdm and rich, which stand still after a while."""

import sys
import time

from tqdm import tqdm


def one():
    for _ in tqdm(range(2000), desc="train"):
        time.sleep(0.05)


def two():
    for _ in tqdm(range(10), desc="epoch"):
        for _ in tqdm(range(900), desc="batch", leave=False):
            time.sleep(0.05)


def open_():
    for _ in tqdm(iter(int, 1)):
        time.sleep(0.5)


def log():
    bar = tqdm(range(3000))
    for step in bar:
        if step % 20 == 0:
            bar.write(str({"loss": 2.1, "grad_norm": 1.7, "learning_rate": 3e-4, "epoch": 0.02}))
        time.sleep(0.05)


def lightning():
    print("  | Name  | Type | Params\n------------------------------\n0 | model | Net  | 1.2 M\n", flush=True)
    form = "{desc}: {percentage:3.0f}%|{bar:10}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}{postfix}]"
    for _ in tqdm(range(400), desc="Epoch 3", bar_format=form, postfix={"v_num": 7, "train_loss": 0.31}):
        time.sleep(0.1)


def rich():
    from rich.progress import track

    for _ in track(range(900), description="Tokenizing"):
        time.sleep(0.05)


def done():
    for _ in tqdm(range(20), desc="train"):
        time.sleep(0.01)
    print("saved to runs/7")


def breakpoint_():
    for step in tqdm(range(20), desc="train"):
        if step == 4:
            print()
            breakpoint()


names = {"open": open_, "breakpoint": breakpoint_}
name = sys.argv[1]
(names.get(name) or globals()[name])()
