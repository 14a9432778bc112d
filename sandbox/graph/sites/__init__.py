"""SharePoint of the tenant as Graph shows it: sites, lists, items, pages (reference: graph.md section 4)."""
