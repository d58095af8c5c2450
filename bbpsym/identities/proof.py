"""The steps of a proof: they stop it with a sentence, whatever the interpreter's flags."""


class BrokenDerivationError(Exception):
    """A step that a derivation rests on does not hold."""


def require(holds: object, what: str) -> None:
    """Stop a derivation unless a step holds; unlike `assert`, `python -O` keeps it.

    Parameters
    ----------
    holds : object
        The condition; SymPy's undecided relations are no proof and raise.
    what : str
        What should have held, for the verdict.

    Raises
    ------
    BrokenDerivationError
        If the condition is false.
    """
    if not holds:
        raise BrokenDerivationError(f"it fails that {what}")
