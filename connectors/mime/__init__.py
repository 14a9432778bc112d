"""Raw mails to values: pure functions over bytes (requirements MAIL-1 to MAIL-7)."""

from connectors.mime.reader import read_mail

__all__ = ["read_mail"]
