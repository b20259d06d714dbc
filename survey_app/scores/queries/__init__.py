"""Reading snapshots, what was decided upon them, and the names of what they hold. No statistics here."""
