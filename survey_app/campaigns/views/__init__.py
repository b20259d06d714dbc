"""Office pages of campaigns; `pages` gathers them."""
