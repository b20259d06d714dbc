"""Office pages about people: signing in, one's own account, people and roles, agencies, declarations, the audit log."""
