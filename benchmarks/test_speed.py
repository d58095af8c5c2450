"""Speed against what one would write otherwise; run with `pytest benchmarks`."""

import alternatives
import numpy as np
import pytest

from bbpsym import Model, compare, density, table, threshold, thresholds

MODEL = Model(2, 1, "0.7")
EXACT = threshold(MODEL, 60, certified=True).alpha


def digits(value) -> float:
    """Correct digits of an approximation to the threshold of MODEL."""
    error = abs(EXACT.number() - value) / EXACT.number()
    return float(-EXACT.number().context.log10(error)) if error else 60.0


def certify(count: int):
    """A certified threshold, with the proof of uniqueness that each one makes."""
    return threshold(MODEL, count, certified=True)


def test_one_threshold(benchmark, seconds, report):
    ours = seconds(lambda: threshold(MODEL), 5, 100)
    theirs = seconds(lambda: alternatives.nested_quadrature(2, 1, 0.7), 2)
    found = (
        digits(benchmark(threshold, MODEL).alpha),
        digits(alternatives.nested_quadrature(2, 1, 0.7)),
    )
    report(
        "alternatives",
        "one threshold, double precision",
        f"{1e3 * ours:.2f} ms, {found[0]:.1f} digits",
        f"nested `dblquad` + `brentq`: {theirs:.2f} s, {found[1]:.1f} digits",
        f"{theirs / ours:.0f}",
        "2000",
    )


@pytest.mark.parametrize(("count", "target"), [(4096, ""), (1_000_000, "100000 a second")])
def test_many_thresholds(benchmark, seconds, report, count, target):
    generator = np.random.default_rng(1)
    p, p_star = generator.integers(1, 20, (2, count))
    a = 10 ** generator.uniform(-1, 1, count)
    found = thresholds(p, p_star, a)
    rate = count / seconds(lambda: thresholds(p, p_star, a), 1)
    benchmark.pedantic(thresholds, (p, p_star, a), rounds=1)
    worst = np.max(found.errors["alpha"] / found.alpha)
    share = np.mean(found.kind == "continuous")
    ours = f"{rate:.0f} a second, errors below {worst:.0e}"
    report("alternatives", f"{count} thresholds, {share:.0%} continuous", ours, "", "", target)


def test_thirty_certified_digits(benchmark, seconds, report):
    certify(30)
    ours = seconds(lambda: certify(30), 5)
    theirs = seconds(lambda: alternatives.one_dimensional(2, 1, "0.7", 30), 2)
    found = digits(alternatives.one_dimensional(2, 1, "0.7", 30))
    benchmark.pedantic(certify, (30,), rounds=2)
    report(
        "alternatives",
        "30 certified digits",
        f"{ours:.3f} s",
        f"`mpmath.quad` + `findroot`: {theirs:.2f} s, {found:.0f} digits, not certified",
        f"{theirs / ours:.0f}",
        "50",
    )


@pytest.mark.parametrize(("count", "target"), [(50, 0.5), (1000, 60)])
def test_certified_digits(benchmark, seconds, report, count, target):
    certify(20)
    ours = seconds(lambda: certify(count), 3 if count < 100 else 1)
    benchmark.pedantic(certify, (min(count, 50),), rounds=1)
    report("alternatives", f"{count} certified digits", f"{ours:.2g} s", "", "", f"{target} s")


def test_thousand_digits(benchmark, seconds, report):
    threshold(MODEL, 20)
    ours = seconds(lambda: threshold(MODEL, 1000), 1)
    benchmark.pedantic(threshold, (MODEL, 50), rounds=1)
    report("alternatives", "1000 digits, not certified", f"{ours:.2g} s", "", "", "30 s")


def test_density(benchmark, seconds, report):
    x = np.linspace(-0.9, 3, 200)
    density(MODEL, 2, x)
    ours = seconds(lambda: density(MODEL, 2, x), 5)
    theirs = seconds(lambda: alternatives.laguerre_density(2, 1, 0.7, 2, x), 5)
    error = np.max(np.abs(alternatives.laguerre_density(2, 1, 0.7, 2, x) - density(MODEL, 2, x)))
    benchmark.pedantic(density, (MODEL, 2, x), rounds=2)
    report(
        "alternatives",
        "density at 200 points",
        f"{ours:.3f} s, error 1e-10 promised",
        f"Newton on 100 x 100 Gauss-Laguerre nodes: {theirs:.3f} s, error {error:.0e}",
        f"{theirs / ours:.2f}",
        "1",
    )


def test_a_table(benchmark, seconds, report):
    widths, normalisations = (1, 2, 3, 4, 6, 10, "inf"), ("0.1", "0.3", "0.7", "1", "1.5", "3")
    models = [Model(p, 1, a) for a in normalisations for p in widths]
    certified = seconds(lambda: table(models, 30, certified=True), 1)
    precise = seconds(lambda: table(models, 30), 1)
    benchmark.pedantic(table, (models[:3], 30), rounds=1)
    ours = f"{precise:.1f} s; certified {certified:.1f} s"
    report("alternatives", "table of 42 models, 30 digits", ours, "", "", "15 s")


def test_a_comparison(benchmark, seconds, report):
    given = (1, "0.7", (1, 2, 4, "inf"))
    compare(*given)
    ours = seconds(lambda: compare(*given))
    benchmark.pedantic(compare, given, rounds=1)
    report(
        "alternatives",
        "`compare` in a process that has answered once",
        f"{ours:.2f} s",
        "",
        "",
        "1 s",
    )
