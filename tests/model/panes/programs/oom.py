class OutOfMemoryError(RuntimeError):
    pass


def train(steps):
    for step in range(steps):
        if step == 2:
            raise OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 512.00 MiB free.")


train(3)
