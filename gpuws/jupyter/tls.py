"""TLS over a stream of a link. A notebook server's certificate is mostly its own, so it is told, never judged: the way
there is the link's, which knows its host."""

from __future__ import annotations

import hashlib
import ssl

from gpuws.link.place import Stream

PIECE = 65536  # bytes


class TlsStream:
    """A stream whose bytes go encrypted over `inner`, which is closed with it. OSError where the other side speaks no
    TLS."""

    def __init__(self, inner: Stream) -> None:
        self._inner = inner
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._tls = context.wrap_bio(self._incoming, self._outgoing)
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._fetch()
        self._flush()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as browsers show it; "" where there is none."""
        certificate = self._tls.getpeercert(binary_form=True)
        return hashlib.sha256(certificate).digest().hex(":").upper() if certificate else ""

    def recv(self, limit: int = PIECE) -> bytes:
        while True:
            try:
                return self._tls.read(limit)
            except ssl.SSLWantReadError:
                if not self._fetch():
                    return b""
            except ssl.SSLZeroReturnError:
                return b""

    def sendall(self, data: bytes) -> None:
        self._tls.write(data)
        self._flush()

    def shutdown_write(self) -> None:
        self._inner.shutdown_write()

    def settimeout(self, seconds: float | None) -> None:
        self._inner.settimeout(seconds)

    def close(self) -> None:
        self._inner.close()

    def _flush(self) -> None:
        if data := self._outgoing.read():
            self._inner.sendall(data)

    def _fetch(self) -> bool:
        """False at the other side's end."""
        self._flush()
        data = self._inner.recv(PIECE)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        return bool(data)
