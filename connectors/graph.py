"""Typed calls to Microsoft Graph over one `Http` (reference: graph.md sections 2, 6, 7)."""

import json
from collections.abc import Iterator, Mapping, Sequence

from connectors.graph_batch import LARGEST, Answer, Request, decode, encode
from connectors.http import Call, Http, Reply
from sync.errors import OutcomeUnknown, RemoteError, Throttled

ROUNDS = 4  # of one batch; parts that are still refused are handed back
LONGEST_WAIT = 20.0  # seconds for one batch: a longer wait belongs back on the queue

_TOO_MUCH = frozenset({413, 500, 502, 504})
_READ = {"Accept": "application/json"}
_SENT = {"Accept": "application/json", "Content-Type": "application/json"}


class GraphClient:
    """Calls below one version root, such as https://graph.microsoft.com/v1.0. Links lead nowhere else."""

    def __init__(self, http: Http, base_url: str) -> None:
        self._http = http
        self._root = base_url.rstrip("/")

    def send(self, request: Request, *, lane: str | None = None) -> Answer:
        """Make one call. Raises the RemoteError tree."""
        body = None if request.body is None else _json(request.body)
        headers = {**(_READ if body is None else _SENT), **request.headers}
        url = self._root + request.path
        call = Call(request.method, url, headers, body, replayable=request.replayable, lane=lane)
        return _answer(self._http.request(call))

    def follow(self, link: str, headers: Mapping[str, str], *, lane: str | None = None) -> Answer:
        """Read a link that the service gave, as it is. Raises Rejected for one that leads to another host."""
        return _answer(
            self._http.request(Call("GET", link, {**_READ, **headers}, replayable=True, lane=lane))
        )

    def pages(self, request: Request, *, lane: str | None = None) -> Iterator[Answer]:
        """All pages of a collection. A page that fails, or is none, raises: it is never the end."""
        answer = self.send(request, lane=lane)
        while True:
            if not isinstance(answer.row.get("value"), list):
                raise OutcomeUnknown("a page came without its entries; the data does not end there")
            yield answer
            if not isinstance(link := answer.row.get("@odata.nextLink"), str):
                return
            answer = self.follow(link, request.headers, lane=lane)

    def batch(
        self, requests: Sequence[Request], common: Mapping[str, str], *, lane: str | None = None
    ) -> list[Answer | RemoteError]:
        """Make many calls, twenty at a time; one answer or error per request, in their order.

        Parts refused unread are repeated, and parts with an unknown outcome where repeating does no harm.
        """
        results: list[Answer | RemoteError] = []
        for start in range(0, len(requests), LARGEST):
            results += self._chunk(list(requests[start : start + LARGEST]), common, lane)
        return results

    def _chunk(
        self, requests: list[Request], common: Mapping[str, str], lane: str | None
    ) -> list[Answer | RemoteError]:
        results = self._once(requests, common, lane)
        left = LONGEST_WAIT
        for number in range(1, ROUNDS):
            again = [i for i, each in enumerate(results) if _repeatable(requests[i], each)]
            wait = max((_wait(results[i], number) for i in again), default=0.0)
            if not again or wait > left:
                break
            left -= wait
            if any(isinstance(results[i], Throttled) for i in again):
                self._http.limiter.refused(lane, wait)
            self._http.pause(wait)
            repeated = self._once([requests[i] for i in again], common, lane)
            for i, result in zip(again, repeated, strict=True):
                results[i] = result
        return results

    def _once(
        self,
        requests: list[Request],
        common: Mapping[str, str],
        lane: str | None,
        budget: float | None = None,
    ) -> list[Answer | RemoteError]:
        replayable = all(each.replayable for each in requests)
        body = _json(encode(requests, common))
        call = Call(
            "POST", f"{self._root}/$batch", _SENT, body, replayable=replayable, lane=lane, budget=budget
        )
        try:
            return decode(self._http.request(call).json, requests)
        except RemoteError as failed:
            if not replayable or failed.status not in _TOO_MUCH or len(requests) <= 2:
                return [failed] * len(requests)
        # The answers together may be too large for the service: halves find the one that is, at one try each.
        middle = len(requests) // 4 * 2
        halves = (requests[:middle], requests[middle:])
        return [each for half in halves for each in self._once(half, common, lane, budget=0.0)]


def _json(value: object) -> bytes:
    return json.dumps(value).encode("utf-8")


def _answer(reply: Reply) -> Answer:
    """JSON where the service says so and it is; else the bytes."""
    is_json = "json" in reply.headers.get("content-type", "")
    return Answer(reply.status, reply.headers, reply.json if is_json else reply.body)


def _repeatable(request: Request, result: Answer | RemoteError) -> bool:
    if isinstance(result, OutcomeUnknown):
        return request.replayable
    return isinstance(result, Throttled)


def _wait(result: Answer | RemoteError, number: int) -> float:
    asked = result.retry_after if isinstance(result, RemoteError) else None
    return max(asked or 0.0, 0.5 * 2.0**number)
