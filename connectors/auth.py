"""Sign-in of the app: by secret, certificate, managed identity or federated credential (MSAL).

Source: reference azure-functions.md section 6, graph.md 1.1, dataverse.md section 1.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import msal
import requests
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.aadsts import advice
from sync.errors import ConfigurationError, NotSent

_MICROSOFT = re.compile(
    r"(?:.*\.)?(?:microsoftonline\.(?:com|us)|microsoftonline\.cn|windows\.net|chinacloudapi\.cn)"
)
_EXCHANGE = "api://AzureADTokenExchange"
_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----\s*", re.DOTALL)
_TRANSIENT = frozenset({"temporarily_unavailable", "server_error", "managed_identity_unreachable_network"})


@dataclass(frozen=True)
class Secret:
    """An app registration with a client secret."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Certificate:
    """An app registration with a certificate: one PEM file with the private key and the certificate."""

    client_id: str
    pem: Path
    passphrase: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ManagedIdentity:
    """The identity of the Functions app; without a client id the system-assigned one."""

    client_id: str | None = None


@dataclass(frozen=True)
class FederatedIdentity:
    """An app registration that trusts a managed identity: no secret anywhere."""

    client_id: str
    identity: ManagedIdentity = ManagedIdentity()


type Credential = Secret | Certificate | ManagedIdentity | FederatedIdentity


class _Client(Protocol):
    def acquire(self, scope: str, claims: str | None) -> Mapping[str, object]: ...


class TokenSource:
    """Tokens for the app, cached in memory. Nothing is asked of the network before the first token."""

    def __init__(self, credential: Credential, *, authority: str, session: requests.Session) -> None:
        """`authority` is the sign-in address with the tenant: https://login.microsoftonline.com/<tenant>."""
        self._credential = credential
        self._authority = authority.rstrip("/")
        self._session = session
        self._client: _Client | None = None
        self._lock = threading.Lock()  # MSAL asks once per thread on a cold cache

    def token(self, scope: str, *, refused: str | None = None, claims: str | None = None) -> str:
        """A bearer token for a scope such as https://contoso.crm4.dynamics.com/.default.

        With `refused` (a token that the service did not accept) or `claims` (its challenge) a fresh one,
        asked for once however many threads were refused. Raises ConfigurationError with the remedy, and
        NotSent when the authority cannot be reached.
        """
        with self._lock:
            token = self._acquire(scope, claims)
            if refused is not None and token == refused:
                self._client = None  # its cache goes with it
                token = self._acquire(scope, claims)
            return token

    def _acquire(self, scope: str, claims: str | None) -> str:
        try:
            self._client = self._client or _client(self._credential, self._authority, self._session)
            answer = self._client.acquire(scope, claims)
        except requests.exceptions.SSLError:
            raise ConfigurationError(
                "the certificate of the sign-in authority is not trusted: name its CA bundle in the settings"
            ) from None
        except requests.RequestException as error:
            raise NotSent(f"the sign-in authority cannot be reached ({type(error).__name__})") from None
        except ValueError as error:
            raise ConfigurationError(advice(str(error))) from None
        return _accepted(answer)


def _accepted(answer: Mapping[str, object]) -> str:
    token = answer.get("access_token")
    if isinstance(token, str):
        return token
    if answer.get("error") in _TRANSIENT:
        raise NotSent(f"the sign-in authority is busy ({answer.get('error')}); it is tried again")
    raise ConfigurationError(advice(f"{answer.get('error')} {answer.get('error_description', '')}"))


def _client(credential: Credential, authority: str, session: requests.Session) -> _Client:
    match credential:
        case Secret():
            return _App(credential.client_id, credential.secret, authority, session)
        case Certificate():
            return _App(credential.client_id, _certificate(credential), authority, session)
        case ManagedIdentity():
            return _Identity(credential, session)
        case FederatedIdentity():
            identity = _Identity(credential.identity, session)

            def assertion() -> str:
                return _accepted(identity.acquire(f"{_EXCHANGE}/.default", None))

            return _App(credential.client_id, {"client_assertion": assertion}, authority, session)


class _App:
    def __init__(
        self,
        client_id: str,
        credential: str | Mapping[str, str | Callable[[], str]],
        authority: str,
        session: requests.Session,
    ) -> None:
        microsoft = _MICROSOFT.fullmatch(urlsplit(authority).hostname or "") is not None
        self._msal = msal.ConfidentialClientApplication(
            client_id,
            client_credential=credential,
            authority=authority,
            instance_discovery=None if microsoft else False,
            http_client=session,
        )

    def acquire(self, scope: str, claims: str | None) -> Mapping[str, object]:
        found: Mapping[str, object] = self._msal.acquire_token_for_client([scope], claims_challenge=claims)
        return found


class _Identity:
    def __init__(self, identity: ManagedIdentity, session: requests.Session) -> None:
        chosen = (
            msal.UserAssignedManagedIdentity(client_id=identity.client_id)
            if identity.client_id
            else msal.SystemAssignedManagedIdentity()
        )
        self._msal = msal.ManagedIdentityClient(chosen, http_client=session)

    def acquire(self, scope: str, claims: str | None) -> Mapping[str, object]:
        """Managed identities are asked for a resource, not a scope."""
        found: Mapping[str, object] = self._msal.acquire_token_for_client(
            resource=scope.removesuffix("/.default"), claims_challenge=claims
        )
        return found


def _certificate(credential: Certificate) -> dict[str, str]:
    try:
        text = credential.pem.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"the certificate file {credential.pem.name} cannot be read as PEM: check its path and rights"
        ) from None
    parts = [(found.group(1), found.group(0).strip()) for found in _PEM.finditer(text)]
    key = next((part for name, part in parts if name.endswith("PRIVATE KEY")), None)
    public = next((part for name, part in parts if name == "CERTIFICATE"), None)
    if key is None or public is None:
        missing = "private key" if key is None else "certificate"
        raise ConfigurationError(
            f"the certificate file {credential.pem.name} holds no {missing}: it needs both, as PEM text"
        )
    _check_key(credential, key)
    found = {"private_key": key, "public_certificate": public}
    return {**found, "passphrase": credential.passphrase} if credential.passphrase else found


def _check_key(credential: Certificate, key: str) -> None:
    passphrase = credential.passphrase.encode() if credential.passphrase else None
    try:
        loaded = load_pem_private_key(key.encode(), passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigurationError(
            f"the private key in {credential.pem.name} cannot be opened: check the file and its passphrase"
        ) from None
    if not isinstance(loaded, RSAPrivateKey):
        raise ConfigurationError(f"the private key in {credential.pem.name} is not RSA; Entra ID needs RSA")
