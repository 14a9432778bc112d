"""Webhooks of Dataverse: their registration as rows, and what they are sent (reference dataverse.md 10)."""
