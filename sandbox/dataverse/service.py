"""Entry of the Web API: sign-in, common headers, and the way of one request to its operation."""

import re
import sqlite3
import threading
import uuid
from collections.abc import Callable
from urllib.parse import unquote

from werkzeug import Request, Response

from sandbox.authority import DATAVERSE, Identity, TokenIssuer, Unauthorized
from sandbox.clock import VirtualClock
from sandbox.control import Control
from sandbox.dataverse import (
    below,
    bulk,
    bulk_delete,
    metadata,
    metadata_query,
    query,
    reading,
    references,
    totals,
    writing,
)
from sandbox.dataverse.address import ROOT, Segment, segments
from sandbox.dataverse.batch import Batch
from sandbox.dataverse.csdl import Described, service_document
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import (
    DataverseError,
    NotModified,
    bad_query,
    challenge,
    error_response,
    not_offered,
    routing_error,
    unknown_segment,
)
from sandbox.dataverse.options import Options, preferences
from sandbox.dataverse.schema import Table
from sandbox.dataverse.security.control import SecurityControl
from sandbox.dataverse.switches import Switches
from sandbox.dataverse.webhooks.service import Webhooks
from sandbox.gate import Gate
from sandbox.outgoing.outgoing import Outgoing
from sandbox.store import Store
from sandbox.wire import json_response, raw_target

PREFIX = "/api/data/"
OLDER = ("/api/data/v9.0/", "/api/data/v9.1/")
# What the cloud has beside the tables and this tenant has not (reference dataverse.md sections 3, 6, 8, 9, 11).
ELSEWHERE = (
    "AddToQueue", "AddUserToRecordTeam", "CloseIncident", "GrantAccess",
    "RetrieveRecordChangeHistory", "SendEmail",
)  # fmt: skip
METADATA_VERSION = "@Microsoft.Dynamics.CRM.globalmetadataversion"
VERSION_HEADERS, VERSIONS = ("OData-Version", "OData-MaxVersion"), ("4.0", "4.01")
BYPASSES = ("MSCRM.BypassBusinessLogicExecution", "MSCRM.BypassCustomPluginExecution")
IMPERSONATION = ("CallerObjectId", "MSCRMCallerID")


class _Principal(threading.local):
    """The application behind the request that a thread serves."""

    client_id: str = ""


