"""Dataverse Web API: client, $batch, change feed, repositories, table definitions and their provisioning."""
