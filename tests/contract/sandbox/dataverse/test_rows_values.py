"""Values at their edges: digits, ranges, characters, dates, and the version headers (dataverse.md sections 0, 2)."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.sandbox.dataverse.conftest import Api, column, table

ATTRIBUTES = "EntityDefinitions(LogicalName='plt_edge')/Attributes"


@pytest.fixture(scope="module", autouse=True)
def edges(api: Api) -> None:
    api.made("EntityDefinitions", table("plt_Edge"))
    wide = {"MinValue": -100000000000, "MaxValue": 100000000000}
    for posted in (
        column("Decimal", "plt_Fine", Precision=10, **wide),
        column("Decimal", "plt_Cents", Precision=2, **wide),
        column("Double", "plt_Double", Precision=5, **wide),
        column("Integer", "plt_Whole"),
        column("BigInt", "plt_Big"),
        column("Memo", "plt_Memo", MaxLength=100),
    ):
        api.made(ATTRIBUTES, posted)


def posted(api: Api, text: str) -> Any:
    """Send a body as it is spelled; gives the answer."""
    headers = {**api.headers, "Content-Type": "application/json"}
    return api.session.post(f"{api.root}plt_edges", data=text.encode(), headers=headers)


def read(api: Api, text: str, name: str) -> Decimal:
    said = api.session.get(posted(api, text).headers["OData-EntityId"], headers=api.headers)
    return json.loads(said.text, parse_float=Decimal, parse_int=Decimal)[name]


@pytest.mark.covers("dv.values.decimal")
@pytest.mark.parametrize(
    "text", ["0.1", "1234.5678901234", "-99999.9999999999", "100000000000", "0.0000000001"]
)
def test_decimals_come_back_with_every_digit(api: Api, text: str) -> None:
    assert read(api, f'{{"plt_fine": {text}}}', "plt_fine") == Decimal(text)


@pytest.mark.covers("dv.values.decimal")
def test_digits_beyond_the_precision_are_rounded_half_up(api: Api) -> None:
    assert read(api, '{"plt_cents": 2.675}', "plt_cents") == Decimal("2.68")
    assert read(api, '{"plt_cents": 1.005}', "plt_cents") == Decimal("1.01")


@pytest.mark.covers("dv.values.many_digits")
def test_more_digits_than_are_kept_are_refused_rather_than_rounded(api: Api) -> None:
    said = posted(api, '{"plt_fine": 12345678901.1234567}')
    assert (said.status_code, said.json()["error"]["code"]) == (501, "0x80040800")


@pytest.mark.covers("dv.values.range")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"plt_fine": 100000000000.1}', "0x80044330"),
        ('{"plt_double": -1e12}', "0x80044330"),
        ('{"plt_whole": 2147483648}', "0x80044330"),
        ('{"plt_big": 9223372036854775808}', "0x80044330"),
        ('{"plt_whole": 1.0}', "0x80048d19"),
        ('{"plt_whole": 1e3}', "0x80048d19"),
        ('{"plt_fine": "1.5"}', "0x80048d19"),
        ('{"plt_fine": true}', "0x80048d19"),
        ('{"plt_fine": NaN}', "0x80048d19"),
    ],
)
def test_numbers_out_of_range_or_of_another_kind_are_refused(api: Api, text: str, code: str) -> None:
    said = posted(api, text)
    assert (said.status_code, said.json()["error"]["code"]) == (400, code)


@pytest.mark.covers("dv.values.characters")
@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x0c", "\x1f", "\ufffe", "\uffff"])
def test_characters_that_xml_cannot_hold_are_refused(api: Api, character: str) -> None:
    for name in ("plt_name", "plt_memo"):
        status, code, words = api.refused("POST", "plt_edges", {name: f"a{character}b"})
        assert (status, code) == (400, "0x80040278")
        assert f"'{name}'" in words


@pytest.mark.covers("dv.values.characters")
def test_other_characters_come_back(api: Api) -> None:
    text = "tab\t line\r\n \x85 \U0001f600 \u202e"
    assert api.get(api.made("plt_edges", {"plt_memo": text}))["plt_memo"] == text


@pytest.mark.covers("dv.values.overridden")
def test_the_creation_time_is_overridden_when_creating_only(api: Api) -> None:
    early = "2020-01-02T03:04:05Z"
    row = api.made("plt_edges", {"overriddencreatedon": early, "createdon": "2019-01-01T00:00:00Z"})
    assert api.get(row)["createdon"] == early
    api.call("PATCH", row, {"overriddencreatedon": "2021-01-01T00:00:00Z", "plt_name": "x"}, If_Match="*")
    found = api.get(row)
    assert (found["createdon"], found["plt_name"]) == (early, "x")


@pytest.mark.covers("dv.headers.version")
def test_other_versions_of_odata_lead_nowhere(api: Api) -> None:
    for name in ("OData-Version", "OData-MaxVersion"):
        for version in ("4.0", "4.01"):
            assert api.call("GET", "plt_edges", **{name: version}).status_code == 200
        for version in ("3.0", "5.0", "four"):
            said = api.call("GET", "plt_edges", **{name: version})
            assert said.status_code == 404
            assert said.json()["Message"].startswith("No HTTP resource was found")
