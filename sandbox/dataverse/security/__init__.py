"""Who may do what: users, roles, privileges with their depths, secured columns, acting for others."""
