"""What ssh would do besides a login, from what `ssh -G` prints."""

from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.host.ssh_options import besides
from gpuws.present.host_state import left_out


def test_each_option_is_told_in_its_own_words():
    told = besides(
        {
            "remotecommand": ["tmux new -A -s \x1b[31mmain"],
            "localforward": ["8080 [db]:5432", "9090 [::1]:90"],
            "remoteforward": ["2222 [127.0.0.1]:22"],
            "dynamicforward": ["1080"],
            "forwardagent": ["yes"],
            "forwardx11": ["yes"],
        }
    )
    assert told == (
        "run `tmux new -A -s  [31mmain` (RemoteCommand)",
        "forward 8080 to [db]:5432 (LocalForward)",
        "forward 9090 to [::1]:90 (LocalForward)",
        "forward 2222 to [127.0.0.1]:22 (RemoteForward)",
        "open a SOCKS proxy on 1080 (DynamicForward)",
        "lend it your agent (ForwardAgent)",
        "show its windows here (ForwardX11)",
    )


def test_what_nobody_asked_for_is_not_told():
    assert besides({"remotecommand": ["none"], "forwardagent": ["no"], "forwardx11": ["no"]}) == ()
    assert left_out(HostSnapshot("box", HostState.UP)) == ""


def test_one_line():
    snapshot = HostSnapshot(
        "box", HostState.UP, besides=("run `tmux` (RemoteCommand)", "lend it your agent (ForwardAgent)")
    )
    assert left_out(snapshot) == (
        "`ssh box` would also run `tmux` (RemoteCommand); lend it your agent (ForwardAgent): not done here"
    )
