"""Faults of the tenant on demand: rules say which calls, and what goes wrong with them (reference sync.md 9)."""
