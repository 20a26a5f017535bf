"""Notebooks and their kernels on the demo lab, by the shell."""

import json


def test_the_listing_says_what_kernels_hold_and_whose_they_are(gpuws):
    done = gpuws("kernels", "ls", "alpha")
    assert done.returncode == 0
    head, *rows = done.stdout.splitlines()
    assert head.split() == [
        *("HOST", "NOTEBOOK", "STATE", "IDLE", "MEMORY", "GPU", "WHOSE", "ACTIVE", "CONN", "SPEC", "PORT", "CONTAINER"),
    ]
    assert rows[0].split()[:7] == ["alpha", "exp7.ipynb", "idle", "9h00", "61G", "2", "bob"]
    assert rows[1].split()[:7] == ["alpha", "notebooks/attention-maps.ipynb", "idle", "2h12", "none", "–", "alice"]


def test_filters_of_the_listing(gpuws):
    def names(*words):
        return [one["notebook"] for one in json.loads(gpuws("kernels", *words, "--json", "alpha").stdout)["kernels"]]

    assert names("ls", "--idle", "6h") == ["exp7.ipynb"]
    assert names("ls", "--mine") == ["notebooks/attention-maps.ipynb"]
    assert gpuws("kernels", "ls", "--idle", "long").returncode == 2


def test_a_gpus_row_names_its_notebook(gpuws):
    row = next(line for line in gpuws("gpus", "alpha").stdout.splitlines() if "exp7" in line)
    assert "bob jup ▸ exp7.ipynb (idle 9h00)" in row


def test_all_of_mine_that_rest_are_shut_down(gpuws):
    dry = gpuws("kernels", "shutdown", "--idle", "1h", "-H", "alpha", "--dry-run")
    assert dry.stdout == "gpuws kernels shutdown alpha/torch-dev:notebooks/attention-maps.ipynb\n"
    done = gpuws("kernels", "shutdown", "--idle", "1h", "-H", "alpha", "--yes")
    assert (done.returncode, done.stdout) == (0, "alpha/torch-dev:notebooks/attention-maps.ipynb\n")
    none = gpuws("kernels", "shutdown", "--idle", "6h", "-H", "alpha", "--yes")
    assert (none.returncode, none.stdout) == (0, "")
    assert "nothing to shut down" in none.stderr


def test_what_is_not_mine_takes_its_name(gpuws):
    refused = gpuws("kernels", "interrupt", "alpha/jup:exp7", "--yes")
    assert refused.returncode != 0
    assert "--yes-not-mine exp7.ipynb" in refused.stderr
    done = gpuws("kernels", "interrupt", "alpha/jup:exp7", "--yes-not-mine", "exp7.ipynb", "--json")
    (row,) = json.loads(done.stdout)["kernels"]
    assert (row["notebook"], row["done"], row["error"]) == ("exp7.ipynb", True, None)


def test_what_names_none_says_what_there_is(gpuws):
    done = gpuws("kernels", "restart", "alpha/torch-dev:nope")
    assert "no notebook 'nope' runs in alpha/torch-dev" in done.stderr
    assert "one of alpha/torch-dev:notebooks/attention-maps.ipynb" in done.stderr
    assert "which one?" in gpuws("kernels", "restart").stderr
    assert "no notebook runs in alpha/tensorboard" in gpuws("kernels", "restart", "alpha/tensorboard").stderr


def test_a_word_to_the_holder_is_printed_and_not_sent(gpuws):
    done = gpuws("kernels", "message", "alpha/jup")
    assert done.stdout.startswith("Hello bob, your notebook exp7.ipynb in alpha/jup has been idle for 9h00")
    assert "nothing was sent" in done.stderr
    assert "| ssh alpha 'write bob'" in done.stderr
