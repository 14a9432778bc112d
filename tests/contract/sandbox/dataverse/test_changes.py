"""Change tracking (dataverse.md section 4)."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, provision, table

TRACK = "odata.track-changes,odata.maxpagesize=2"
QUERY = "plt_items?$select=plt_title"


def _follow(api: Api, link: str, prefer: str = TRACK) -> tuple[list[Any], str]:
    """Give all rows up to the delta link, which only the last page has."""
    rows: list[Any] = []
    while True:
        page = api.get(link, Prefer=prefer)
        rows += page["value"]
        if "@odata.deltaLink" in page:
            assert "@odata.nextLink" not in page
            return rows, page["@odata.deltaLink"]
        link = page["@odata.nextLink"]


@pytest.mark.covers("dv.changes.delta")
def test_changes_and_deletions_come_with_the_next_link_of_the_feed(api: Api) -> None:
    ids = [api.row(plt_title=f"t{number}") for number in range(5)]
    rows, link = _follow(api, QUERY)
    assert {row["plt_itemid"] for row in rows} >= set(ids)
    api.call("PATCH", f"plt_items({ids[0]})", {"plt_count": 1})
    api.call("DELETE", f"plt_items({ids[1]})")
    new = api.row(plt_title="new")
    changes, link = _follow(api, link, "odata.maxpagesize=1")
    full = {row["plt_itemid"]: row for row in changes if "reason" not in row}
    assert set(full) == {ids[0], new}
    assert full[ids[0]]["plt_title"] == "t0"
    gone = [row for row in changes if "reason" in row]
    assert [(row["id"], row["reason"]) for row in gone] == [(ids[1], "deleted")]
    assert gone[0]["@odata.context"].endswith("$metadata#plt_items/$deletedEntity")
    assert _follow(api, link)[0] == []


@pytest.mark.covers("dv.changes.between")
def test_a_row_made_and_deleted_between_polls_is_a_deletion_only(api: Api) -> None:
    _, link = _follow(api, QUERY)
    row_id = api.row(plt_title="short")
    api.call("DELETE", f"plt_items({row_id})")
    back = str(uuid.uuid4())
    api.call("PATCH", f"plt_items({back})", {"plt_title": "a"})
    api.call("DELETE", f"plt_items({back})")
    api.call("PATCH", f"plt_items({back})", {"plt_title": "again"})
    changes, _ = _follow(api, link)
    assert [row.get("id", row.get("plt_itemid")) for row in changes] == [back, row_id]


@pytest.mark.covers("dv.changes.paging")
def test_a_row_changed_while_paging_comes_with_the_next_poll(api: Api) -> None:
    ids = [api.row(plt_title="page") for _ in range(3)]
    first = api.get(QUERY, Prefer=TRACK)
    api.call("PATCH", f"plt_items({ids[2]})", {"plt_title": "moved"})
    _, link = _follow(api, first["@odata.nextLink"])
    assert [row["plt_title"] for row in _follow(api, link)[0]] == ["moved"]


@pytest.mark.covers("dv.changes.delta")
def test_a_delta_answer_says_so_in_its_context(api: Api) -> None:
    _, link = _follow(api, QUERY)
    assert "$deltatoken=" in link
    assert "%21" in link
    page = api.get(link)
    assert page["@odata.context"].endswith("$metadata#plt_items(plt_title)/$delta")


@pytest.mark.covers("dv.changes.refused")
@pytest.mark.parametrize(
    "option",
    [
        "$filter=plt_count eq 1",
        "$orderby=plt_count",
        "$top=1",
        "$expand=ownerid",
        "$apply=aggregate($count as c)",
        "fetchXml=<fetch/>",
    ],
)
def test_an_option_that_tracking_forbids_is_named(api: Api, option: str) -> None:
    link = _follow(api, QUERY)[1]
    for path, headers in ((f"plt_items?{option}", {"Prefer": TRACK}), (f"{link}&{option}", {})):
        status, code, words = api.refused("GET", path, **headers)
        assert (status, code) == (400, "0x80060888")
        assert f'"{option.partition("=")[0]}"' in words


@pytest.mark.covers("dv.changes.enabled")
def test_a_table_is_tracked_only_when_told(api: Api) -> None:
    api.made("EntityDefinitions", table("plt_Plain"))
    assert api.refused("GET", "plt_plains", Prefer=TRACK)[:2] == (400, "0x80072491")
    definition = api.get("EntityDefinitions(LogicalName='plt_plain')")
    assert definition["ChangeTrackingEnabled"] is False
    put = api.call(
        "PUT", "EntityDefinitions(LogicalName='plt_plain')", definition | {"ChangeTrackingEnabled": True}
    )
    assert put.status_code == 204
    assert _follow(api, "plt_plains")[0] == []


@pytest.mark.covers("dv.changes.days")
def test_a_token_expires_after_the_days_of_the_organisation() -> None:
    with Tenant() as own:
        api = Api(own)
        with api.session:
            provision(api)
            _, link = _follow(api, QUERY)
            own.clock.advance(timedelta(days=6, hours=23))
            assert _follow(api, link)[0] == []
            own.clock.advance(timedelta(hours=2))
            assert api.refused("GET", link)[1] == "0x80044352"
            organisation = api.get("organizations?$select=name")["value"][0]["organizationid"]
            api.call("PATCH", f"organizations({organisation})", {"expirechangetrackingindays": 30})
            assert _follow(api, link)[0] == []


@pytest.mark.covers("dv.changes.count-beside")
def test_rows_are_not_counted_beside_tracking(api: Api) -> None:
    assert api.refused("GET", f"{QUERY}&$count=true", Prefer=TRACK)[:2] == (501, "0x80040800")


@pytest.mark.covers("dv.changes.token")
def test_a_made_up_token_is_refused(api: Api) -> None:
    for token in ("abc", "1!99/99/2026 00:00:00", "99999999999!03/02/2026 09:30:00"):
        assert api.refused("GET", f"plt_items?$deltatoken={token}")[:2] == (400, "0x80060888")


@pytest.mark.covers("dv.changes.count")
def test_changes_are_counted_without_reading_them(api: Api) -> None:
    kept, gone = api.row(plt_title="kept"), api.row(plt_title="gone")
    link = _follow(api, QUERY)[1]
    counted = link.replace("plt_items?", "plt_items/$count?")
    assert api.call("GET", counted).text == "0"
    api.call("PATCH", f"plt_items({kept})", {"plt_count": 2})
    api.call("DELETE", f"plt_items({gone})")
    api.row(plt_title="new")
    said = api.call("GET", counted)
    assert (said.text, said.headers["Content-Type"].partition(";")[0]) == ("3", "text/plain")
    assert len(_follow(api, link)[0]) == 3


@pytest.fixture
def own() -> Iterator[tuple[Tenant, Api]]:
    with Tenant() as tenant:
        api = Api(tenant)
        with api.session:
            provision(api)
            yield tenant, api


@pytest.mark.covers("dv.changes.days")
def test_the_days_that_a_token_lives_are_a_switch(own: tuple[Tenant, Api]) -> None:
    tenant, api = own
    switches = tenant.base + "/_sandbox/dataverse"
    assert api.session.get(switches).json()["deltaDays"] == 7
    assert api.session.put(switches, json={"deltaDays": 1}).json()["deltaDays"] == 1
    organisation = api.get("organizations?$select=expirechangetrackingindays")["value"][0]
    assert organisation["expirechangetrackingindays"] == 1
    link = _follow(api, QUERY)[1]
    tenant.clock.advance(timedelta(days=1, minutes=1))
    assert api.refused("GET", link)[:2] == (400, "0x80044352")
    for wrong in ({"deltaDays": -1}, {"deltaDays": True}, {"deltaDays": "7"}, {"expiredDelta": "nothing"}):
        assert api.session.put(switches, json=wrong).status_code == 400


@pytest.mark.covers("dv.changes.everything")
def test_an_expired_token_may_bring_everything_without_deletions(own: tuple[Tenant, Api]) -> None:
    tenant, api = own
    kept, gone = api.row(plt_title="kept"), api.row(plt_title="gone")
    link = _follow(api, QUERY)[1]
    api.call("DELETE", f"plt_items({gone})")
    api.session.put(tenant.base + "/_sandbox/dataverse", json={"expiredDelta": "everything"})
    assert [row.get("reason") for row in _follow(api, link)[0]] == ["deleted"]
    tenant.clock.advance(timedelta(days=8))
    assert api.call("GET", link.replace("plt_items?", "plt_items/$count?")).text == "1"
    rows, fresh = _follow(api, link)
    assert [row["plt_itemid"] for row in rows] == [kept]
    assert _follow(api, fresh)[0] == []
