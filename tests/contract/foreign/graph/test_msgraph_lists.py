"""Microsoft's Graph client works with lists and list items of a SharePoint site of the tenant."""

import pytest

from tests.contract.foreign.graph.conftest import asked

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def site(tenant, web, sdk, run):
    made = web.put(f"{tenant.base}/_sandbox/sites/strangers", json={"access": "fullcontrol"}, timeout=10)
    assert made.ok, made.text
    return sdk.sites.by_site_id(made.json()["id"])


@pytest.fixture
def articles(site, run, request):
    from msgraph.generated.models.choice_column import ChoiceColumn
    from msgraph.generated.models.column_definition import ColumnDefinition
    from msgraph.generated.models.list_ import List_
    from msgraph.generated.models.list_info import ListInfo
    from msgraph.generated.models.number_column import NumberColumn

    columns = [
        ColumnDefinition(name="Team", choice=ChoiceColumn(choices=["HR", "IT"]), indexed=True),
        ColumnDefinition(name="Uses", number=NumberColumn()),
    ]
    title = f"Articles {request.node.name}"
    wanted = List_(display_name=title, columns=columns, list_=ListInfo(template="genericList"))
    made = run(site.lists.post(wanted))
    return site.lists.by_list_id(made.id)


def item(**fields):
    from msgraph.generated.models.field_value_set import FieldValueSet
    from msgraph.generated.models.list_item import ListItem

    return ListItem(fields=FieldValueSet(additional_data=fields))


@pytest.mark.covers("gc.sdk.lists")
def test_a_site_is_found_by_its_path_and_shows_its_lists(sdk, run, site, articles):
    found = run(site.get())
    host = found.id.partition(",")[0]
    named = sdk.sites.by_site_id(f"{host}:/sites/strangers")
    assert run(named.get()).id == found.id
    titles = [each.display_name for each in run(site.lists.get()).value]
    assert run(articles.get()).display_name in titles


@pytest.mark.covers("gc.sdk.lists")
def test_columns_come_with_their_kinds(articles, run):
    columns = {each.name: each for each in run(articles.columns.get()).value}
    assert columns["Team"].choice.choices == ["HR", "IT"]
    assert columns["Uses"].number is not None
    assert columns["Title"].text is not None


@pytest.mark.covers("gc.sdk.lists")
def test_items_are_made_read_changed_and_deleted(articles, run):
    from msgraph.generated.models.field_value_set import FieldValueSet
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError

    made = run(articles.items.post(item(Title="Badge", Team="HR", Uses=1)))
    one = articles.items.by_list_item_id(made.id)
    read = run(one.get(asked(one, expand=["fields($select=Title,Team,Uses)"])))
    assert {name: read.fields.additional_data[name] for name in ("Title", "Team", "Uses")} == {
        "Title": "Badge",
        "Team": "HR",
        "Uses": 1,
    }
    assert read.e_tag
    guarded = asked(one.fields, {"If-Match": read.e_tag})
    changed = run(one.fields.patch(FieldValueSet(additional_data={"Uses": 2}), guarded))
    assert changed.additional_data["Uses"] == 2
    with pytest.raises(ODataError) as failed:
        run(one.fields.patch(FieldValueSet(additional_data={"Uses": 3}), guarded))
    assert failed.value.response_status_code == 412
    run(one.delete())
    with pytest.raises(ODataError) as failed:
        run(one.get())
    assert (failed.value.response_status_code, failed.value.error.code) == (404, "itemNotFound")


@pytest.mark.covers("gc.sdk.lists")
def test_items_are_filtered_and_come_page_by_page(articles, run, sdk):
    from msgraph_core.tasks.page_iterator import PageIterator

    for number in range(5):
        run(articles.items.post(item(Title=f"a{number}", Team="IT" if number else "HR")))
    query = asked(articles.items, top=2, expand=["fields"], filter="fields/Team eq 'IT'")
    first = run(articles.items.get(query))
    assert first.odata_next_link
    titles = []
    pages = PageIterator(first, sdk.request_adapter)
    run(pages.iterate(lambda each: titles.append(each.fields.additional_data["Title"]) or True))
    assert titles == ["a1", "a2", "a3", "a4"]


@pytest.mark.covers("gc.sdk.list_delta")
def test_changes_of_a_list_come_over_several_pages_and_rounds(articles, run):
    ids = [run(articles.items.post(item(Title=f"a{number}", Team="IT"))).id for number in range(3)]
    page = run(articles.items.delta.get(asked(articles.items.delta, top=2, expand=["fields"])))
    found, pages = list(page.value), 1
    while page.odata_next_link:
        page = run(articles.items.delta.with_url(page.odata_next_link).get())
        found, pages = found + page.value, pages + 1
    assert ids == [each.id for each in found if each.id in ids]
    assert pages >= 2
    assert {each.fields.additional_data["Title"] for each in found if each.fields} >= {"a0", "a1", "a2"}

    run(articles.items.by_list_item_id(ids[0]).delete())
    later = run(articles.items.delta.with_url(page.odata_delta_link).get())
    (gone,) = later.value
    assert gone.id == ids[0]
    assert gone.deleted.state == "deleted"


@pytest.mark.covers("gc.sdk.pages")
def test_a_page_is_made_read_and_deleted(site, run):
    from msgraph.generated.models.page_layout_type import PageLayoutType
    from msgraph.generated.models.site_page import SitePage

    wanted = SitePage(name="help.aspx", title="Help", page_layout=PageLayoutType.Article)
    wanted.odata_type = "#microsoft.graph.sitePage"
    made = run(site.pages.post(wanted))
    page = site.pages.by_base_site_page_id(made.id)
    assert run(page.graph_site_page.get()).title == "Help"
    assert "Help" in [each.title for each in run(site.pages.graph_site_page.get()).value]
    run(page.delete())
    assert "Help" not in [each.title for each in run(site.pages.graph_site_page.get()).value]
