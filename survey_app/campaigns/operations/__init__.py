"""Writing campaigns: reading set-ups from JSON or Excel, creating, choosing doors, making cards."""
