"""How the database compares text: without regard to case, accents and trailing spaces, as the cloud's default
collation does (reference dataverse.md section 3)."""

# documented guess: case is documented, accents and spaces at the end follow SQL Server's usual collation

import re
import sqlite3
import unicodedata
from functools import lru_cache

NAME = "CLOUD"


def fold(text: str) -> str:
    """Give the text that all spellings the collation takes for equal have in common."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _compare(left: str, right: str) -> int:
    one, other = fold(left).rstrip(" "), fold(right).rstrip(" ")
    return (one > other) - (one < other)


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str]:
    """Give the expression for a pattern with the wildcards of SQL Server: `%`, `_`, `[a-f]`, `[^x]`."""
    parts, position = [], 0
    while position < len(text):
        end = text.find("]", position + 1) if text[position] == "[" else -1
        if end > 0:
            parts.append(_set(text[position + 1 : end]))
            position = end + 1
        else:
            parts.append({"%": ".*", "_": "."}.get(text[position]) or re.escape(fold(text[position])))
            position += 1
    return re.compile("".join(parts), re.DOTALL)


def _set(inside: str) -> str:
    negated = inside.startswith("^")
    members = fold(inside.removeprefix("^"))
    last = len(members) - 1
    spelled = (
        "-" if one == "-" and 0 < place < last else re.escape(one) for place, one in enumerate(members)
    )
    found = f"[{'^' if negated else ''}{''.join(spelled)}]"
    try:
        re.compile(found)
    except re.error:
        return "(?!)"  # nothing is in an empty set or between z and a
    return found


def _matches(pattern: str | None, text: str | None) -> bool | None:
    if pattern is None or text is None:
        return None
    return _pattern(pattern).fullmatch(fold(text)) is not None


def install(connection: sqlite3.Connection) -> None:
    """Give a connection the collation and the function `matches(pattern, text)`."""
    connection.create_collation(NAME, _compare)
    connection.create_function("matches", 2, _matches, deterministic=True)
