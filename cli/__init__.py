"""The `plumbline` command for admins."""
