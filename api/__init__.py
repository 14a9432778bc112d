"""HTTP use cases on plain request and reply values: authorise, decide, answer."""
