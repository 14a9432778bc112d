"""Paging cookies of FetchXML: the first and last values of a page by column, refused when they were edited."""

import hashlib
import hmac
import re
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from lxml import etree

from sandbox.dataverse.errors import DataverseError
from sandbox.dataverse.operators import Operand
from sandbox.dataverse.values import Value

CHECK = re.compile(r' check="([0-9a-f]{32})"')
END = " /></cookie>"
ENCODED = re.compile(r"%[0-9A-F]{2}")

type Terms = list[tuple[str, Operand, bool]]
"""What pages are ordered by: the name in the cookie, the column, True for descending."""


def make(secret: str, terms: Terms, page: int, first: list[Value], last: list[Value]) -> str:
    """Give the cookie element that an annotation holds."""
    parts = [
        f"<{name}{_attribute('last', operand, end)}{_attribute('first', operand, begin)} />"
        for (name, operand, _), begin, end in zip(terms, first, last, strict=True)
    ]
    plain = f'<cookie page="{page}">{"".join(parts)}</cookie>'
    signed = f'{plain.removesuffix(END)} check="{_signature(secret, terms, plain)}"{END}'
    once = ENCODED.sub(lambda found: found[0].lower(), quote(signed, safe="().-_"))
    twice = quote(once, safe="()")
    return f'<cookie pagenumber="{page + 1}" pagingcookie="{twice}" istracking="False" />'


def _attribute(name: str, operand: Operand, value: Value) -> str:
    if value is None:
        return f' {name}null="1"'
    is_id = operand.column.is_lookup or operand.column.type == "Uniqueidentifier"
    return f" {name}={quoteattr(f'{{{str(value).upper()}}}' if is_id else str(value))}"


def _signature(secret: str, terms: Terms, plain: str) -> str:
    order = ",".join(f"{operand.table.logical}.{name} {down}" for name, operand, down in terms)
    return hmac.new(secret.encode(), f"{order}\n{plain}".encode(), hashlib.sha256).hexdigest()[:32]


def read(secret: str, terms: Terms, page: int, text: str) -> list[Value]:
    """Give the values after which a page begins; raises for a cookie that is not of the page before."""
    found = CHECK.search(text)
    plain = CHECK.sub("", text, count=1)
    if found is None or not hmac.compare_digest(found[1], _signature(secret, terms, plain)):
        raise _invalid()
    root = etree.fromstring(plain.encode())
    if root.get("page") != str(page - 1):
        raise _invalid()
    return [_value(operand, node.get("last")) for (_, operand, _), node in zip(terms, root, strict=True)]


def _value(operand: Operand, text: str | None) -> Value:
    if text is None:
        return None
    kind = operand.column.sql_type
    if kind == "INTEGER":
        return int(text)
    if kind == "REAL":
        return float(text)
    is_id = operand.column.is_lookup or operand.column.type == "Uniqueidentifier"
    return text.strip("{}").lower() if is_id else text


def _invalid() -> DataverseError:
    return DataverseError(400, "0x8004112a", "Invalid page number in paging cookie.")
