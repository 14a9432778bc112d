"""Words of the domain: models of catalogue, case, events and mail."""
