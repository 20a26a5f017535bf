"""A host reached through a running ssh: the channels of an SshLink, over ssh's control socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.link.openssh.crossing import Crossing
from gpuws.link.openssh.master import Master
from gpuws.link.openssh.transport import ProxyTransport
from gpuws.link.paramiko.second_link import SecondLink
from gpuws.link.paramiko.ssh import SshLink
from gpuws.link.place import Stream
from gpuws.model.text import plain

if TYPE_CHECKING:
    from gpuws.model.checkup.facts import LinkFacts


class OpensshLink(SshLink):
    """Its ssh ends with it."""

    _transport: ProxyTransport

    def __init__(
        self,
        name: str,
        transport: ProxyTransport,
        master: Master,
        *,
        asks: bool,
        crossing: Crossing | None,
        environment: Sequence[tuple[str, str]],
        second: SecondLink[SshLink] | None,
        python: str | None,
        login: float | None,
        told: tuple[str, ...],
        shell: str | None,
        besides: tuple[str, ...],
        why: str,
    ) -> None:
        self._master = master
        self._crossing = crossing
        super().__init__(
            name,
            transport,
            asks=asks,
            jump=crossing.jump if crossing else None,
            environment=environment,
            release=self._end_all,
            explain=self._better,
            second=second,
            python=python,
            login=login,
            told=told,
            shell=shell,
            besides=besides,
            why=why,
        )

    @property
    def server(self) -> str:
        return plain(self._master.told.server or "")

    def facts(self) -> LinkFacts:
        told = self._master.told
        return replace(super().facts(), server=self.server or None, host_key=told.host_key, backend="openssh")

    def dial_tcp(self, host: str, port: int) -> Stream:
        return self._dial_by_program(host, port) if self._transport.worn else super().dial_tcp(host, port)

    def dial_unix(self, path: str) -> Stream:
        return self.relay.dial_unix(path) if self._transport.worn else super().dial_unix(path)

    def _better(self, reason: str) -> str:
        """Where the channels just ended, ssh says why."""
        better = reason if self._transport.reason else self._master.why(reason)
        return self._crossing.why_lost(better) if self._crossing else better

    def _end_all(self) -> None:
        self._master.end()
        if self._crossing:
            self._crossing.leave()
