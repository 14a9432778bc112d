"""Our client for a SharePoint list: the feed, and writes that neither double nor overwrite."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from connectors.http import Policy
from connectors.sharepoint import ListItem, SharePointList
from sandbox.tenant import Tenant
from sync.errors import FeedExpired, NotFound, OutcomeUnknown, PreconditionFailed, Rejected
from tests.contract.clients.lists import Articles, article
from tests.fixtures.faults import FaultRules


@pytest.fixture
def articles(tenant: Tenant) -> Articles:
    return Articles(tenant)


@pytest.fixture
def items(articles: Articles) -> SharePointList:
    return articles.client(Policy(shortest_wait=0.01))


def everything(items: SharePointList) -> dict[str, ListItem]:
    return {each.item_id: each for each in items.items()}


def test_an_item_is_made_read_changed_and_deleted(items: SharePointList) -> None:
    made = items.create(article(Title="Badges"), key="SyncKey")
    assert made.fields["Title"] == "Badges"
    changed = items.update(made.item_id, {"Views": 2}, etag=made.etag)
    assert (changed.fields["Views"], changed.etag != made.etag) == (2, True)
    assert items.item(made.item_id) == changed
    items.delete(made.item_id, etag=changed.etag)
    items.delete(made.item_id, etag=changed.etag)
    assert items.item(made.item_id) is None


@pytest.mark.parametrize("kind", ["lost-answer", "reset-after", "truncate", "reset", "status"])
def test_a_lost_answer_to_a_create_makes_one_item(
    items: SharePointList, articles: Articles, faults: FaultRules, kind: str
) -> None:
    faults.add(kind, service="graph", method="POST", path=articles.list_id, times=1)
    fields = article()
    if kind in ("reset", "status"):  # nothing was made, and who asks again may not know
        with pytest.raises(OutcomeUnknown):
            items.create(fields, key="SyncKey")
    made = items.create(fields, key="SyncKey")
    assert list(everything(items)) == [made.item_id]


def test_a_key_that_somebody_else_has_used_is_not_adopted(items: SharePointList) -> None:
    fields = article(Title="Theirs")
    items.create(fields, key="SyncKey")
    with pytest.raises(PreconditionFailed, match="other content"):
        items.create({**fields, "Title": "Ours"}, key="SyncKey")


def test_a_create_with_a_column_that_is_not_there_names_it_and_makes_nothing(items: SharePointList) -> None:
    with pytest.raises(Rejected):
        items.create(article(Unheard="x"), key="SyncKey")
    assert not everything(items)


def test_a_change_over_an_old_version_is_refused(items: SharePointList) -> None:
    made = items.create(article(), key="SyncKey")
    items.update(made.item_id, {"Views": 2}, etag=made.etag)
    with pytest.raises(PreconditionFailed):
        items.update(made.item_id, {"Views": 3}, etag=made.etag)
    with pytest.raises(NotFound):
        items.update("4711", {"Views": 3}, etag=made.etag)


def test_a_change_whose_answer_was_lost_is_known_by_its_values(
    items: SharePointList, articles: Articles, faults: FaultRules
) -> None:
    made = items.create(article(), key="SyncKey")
    faults.add("reset-after", service="graph", method="PATCH", path=articles.list_id, times=1)
    changed = items.update(made.item_id, {"Views": 7}, etag=made.etag)
    assert changed.fields["Views"] == 7
    assert changed.etag.endswith(',2"')


def test_the_feed_tells_changes_and_deletions_once(items: SharePointList) -> None:
    made = [items.create(article(Title=f"{n}"), key="SyncKey") for n in range(3)]
    first = items.page(None)
    assert set(first.changed) == {each.item_id for each in made}
    items.update(made[0].item_id, {"Views": 9}, etag=made[0].etag)
    items.delete(made[1].item_id, etag=made[1].etag)
    second = items.page(first.link)
    assert (list(second.changed), list(second.removed)) == ([made[0].item_id], [made[1].item_id])
    third = items.page(second.link)
    assert (dict(third.changed), set(third.removed), third.last) == ({}, set(), True)


def test_a_feed_whose_token_has_lapsed_says_so(
    items: SharePointList, articles: Articles, faults: FaultRules
) -> None:
    link = items.page(None).link
    for code in ("resyncChangesApplyDifferences", "resyncUploadDifferences", "resyncRequired"):
        faults.add("expired-feed", service="graph", code=code, path=articles.list_id, times=1)
        with pytest.raises(FeedExpired):
            items.page(link)


def test_an_item_is_found_by_its_key(items: SharePointList) -> None:
    made = items.create(article(SyncKey="it's one"), key="SyncKey")
    items.create(article(), key="SyncKey")
    assert items.find("SyncKey", "it's one") == [made]


def test_a_list_is_read_without_one_refusal_by_minding_what_is_left() -> None:
    with Tenant() as tenant:
        articles = Articles(tenant)
        articles.raw("POST", articles.path, {"fields": article()})
        limits = {"sharepoint": {"units": 40, "windowSeconds": 2}}
        url = f"{tenant.base}/_sandbox/limits"
        assert requests.put(url, json=limits, verify=articles.said["caBundle"], timeout=30).ok
        items, before = articles.client(), int(str(tenant.requests.counts()["last"]))
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: items.item("1"), range(100)))
        assert all(found)
        made = tenant.requests.since(before)["requests"]
        assert [call["status"] for call in made] == [200] * 100  # type: ignore[union-attr,index]
