"""Bodies in the wanted form: HTML or text, whole or only what is new."""

import html
import re

from sandbox.graph.values import Json

SCRIPT = re.compile(r"<script\b.*?(</script\s*>|\Z)|\son\w+\s*=\s*(\"[^\"]*\"|'[^']*')", re.I | re.S)
TEXT_QUOTE = re.compile(
    r"^(-{3,} ?Original Message ?-{3,}|_{20,}|On .{5,200} wrote:|From: .+\r?\n(Sent|Date): |>)", re.M
)
HTML_QUOTE = re.compile(
    r"<div[^>]*id=[\"']?(x_)?(divRplyFwdMsg|appendonsend)|<div[^>]*class=[\"']?gmail_quote|<blockquote", re.I
)


def as_text(body: Json) -> str:
    """A body as plain text."""
    if body["contentType"] == "text":
        return str(body["content"])
    from inscriptis import get_text  # noqa: PLC0415 - it brings lxml, and a tenant wants to be ready soon

    try:
        return str(get_text(body["content"])).strip() + "\r\n"
    except (ValueError, AssertionError):  # markup that lxml refuses, such as an empty document
        return re.sub(r"<[^>]*>", " ", body["content"]).strip()


def preview(plain: str) -> str:
    """The first 255 characters, blanks joined (reference 3.4)."""
    return " ".join(plain[:2000].split())[:255]


def shown(body: Json, kind: str, unsafe: bool) -> Json:
    """A body as HTML (what Graph gives unasked) or as text; scripts are removed unless asked for."""
    if kind == "text":
        return {"contentType": "text", "content": as_text(body)}
    if body["contentType"] == "html":
        content = body["content"] if unsafe else SCRIPT.sub("", body["content"])
        return {"contentType": "html", "content": content}
    lines = html.escape(body["content"], quote=False).replace("\r\n", "\n").replace("\n", "<br>\r\n")
    return {"contentType": "html", "content": f"<html><head></head><body><div>{lines}</div></body></html>"}


def unique(body: Json) -> Json:
    """What is new in a mail: everything above the first mark of a quote."""
    mark = (HTML_QUOTE if body["contentType"] == "html" else TEXT_QUOTE).search(body["content"])
    return {"contentType": body["contentType"], "content": body["content"][: mark.start() if mark else None]}
