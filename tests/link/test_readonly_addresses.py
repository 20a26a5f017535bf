"""What a read-only name forbids, no other name of the same address allows."""

from gpuws.link.connect.readonly_addresses import ReadOnlyAddresses
from gpuws.link.resolve.resolve import resolve
from gpuws.model.host.host import Host

CONFIG = """
Host safe
  HostName GPU1.lab
  User ann
Host same
  HostName gpu1.lab
  User bob
Host port
  HostName gpu1.lab
  Port 2222
Host jumped
  HostName gpu1.lab
  ProxyJump bastion
"""


def test_one_address_under_two_names(tmp_path):
    path = tmp_path / "ssh_config"
    path.write_text(CONFIG)
    hosts = [Host(name, ssh_config=str(path), readonly=name == "safe") for name in ("safe", "same", "port", "jumped")]
    strict = ReadOnlyAddresses([*hosts, Host("wrong", hostname="-x", readonly=True), Host("local", readonly=True)])
    for host in hosts:
        strict.reach(resolve(host))
    names = [host.name for host in hosts]
    assert [name for name in names if strict.leads_to(name)] == ["safe", "same"]
    free = strict.of([])
    assert not any(map(free.leads_to, names))
    assert free.of(hosts).leads_to("same")
