"""People, roles, agencies and engagements, sign-in, and the audit log with its hash chain."""
