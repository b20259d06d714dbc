"""Acts on a running campaign: opening, pausing, closing, the card register."""
