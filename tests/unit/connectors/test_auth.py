import json
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import responses
import trustme

from connectors.auth import Certificate, FederatedIdentity, ManagedIdentity, Secret, TokenSource
from connectors.http import new_session
from sync.errors import ConfigurationError, NotSent

TENANT = "https://login.microsoftonline.com/5b8f2c10-6c1e-4011-b4cb-000d3a1a0001"
SCOPE = "https://northgate.crm11.dynamics.com/.default"


def source(credential: object, authority: str = TENANT) -> TokenSource:
    return TokenSource(credential, authority=authority, session=new_session())


@pytest.fixture
def authority() -> object:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        discovery = {
            "issuer": f"{TENANT}/v2.0",
            "token_endpoint": f"{TENANT}/oauth2/v2.0/token",
            "authorization_endpoint": f"{TENANT}/oauth2/v2.0/authorize",
        }
        wire.get(f"{TENANT}/v2.0/.well-known/openid-configuration", json=discovery)
        clouds = {"tenant_discovery_endpoint": "https://login.microsoftonline.com/x", "metadata": []}
        wire.get("https://login.microsoftonline.com/common/discovery/instance", json=clouds)
        yield wire


def grants(wire: responses.RequestsMock) -> list[dict[str, str]]:
    forms: list[dict[str, str]] = []

    def grant(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        forms.append(dict(urllib.parse.parse_qsl(str(request.body))))
        token = {"token_type": "Bearer", "expires_in": 3599, "access_token": f"token-{len(forms)}"}
        return 200, {}, json.dumps(token)

    wire.add_callback("POST", f"{TENANT}/oauth2/v2.0/token", grant)
    return forms


def test_building_the_source_asks_nothing_of_the_network() -> None:
    source(Secret("app", "secret"), "https://127.0.0.1:9/tenant")


def test_a_secret_gets_a_token_once_for_all_threads(authority: responses.RequestsMock) -> None:
    forms = grants(authority)
    tokens = source(Secret("app", "secret"))
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: tokens.token(SCOPE), range(16)))
    assert found == {"token-1"}
    assert (len(forms), forms[0]["scope"], forms[0]["client_secret"]) == (1, SCOPE, "secret")


def test_a_refused_token_is_replaced_once_however_many_ask(authority: responses.RequestsMock) -> None:
    grants(authority)
    tokens = source(Secret("app", "secret"))
    first = tokens.token(SCOPE)
    assert {tokens.token(SCOPE, refused=first) for _ in range(3)} == {"token-2"}


def test_a_claims_challenge_reaches_the_authority(authority: responses.RequestsMock) -> None:
    forms = grants(authority)
    tokens = source(Secret("app", "secret"))
    tokens.token(SCOPE)
    tokens.token(SCOPE, refused="token-1", claims='{"access_token":{"nbf":{"essential":true}}}')
    assert "nbf" in forms[-1]["claims"]


def test_a_certificate_signs_the_request(authority: responses.RequestsMock, tmp_path: Path) -> None:
    forms = grants(authority)
    issued = trustme.CA().issue_cert("app.northgate.example", key_type=trustme.KeyType.RSA)
    pem = tmp_path / "app.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(pem)
    assert source(Certificate("app", pem)).token(SCOPE) == "token-1"
    assert forms[0]["client_assertion_type"].endswith("jwt-bearer")
    assert "client_secret" not in forms[0]


def test_a_certificate_file_without_its_key_is_named(tmp_path: Path) -> None:
    pem = tmp_path / "app.pem"
    trustme.CA().issue_cert("app.northgate.example").cert_chain_pems[0].write_to_path(pem)
    with pytest.raises(ConfigurationError, match=r"app\.pem holds no private key"):
        source(Certificate("app", pem)).token(SCOPE)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        source(Certificate("app", tmp_path / "none.pem")).token(SCOPE)


def test_a_key_that_entra_does_not_take_is_named(tmp_path: Path) -> None:
    pem = tmp_path / "app.pem"
    issued = trustme.CA().issue_cert("app.northgate.example", key_type=trustme.KeyType.ECDSA)
    issued.private_key_and_cert_chain_pem.write_to_path(pem)
    with pytest.raises(ConfigurationError, match="not RSA"):
        source(Certificate("app", pem)).token(SCOPE)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("7000215", "secret is wrong"),
        ("7000222", "expired"),
        ("700016", "client id"),
        ("700027", "certificate"),
        ("90002", "tenant"),
        ("50034", "account does not exist"),
        ("99999999", "sign-in logs"),
    ],
)
def test_a_refusal_says_what_to_do(authority: responses.RequestsMock, code: str, remedy: str) -> None:
    said = {"error": "invalid_client", "error_description": f"AADSTS{code}: text with mia@northgate.example"}
    authority.post(f"{TENANT}/oauth2/v2.0/token", json=said, status=401)
    with pytest.raises(ConfigurationError, match=remedy) as caught:
        source(Secret("app", "secret")).token(SCOPE)
    assert f"AADSTS{code}" in str(caught.value)
    assert "mia" not in str(caught.value)


def test_an_unknown_tenant_is_a_matter_of_configuration() -> None:
    said = {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}
    with responses.RequestsMock() as wire:
        wire.get(f"{TENANT}/v2.0/.well-known/openid-configuration", json=said, status=400)
        with pytest.raises(ConfigurationError, match="tenant"):
            source(Secret("app", "secret")).token(SCOPE)


def test_an_authority_that_is_down_is_tried_again_by_the_next_call(
    authority: responses.RequestsMock,
) -> None:
    authority.replace(
        "GET", f"{TENANT}/v2.0/.well-known/openid-configuration", body=requests.ConnectionError("down")
    )
    with pytest.raises(NotSent):
        source(Secret("app", "secret")).token(SCOPE)


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch, authority: responses.RequestsMock) -> list[dict[str, str]]:
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:41/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "x")
    asked: list[dict[str, str]] = []

    def grant(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        asked.append(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(str(request.url)).query)))
        token = {"access_token": f"identity-{len(asked)}", "expires_on": "4070908800", "token_type": "Bearer"}
        return 200, {}, json.dumps({**token, "resource": asked[-1]["resource"]})

    authority.add_callback("GET", "http://127.0.0.1:41/msi/token", grant)
    return asked


def test_a_managed_identity_asks_for_the_resource(identity: list[dict[str, str]]) -> None:
    assert source(ManagedIdentity("id-1")).token(SCOPE) == "identity-1"
    assert identity[0]["resource"] == "https://northgate.crm11.dynamics.com"
    assert identity[0]["client_id"] == "id-1"


def test_a_federated_credential_needs_no_secret(
    identity: list[dict[str, str]], authority: responses.RequestsMock
) -> None:
    forms = grants(authority)
    assert source(FederatedIdentity("app")).token(SCOPE) == "token-1"
    assert forms[0]["client_assertion"] == "identity-1"
    assert identity[0]["resource"] == "api://AzureADTokenExchange"


def test_a_credential_does_not_show_its_secret() -> None:
    assert "hunter2" not in repr(Secret("app", "hunter2"))
