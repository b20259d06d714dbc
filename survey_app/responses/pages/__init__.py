"""The phone pages: what a page shows (`cards`), how it is made and kept (`building`), what came in (`incoming`)."""
