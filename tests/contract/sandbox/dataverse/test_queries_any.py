"""Whatever a query says, the tenant answers in the words of the service: rows, a refusal, or 501."""

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.sandbox.dataverse.conftest import Api

COLUMNS = ["plt_title", "plt_count", "plt_dueon", "plt_day", "_ownerid_value", "ownerid/fullname", "plt_None"]
VALUES = ["'a'", "'%[z-a]_'", "5", "-1.5", "null", "true", "2026-03-02", "9999-12-31T23:59:59Z", "plt_title"]
CALLS = [
    "Microsoft.Dynamics.CRM.In(PropertyName='plt_count',PropertyValues=[\"1\"])",
    "Microsoft.Dynamics.CRM.NextXYears(PropertyName='plt_dueon',PropertyValue=99)",
    "Microsoft.Dynamics.CRM.On(PropertyName='plt_dueon',PropertyValue='9999-12-31')",
]
compared = st.builds(
    "{} {} {}".format,
    st.sampled_from(COLUMNS),
    st.sampled_from(["eq", "ne", "lt", "ge"]),
    st.sampled_from(VALUES),
)
found = st.builds(
    "{}({},{})".format,
    st.sampled_from(["contains", "endswith"]),
    st.sampled_from(COLUMNS),
    st.sampled_from(VALUES),
)
conditions = st.recursive(
    st.one_of(compared, found, st.sampled_from(CALLS)),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("not ({})".format, inner),
        st.builds("plt_item_note/{}(n:{})".format, st.sampled_from(["any", "all"]), inner),
    ),
    max_leaves=5,
)
XML = [
    "<attribute name='plt_count'/>",
    "<attribute name='plt_title' alias='a'/>",
    "<attribute name='plt_count' alias='s' aggregate='sum'/>",
    "<attribute name='plt_dueon' alias='d' groupby='true' dategrouping='week'/>",
    "<order attribute='plt_title' descending='true'/>",
    "<order alias='s'/>",
    "<filter><condition attribute='plt_dueon' operator='on' value='9999-12-31'/></filter>",
    "<filter type='or'><condition attribute='plt_title' operator='like' value='[z-a'/></filter>",
    "<link-entity name='plt_note' from='plt_item' to='plt_itemid' link-type='outer'/>",
    "<link-entity name='plt_note' from='plt_item' to='plt_title'><attribute name='plt_name'/></link-entity>",
    "<filter><link-entity name='plt_note' from='plt_item' to='plt_itemid' link-type='not any'/></filter>",
]
fetches = st.builds(
    "<fetch {}><entity name='plt_item'>{}</entity></fetch>".format,
    st.sampled_from(["", "aggregate='true'", "distinct='true'", "count='1' page='2'", "top='3'"]),
    st.lists(st.sampled_from(XML), max_size=4).map("".join),
)
scraps = st.lists(
    st.sampled_from(
        [*COLUMNS, *VALUES, *CALLS, " eq ", " and ", "(", ")", ",", "'", "/", ";", "$select=", "@p", "\0"]
    ),
    min_size=1,
    max_size=6,
).map("".join)
queries = st.one_of(
    conditions.map(lambda text: f"$filter={quote(text, safe='')}"),
    fetches.map(lambda text: f"fetchXml={quote(text, safe='')}"),
    conditions.map(
        lambda text: f"$apply={quote(f'filter({text})/groupby((plt_title),aggregate($count as c))', safe='')}"
    ),
    st.builds(
        lambda option, text: f"{option}={quote(text, safe='')}",
        st.sampled_from(
            ["$filter", "$orderby", "$expand", "$apply", "$select", "$top", "$skiptoken", "$deltatoken"]
        ),
        scraps,
    ),
)


@given(query=queries)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_makes_the_tenant_fail(api: Api, query: str) -> None:
    said = api.call("GET", f"plt_items?{query}", Prefer='odata.include-annotations="*",odata.maxpagesize=2')
    assert said.status_code in (200, 400, 501), said.text
    assert "error" not in said.json() or said.json()["error"]["code"].startswith("0x")
