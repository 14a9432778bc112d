"""The route table: sorted by function name, first match wins (azure-functions.md 4.2)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.functions.functions import Function
from sandbox.functions.templates import Template

_RESERVED = ("admin", "runtime")


@dataclass(frozen=True)
class Route:
    """One HTTP function at its address. No methods: every method."""

    function: Function
    template: Template
    methods: frozenset[str]

    @property
    def level(self) -> str:
        """ANONYMOUS, FUNCTION or ADMIN."""
        return str(self.function.trigger.get("authLevel") or "FUNCTION").upper()

    def accepts(self, method: str) -> bool:
        """Whether the method is listed; HEAD is not implied by GET."""
        return not self.methods or method in self.methods

    def clashes(self, other: "Route") -> bool:
        """Whether both have one template and a method in common."""
        same = self.template.text.lower() == other.template.text.lower()
        return same and (not self.methods or not other.methods or bool(self.methods & other.methods))


class Routes:
    """The table. `faults` holds why a function is not served, by its name."""

    def __init__(self, functions: Iterable[Function], prefix: str) -> None:
        self.faults: dict[str, str] = {}
        taken: list[Route] = []
        for function in functions:
            try:
                taken.append(self._load(function, prefix.strip("/"), taken))
            except ValueError as exc:
                self.faults[function.name] = str(exc)
        self._routes = sorted(taken, key=lambda route: route.function.name.lower())

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The first route that takes the method and the path, with the path's values."""
        for route in self._routes:
            if route.accepts(method):
                values = route.template.match(path)
                if values is not None:
                    return route, values
        return None

    def _load(self, function: Function, prefix: str, taken: list[Route]) -> Route:
        own = str(function.trigger.get("route") or function.name).strip("/")
        if own.split("/", 1)[0].lower().startswith(_RESERVED):
            raise ValueError(f"route {own!r}: routes that begin with admin or runtime are reserved")
        methods = frozenset(str(method).upper() for method in function.trigger.get("methods") or ())
        route = Route(function, Template(f"{prefix}/{own}"), methods)
        for other in taken:
            if route.clashes(other):
                raise ValueError(f"route {own!r}: function {other.function.name} has it already")
        return route
