"""What ssh calls as its SSH_ASKPASS: hands the prompt to the gpuws that connects and prints its answer. The standard
library only; it never sees anything but that one socket."""

import os
import socket
import sys


def main() -> int:
    """1: nobody answered."""
    hint = os.environ.get("SSH_ASKPASS_PROMPT", "")
    with socket.socket(socket.AF_UNIX) as gpuws:
        try:
            gpuws.connect(os.environ["GPUWS_ASKPASS_SOCKET"])
            gpuws.sendall(os.fsencode(hint) + b"\0" + os.fsencode(" ".join(sys.argv[1:])))
            gpuws.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: gpuws.recv(4096), b""))
        except OSError:
            return 1
    if not answer.startswith(b"+"):
        return 1
    sys.stdout.buffer.write(answer[1:] + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
