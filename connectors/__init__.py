"""Shared HTTP, sign-in, OData; Microsoft Graph, Outlook mail and MIME."""
