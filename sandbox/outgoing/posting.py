"""One POST to a receiver. A redirect is not followed; of the answer a few kilobytes are read."""

import ssl
import time
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

from sandbox.outgoing.addresses import is_local
from sandbox.outgoing.model import Outcome, Settings

MOST_READ = 1 << 16
ROUTE = {"User-Agent": "sandbox-tenant"}


class Poster:
    """Trusts the authorities of this machine, the tenant's own, and those of the settings."""

    def __init__(self, own_ca: Path, settings: Settings) -> None:
        self._local_http = settings.local_http
        context = ssl.create_default_context()
        context.load_verify_locations(own_ca)
        if settings.ca_bundle:
            context.load_verify_locations(cadata=settings.ca_bundle)
        self._pool = urllib3.PoolManager(num_pools=20, maxsize=8, ssl_context=context)

    def post(self, url: str, body: bytes, headers: dict[str, str], timeout: float) -> Outcome:
        """Send and give what came of it; never raises for a receiver's sake."""
        started = time.perf_counter()
        parts = urlsplit(url)
        if parts.scheme == "http" and is_local(parts) and not self._local_http:
            return Outcome(None, 0.0, "plain http is not switched on for this machine")
        try:
            return self._post(url, body, headers, timeout, started)
        except urllib3.exceptions.TimeoutError:
            return Outcome(None, time.perf_counter() - started, "timeout")
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            return Outcome(None, time.perf_counter() - started, type(exc).__name__)

    def _post(
        self, url: str, body: bytes, headers: dict[str, str], timeout: float, started: float
    ) -> Outcome:
        limit = urllib3.Timeout(total=timeout)
        answer = self._pool.request(
            "POST", url, body=body, headers=ROUTE | headers, timeout=limit, retries=False, redirect=False,
            preload_content=False,
        )  # fmt: skip
        try:
            said = answer.read(MOST_READ)
        finally:
            answer.close()
        seconds = time.perf_counter() - started
        media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Outcome(answer.status, seconds, "", said, media_type)

    def close(self) -> None:
        """Drop kept connections."""
        self._pool.clear()
