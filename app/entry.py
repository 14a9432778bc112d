"""The door of function_app.py: light, since the host imports it only to learn which functions there are.

Each queue and timer function runs on instances of its own, so what it needs is loaded at its first trigger, once.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.triggers import Triggers


@lru_cache(maxsize=1)
def triggers() -> "Triggers":
    """The triggers of this process. Sessions and tokens live as long as the instance is warm."""
    from app.triggers import Triggers  # noqa: PLC0415
    from app.wiring import load  # noqa: PLC0415

    return Triggers(load)
