from gpuws.model.ssh_alias import SshAlias, aliases, is_alias, together
from tests.factories import container, snapshot

READ = frozenset({"containers"})


def host(name, *containers, **more):
    there = tuple(container(one, host=name) if isinstance(one, str) else one for one in containers)
    return snapshot(name, workspaces=there, complete=READ, **more)


def names(found):
    return [f"{one.name}={one.target}" for one in found]


def test_a_host_and_what_is_mine_on_it():
    bobs = container("bert", mine=False)
    assert names(aliases([host("alpha", "torch-dev", bobs), host("kilo.lab", "a.b_c-d")])) == [
        "gpuws.alpha=alpha",
        "gpuws.alpha.torch-dev=alpha/torch-dev",
        "gpuws.kilo.lab=kilo.lab",
        "gpuws.kilo.lab.a.b_c-d=kilo.lab/a.b_c-d",
    ]


def test_what_would_need_quotes_has_none_and_a_read_only_host_has_none():
    odd = ["a b", "x;touch evil", "$(id)", "ü", "new\nline", "", "a%h", "-"]
    assert names(aliases([host("alpha", *odd), host("bravo", "x", readonly=True)])) == [
        "gpuws.alpha=alpha",
        "gpuws.alpha.-=alpha/-",
    ]


def test_two_of_one_name_are_left_out():
    looked_at = [host("a", "b", "b.c"), host("a.b", "c")]
    assert names(together(looked_at, (), ["a", "a.b"])) == ["gpuws.a=a"]


def test_two_that_share_a_connection_of_ssh_are_left_out():
    """`%C` and `%h` of its ControlPath are made of the name in lower case."""
    assert names(together([host("a", "Torch", "torch", "jax")], (), ["a"])) == ["gpuws.a=a", "gpuws.a.jax=a/jax"]


def test_hosts_that_were_not_read_keep_theirs():
    before = (
        SshAlias("gpuws.alpha.gone", "alpha/gone"),
        SshAlias("gpuws.bravo.eval", "bravo/eval"),
        SshAlias("gpuws.charlie.x", "charlie/x"),
        SshAlias("gpuws.removed.x", "removed/x"),
    )
    looked_at = [host("alpha", "new"), snapshot("bravo", workspaces=(), complete=frozenset())]
    assert names(together(looked_at, before, ["charlie", "alpha", "bravo"])) == [
        "gpuws.charlie.x=charlie/x",
        "gpuws.alpha=alpha",
        "gpuws.alpha.new=alpha/new",
        "gpuws.bravo=bravo",
        "gpuws.bravo.eval=bravo/eval",
    ]


def test_an_alias_is_known_by_its_beginning():
    assert is_alias("gpuws.alpha")
    assert not is_alias("gpuws")
    assert not is_alias("gpuws-host")
