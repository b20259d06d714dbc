"""THE RESPONDENT PATH and the sealed box: how an answer comes in, waits, and is stored without its sender."""
