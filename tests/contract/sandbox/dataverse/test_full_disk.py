"""A full disk under the store: clear words, nothing half written, and the tenant goes on."""

import trustme

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, column, table

ATTRIBUTES = "EntityDefinitions(LogicalName='plt_big')/Attributes"


def _limit(tenant: Tenant, pages: int) -> None:
    with tenant.store.write() as connection:
        connection.execute(f"PRAGMA max_page_count = {pages}")


def test_a_full_disk_is_told_and_survived() -> None:
    with Tenant() as own:
        api = Api(own)
        with api.session:
            api.made("EntityDefinitions", table("plt_Big"))
            body = {"plt_name": "x" * 200}
            _limit(own, 1)
            said = api.call(
                "POST",
                "plt_bigs/Microsoft.Dynamics.CRM.CreateMultiple",
                {"Targets": [{"@odata.type": "Microsoft.Dynamics.CRM.plt_big", **body} for _ in range(500)]},
            )
            assert said.status_code == 503
            assert "disk is full" in said.json()["error"]["message"]
            assert api.get("plt_bigs")["value"] == []
            many = [column("String", f"plt_Column{number}") for number in range(40)]
            answers = {api.call("POST", ATTRIBUTES, posted).status_code for posted in many}
            assert 503 in answers
            _limit(own, 1_000_000)
            api.made("plt_bigs", body)
            for posted in many:
                assert api.call("POST", ATTRIBUTES, posted).status_code in (204, 400)
            api.made("plt_bigs", body | {"plt_column39": "a"})


def test_a_full_disk_is_507_on_control_routes() -> None:
    with Tenant() as own:
        api = Api(own)
        with api.session:
            api.made("EntityDefinitions", table("plt_Big"))
            _limit(own, 1)
            while api.call("POST", "plt_bigs", {"plt_name": "x" * 200}).status_code == 204:
                pass  # fill the pages that are still free
            url = f"{own.base}/_sandbox/apps/{own.identity.client_id}/certificate"
            said = api.session.put(url, data=_certificate())
            assert said.status_code == 507
            assert "disk is full" in said.json()["error"]


def _certificate() -> bytes:
    return trustme.CA(organization_name="x" * 9000).cert_pem.bytes()
