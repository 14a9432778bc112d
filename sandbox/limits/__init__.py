"""Limits of the services, real ones by default, and how far away they seem (reference dataverse.md 7, graph.md 7)."""
