"""Staff work on a running campaign: opening and closing it, the card register, progress."""
