"""A recorder of exchanges: each call and each part of a batch as one JSON line, as it was served."""

import base64
import json
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from werkzeug import Request, Response

from sandbox.wire import PART, SERVICE, raw_target

LEFT_OUT = ("authorization", "cookie", "set-cookie")
UNSEEN = ("authority",)  # its calls carry secrets and tokens


class Recorder:
    """An observer that writes to a file. Tokens are left out, bodies are not: it is for data made up for tests."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._guard = threading.Lock()

    def __call__(self, request: Request, response: Response) -> None:
        """Write one exchange."""
        service = str(request.environ.get(SERVICE))
        if service in UNSEEN:
            return
        line = {
            "service": service,
            "part": PART in request.environ,
            "method": request.method,
            "target": raw_target(request),
            "requestHeaders": _headers(request.headers.items()),
            **_body("requestBody", request.get_data()),
            "status": response.status_code,
            "responseHeaders": _headers(response.headers.items()),
            **_body("responseBody", response.get_data()),
        }
        with self._guard:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _headers(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in items if name.lower() not in LEFT_OUT}


def _body(name: str, content: bytes) -> dict[str, str]:
    """Give the body as text, or in base64 under a name that says so."""
    try:
        return {name: content.decode("utf-8")}
    except UnicodeDecodeError:
        return {f"{name}Base64": base64.b64encode(content).decode()}
