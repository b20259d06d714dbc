"""What every page stands on: sessions, access, the respondent writer, limits, headers, errors, base templates."""
