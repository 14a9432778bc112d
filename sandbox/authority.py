"""The sign-in authority: discovery, client credentials by secret and by certificate, checks of tokens.

Errors are those of Microsoft Entra: an AADSTS code in words and in `error_codes`, as JSON with 400 or 401."""

import base64
import hashlib
import json
import re
import secrets
import time
import uuid
from dataclasses import dataclass

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from werkzeug import Request, Response

from sandbox.store import Store
from sandbox.wire import json_response

DATAVERSE = "dataverse"
GRAPH = "graph"
LIFETIME = 3599
ENDPOINT = re.compile(r"(v2\.0/)?\.well-known/|oauth2/")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Unauthorized(Exception):
    """The bearer token is missing, forged, expired or for another service."""


@dataclass(frozen=True)
class Principal:
    """Who calls: the application behind a token."""

    client_id: str
    audience: str


@dataclass(frozen=True)
class Identity:
    """The ids and secrets that a tenant keeps for life."""

    tenant_id: str
    client_id: str
    client_secret: str
    signing_key: str

    @classmethod
    def of(cls, store: Store) -> "Identity":
        """Give the identity kept in the store, made at the first call."""
        saved = store.setting("identity")
        if saved is None:
            ids = [str(uuid.uuid4()), str(uuid.uuid4()), secrets.token_urlsafe(30), secrets.token_hex(32)]
            saved = json.dumps(ids)
            store.set_setting("identity", saved)
        return cls(*json.loads(saved))


