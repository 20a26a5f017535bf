"""What a fleet's hosts tell of their machines: each name knows the others, and obeys the strictest."""

from dataclasses import replace
from types import SimpleNamespace

from gpuws.fleet.events import HostUpdated
from gpuws.fleet.local.fleet import LocalFleet
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import Host
from gpuws.model.settings import Settings


def told(fleet, name, boot, table=4026):
    facts = HostFacts("ann", 1, 1, (), "/", "box", boot_id=boot, pid_namespace=table)
    builder = fleet._hosts.find(name)._builder
    builder.change(builder.generation, lambda parts: replace(parts, facts=facts))


def test_names_of_a_machine_know_each_other_until_one_is_another():
    hosts = [Host("alpha"), Host("bravo"), Host("again", readonly=True)]
    connector = SimpleNamespace(
        readonly_elsewhere=lambda name: name == "bravo",
        on_login=lambda told: None,
        on_change=lambda told: None,
    )
    fleet = LocalFleet(hosts, Settings(), connector, *[SimpleNamespace()] * 4)
    heard = []
    fleet.subscribe(lambda event: heard.append(event.snapshot) if isinstance(event, HostUpdated) else None)
    told(fleet, "alpha", "b-1")
    assert [(one.aliases, one.readonly) for one in fleet.snapshots()] == [((), False), ((), True), ((), True)]
    told(fleet, "again", "b-1")
    assert [(one.aliases, one.readonly) for one in fleet.snapshots()] == [
        (("again",), True),
        ((), True),
        (("alpha",), True),
    ]
    told(fleet, "alpha", "b-2")
    assert (fleet.snapshots()[0].aliases, fleet.snapshots()[0].readonly) == ((), False)
    assert [(one.name, one.aliases) for one in heard] == [("alpha", ()), ("again", ("alpha",)), ("alpha", ())]
