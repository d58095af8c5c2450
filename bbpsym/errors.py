"""The errors a user can meet; every one is a `ValueError` with one clear sentence."""


class BBPError(ValueError):
    """Base of all errors raised on purpose by this package."""


class DomainError(BBPError):
    """An argument lies outside its allowed range; the sentence names both."""


class FormulaError(BBPError):
    """A text is no formula, or the formula is not one of what it should be."""


class PrecisionError(BBPError):
    """The promised number of correct digits could not be reached."""


class ConvergenceError(BBPError):
    """An iteration stopped before it met its tolerance."""


class StorageError(BBPError):
    """A file could not be read or written; what was computed before is kept."""
