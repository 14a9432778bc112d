"""Who wants to know at once that a list has changed: subscriptions listen here."""

from collections.abc import Callable
from typing import NamedTuple

from sandbox.graph.values import Database


class Changed(NamedTuple):
    """A list that has changed. `site_id` has three parts, as in paths."""

    site_id: str
    list_id: str
    title: str


type Listener = Callable[[Changed], None]
KIND = "list"


def listeners(store: Database) -> list[Listener]:
    """The callbacks of one tenant; append to it. They run after the write, in the thread of the writer."""
    return store.listeners.setdefault(KIND, [])


def tell(store: Database, changed: Changed) -> None:
    """Call everybody who listens to this tenant."""
    for listener in tuple(listeners(store)):
        listener(changed)
