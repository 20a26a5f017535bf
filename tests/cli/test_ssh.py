"""ssh-config and code on the demo, and what they refuse."""

from gpuws.present.ssh_config import written


def test_the_fragment_names_what_is_mine_and_nothing_else(gpuws):
    done = gpuws("ssh-config", "--dry-run")
    assert done.returncode == 0, done.stderr
    targets = {one.target for one in written(done.stdout)}
    assert {"alpha", "alpha/torch-dev"} <= targets
    rows = [line.split()[:2] for line in gpuws("ps", "-a", "--mine").stdout.splitlines()[1:]]
    assert {one for one in targets if "/" in one} == {f"{host}/{name}" for host, name in rows if name != "–"}


def test_the_line_for_ones_own_configuration_is_told(gpuws):
    done = gpuws("ssh-config", "alpha")
    assert done.returncode == 0, done.stderr
    assert ["gpuws.alpha.torch-dev", "alpha/torch-dev"] in [line.split() for line in done.stdout.splitlines()]
    assert "put this line before any `Host` of ~/.ssh/config: Include " in done.stderr


def test_an_editor_is_told_the_alias_and_a_directory_in_full(gpuws):
    assert gpuws("code", "torch-dev").stdout == "code --remote ssh-remote+gpuws.alpha.torch-dev /workspace\n"
    there = gpuws("code", "alpha/torch-dev:src", GPUWS_EDITOR="zed ssh://{alias}{dir}").stdout
    assert there == "zed ssh://gpuws.alpha.torch-dev/workspace/src\n"


def test_what_is_not_mine_or_read_only_is_refused(gpuws):
    theirs = gpuws("code", "bravo/eval")
    assert (theirs.returncode, theirs.stdout) == (5, "")
    assert "bravo/eval has no name for ssh — it is not yours" in theirs.stderr
    assert gpuws("ssh-config", "--readonly").returncode == 5  # it would have left all names out
    assert gpuws("code", "alpha/torch-dev", "--readonly").returncode == 5
    assert gpuws("ssh-proxy", "alpha/torch-dev", "--readonly").returncode == 5
