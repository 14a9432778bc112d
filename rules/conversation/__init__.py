"""Which conversation a mail belongs to, and whether it belongs to any (MAIL-1 to MAIL-4, MAIL-7)."""

from rules.conversation.classify import classify, wanted
from rules.conversation.fingerprint import fingerprint

__all__ = ["classify", "fingerprint", "wanted"]
