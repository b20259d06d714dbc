"""The trust page (查证页): what is stored, what is counted, where the promise ends, and how anybody can check."""
