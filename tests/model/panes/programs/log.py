"""Logs of trainings, as PyTorch's examples print them."""

import sys
import time

PAUSE = 0.1


def loss():
    for step in range(9999):
        print(
            f"2026-05-04 10:02:11 INFO step {step * 10} loss {2.1 / (1 + step):.4f} lr 3.0e-04 tok/s 41223", flush=True
        )
        time.sleep(PAUSE)


def imagenet():
    for step in range(0, 5005, 10):
        print(
            f"Epoch: [3][{step:4d}/5005]\tTime  0.312 ( 0.340)\tData  0.001 ( 0.020)\tLoss 2.1e+00 (2.2e+00)",
            flush=True,
        )
        time.sleep(PAUSE)


def epochs():
    for epoch in range(1, 91):
        print(f"Epoch {epoch}/90  train_loss=1.231  val_loss=1.402  val_acc=0.713  lr=0.0010  41.2s", flush=True)
        time.sleep(PAUSE if epoch < 8 else 600)


def half():
    print("Loading model weights ", end="", flush=True)
    time.sleep(600)


globals()[sys.argv[1]]()
