"""The sign-in authority, as the real MSAL meets it."""

from datetime import UTC, datetime, timedelta

import jwt
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


def _asked(tenant: Tenant, web: requests.Session, **changes: str | None) -> tuple[int, int]:
    said = tenant.description()
    form = {"grant_type": "client_credentials", "client_id": said["clientId"], "scope": _scope(tenant)[0]}
    form |= {"client_secret": said["clientSecret"], **changes}
    answer = web.post(said["authority"] + "/oauth2/v2.0/token", data=form, timeout=10)
    return answer.status_code, answer.json().get("error_codes", [0])[0]


def test_what_a_token_request_lacks_is_named(tenant: Tenant, web: requests.Session) -> None:
    assert _asked(tenant, web) == (200, 0)
    for name in ("grant_type", "client_id", "scope"):
        assert _asked(tenant, web, **{name: None}) == (400, 900144)
    assert _asked(tenant, web, grant_type="password") == (400, 70003)
    assert _asked(tenant, web, client_secret=None) == (401, 7000218)


def test_a_scope_names_a_service_of_this_tenant_and_nothing_more(
    tenant: Tenant, web: requests.Session
) -> None:
    graph = tenant.description()["graphUrl"]
    assert _asked(tenant, web, scope=f"{graph}/.default") == (200, 0)  # the address that the tenant gives
    for scope in (f"{graph}/users", "https://127.0.0.1:1", "http://127.0.0.1", "https://elsewhere.example"):
        assert _asked(tenant, web, scope=f"{scope}/.default") == (400, 500011)


def test_an_assertion_must_be_a_jwt_of_the_right_kind(tenant: Tenant, web: requests.Session) -> None:
    junk = {"client_secret": None, "client_assertion": "abc"}
    assert _asked(tenant, web, **junk) == (400, 90023)
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert _asked(tenant, web, **junk, client_assertion_type=kind) == (400, 50027)


def test_an_unknown_tenant_is_aadsts90002(tenant: Tenant, web: requests.Session) -> None:
    other = f"{tenant.base}/00000000-0000-0000-0000-000000000001"
    for answer in (
        web.get(f"{other}/v2.0/.well-known/openid-configuration", timeout=10),
        web.post(f"{other}/oauth2/v2.0/token", data={"grant_type": "client_credentials"}, timeout=10),
    ):
        assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


def test_an_expired_token_is_401_with_a_challenge(tenant: Tenant, web: requests.Session) -> None:
    claims = {"aud": "dataverse", "appid": "x", "iat": 1, "exp": 2}
    old = jwt.encode(claims, tenant.identity.signing_key, algorithm="HS256")
    answer = web.get(tenant.base + WHO, headers={"Authorization": f"Bearer {old}"})
    assert answer.status_code == 401
    assert "expired" in answer.headers["WWW-Authenticate"]


def test_the_word_bearer_has_no_case(tenant: Tenant, web: requests.Session) -> None:
    token = tenant.issuer.issue(tenant.identity.client_id, "dataverse")
    assert web.get(tenant.base + WHO, headers={"Authorization": f"bearer {token}"}).status_code == 200
