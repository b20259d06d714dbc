"""Pure statistics for Pingyi: integer codes and sizes in, frozen dataclasses out.

Knows numpy, scipy and statsmodels; never Flask, SQLAlchemy, files, the clock, a logger, rounding or mutable globals.
"""
