"""The sign-in authority, as the real MSAL meets it."""

from datetime import UTC, datetime, timedelta

import msal
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sandbox.tenant import Tenant

WHO = "/api/data/v9.2/WhoAmI()"


def _application(tenant: Tenant, web: requests.Session, credential: object, client_id: str | None = None):
    said = tenant.description()
    return msal.ConfidentialClientApplication(
        client_id or said["clientId"],
        client_credential=credential,
        authority=said["authority"],
        instance_discovery=False,
        http_client=web,
    )


def _scope(tenant: Tenant) -> list[str]:
    return [tenant.base + "/.default"]


@pytest.fixture(scope="module")
def key_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=9))
    certificate = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_msal_signs_in_by_secret(tenant: Tenant, web: requests.Session) -> None:
    said = _application(tenant, web, tenant.identity.client_secret).acquire_token_for_client(_scope(tenant))
    assert said["expires_in"] == 3599
    assert said["access_token"].count(".") == 2


def test_a_wrong_secret_is_aadsts7000215(tenant: Tenant, web: requests.Session) -> None:
    said = _application(tenant, web, "wrong").acquire_token_for_client(_scope(tenant))
    assert said["error"] == "invalid_client"
    assert said["error_codes"] == [7000215]
    assert said["error_description"].startswith("AADSTS7000215")
    assert said["correlation_id"]


def test_an_unknown_app_is_aadsts700016(tenant: Tenant, web: requests.Session) -> None:
    said = _application(tenant, web, "x", "00000000-0000-0000-0000-000000000001").acquire_token_for_client(
        _scope(tenant)
    )
    assert (said["error"], said["error_codes"]) == ("unauthorized_client", [700016])


def test_a_scope_without_default_is_refused(tenant: Tenant, web: requests.Session) -> None:
    app = _application(tenant, web, tenant.identity.client_secret)
    said = app.acquire_token_for_client([tenant.base + "/user_impersonation"])
    assert said["error"] == "invalid_scope"


def test_msal_signs_in_by_certificate(
    tenant: Tenant, web: requests.Session, key_pair: tuple[str, str]
) -> None:
    private, public = key_pair
    credential = {"private_key": private, "public_certificate": public}
    before = _application(tenant, web, credential).acquire_token_for_client(_scope(tenant))
    assert before["error_codes"] == [700027]
    url = f"{tenant.base}/_sandbox/apps/{tenant.identity.client_id}/certificate"
    assert web.put(url, data=public).status_code == 204
    modern = _application(tenant, web, credential).acquire_token_for_client(_scope(tenant))
    assert "access_token" in modern
    thumbprint = x509.load_pem_x509_certificate(public.encode()).fingerprint(hashes.SHA1()).hex()
    old = {"private_key": private, "thumbprint": thumbprint}
    assert "access_token" in _application(tenant, web, old).acquire_token_for_client(_scope(tenant))


def test_a_token_opens_its_own_service_only(tenant: Tenant, web: requests.Session) -> None:
    app = _application(tenant, web, tenant.identity.client_secret)
    graph = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])["access_token"]
    refused = web.get(tenant.base + WHO, headers={"Authorization": f"Bearer {graph}"})
    assert refused.status_code == 401
    assert "audience" in refused.headers["WWW-Authenticate"]


def test_a_call_without_a_token_is_refused(tenant: Tenant, web: requests.Session) -> None:
    assert web.get(tenant.base + WHO).status_code == 401
    forged = web.get(tenant.base + WHO, headers={"Authorization": "Bearer a.b.c"})
    assert forged.status_code == 401
