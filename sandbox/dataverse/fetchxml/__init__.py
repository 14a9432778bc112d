"""FetchXML of the kind that reports and flows send (reference dataverse.md section 3)."""
