"""The control route `/_sandbox/dataverse`: delays that the cloud has and tests want to choose."""

from collections.abc import Callable

from werkzeug import Request, Response

from sandbox.control import ControlError, read_json
from sandbox.dataverse.bulk_delete import Jobs
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.feeds import ERROR, EVERYTHING
from sandbox.wire import json_response

LONGEST = 10**6


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LONGEST:
        raise ValueError("must be a number of seconds, 0 or more")
    return float(value)


def _days(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 365:
        raise ValueError("must be a whole number of days from 0 to 365")
    return value


def _expired(value: object) -> str:
    if value not in (ERROR, EVERYTHING):
        raise ValueError(f"must be '{ERROR}' or '{EVERYTHING}'")
    return str(value)


class Switches:
    """Delays in real seconds, and how change feeds end, by name."""

    def __init__(self, engine: Engine, jobs: Jobs) -> None:
        self._places: dict[str, tuple[object, str, Callable[[object], object]]] = {
            "keyDelaySeconds": (engine.catalogue, "key_delay", _seconds),
            "metadataCacheSeconds": (engine.customizing, "cache_seconds", _seconds),
            "metadataWriteSeconds": (engine.customizing, "write_seconds", _seconds),
            "bulkDeleteSeconds": (jobs, "delay", _seconds),
            "deltaDays": (engine.feeds, "days", _days),
            "expiredDelta": (engine.feeds, "expired", _expired),
        }

    def handle(self, request: Request) -> Response:
        """GET shows all; PUT takes any of them: `{"keyDelaySeconds": 0.2}`."""
        wanted = read_json(request) if request.method == "PUT" else {}
        checked = {name: self._checked(name, value) for name, value in wanted.items()}
        for name, value in checked.items():
            place, attribute, _ = self._places[name]
            setattr(place, attribute, value)
        shown = {name: getattr(place, attribute) for name, (place, attribute, _) in self._places.items()}
        return json_response(200, shown)

    def _checked(self, name: str, value: object) -> object:
        if name not in self._places:
            raise ControlError(400, f"There is no '{name}'; known are {', '.join(self._places)}.")
        try:
            return self._places[name][2](value)
        except ValueError as exc:
            raise ControlError(400, f"'{name}' {exc}.") from exc
