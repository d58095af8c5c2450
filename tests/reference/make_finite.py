"""Values the simulations are compared with, by plain quadrature of the paper's equations.

Every average is a double Gauss-Legendre sum over the square roots of the two chi-square variables;
nothing is reduced, nothing is shared with the package. Run it to rewrite `finite.json`:

    python tests/reference/make_finite.py

Each value is computed with 150 and with 220 nodes a variable, and the digits kept are those on
which the two agree. Some are asserted against values found by other programs.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

NODES = (150, 220)
WITH_DENSITY = [(2, 1, 0.7, 2.0), (1, 1, 1.5, 1.6)]
#: Where the exponent of a chi-square density, `p y / 2`, is cut off.
CUT = 50
PROBLEMS = [  # p, p_star, a, alpha or None
    (1, 1, 0.4, None),
    (1, 1, 1.0, None),
    (1, 1, 1.5, None),
    (2, 1, 0.7, None),
    (2, 1, 1.5, None),
    (3, 1, 1.5, None),
    (4, 1, 1.5, None),
    (1, 1, 1.0, 3.0),
    (1, 1, 1.5, 0.8),
    (1, 1, 1.5, 1.6),
    (2, 1, 1.5, 0.8),
    (2, 1, 1.5, 1.8),
    (1, 1, 1.0, 1.8),
    (2, 1, 0.7, 1.8),
    (1, 1, 0.4, 2.0),
    (1, 1, 1.5, 3.0),
    (2, 1, 0.7, 2.0),
    (2, 1, 1.5, 3.0),
    (1, 2, 1.0, 12.0),
    (2, 2, 1.0, 6.0),
    (2, 3, 1.0, 12.0),
    (3, 2, 1.5, 6.0),
]


def chi2(width: int, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of chi2_width / width; its square root has a smooth density."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    s = np.sqrt(2 * CUT / width) * (x + 1) / 2
    w = w * s ** (width - 1) * np.exp(-width * s**2 / 2)
    return s**2, w / w.sum()


class Law:
    """Averages <.> over the eigenvalues of F, the labels y and the predictions yh."""

    def __init__(self, p: int, p_star: int, a: float, nodes: int) -> None:
        self.p = p
        y, wy = chi2(p_star, nodes)
        h, wh = chi2(p, nodes)
        self.y, h = y[:, None], h[None, :]
        self.w = np.outer(wy, wh)
        self.f = [
            (share, 2 / p * (c * h - self.y) / (a + self.y))
            for share, c in ((1 - 1 / p, 1), (1 / p, 3))
        ]

    def mean(self, power: int, of_f):
        """<y^power of_f(f)>."""
        return sum(s * np.sum(self.w * self.y**power * of_f(f)) for s, f in self.f if s)

    def h(self, g, power_f: int, power_y: int = 0):
        """<y^power_y (f / (1 - g f))^power_f>, at real or complex g."""
        return self.mean(power_y, lambda f: (f / (1 - g * f)) ** power_f)


def threshold(law: Law) -> dict[str, float]:
    """alpha_c, alpha_BBP and its type: (49), (40) at g = -p/2, or (40) with (44)."""
    g = -law.p / 2
    critical = 1 / (g**2 * law.h(g, 2))
    smooth = 1 / (g * (law.h(g, 1, 1) - law.h(g, 1)))
    if smooth <= critical:
        return {"alpha_bbp": smooth, "alpha_c": critical, "continuous": False}

    def gap(t: float) -> float:
        return (law.h(g * t, 1, 1) - law.h(g * t, 1)) / (g * t) - law.h(g * t, 2)

    t = brentq(gap, 0.05, 1 - 1e-9, xtol=1e-14)
    return {
        "alpha_bbp": 1 / ((g * t) ** 2 * law.h(g * t, 2)),
        "alpha_c": critical,
        "continuous": True,
    }


def spectrum(law: Law, alpha: float) -> dict[str, float]:
    """Edge (44)(46); above the threshold the outlier (39)(40) and its overlap (58)."""
    smooth = -law.p / 2

    def slope(g: float) -> float:
        return -1 / g**2 + alpha * law.h(g, 2)

    edge = brentq(slope, smooth, -1e-3) if slope(smooth) > 0 else smooth
    bulk = {"edge": 1 / edge + alpha * law.h(edge, 1), "smooth_edge": edge == smooth}

    def gap(g: float) -> float:
        return 1 / g - alpha * (law.h(g, 1, 1) - law.h(g, 1))

    if gap(edge) <= 0:  # below the threshold
        return bulk
    root = brentq(gap, edge, -1e-3)
    return {
        **bulk,
        "outlier": alpha * law.h(root, 1, 1),
        "overlap2": 1 / (1 - alpha * law.h(root, 2, 1) / slope(root)),
    }


#: Abscissae of the density, away from its edge and from its cusp at zero.
DENSITY = [-0.5, 0.5, 1.0, 1.5, 2.0, 3.0]


def density(law: Law, alpha: float) -> list[float]:
    """(31) by Newton's method, followed from far off the real axis down to it; then (19)."""

    def resolvent(x: float) -> complex:
        g = 1 / complex(x, -100)
        for below in np.geomspace(100, 1e-12, 400):
            for _ in range(20):
                residual = 1 / g - complex(x, -below) + alpha * law.h(g, 1)
                step = residual / (-1 / g**2 + alpha * law.h(g, 2))
                g -= step
                if abs(step) < 1e-13 * abs(g):
                    break
        assert g.imag > 0, (x, g)
        return g

    return [resolvent(x).imag / np.pi for x in DENSITY]


