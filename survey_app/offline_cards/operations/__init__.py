"""Writing orders (`ordering`) and importing hashes files (`importing`)."""
