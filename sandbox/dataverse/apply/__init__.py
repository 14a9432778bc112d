"""`$apply`: rows filtered, grouped and aggregated (reference dataverse.md section 3)."""
