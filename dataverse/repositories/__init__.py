"""The stores of `sync.stores` on Dataverse: cases with their events, the records of mails, the outbox."""
