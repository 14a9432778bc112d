"""The app signs in at an authority, with MSAL and over https."""

from pathlib import Path

import pytest
import requests
import trustme

from connectors.auth import Certificate, Credential, Secret, TokenSource
from connectors.http import new_session
from sandbox.tenant import Tenant
from sync.errors import ConfigurationError, NotSent


def source(tenant: Tenant, credential: Credential, **changed: str) -> TokenSource:
    facts = {**tenant.description(), **changed}
    session = new_session(Path(facts["caBundle"]))
    return TokenSource(credential, authority=facts["authority"], session=session)


def secret(tenant: Tenant, **changed: str) -> Secret:
    facts = tenant.description()
    return Secret(changed.get("client_id", facts["clientId"]), changed.get("secret", facts["clientSecret"]))


def scope(tenant: Tenant) -> str:
    return tenant.description()["dataverseUrl"] + "/.default"


def test_a_secret_signs_in_and_the_token_is_kept(tenant: Tenant) -> None:
    tokens = source(tenant, secret(tenant))
    assert tokens.token(scope(tenant)) == tokens.token(scope(tenant))


def test_a_refused_token_is_replaced(tenant: Tenant) -> None:
    tokens = source(tenant, secret(tenant))
    first = tokens.token(scope(tenant))
    assert tokens.token(scope(tenant), refused=first) != first


def test_a_certificate_signs_in(tenant: Tenant, web: requests.Session, tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("app.northgate.example", key_type=trustme.KeyType.RSA)
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "app.pem")
    facts = tenant.description()
    address = f"{facts['dataverseUrl']}/_sandbox/apps/{facts['clientId']}/certificate"
    assert web.put(address, data=issued.cert_chain_pems[0].bytes()).ok
    assert source(tenant, Certificate(facts["clientId"], tmp_path / "app.pem")).token(scope(tenant))


def test_a_strange_certificate_is_refused_with_its_remedy(tenant: Tenant, tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("other.northgate.example", key_type=trustme.KeyType.RSA)
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "app.pem")
    credential = Certificate(tenant.description()["clientId"], tmp_path / "app.pem")
    with pytest.raises(ConfigurationError, match=r"AADSTS700027.*certificate"):
        source(tenant, credential).token(scope(tenant))


def test_a_wrong_secret_is_refused_with_its_remedy(tenant: Tenant) -> None:
    with pytest.raises(ConfigurationError, match=r"AADSTS7000215.*secret is wrong"):
        source(tenant, secret(tenant, secret="wrong")).token(scope(tenant))


def test_an_unknown_app_is_refused_with_its_remedy(tenant: Tenant) -> None:
    stranger = secret(tenant, client_id="00000000-0000-4000-8000-000000000000")
    with pytest.raises(ConfigurationError, match=r"AADSTS700016.*client id"):
        source(tenant, stranger).token(scope(tenant))


def test_an_unknown_tenant_is_a_matter_of_configuration(tenant: Tenant) -> None:
    other = tenant.description()["dataverseUrl"] + "/00000000-0000-4000-8000-000000000000"
    with pytest.raises(ConfigurationError, match="sign-in"):
        source(tenant, secret(tenant), authority=other).token(scope(tenant))


def test_an_authority_whose_certificate_is_unknown_asks_for_its_bundle(
    tenant: Tenant, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    with pytest.raises(ConfigurationError, match="CA bundle"):
        source(tenant, secret(tenant), caBundle=str(tmp_path / "ca.pem")).token(scope(tenant))


def test_an_authority_that_is_down_can_be_tried_again(tenant: Tenant) -> None:
    with pytest.raises(NotSent):
        source(tenant, secret(tenant), authority="https://127.0.0.1:9/tenant").token(scope(tenant))
