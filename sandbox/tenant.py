"""A Microsoft 365 tenant on one machine: authority, Dataverse, Graph and their control routes on one port."""

import shutil
import ssl
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import trustme

from sandbox.authority import Authority, Identity, TokenIssuer
from sandbox.clock import VirtualClock
from sandbox.control import ROOT, Control
from sandbox.dataverse.service import PREFIX as DATAVERSE_PREFIX
from sandbox.dataverse.service import Dataverse
from sandbox.faults.control import FaultsControl
from sandbox.faults.faults import Faults
from sandbox.gate import Gate
from sandbox.graph.control import MailControl
from sandbox.graph.service import PREFIX as GRAPH_PREFIX
from sandbox.graph.service import PREVIEW as GRAPH_PREVIEW
from sandbox.graph.service import Graph
from sandbox.graph.sites.control import SiteControl
from sandbox.graph.subscriptions.control import SubscriptionControl
from sandbox.graph.uploads import PREFIX as UPLOAD_PREFIX
from sandbox.graph.uploads import Uploads
from sandbox.limits.control import LimitsControl
from sandbox.limits.limits import Limits
from sandbox.outgoing.control import OutgoingControl
from sandbox.outgoing.outgoing import Outgoing
from sandbox.requests_log import RequestLog
from sandbox.router import Router
from sandbox.server import HttpsServer
from sandbox.store import Store
from sandbox.wire import Observer


class Tenant:
    """A tenant whose records live in a folder: the given one, or a temporary one that goes with it.

    `observers` are called with each call that was carried out and its answer, before faults change it; parts of
    batches come with `sandbox.wire.PART` in their environ. `default_observers` is for all tenants of a process."""

    default_observers: ClassVar[list[Observer]] = []

    def __init__(self, state: Path | None = None, port: int = 0) -> None:
        self._temporary = state is None
        self._state = state if state is not None else Path(tempfile.mkdtemp(prefix="tenant-"))
        self._state.mkdir(parents=True, exist_ok=True)
        self.store = Store(self._state / "tenant.sqlite")
        self.identity = Identity.of(self.store)
        self.clock = VirtualClock(self.store)
        self.issuer = TokenIssuer(self.identity)
        self.requests = RequestLog()
        self.control = Control(self.store, self.clock, self.identity, self.requests)
        self.faults = Faults(self.clock)
        self.observers = self.faults.observers
        self.observers += self.default_observers
        self.limits = Limits(self.clock, self.issuer, self.store)
        self._gate = Gate(self.limits, self.faults)
        self._router = Router(self.clock, self.requests, self._gate)
        context = self._tls()
        self.outgoing = Outgoing(self.store, self.clock, self.faults, self._state / "ca.pem")
        self._mount()
        self._server = HttpsServer(port, context, self._router)
        self._thread: threading.Thread | None = None

    def _mount(self) -> None:
        self._router.mount(ROOT, self.control, logged=False)
        self._router.mount("/", Authority(self.store, self.identity, self.issuer))
        dataverse = Dataverse(self.store, self.clock, self.issuer, self.identity, self.control, self._gate)
        dataverse.call_out(self.outgoing)
        self._router.mount(DATAVERSE_PREFIX, dataverse)
        graph = Graph(self.store, self.clock, self.issuer, self._gate, self.outgoing)
        for prefix in (GRAPH_PREFIX, GRAPH_PREVIEW):
            self._router.mount(prefix, graph)
        SubscriptionControl(graph.subscriptions).register(self.control)
        self._router.mount(UPLOAD_PREFIX, Uploads(self.store, self.clock))
        MailControl(self.store, self.clock).register(self.control)
        FaultsControl(self.faults).register(self.control)
        OutgoingControl(self.outgoing).register(self.control)
        SiteControl(self.store, self.clock, self.identity.client_id).register(self.control)
        LimitsControl(self.limits).register(self.control)

    def _tls(self) -> ssl.SSLContext:
        """Give the server's certificate, signed by an authority that is kept with the state."""
        bundle, key = self._state / "ca.pem", self._state / "ca.key"
        if bundle.exists() and key.exists():
            ca = trustme.CA.from_pem(bundle.read_bytes(), key.read_bytes())
        else:
            ca = trustme.CA()
            ca.cert_pem.write_to_path(bundle)
            key.touch(mode=0o600)
            ca.private_key_pem.write_to_path(key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        return context

    @property
    def base(self) -> str:
        """The address of Dataverse and the authority; Graph has the same port on `localhost`."""
        return f"https://127.0.0.1:{self._server.port}"

    def description(self) -> dict[str, str]:
        """Give what a client needs to be pointed at this tenant."""
        return {
            "tenantId": self.identity.tenant_id,
            "clientId": self.identity.client_id,
            "clientSecret": self.identity.client_secret,
            "authority": f"{self.base}/{self.identity.tenant_id}",
            "dataverseUrl": self.base,
            "graphUrl": f"https://localhost:{self._server.port}/v1.0",
            "caBundle": str((self._state / "ca.pem").resolve()),
        }

    def start(self) -> None:
        """Serve in a thread until `stop`."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.outgoing.start()

    def stop(self) -> None:
        """End all connections, close the store, remove a temporary folder."""
        self.faults.end()
        if self._thread is not None:
            self._server.stop()
            self.outgoing.stop()
            self._thread.join()
            self._thread = None
        self.store.close()
        if self._temporary:
            shutil.rmtree(self._state, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
