"""Definitions that the data routes see late, and one change at a time (dataverse.md sections 0, 8 and 13)."""

import threading
import time
from collections.abc import Iterator

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, Json, column, table

STRONG = {"Consistency": "Strong"}
ATTRIBUTES = "EntityDefinitions(LogicalName='plt_old')/Attributes"


@pytest.fixture(scope="module")
def slow() -> Iterator[Api]:
    """A tenant with a table; its data routes see changes of definitions after 0.6 s."""
    with Tenant() as tenant:
        api = Api(tenant)
        with api.session:
            api.made("EntityDefinitions", table("plt_Old"))
            switch(api, metadataCacheSeconds=0.6)
            yield api


def switch(api: Api, **seconds: Json) -> Json:
    said = api.session.put(api.root.partition("/api")[0] + "/_sandbox/dataverse", json=seconds)
    return said.status_code, said.json()


@pytest.mark.covers("dv.cache.table")
def test_a_new_table_is_seen_late_unless_the_caller_insists(slow: Api) -> None:
    slow.made("EntityDefinitions", table("plt_New"))
    assert slow.get("EntityDefinitions(LogicalName='plt_new')")["EntitySetName"] == "plt_news"
    status, _, words = slow.refused("GET", "plt_news")
    assert (status, words) == (404, "Resource not found for the segment 'plt_news'.")
    assert slow.refused("POST", "plt_news", {"plt_name": "a"})[0] == 404
    assert slow.get("plt_news", **STRONG)["value"] == []
    assert slow.get("plt_olds")["value"] == []
    time.sleep(0.65)
    assert slow.get("plt_news")["value"] == []


@pytest.mark.covers("dv.cache.column")
def test_a_new_column_and_a_new_length_are_seen_late(slow: Api) -> None:
    slow.made(ATTRIBUTES, column("String", "plt_Extra"))
    path = f"{ATTRIBUTES}(LogicalName='plt_name')"
    assert slow.call("PUT", path, slow.get(path) | {"MaxLength": 300}).status_code == 204
    assert slow.refused("GET", "plt_olds?$select=plt_extra")[0] == 400
    assert slow.refused("POST", "plt_olds", {"plt_extra": "a"})[1] == "0x80048d19"
    assert slow.refused("POST", "plt_olds", {"plt_name": "x" * 300})[1] == "0x80044331"
    assert slow.call("POST", "plt_olds", {"plt_extra": "a"}, **STRONG).status_code == 204
    time.sleep(0.65)
    slow.made("plt_olds", {"plt_extra": "a", "plt_name": "x" * 300})


@pytest.mark.covers("dv.cache.deleted")
def test_a_deleted_column_is_gone_at_once(slow: Api) -> None:
    slow.made(ATTRIBUTES, column("String", "plt_Short"))
    assert slow.call("DELETE", f"{ATTRIBUTES}(LogicalName='plt_short')").status_code == 204
    assert slow.refused("GET", "plt_olds?$select=plt_short")[0] == 400
    assert slow.get("plt_olds")["value"]


@pytest.mark.covers("dv.cache.concurrent")
def test_a_second_change_at_the_same_time_is_refused(slow: Api) -> None:
    switch(slow, metadataWriteSeconds=0.5, metadataCacheSeconds=0)
    answers: list[int] = []
    body = column("String", "plt_First")
    first = threading.Thread(target=lambda: answers.append(slow.call("POST", ATTRIBUTES, body).status_code))
    first.start()
    time.sleep(0.2)
    status, code, words = slow.refused("POST", ATTRIBUTES, column("String", "plt_Second"))
    first.join()
    switch(slow, metadataWriteSeconds=0)
    assert (status, code, answers) == (429, "0x80071151", [204])
    assert "another [EntityCustomization] running" in words
    slow.made(ATTRIBUTES, column("String", "plt_Second"))


@pytest.mark.covers("dv.cache.switch")
def test_the_delays_are_off_by_default_and_checked(slow: Api) -> None:
    with Tenant() as tenant, Api(tenant).session as session:
        said = session.get(tenant.base + "/_sandbox/dataverse").json()
    assert (said["metadataCacheSeconds"], said["metadataWriteSeconds"]) == (0, 0)
    for wrong in ({"metadataCacheSeconds": -1}, {"metadataCacheSeconds": True}, {"cacheSeconds": 1}):
        assert switch(slow, **wrong)[0] == 400
