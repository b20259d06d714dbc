"""The phone pages: what a page shows (`cards`), how its bytes are made and kept (`building`), what came in (`incoming`)."""
