"""What the receiving server says about the sender (requirement MAIL-7)."""

import re

from connectors.mime.headers import Fields, first
from schemas.mail import SenderCheck

# Quoted strings and comments hold text that the sender chose.
_CHOSEN = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')
_RESULT = re.compile(r"(?:^|;)\s*(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_KNOWN = frozenset({"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "bestguesspass"})


def sender_check(raw: Fields) -> SenderCheck:
    """Results of the topmost Authentication-Results, the only one the sender cannot have written."""
    found: dict[str, str] = {}
    for method, result in _RESULT.findall(_CHOSEN.sub(" ", first(raw, "authentication-results") or "")):
        name, value = method.lower(), result.lower()
        # The first word counts, but of several signatures one good one is enough.
        if name not in found or (name == "dkim" and value == "pass"):
            found[name] = value if value in _KNOWN else "none"
    return SenderCheck(
        spf=found.get("spf", "none"),
        dkim=found.get("dkim", "none"),
        dmarc=found.get("dmarc", "none"),
        internal=_internal(raw),
    )


def _internal(raw: Fields) -> bool:
    """Exchange removes this field from mails of strangers; two different values are still no proof."""
    values = {value.strip().lower() for value in raw.get("x-ms-exchange-organization-authas", ())}
    return values == {"internal"}
