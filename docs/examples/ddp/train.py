"""The least that a job on several GPUs needs; `torchrun --standalone --nproc_per_node=gpu train.py` starts it."""

import logging
import os

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    dist.init_process_group("nccl")
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    torch.cuda.set_device(device)
    model = DistributedDataParallel(torch.nn.Linear(1024, 1024).to(device), device_ids=[device.index])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for step in range(100):
        loss = model(torch.randn(256, 1024, device=device)).square().mean()
        optimizer.zero_grad()
        loss.backward()  # here NCCL averages the gradients of all ranks
        optimizer.step()
        if step % 10 == 0 and dist.get_rank() == 0:
            logging.info("step %d: loss %.4f on %d GPUs", step, loss.item(), dist.get_world_size())
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
