"""A way to a host that is far: a TCP relay on the loopback that holds every byte back for a while, each way.

python -m benchmarks.distance HOST PORT SECONDS     prints the port it listens on; ends with its stdin
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

CHUNK = 65536


@contextlib.contextmanager
def far(address: tuple[str, int], seconds: float) -> Iterator[int]:
    """The port of such a relay, in a process of its own: it must not wait for whoever measures."""
    relay = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.distance", address[0], str(address[1]), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert relay.stdin is not None
    assert relay.stdout is not None
    try:
        yield int(relay.stdout.readline())
    finally:
        relay.stdin.close()
        relay.wait()


async def relay(host: str, port: int, seconds: float) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(host, port)
        await asyncio.gather(_carry(reader, there[1], seconds), _carry(there[0], writer, seconds))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)  # whatever is still on its way


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    clock = asyncio.get_running_loop().time
    held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def read() -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                held.put_nowait((clock() + seconds, data))
        held.put_nowait((clock() + seconds, b""))

    async def write() -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data = await held.get()
                await asyncio.sleep(due - clock())
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()

    await asyncio.gather(read(), write())


if __name__ == "__main__":
    asyncio.run(relay(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
