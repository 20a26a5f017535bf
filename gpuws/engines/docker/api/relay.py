"""A connection made by a Python of the other side, its bytes carried by a program's stdin and stdout.

For engines whose sockets a server does not forward, and for ports that listen on a container's own loopback only."""

from __future__ import annotations

from gpuws.engines.docker.api.process_stream import ProcessStream
from gpuws.link.place import Place, Stream
from gpuws.model.errors import GpuwsError

CONNECTED = b"+"
"""Said once the connection is made."""
TIMEOUT = 10.0

# Arguments: the path of a unix socket, or an address and a port.
SCRIPT = """
import os, socket, sys, threading
if len(sys.argv) == 2:
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(sys.argv[1])
else:
    peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))
os.write(1, b"+")
def up():
    while True:
        data = os.read(0, 65536)
        if not data:
            break
        peer.sendall(data)
    peer.shutdown(socket.SHUT_WR)
threading.Thread(target=up, daemon=True).start()
while True:
    data = peer.recv(65536)
    if not data:
        break
    while data:
        data = data[os.write(1, data):]
"""


def dial(place: Place, *target: str) -> Stream:
    """Connect to `target`, the path of a unix socket or an address and a port, from inside `place`."""
    stream = ProcessStream(place.popen(["python3", "-c", SCRIPT, *target]))
    try:
        stream.settimeout(TIMEOUT)
        if stream.recv(len(CONNECTED)) == CONNECTED:
            stream.settimeout(None)
            return stream
    except TimeoutError:
        pass
    stream.close()
    raise GpuwsError(f"{':'.join(target)} can't be reached from there")
