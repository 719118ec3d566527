"""The package that ``docs/extending.md`` builds: one of everything, from outside and with public names alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_PAGE = (Path(__file__).parent.parent / "docs" / "extending.md").read_text(encoding="utf-8")

GARDEN: Mapping[str, str] = {
    "__init__.py": "",
    **dict(re.findall(r"```python\n# garden/(\w+\.py)\n(.*?)```", _PAGE, flags=re.S)),
}
"""File name -> source, for a package called `garden`."""
