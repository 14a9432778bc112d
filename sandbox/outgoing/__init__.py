"""The one place from which the tenant calls out: notifications of Graph, webhooks of Dataverse."""
