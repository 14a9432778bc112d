"""A Functions host on loopback: runs an app's `function_app.py` as Azure would (azure-functions.md 4)."""