class TokenIssuer:
    """Makes and checks the tokens of one tenant. The lifetime is real time, as MSAL counts it."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._known: dict[str, tuple[float, Principal]] = {}

    @property
    def tenant_id(self) -> str:
        """The id of the tenant whose tokens these are."""
        return self._identity.tenant_id

    def issue(self, client_id: str, audience: str) -> str:
        """Give a token of one client for one service (`dataverse` or `graph`)."""
        now = int(time.time())
        claims = {"aud": audience, "appid": client_id, "tid": self._identity.tenant_id, "iat": now}
        claims |= {"exp": now + LIFETIME, "uti": secrets.token_hex(8)}
        return jwt.encode(claims, self._identity.signing_key, algorithm="HS256")

    def verify(self, bearer: str | None, audience: str) -> Principal:
        """Give the caller behind an `Authorization` header, or raise `Unauthorized` with the reason."""
        scheme, _, token = (bearer or "").strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized("The request has no bearer token.")
        known = self._known.get(token)
        expires, principal = known if known is not None else self._check(token)
        if expires <= time.time():
            raise Unauthorized("The token has expired.")
        if principal.audience != audience:
            raise Unauthorized("The audience of the token is another service.")
        return principal

    def _check(self, token: str) -> tuple[float, Principal]:
        try:
            claims = jwt.decode(
                token, self._identity.signing_key, algorithms=["HS256"], options={"verify_aud": False}
            )
        except jwt.ExpiredSignatureError as exc:
            raise Unauthorized("The token has expired.") from exc
        except jwt.InvalidTokenError as exc:
            raise Unauthorized("The token is not one of this tenant.") from exc
        entry = (float(claims["exp"]), Principal(claims["appid"], claims["aud"]))
        self._known[token] = entry
        return entry


class AuthorityError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, status: int, error: str, number: int, words: str) -> None:
        super().__init__(words)
        self.status, self.error, self.number, self.words = status, error, number, words


class Authority:
    """The service behind `https://127.0.0.1:P/<tenantId>`."""

    name = "authority"

    def __init__(self, store: Store, identity: Identity, issuer: TokenIssuer) -> None:
        self._store, self._identity, self._issuer = store, identity, issuer

    def handle(self, request: Request) -> Response:
        try:
            return self._answer(request)
        except AuthorityError as exc:
            return refusal(exc)

    def unavailable(self, words: str) -> Response:
        return refusal(AuthorityError(503, "temporarily_unavailable", 90033, words))

    def _answer(self, request: Request) -> Response:
        tenant, _, rest = request.path.strip("/").partition("/")
        rest = rest.lstrip("/")  # an authority written with a slash at its end
        if not ENDPOINT.match(rest):
            return json_response(404, {"error": "The tenant has no service at this address."})
        if tenant != self._identity.tenant_id:
            raise AuthorityError(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
        base = f"https://{request.host}/{tenant}"
        if rest in ("v2.0/.well-known/openid-configuration", ".well-known/openid-configuration"):
            return json_response(200, _discovery(base))
        if rest == "oauth2/v2.0/token" and request.method == "POST":
            return self._token(request, base)
        raise AuthorityError(501, "not_implemented", 90023, f"The tenant does not offer '{rest}'.")

    def _token(self, request: Request, base: str) -> Response:
        form = request.form
        for name in ("grant_type", "client_id", "scope"):
            if not form.get(name):
                words = f"The request body must contain the following parameter: '{name}'."
                raise AuthorityError(400, "invalid_request", 900144, words)
        if form["grant_type"] != "client_credentials":
            raise AuthorityError(
                400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type."
            )
        client_id = form["client_id"]
        if client_id != self._identity.client_id:
            words = f"Application with identifier '{client_id}' was not found in the directory."
            raise AuthorityError(400, "unauthorized_client", 700016, words)
        if "client_assertion" in form and form.get("client_assertion_type") != ASSERTION_TYPE:
            words = f"The client_assertion_type must be '{ASSERTION_TYPE}'."
            raise AuthorityError(400, "invalid_request", 90023, words)
        self._authenticate(form.get("client_secret"), form.get("client_assertion"), base)
        token = self._issuer.issue(client_id, _audience(form["scope"], request.host))
        return json_response(
            200,
            {
                "token_type": "Bearer",
                "expires_in": LIFETIME,
                "ext_expires_in": LIFETIME,
                "access_token": token,
            },
        )

    def _authenticate(self, secret: str | None, assertion: str | None, base: str) -> None:
        if assertion is not None:
            self._check_assertion(assertion, base)
        elif secret is None:
            words = "The request body must contain the parameter 'client_assertion' or 'client_secret'."
            raise AuthorityError(401, "invalid_client", 7000218, words)
        elif not secrets.compare_digest(secret.encode(), self._identity.client_secret.encode()):
            raise AuthorityError(401, "invalid_client", 7000215, "Invalid client secret provided.")

    def _check_assertion(self, assertion: str, base: str) -> None:
        try:
            header = jwt.get_unverified_header(assertion)
        except jwt.InvalidTokenError as exc:
            words = "JWT token is invalid or malformed."
            raise AuthorityError(400, "invalid_request", 50027, words) from exc
        pem = self._store.setting(f"certificate {self._identity.client_id}")
        if pem is None:
            raise AuthorityError(401, "invalid_client", 700027, "No certificate is registered for the app.")
        certificate = x509.load_pem_x509_certificate(pem.encode())
        try:
            _check_thumbprint(header, certificate)
            jwt.decode(
                assertion,
                _public_key(certificate),
                algorithms=["PS256", "RS256"],
                audience=f"{base}/oauth2/v2.0/token",
                issuer=self._identity.client_id,
                options={"require": ["exp", "iss", "sub", "aud"]},
            )
        except jwt.InvalidTokenError as exc:
            words = "The certificate with identifier used to sign the client assertion is not registered, or"
            raise AuthorityError(
                401, "invalid_client", 700027, f"{words} the assertion is not valid: {exc}"
            ) from exc


def _public_key(certificate: x509.Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise jwt.InvalidTokenError("the registered certificate has no RSA key")
    return key


def _check_thumbprint(header: dict[str, object], certificate: x509.Certificate) -> None:
    der = certificate.public_bytes(Encoding.DER)
    thumbprints = {
        "x5t": hashlib.sha1(der, usedforsecurity=False).digest(),
        "x5t#S256": hashlib.sha256(der).digest(),
    }
    named = {name: header[name] for name in thumbprints if name in header}
    if not named:
        raise jwt.InvalidTokenError("the assertion names no certificate")
    for name, value in named.items():
        if str(value).rstrip("=") != base64.urlsafe_b64encode(thumbprints[name]).decode().rstrip("="):
            raise jwt.InvalidTokenError("the assertion names another certificate")


def _audience(scope: str, host: str) -> str:
    """Decide the service by the host in the scope; `host` is where this tenant was asked."""
    resource, slash, suffix = scope.rpartition("/")
    if not slash or suffix != ".default" or " " in scope:
        words = (
            f"The provided value for scope '{scope}' is not valid. Client credential flows must have a scope"
        )
        raise AuthorityError(
            400, "invalid_scope", 1002012, f"{words} value with /.default suffixed to the resource."
        )
    port = host.rpartition(":")[2]
    # The last one is the address that the description gives: what it names may be asked for as it stands.
    local = f"https://localhost:{port}"
    graph = ("https://graph.microsoft.com", local, f"{local}/v1.0")
    if resource.removesuffix("/") in graph:
        return GRAPH
    if resource.removesuffix("/") == f"https://127.0.0.1:{port}":
        return DATAVERSE
    words = f"The resource principal named {resource} was not found in the tenant."
    raise AuthorityError(400, "invalid_resource", 500011, words)


def _discovery(base: str) -> dict[str, object]:
    return {
        "issuer": f"{base}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def refusal(exc: AuthorityError) -> Response:
    """Give the error body of the token endpoint."""
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    stamp = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
    words = (
        f"AADSTS{exc.number}: {exc.words} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
    )
    return json_response(
        exc.status,
        {
            "error": exc.error,
            "error_description": words,
            "error_codes": [exc.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
        },
    )
