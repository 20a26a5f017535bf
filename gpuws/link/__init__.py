"""How a host is reached: over SSH, or as this machine itself; `place.py` says what every way can do."""

from __future__ import annotations

import sys
from typing import Any

_modules: dict[str, Any] = sys.modules
# paramiko's reader of SSH configurations, which is not used here (`resolve.py` has ssh read them), loads this if it
# can: a third of the time that paramiko takes to load.
_modules.setdefault("invoke", None)