def agreed(coarse: float, fine: float) -> float:
    """Digits on which two computations agree."""
    digits = 12
    while digits > 4 and abs(coarse - fine) > 0.1 * 10.0**-digits:
        digits -= 1
    assert abs(coarse - fine) < 0.5 * 10.0**-digits, (coarse, fine)
    return round(fine, digits)


def record(p: int, p_star: int, a: float, alpha: float | None) -> dict[str, float]:
    def values(nodes: int) -> dict[str, float]:
        law = Law(p, p_star, a, nodes)
        return threshold(law) if alpha is None else spectrum(law, alpha)

    def bulk() -> dict[str, object]:
        coarse, fine = (density(Law(p, p_star, a, nodes), alpha) for nodes in (70, 100))
        values = [agreed(*pair) for pair in zip(coarse, fine, strict=True)]
        return {"density": {"points": DENSITY, "values": values}}

    coarse, fine = (values(nodes) for nodes in NODES)
    numbers = {
        name: fine[name] if isinstance(fine[name], bool) else agreed(coarse[name], fine[name])
        for name in fine
    }
    extra = bulk() if (p, p_star, a, alpha) in WITH_DENSITY else {}
    return {"p": p, "p_star": p_star, "a": a, "alpha": alpha, **numbers, **extra}


def check(records: list[dict[str, float]]) -> None:
    """Compare with values that two other programs agree on."""
    known = {
        (1, 1, 1.0, None): {"alpha_bbp": 1.13485412638, "alpha_c": 0.96501307},
        (2, 1, 0.7, None): {"alpha_bbp": 0.927055296717, "alpha_c": 0.72759118},
        (2, 1, 1.5, None): {"alpha_bbp": 1.32293760709, "alpha_c": 1.9806948},
        (2, 1, 1.5, 3.0): {"edge": -0.812576960, "outlier": -0.988637344, "overlap2": 0.446785659},
        (2, 1, 0.7, 2.0): {"edge": -0.959626705, "outlier": -1.021693497, "overlap2": 0.276230471},
    }
    for r in records:
        for name, value in known.get((r["p"], r["p_star"], r["a"], r["alpha"]), {}).items():
            assert abs(r[name] - value) < 6e-8, (r, name, value)


def main() -> None:
    records = [record(*problem) for problem in PROBLEMS]
    check(records)
    Path(__file__).with_name("finite.json").write_text(json.dumps(records, indent=1) + "\n")


if __name__ == "__main__":
    main()
