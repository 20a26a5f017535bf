"""Which variables look like secrets, by their name or by what they hold. Pure."""

from __future__ import annotations

import re

_NAME = re.compile(
    r"KEY|TOKEN|SECRET|PASS|PWD|CREDENTIAL|AUTH|PRIVATE|COOKIE|WEBHOOK|(?:^|_)(?:PAT|DSN)$", re.IGNORECASE
)
_VALUE = re.compile(
    r"(?:hf_|sk-|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA|ASIA|eyJ|AIza|npm_|pypi-)[A-Za-z0-9_.-]{12,}"
    r"|://[^/\s:@]*:[^/\s@]+@"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
"""What tokens of well-known services begin with; a password in a URL; a private key."""


def is_secret(name: str, value: str) -> bool:
    """When in doubt yes: a profile is a file that people share."""
    return bool(_NAME.search(name) or _VALUE.search(value))
