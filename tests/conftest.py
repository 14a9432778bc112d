"""For all tests: what goes to and fro with a tenant's Graph is held against Microsoft's description of it."""

pytest_plugins = ["tests.openapi.watch"]
