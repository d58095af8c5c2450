"""The generalised exponential integral, kept in one form until asked otherwise."""

from __future__ import annotations

from sympy import Expr, Function, expint

from bbpsym.errors import DomainError


class ExponentialIntegral(Function):
    """The generalised exponential integral `E_n(z) = int_1^inf exp(-z w) w^(-n) dw`.

    It stays as it is; `elementary` and SymPy's `expint` give it other forms.
    """

    nargs = 2

    def fdiff(self, argindex: int = 2) -> Expr:
        """Derivative with respect to z: `-E_(n - 1)(z)`."""
        order, z = self.args
        if argindex != 2:
            raise DomainError("the exponential integral is not differentiated in its order")
        return -ExponentialIntegral(order - 1, z)

    def _eval_rewrite(self, rule, args, **hints):  # type: ignore[no-untyped-def]
        return expint(*args) if rule is expint else None

    def _eval_evalf(self, prec):  # type: ignore[no-untyped-def]
        return expint(*self.args)._eval_evalf(prec)

    def _latex(self, printer, exp=None):  # type: ignore[no-untyped-def]
        order, z = (printer._print(item) for item in self.args)
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"E_{{{order}}}{power}\left({z}\right)"
