"""Questions of libraries."""

import sys

if sys.argv[1] == "click":
    import click

    click.echo("3 runs are older than 30 days:\n  run-1\n  run-2\n  run-7")
    click.confirm("Delete them?")
else:
    import questionary

    questionary.select("Which GPU do you want?", choices=["GPU 0 (free)", "GPU 1 (12 GiB used)", "none"]).ask()
