"""Microsoft Graph v1.0, the mail part, as reference/graph.md sections 2, 3, 6 and 13 describe it."""
