"""Ports, failures, unit of work, outbox and the jobs of each feed."""
