"""The Dataverse Web API of the tenant."""
