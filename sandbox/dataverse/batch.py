"""`$batch`: parts in order, change sets that succeed or leave nothing (reference dataverse.md section 5)."""

import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from werkzeug import Request, Response

from sandbox.dataverse import multipart
from sandbox.dataverse.address import ROOT
from sandbox.dataverse.errors import DataverseError, bad_query, error_response
from sandbox.dataverse.multipart import Call, Part
from sandbox.dataverse.options import preferences
from sandbox.dataverse.writing import ENTITY_ID
from sandbox.store import Store
from sandbox.wire import PARTS, json_response, make_request, strict_json

MOST = 1000
REFERENCE = re.compile(r"/?\$(?P<id>[A-Za-z0-9_\-]+)(?P<rest>.*)", re.DOTALL)
SYSTEM = ("batch", "metadata")
WRITING = ("POST", "PUT", "DELETE", "PATCH")
LINKS = ("@odata.bind", "@odata.id")
INHERITED = ("OData-Version", "OData-MaxVersion", "Accept", "Consistency", "CallerObjectId", "MSCRMCallerID")

type Dispatch = Callable[[Request], Response]


class _Malformed(Exception):
    """The whole batch is refused with the body of the framework below the service."""


class _Failed(Exception):
    """An operation of a change set failed, so the change set is rolled back."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class Batch:
    """Runs one batch; every operation goes through the same dispatch as a single call."""

    def __init__(self, store: Store, dispatch: Dispatch, request: Request) -> None:
        self._store, self._dispatch, self._request = store, dispatch, request
        wanted = preferences(request.headers.get("Prefer", ""))
        self._go_on = "odata.continue-on-error" in wanted and wanted["odata.continue-on-error"] != "false"

    def answer(self) -> Response:
        """Give the multipart answer: 200, or 400 when it stopped at a failure."""
        boundary = multipart.boundary_of(self._request.headers.get("Content-Type", ""))
        try:
            plan = self._plan(multipart.parts(self._request.get_data(), boundary, outer=True))
        except _Malformed as exc:
            return _framework_error(str(exc))
        written: list[bytes] = []
        status = 200
        for step in plan:
            part, failed = self._change_set(step) if isinstance(step, list) else self._single(step)
            written.append(part)
            if failed and not self._go_on:
                status = 400
                break
        name = f"batchresponse_{uuid.uuid4()}"
        headers = {"Content-Type": f"multipart/mixed; boundary={name}"}
        return Response(multipart.joined(written, name), status, headers)

    def _plan(self, parts: list[Part]) -> list[Call | list[Call]]:
        """Read everything before anything runs: a malformed batch changes nothing."""
        plan: list[Call | list[Call]] = []
        for part in parts:
            kind = part.headers.get("content-type", "")
            if kind.lower().startswith("multipart/mixed"):
                inner = multipart.parts(part.content, multipart.boundary_of(kind), outer=False)
                plan.append(_checked([multipart.call(one) for one in inner]))
            else:
                plan.append(multipart.call(part))
        number = sum(len(step) if isinstance(step, list) else 1 for step in plan)
        self._request.environ[PARTS] = number
        if number > MOST:
            raise bad_query(f"The number of requests in a batch ({number}) exceeds the maximum of {MOST}.")
        return plan

    def _single(self, call: Call) -> tuple[bytes, bool]:
        try:
            response = self._dispatch(self._inner(call, {}))
        except DataverseError as exc:
            response = error_response(exc)
        return multipart.written(response, call.content_id), response.status_code >= 400

    def _change_set(self, calls: list[Call]) -> tuple[bytes, bool]:
        known: dict[str, str] = {}
        written: list[bytes] = []
        try:
            with self._store.write():
                for call in calls:
                    written.append(self._operation(call, known))
        except _Failed as exc:
            return multipart.written(exc.response, None), True
        name = f"changesetresponse_{uuid.uuid4()}"
        head = f"Content-Type: multipart/mixed; boundary={name}\r\n\r\n".encode()
        return head + multipart.joined(written, name), False

    def _operation(self, call: Call, known: dict[str, str]) -> bytes:
        try:
            request = self._inner(call, known)
        except DataverseError as exc:
            raise _Failed(error_response(exc)) from exc
        request.environ["sandbox.in_change_set"] = True
        response = self._dispatch(request)
        if response.status_code >= 400:
            raise _Failed(response)
        known[str(call.content_id)] = str(request.environ.get(ENTITY_ID, request.url))
        return multipart.written(response, call.content_id)

    def _inner(self, call: Call, known: dict[str, str]) -> Request:
        """Give the request of one operation, with references to earlier ones put in."""
        given = {name.lower() for name, _ in call.headers}
        outer = self._request.headers
        headers = [(name, outer[name]) for name in INHERITED if name in outer and name.lower() not in given]
        target = self._target(_resolved(call.target, known))
        body = _resolved_body(call.body, known) if b"$" in call.body else call.body
        request = make_request(call.method, target, [*headers, *call.headers], body, self._request.host)
        request.environ["sandbox.in_batch"] = True
        return request

    def _target(self, target: str) -> str:
        """Give path and query below the host; relative targets begin at the root of the Web API."""
        host = f"https://{self._request.host}/"
        if "://" in target.partition("?")[0] and not target.startswith(host):
            raise bad_query(
                "A request in a batch must be addressed to the service that the batch is sent to."
            )
        target = target.removeprefix(host[:-1])
        return target if target.startswith("/") else ROOT + target


def _checked(calls: list[Call]) -> list[Call]:
    seen: set[str] = set()
    for call in calls:
        if call.method not in WRITING:
            raise _Malformed(
                f"An invalid HTTP method '{call.method}' was detected for a request in a change set. "
                "Requests in change sets only support the HTTP methods 'POST', 'PUT', 'DELETE', and 'PATCH'."
            )
        if call.content_id is None:
            raise bad_query("Content-ID header not present")
        if call.content_id in seen:
            raise _Malformed(
                f"The content ID '{call.content_id}' was found more than once in the same change set or same batch "
                f"request. Content IDs have to be unique across all operations of a change set for OData V4.0 and "
                f"have to be unique across all operations in the whole batch request for OData V4.01."
            )
        seen.add(call.content_id)
    return calls


def _framework_error(words: str) -> Response:
    body = {"Message": words, "ExceptionMessage": words, "ExceptionType": "Microsoft.OData.ODataException"}
    trace = "   at Microsoft.OData.ODataBatchReader.ReadImplementation()"
    return json_response(400, {**body, "StackTrace": trace, "ErrorCode": "0x0"})


def _resolved(text: str, known: dict[str, str]) -> str:
    match = REFERENCE.fullmatch(text)
    if match is None or match["id"] in SYSTEM:
        return text
    if match["id"] not in known:
        words = f"Content-ID Reference: '${match['id']}' does not exist in the batch context."
        raise bad_query(words)
    return known[match["id"]] + match["rest"]


def _resolved_body(body: bytes, known: dict[str, str]) -> bytes:
    import simplejson  # noqa: PLC0415 - few bodies refer to others, and a tenant wants to be ready soon

    try:
        content = strict_json(body, Decimal)
    except ValueError:
        return body  # the operation itself refuses it
    return simplejson.dumps(_replaced(content, known), use_decimal=True).encode()


def _replaced(content: Any, known: dict[str, str]) -> Any:
    if isinstance(content, dict):
        return {
            name: _resolved_references(value, known) if name.endswith(LINKS) else _replaced(value, known)
            for name, value in content.items()
        }
    if isinstance(content, list):
        return [_replaced(item, known) for item in content]
    return content


def _resolved_references(value: Any, known: dict[str, str]) -> Any:
    """Put the rows of earlier operations into a reference, or into a list of them."""
    if isinstance(value, list):
        return [_resolved_references(one, known) for one in value]
    return _resolved(value, known) if isinstance(value, str) else value
