"""The average <.> of the paper as a SymPy operator."""

from __future__ import annotations

from sympy import Add, Expr, Function
from sympy.printing.pretty.stringpict import prettyForm

from bbpsym.symbols import LATENT


class Average(Function):
    """The average `<X> = (1/p) sum_k E[X_k]` over the eigenvalues `f_k` and the data.

    It stays unevaluated, as on paper: a derivative passes through it, and
    ``expand(average=True)`` uses its linearity. `bbpsym.averages.laplace_variable.reduce`
    turns it into one-dimensional integrals for a given ensemble.
    """

    nargs = 1

    @classmethod
    def eval(cls, arg: Expr) -> Expr | None:
        """The average of what is not random is itself."""
        return None if arg.has(*LATENT) else arg

    def _eval_derivative(self, x: Expr) -> Expr:
        return Average(self.args[0].diff(x))

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _eval_expand_average(self, **_hints: bool) -> Expr:
        terms = Add.make_args(self.args[0].expand())
        pairs = (term.as_independent(*LATENT, as_Add=False) for term in terms)
        return Add(*(fixed * Average(random) for fixed, random in pairs))

    def _latex(self, printer, exp: str | None = None) -> str:  # type: ignore[no-untyped-def]
        body = rf"\left\langle {printer._print(self.args[0])} \right\rangle"
        return body if exp is None else f"{body}^{{{exp}}}"

    def _pretty(self, printer) -> prettyForm:  # type: ignore[no-untyped-def]
        body = prettyForm(*printer._print(self.args[0]).left("⟨"))
        return prettyForm(*body.right("⟩"))

    def _sympystr(self, printer) -> str:  # type: ignore[no-untyped-def]
        return f"<{printer._print(self.args[0])}>"
