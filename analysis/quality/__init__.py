"""Response quality: which responses look careless, by families of signals, and what that costs."""
