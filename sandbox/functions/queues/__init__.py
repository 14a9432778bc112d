"""Queues with the semantics of Azure Storage: embedded in SQLite, or the real service."""
