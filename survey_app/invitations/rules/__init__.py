"""Named lists without a database: blind signatures, what a list may look like, why somebody is turned away."""
