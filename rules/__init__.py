"""The service rules, pure: no I/O, no clock, no environment."""
