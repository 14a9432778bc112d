"""The control route `/_sandbox/dataverse`: delays that the cloud has and tests want to choose."""

from werkzeug import Request, Response

from sandbox.control import ControlError, read_json
from sandbox.dataverse.engine import Engine
from sandbox.wire import json_response

LONGEST = 10**6


class Switches:
    """Delays in real seconds by name."""

    def __init__(self, engine: Engine) -> None:
        self._places: dict[str, tuple[object, str]] = {
            "keyDelaySeconds": (engine.catalogue, "key_delay"),
            "metadataCacheSeconds": (engine.customizing, "cache_seconds"),
            "metadataWriteSeconds": (engine.customizing, "write_seconds"),
        }

    def handle(self, request: Request) -> Response:
        """GET shows all; PUT takes any of them: `{"keyDelaySeconds": 0.2}`."""
        wanted = read_json(request) if request.method == "PUT" else {}
        for name, value in wanted.items():
            if name not in self._places:
                raise ControlError(400, f"There is no '{name}'; known are {', '.join(self._places)}.")
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LONGEST:
                raise ControlError(400, f"'{name}' must be a number of seconds, 0 or more.")
        for name, value in wanted.items():
            setattr(*self._places[name], float(str(value)))
        return json_response(200, {name: getattr(*place) for name, place in self._places.items()})
