"""Agreement: whether answers of persons may be averaged to a unit, and how far raters agree."""