class Dataverse:
    """The Web API v9.2 over one store."""

    name = "dataverse"

    def __init__(
        self,
        store: Store,
        clock: VirtualClock,
        issuer: TokenIssuer,
        identity: Identity,
        control: Control,
        gate: Gate,
    ) -> None:
        self._store, self._issuer, self._gate = store, issuer, gate
        self._engine = Engine(store, clock, identity)
        self._totals = totals.Totals(self._engine)
        self._jobs = bulk_delete.Jobs(self._engine)
        self._csdl = Described(lambda: self._engine.catalogue)
        self._resources: dict[str, Callable[[Request, list[Segment]], Response]] = {
            "": self._described,
            "$metadata": self._described,
            "$batch": self._batch,
            "WhoAmI": self._who,
            bulk_delete.NAME: self._bulk_delete,
            metadata_query.NAME: lambda request, where: metadata_query.answer(
                self._engine, where[0], request
            ),
        }
        self._principal = _Principal()
        for kind in ("roles", "users", "profiles"):
            control.register(f"dataverse/{kind}", SecurityControl(self._engine).handle)
        control.register("dataverse", Switches(self._engine, self._jobs).handle)

    def call_out(self, outgoing: Outgoing) -> None:
        """Call the webhooks that are registered for what is written from now on."""
        self._engine.watch = Webhooks(self._engine, outgoing)

    def handle(self, request: Request) -> Response:
        try:
            token = request.headers.get("Authorization")
            self._principal.client_id = self._issuer.verify(token, DATAVERSE).client_id
        except Unauthorized as exc:
            return challenge(request.host, str(exc))
        try:
            response = self.dispatch(request)
        except sqlite3.OperationalError:
            self._engine.live.reload()  # what is in memory may be ahead of what was kept
            self._engine.security.forget()
            raise
        finally:
            self._engine.rest()
        response.headers["x-ms-service-request-id"] = str(uuid.uuid4())
        return response

    def dispatch(self, request: Request) -> Response:
        """Answer one call, alone or as a part of a batch."""
        self._engine.serve(request)
        try:
            response = self._route(request)
        except NotModified:
            response = Response(status=304)
        except DataverseError as exc:
            wanted = preferences(request.headers.get("Prefer", ""))
            annotated = wanted.get("odata.include-annotations") == "*"
            response = error_response(exc, annotated=annotated)
        except sqlite3.OperationalError as exc:
            response = error_response(reading.too_deep(exc))
        response.headers["OData-Version"] = "4.0"
        if response.status_code in (204, 304):
            response.headers.pop("Content-Type", None)  # readers of batches take it for a body to come
        return response

    def unavailable(self, words: str) -> Response:
        return error_response(DataverseError(503, "0x80044150", words))

    def _route(self, request: Request) -> Response:
        path = raw_target(request).partition("?")[0]
        if not path.startswith(ROOT) or _of_other_version(request):
            return _elsewhere(path, request)
        name = re.split(r"[(/]", unquote(path.removeprefix(ROOT)), maxsplit=1)[0]
        self._enter(request)
        if request.method != "GET":
            _check_bypass(request)
        if name == totals.NAME:
            return self._totals.answer(request)
        if name in ELSEWHERE:
            raise not_offered(f"'{name}'")
        self._engine.read_definitions(strong=True)
        if (
            "sandbox.in_change_set" not in request.environ
        ):  # an index must not go with a change set's rollback
            self._engine.catalogue.settle_keys()
            self._jobs.settle()
        where = segments(path.removeprefix(ROOT))
        first = where[0]
        if metadata.concerns(first):
            return metadata.answer(self._engine, where, request)
        if first.name in self._resources:
            return self._resources[first.name](request, where)
        self._engine.read_definitions(strong=request.headers.get("Consistency") == "Strong", rows=True)
        return self._rows(self._table(first), where, request)

    def _enter(self, request: Request) -> None:
        """Let the request run as the application's user, or as the one that it names."""
        header = next((name for name in IMPERSONATION if name in request.headers), "")
        value = request.headers[header] if header else ""
        self._engine.act_as(self._engine.security.caller(self._principal.client_id, header, value))

    def _table(self, segment: Segment) -> Table:
        table = self._engine.catalogue.sets.get(segment.name)
        if table is None and segment.called and not segment.key:
            raise not_offered(f"the function '{segment.name}'")
        if table is None:
            raise unknown_segment(segment.name)
        return table

    def _described(self, request: Request, where: list[Segment]) -> Response:
        """Answer the service document, or `$metadata` with `?annotations=true` for descriptions."""
        if len(where) > 1 or where[0].called:
            raise unknown_segment(where[-1].name)
        if request.method != "GET":
            raise _no_such_method(request)
        if not where[0].name:
            base = f"https://{request.host}{ROOT}"
            return json_response(200, service_document(self._engine.catalogue, base))
        text = self._csdl.document(annotations=request.args.get("annotations") == "true")
        return Response(text, content_type="application/xml")

    def _bulk_delete(self, request: Request, where: list[Segment]) -> Response:
        if len(where) > 1:
            raise unknown_segment(where[1].name)
        return self._jobs.start(request)

    def _batch(self, request: Request, where: list[Segment]) -> Response:
        if len(where) > 1:
            raise unknown_segment(where[1].name)
        if request.method != "POST" or "sandbox.in_batch" in request.environ:
            raise bad_query("A batch is one POST and cannot hold another batch.")
        return Batch(self._store, self._part, request).answer()

    def _part(self, request: Request) -> Response:
        return self._gate.answer(self.name, request, self.dispatch, part=True)

    def _who(self, request: Request, where: list[Segment]) -> Response:
        if len(where) > 1 or not where[0].called or request.method != "GET":
            return routing_error(request.url)
        ids, caller = self._engine.ids, self._engine.caller
        about = f"https://{request.host}{ROOT}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse"
        body = {"BusinessUnitId": caller.business_unit_id, "UserId": caller.user_id}
        return json_response(200, {"@odata.context": about, **body, "OrganizationId": ids.organisation_id})

    def _rows(self, table: Table, where: list[Segment], request: Request) -> Response:
        if table.read_only and request.method != "GET":
            raise writing.read_only(table, request)
        if len(where) > 1:
            return self._below(table, where, request)
        if where[0].addresses_row:
            return self._one(table, where[0], request)
        if request.method == "GET":
            return self._many(table, request)
        if request.method == "POST":
            return writing.create(self._engine, table, request)
        raise _no_such_method(request)

    def _below(self, table: Table, where: list[Segment], request: Request) -> Response:
        """Answer what lies below an entity set or a row."""
        if request.method == "GET":
            return below.read(self._engine, table, where, Options.of(request))
        if not where[0].addresses_row and len(where) == 2:
            if request.method == "POST":
                return bulk.run(self._engine, table, where[1].name, request)
        elif where[0].addresses_row and len(where) == 2 and request.method in ("PUT", "DELETE"):
            return writing.one_property(self._engine, table, where, request)
        elif where[0].addresses_row and len(where) == 3 and where[2].name == "$ref":
            return references.answer(self._engine, table, where, request)
        if where[1].name not in {*table.by_property, *table.by_navigation}:
            raise unknown_segment(where[1].name)
        raise not_offered(f"{request.method} of '{where[1].name}' below a row")

    def _one(self, table: Table, segment: Segment, request: Request) -> Response:
        if request.method == "PATCH":
            return writing.upsert(self._engine, table, segment, request)
        if request.method == "DELETE":
            return writing.delete(self._engine, table, segment, request)
        if request.method != "GET":
            raise _no_such_method(request)
        options = Options.of(request)
        row = query.read_one(self._engine, table, segment, options, writing.known_version(request))
        return json_response(200, row, {"ETag": row["@odata.etag"], **options.applied})

    def _many(self, table: Table, request: Request) -> Response:
        options = Options.of(request)
        body = reading.many(self._engine, table, options)
        if options.notes.everything:
            body[METADATA_VERSION] = str(self._engine.catalogue.version)
        return json_response(200, body, options.applied)


def _of_other_version(request: Request) -> bool:
    """Whether a header asks for another version of OData; the framework then knows no route (documented guess)."""
    return any(request.headers.get(name, "4.0") not in VERSIONS for name in VERSION_HEADERS)


def _check_bypass(request: Request) -> None:
    """Refuse to write past webhooks: whoever relies on it would find out too late."""
    for name in BYPASSES:
        if name in request.headers:
            raise not_offered(f"the header '{name}'")


def _elsewhere(path: str, request: Request) -> Response:
    """Answer addresses outside of this version."""
    if path.startswith(OLDER):
        raise not_offered("the older versions of the Web API; use v9.2")
    return routing_error(request.url)


def _no_such_method(request: Request) -> DataverseError:
    return DataverseError(405, "0x8004023b", f"The method {request.method} is not allowed at this address.")
