"""Where a webhook is sent, with its key, headers or query, and what a call of it means (dataverse.md section 10)."""

import re
from urllib.parse import quote

from sandbox.dataverse.webhooks.model import HEADERS, KEY, Step
from sandbox.outgoing.addresses import is_local, split
from sandbox.outgoing.model import Outcome

NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
AGAIN = (502, 503, 504)
FAILED = (
    "0x80050201",
    (
        "The webhook call failed because the http request received non-success httpStatus code. "
        "Please check your webhook request handler."
    ),
)
TIMED_OUT = (
    "0x80050202",
    (
        "The webhook call failed because the Http request timed out at client side. "
        "Please check your webhook request handler."
    ),
)
BAD_HEADERS = (
    "0x80050203",
    (
        "The webhook call failed because of invalid http headers in authValue. Check if the authValue format, "
        "header names and values are valid for your Service Endpoint entity."
    ),
)
BAD_QUERY = (
    "0x80050204",
    (
        "The webhook call failed because of invalid http query params in authValue. Check if the authValue format, "
        "query parameter names and values are valid for your Service Endpoint entity."
    ),
)
NOT_SENT = (
    "0x80050205",
    "The webhook call failed during http post. Please check the exception for more details.",
)


class Unsendable(Exception):
    """The registration does not say how to send."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


def address(step: Step) -> tuple[str, dict[str, str]]:
    """Give the address and the headers of a call. Raises `Unsendable`."""
    if step.auth_type == KEY:
        return _with_query(step.url, {"code": step.auth_value}), {}
    problem = BAD_HEADERS if step.auth_type == HEADERS else BAD_QUERY
    settings = _settings(step.auth_value, problem)
    return (step.url, settings) if step.auth_type == HEADERS else (_with_query(step.url, settings), {})


def _settings(value: str, problem: tuple[str, str]) -> dict[str, str]:
    """Read `<settings><setting name="x" value="y"/></settings>` (documented guess: what tools of the cloud keep)."""
    from lxml import etree  # noqa: PLC0415 - few webhooks have settings, and a tenant wants to be ready soon

    try:
        root = etree.fromstring(value.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as exc:
        raise Unsendable(*problem) from exc
    found = {one.get("name"): one.get("value") for one in root.iter("setting")}
    settings: dict[str, str] = {}
    for name, said in found.items():
        if not name or said is None or not NAME.fullmatch(name) or "\n" in said or "\r" in said:
            raise Unsendable(*problem)
        settings[name] = said
    if not settings:
        raise Unsendable(*problem)
    return settings


def _with_query(url: str, values: dict[str, str]) -> str:
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in values.items())
    return f"{url}{'&' if '?' in url else '?'}{query}"


def meaning(outcome: Outcome) -> tuple[str, str] | None:
    """Give code and words of a failure, None for success: only the status counts."""
    if outcome.delivered:
        return None
    if outcome.status is not None:
        return FAILED
    return TIMED_OUT if outcome.failure == "timeout" else NOT_SENT


def again(outcome: Outcome) -> bool:
    """Whether the service tries once more by itself."""
    return outcome.status in AGAIN


def callable_reason(url: str) -> str | None:
    """Say why an address cannot be registered: only ports 80 and 443 are called, this machine apart."""
    try:
        parts = split(url)
    except ValueError as exc:
        return str(exc)
    usual = {"http": 80, "https": 443}[parts.scheme]
    if parts.port not in (None, usual) and not is_local(parts):
        return f"only port {usual} is called with {parts.scheme}"
    return None
