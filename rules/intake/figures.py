"""Money, whole numbers and telephone numbers as people write them."""

import re
from decimal import Decimal, InvalidOperation

from rules.text import folded

_AMOUNT = re.compile(
    r"(?<![\w.,])(?P<figure>-?(?:\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+|\d+)(?:[.,]\d{1,2})?)(?!\d)"
    r"\s?(?:(?P<unit>k|million|thousand)\b)?"
)
_PHONE = re.compile(
    r"(?:(?:ext(?:ension)?\.?|x)\s*\d{3,6})|\+?\(?\d[\d\s().-]{5,18}\d(?:\s*(?:ext\.?|x)\s*\d{2,6})?|\b\d{4,6}\b"
)
_NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve",
    "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf",
    "zero un deux trois quatre cinq six sept huit neuf dix onze douze",
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "zero jeden dwa trzy cztery piec szesc siedem osiem dziewiec dziesiec jedenascie dwanascie",
)
_WORDS = {name: number for names in _NUMBER_WORDS for number, name in enumerate(names.split())}
_WORDS |= {"ein": 1, "eine": 1, "einen": 1, "une": 1, "un": 1, "una": 1, "a": 1, "an": 1}
_SCALE = {"k": 1_000, "thousand": 1_000, "million": 1_000_000}


def read_money(text: str) -> str | None:
    """The first amount as a plain decimal with two places, in the currency of the organisation.

    Both ways of grouping are read: 1,240.00 and 1 240,00 and 1.240,00.
    """
    found = _AMOUNT.search(text.replace("£", " ").replace("€", " ").replace("$", " "))
    if found is None:
        return None
    digits = re.sub(r"[ '’\u00a0\u202f]", "", found["figure"])
    try:
        amount = Decimal(_plain(digits)) * _SCALE.get(found["unit"] or "", 1)
        return f"{amount:.2f}"
    except InvalidOperation:
        return None


def _plain(digits: str) -> str:
    """Grouping removed; the last of . and , is the decimal sign when one or two digits follow it."""
    written = digits.strip()
    tail = re.search(r"[.,](\d{1,2})$", written)
    whole = written[: tail.start()] if tail else written
    return re.sub(r"[.,]", "", whole) + (f".{tail[1]}" if tail else "")


def read_integer(text: str) -> str | None:
    """The first whole number, in figures or as a word up to twelve."""
    found = re.search(r"(?<![\d.,])-?\d{1,9}(?![\d]|[.,]\d)", text)
    if found:
        return str(int(found[0]))
    word = next((each for each in re.findall(r"[a-z]+", folded(text)) if each in _WORDS), None)
    return str(_WORDS[word]) if word else None


def read_phone(text: str) -> str | None:
    """The first telephone number or extension, as written."""
    found = _PHONE.search(text)
    return re.sub(r"\s+", " ", found[0]).strip(" .-") if found else None
