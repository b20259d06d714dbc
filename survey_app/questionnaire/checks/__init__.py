"""The checks of meaning and of wording, one module a subject; `check` puts them together."""
