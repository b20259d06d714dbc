"""What changes accounts: signing in and out, people and their roles, agencies and engagements, the audit log."""
