"""Samples for the equations of `numerics.finite_n.sampled_nodes`: all, or only the extreme ones.

The lowest weights, which decide where the bulk ends, belong to the largest labels y. Those beyond
a cut are drawn exactly, as many as a binomial law says and each from the tail. The others are so
many that their sum is replaced by its mean, an integral over the laws of (1)(2) up to the cut,
which a quadrature rule turns into weighted nodes. This leaves out fluctuations of order N^{-1/2}.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.special import gammainccinv, gammaln

from bbpsym.numerics.finite_n.weighted import Array, WeightSamples

#: Nodes for the modulus of the teacher's and of the student's pre-activations, and directions of
#: the student's for p = 2:
#: polynomials up to degree 9 in the direction are averaged exactly. Twice as many nodes
#: change edge and outlier by less than 1e-9.
TEACHER, STUDENT, DIRECTIONS = 80, 40, 5

#: Probability beyond the last node of the student's modulus.
NEGLIGIBLE = 1e-18


def all_weights(
    a: float, p: int, p_star: int, M: int, N: float, rng: np.random.Generator
) -> WeightSamples:
    """Draw every sample: M times p + p_star iid standard normal pre-activations.

    From the same stream a larger M adds samples to those of a smaller one.
    """
    student, teacher = np.split(rng.standard_normal((M, p + p_star)), [p], axis=1)
    return WeightSamples.of(a, student, teacher, np.full(M, 1 / N))


def extreme_weights(
    a: float, p: int, p_star: int, M: float, N: float, count: int, rng: np.random.Generator
) -> WeightSamples:
    """Draw about `count` samples with the largest labels; nodes of a rule stand for the others."""
    share = count / M
    cut = math.sqrt(2 * gammainccinv(p_star / 2, share))
    drawn = rng.poisson(count) if M > 2**62 else rng.binomial(int(M), share)
    tail = gammainccinv(p_star / 2, share * (1 - rng.random(drawn)))
    ways = rng.standard_normal((drawn, p_star))
    ways *= np.sqrt(2 * tail / np.sum(ways**2, axis=1))[:, None]
    student, teacher, weight = _rule(p, p_star, cut)
    rest = (M - drawn) / N * weight / np.sum(weight)
    return WeightSamples.of(
        a,
        np.concatenate([rng.standard_normal((drawn, p)), student]),
        np.concatenate([ways, teacher]),
        np.concatenate([np.full(drawn, 1 / N), rest]),
        drawn,
    )


def _rule(p: int, p_star: int, cut: float) -> tuple[Array, Array, Array]:
    """Pre-activations and weights of a product rule with the teacher's modulus up to `cut`.

    The equations are quadratic in the teacher's direction: its axes are enough.
    """
    r, r_weight = _modulus(p_star, cut, TEACHER)
    s, s_weight = _modulus(p, math.sqrt(2 * gammainccinv(p / 2, NEGLIGIBLE)), STUDENT)
    ways = _directions(p)
    shape = (len(r), p_star, len(s), len(ways))
    teacher = r[:, None, None, None, None] * np.eye(p_star)[None, :, None, None, :]
    student = s[None, None, :, None, None] * ways[None, None, None, :, :]
    weight = r_weight[:, None, None, None] * s_weight[None, None, :, None]
    return (
        np.broadcast_to(student, (*shape, p)).reshape(-1, p),
        np.broadcast_to(teacher, (*shape, p_star)).reshape(-1, p_star),
        np.broadcast_to(weight, shape).reshape(-1),
    )


def _modulus(width: int, end: float, count: int) -> tuple[Array, Array]:
    """Gauss-Legendre nodes for the modulus of `width` standard normals, up to `end`."""
    x, weight = _legendre(count)
    r = end * (1 + x) / 2
    log_density = (width - 1) * np.log(r) - r**2 / 2 - gammaln(width / 2)
    return r, weight * np.exp(log_density)


_legendre = lru_cache(np.polynomial.legendre.leggauss)


def _directions(p: int) -> Array:
    """Directions of the student's pre-activations, up to sign."""
    if p == 1:
        return np.ones((1, 1))
    angle = np.pi * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)
