"""Reading along many-to-many relationships, from both sides (dataverse.md section 3)."""

from urllib.parse import quote

import pytest

from tests.contract.sandbox.dataverse.conftest import Api, table

PAIRS = "plt_item_topic"


@pytest.fixture(scope="module")
def topics(api: Api) -> dict[str, str]:
    """Topics a and b; the first item has both, the second b, the third none. Ids by name."""
    api.made("EntityDefinitions", table("plt_Topic"))
    ends = {"Entity1LogicalName": "plt_item", "Entity2LogicalName": "plt_topic", "IntersectEntityName": PAIRS}
    kind = "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata"
    api.made("RelationshipDefinitions", {"@odata.type": kind, "SchemaName": PAIRS, **ends})
    found = {name: api.made("plt_topics", {"plt_name": name})[-37:-1] for name in "ab"}
    for number, names in enumerate(("ab", "b", "")):
        item = api.row(plt_title="topical", plt_count=number)
        found[str(number)] = item
        for name in names:
            said = api.call(
                "POST",
                f"plt_items({item})/{PAIRS}/$ref",
                {"@odata.id": f"{api.root}plt_topics({found[name]})"},
            )
            assert said.status_code == 204, said.text
    return found


def filtered(api: Api, condition: str) -> list[int]:
    text = quote(f"plt_title eq 'topical' and {condition}", safe="")
    rows = api.get(f"plt_items?$select=plt_count&$orderby=plt_count&$filter={text}")["value"]
    return [row["plt_count"] for row in rows]


@pytest.mark.covers("dv.expand.many")
def test_both_sides_are_expanded(api: Api, topics: dict[str, str]) -> None:
    query = f"$select=plt_count&$filter=plt_title eq 'topical'&$orderby=plt_count&$expand={PAIRS}"
    rows = api.get(f"plt_items?{query}($select=plt_name;$orderby=plt_name desc)")["value"]
    assert [[one["plt_name"] for one in row[PAIRS]] for row in rows] == [["b", "a"], ["b"], []]
    again = api.get(rows[0][f"{PAIRS}@odata.nextLink"])["value"]
    assert [one["plt_name"] for one in again] == ["b", "a"]
    topic = api.get(f"plt_topics({topics['b']})?$expand={PAIRS}($select=plt_count;$orderby=plt_count)")
    assert [one["plt_count"] for one in topic[PAIRS]] == [0, 1]


@pytest.mark.covers("dv.expand.many")
def test_collections_of_both_sides_are_read_and_filtered(api: Api, topics: dict[str, str]) -> None:
    assert api.call("GET", f"plt_topics({topics['b']})/{PAIRS}/$count").text == "2"
    rows = api.get(f"plt_items({topics['0']})/{PAIRS}?$filter=plt_name eq 'A'")["value"]
    assert [row["plt_topicid"] for row in rows] == [topics["a"]]
    assert filtered(api, f"{PAIRS}/any(t:t/plt_name eq 'b')") == [0, 1]
    assert filtered(api, f"{PAIRS}/all(t:t/plt_name eq 'b')") == [1, 2]
    assert filtered(api, f"{PAIRS}/any(t:t/{PAIRS}/any(i:i/plt_count eq 1))") == [0, 1]


@pytest.mark.covers("dv.fetch.links")
def test_fetchxml_goes_through_the_table_between(api: Api, topics: dict[str, str]) -> None:
    xml = (
        "<fetch><entity name='plt_topic'><attribute name='plt_name'/>"
        f"<link-entity name='{PAIRS}' from='plt_topicid' to='plt_topicid' intersect='true'>"
        "<link-entity name='plt_item' from='plt_itemid' to='plt_itemid' alias='i'><attribute name='plt_count'/>"
        "<order attribute='plt_count'/></link-entity></link-entity><order attribute='plt_name'/></entity></fetch>"
    )
    rows = api.get(f"plt_topics?fetchXml={quote(xml, safe='')}")["value"]
    assert [(row["plt_name"], row["i.plt_count"]) for row in rows] == [("a", 0), ("b", 0), ("b", 1)]


@pytest.mark.covers("dv.expand.limits")
def test_they_are_not_expanded_further(api: Api, topics: dict[str, str]) -> None:
    said = api.refused("GET", f"plt_items?$expand={PAIRS}($expand=createdby)")
    assert said[:2] == (400, "0x80060888")
