"""Measurements beside other clients or minima: calls, bytes and ratios, never a timed test."""
