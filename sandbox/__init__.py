"""A Microsoft 365 tenant and a Functions host on one machine. Imports nothing of the app."""
