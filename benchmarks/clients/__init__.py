"""Our Dataverse client beside Microsoft's SDK for Python and a plain loop with `requests`, on one sandbox."""
