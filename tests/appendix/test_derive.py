"""What is derived of a network holds, says how it is known, and is the paper's own for its loss."""

import copy
import pickle
from types import SimpleNamespace

import pytest
from mpmath.ctx_mp import MPContext
from sympy import Eq, Rational, S, atan, cos, cosh, exp, factor, log, sign, sqrt, symbols, tanh

from bbpsym import Model, Network, derive, outlier, threshold
from bbpsym import symbols as s
from bbpsym.appendix import assemble, asymptotics, threshold_series
from bbpsym.appendix.assemble import _derived
from bbpsym.appendix.matrix_transform import PairScene
from bbpsym.appendix.notebook import notebook
from bbpsym.appendix.outputs import least_of_outputs
from bbpsym.appendix.steps import Status
from bbpsym.appendix.threshold_series import wide_steps
from bbpsym.appendix.tried import in_words
from bbpsym.appendix.worlds import Scene
from bbpsym.ensembles.networks.bounds import lowest
from bbpsym.ensembles.networks.setting import Setting, paper
from bbpsym.equations import exchangeable as ex
from bbpsym.errors import DomainError
from bbpsym.numerics.enclosures import precision
from bbpsym.records.brute_force import average, bits
from bbpsym.records.check import numeric_agreement
from bbpsym.records.registry import NUMBERS, record_of
from tests.cases import long

x, y, yh, a, b, p, p_star = symbols("x y yh a b p p_star")
SQUARED = (y - yh) ** 2 / 2


def test_every_equation_of_the_paper_has_its_counterpart(appendix):
    numbers = {step.record.id for step in appendix if step.record is not None}
    assert set(NUMBERS) <= numbers
    for number in NUMBERS:
        assert appendix[number].expressions == record_of(number).relations()
        assert appendix[number].label.startswith(f"({number})")
    given = {number for number in NUMBERS if appendix[number].status is Status.GIVEN}
    assert given == {"1", "2", "3", "6", "7", "8", "9", "14", "18", "20"}
    assert {appendix[number].status for number in set(NUMBERS) - given} == {Status.DERIVED}


def test_the_setting_of_a_model_makes_networks():
    setting = derive(Model(2, 1, "0.7")).setting
    assert setting.at({"p": 2, "p_star": 1, "a": "0.7"}).p == 2


def test_the_paper_s_loss_is_known_however_it_is_written(appendix):
    given = derive(Network(x**2, (y - yh) ** 2 / 2 / (a + y), p, p_star))
    assert given.names == appendix.names
    doubled = derive(Network(2 * x**2, (y / 2 - yh / 2) ** 2 / 2 / (a + y / 2), p, p_star))
    assert doubled.names == appendix.names


def test_the_paper_at_infinite_width_is_the_paper(monkeypatch):
    """Its averages for several teachers are not taken apart: its equations end with this limit."""
    for dear in ("average_steps", "number_steps"):
        monkeypatch.setattr(assemble, dear, lambda *_: [])
    for value, width in ((a, p_star), (Rational(7, 10), 2)):
        given = Network(x**2, (y - yh) ** 2 / (2 * (value + y)), "inf", width)
        found = _derived.__wrapped__(given)
        assert found["53"].expression == record_of("53").relations()[0]


@pytest.mark.long
def test_the_paper_at_infinite_width_has_all_its_steps():
    found = derive(Network(x**2, (y - yh) ** 2 / (2 * (a + y)), "inf", p_star))
    assert found["53"].expression == record_of("53").relations()[0]
    assert 'p="inf"' in "".join(notebook(found, outputs=False)["cells"][3]["source"])


def test_steps_are_found_by_name_and_number(square):
    step = square["outlier equation"]
    assert square["40"] is square[40] is square["eq. (40)"] is step
    assert step.expression == record_of("40").relations()[0]
    assert {"Stieltjes equation", "signal block"} <= set(step.follows_from)
    with pytest.raises(DomainError, match=r"there is no step .nothing.: .* `names` lists them"):
        square["nothing"]
    with pytest.raises(DomainError, match="choose from sharp edge, smooth edge"):
        square["edge"]
    with pytest.raises(DomainError, match='do you mean "outlier equation"'):
        square["outlier eqation"]


def test_a_copy_is_the_same_derivation(square):
    sent = pickle.dumps(square)
    _derived.cache_clear()  # as in another process, or after many other networks
    again = pickle.loads(sent)
    assert again == square == copy.deepcopy(square)
    assert again is not square
    assert str(again.steps) == str(square.steps)  # a dummy index is another one
    for step in (square["outlier equation"], square["threshold in numbers"]):
        again = pickle.loads(pickle.dumps(step))
        assert again == step == copy.deepcopy(step)
    assert square["outlier equation"] != derive(Model(2, 1, 1))["outlier equation"]


def test_a_terminal_shows_a_step_with_its_equation(square):
    shown = repr(square["outlier equation"])
    assert shown.startswith("(40) outlier equation [derived]")
    assert "1 - g⋅f" in shown
    assert "\\hat" not in square["averages"].description()


def test_the_end_of_the_support_is_derived_in_symbols(square):
    low, end = square["domain"].expressions
    assert low.rhs == -1 / (sqrt(s.a) * s.p)
    assert square["domain"].status is Status.DERIVED
    assert square["smooth edge"].expression.rhs == -sqrt(s.a) * s.p
    assert square["confined directions"].expression.rhs == s.p + 1
    assert end == Eq(end.lhs, 1 / low.lhs)


def test_all_of_it_holds(square):
    found = square.verify()
    assert found.ok, found.failed
    assert found.verdicts["outlier equation"].digits >= 10
    assert found.verdicts["domain"].known_digits == 7
    assert "38 steps hold, 2 not known" in str(found)


def test_a_wrong_expansion_is_caught(square):
    """The corrections alone are seen, not only what they correct."""
    large, order = square["a -> infinity"], square["first order in 1/p"]
    assert large.expression == Eq(s.alpha / sqrt(s.a), s.p_star / (4 * s.t))
    end = square["threshold, a -> infinity"]
    assert end.expression == Eq(s.alpha_BBP / sqrt(s.a), s.p_star / 4)
    wide = square["threshold, first order in 1/p"]
    for step in (large, order, end, wide):
        left, right = step.expression.args
        assert step.check().ok
        assert numeric_agreement(step.record, (Eq(left, right * Rational(10001, 10000)),), 10) < 5


def test_an_expansion_of_the_threshold_says_where_the_edge_is_smooth(square):
    """One node has p + 1 = 2 confined directions: every edge is sharp, no expansion is offered."""
    large, small = (square[f"threshold, a -> {end}"].record for end in ("infinity", "0"))
    assert large.domain.startswith("p > 3, else every edge is sharp; the threshold wherever")
    assert "alpha_BBP: p_star > 4; the average of alpha_c: p_star > 8" in small.domain
    assert square["a -> 0"].record.domain.endswith("; p_star > 4")
    shown = small.prose + large.prose + square["a -> 0"].record.prose
    assert "  " not in shown  # in Markdown it would be set as code
    one = square.network.at({"a": 100, "p": 1, "p_star": 1})
    assert threshold(one).alpha_c == 0
    names = derive(one).names
    assert "no smooth edge" in names
    assert not {"threshold at p -> infinity", "threshold, first order in 1/p"} & {*names}


def test_an_average_that_may_diverge_away_from_zero_has_no_width_named():
    widths = threshold_series.averaged_widths
    assert widths(s.y / s.yh**2 / (s.a + s.yh)) == "p > 4"
    assert widths(s.y**2 - s.yh) == ""
    for argument in (1 / (s.y - 1), 1 / (s.y + s.yh), sqrt(s.y) / s.yh):
        assert widths(argument) == "widths for which it exists"


@pytest.mark.long
def test_the_threshold_of_the_paper_is_expanded_by_another_route(appendix):
    """Chapter 6b has it by a series of its closed form; here only the conditions are expanded."""
    setting = paper()
    found = wide_steps(setting, lowest(setting), Scene(setting, {}))
    for k, step in enumerate(found):
        chapter = appendix["alpha-BBP-wide"].expression.rhs
        assert factor(chapter.coeff(s.p, -k) - step.expression.rhs) == 0
    assert k == 2


def test_a_limit_that_numbers_do_not_follow_is_not_known(monkeypatch, square):
    monkeypatch.setattr(asymptotics, "check", lambda *_: SimpleNamespace(ok=False))
    setting = Network(x**2, SQUARED / (1 + b * y), p, p_star)
    found = asymptotics.parameter_steps(setting, lowest(setting), Scene(setting, {}), True)
    *_, limit, last = found
    assert limit.name == "b -> infinity"
    assert "dominated convergence" in limit.record.prose
    assert "dominated convergence" not in square["a -> infinity"].record.prose
    assert last.name == "threshold, b -> infinity"
    assert last.status is Status.UNKNOWN
    assert "do not follow" in last.reason


def test_twenty_digits_are_held_where_the_witness_reaches_them(square):
    verdict = square["outlier equation"].check(20)
    assert verdict.ok
    assert verdict.known_digits == 20


def test_without_a_normalisation_the_end_is_why_there_is_no_left_edge():
    found = derive(Network(x**2, SQUARED, p, p_star))
    assert "outlier equation" not in found.names
    last = found["no left edge"]
    assert last.status is Status.DERIVED
    assert last.expression.rhs is S.NegativeInfinity
    assert "unbounded below (yh -> 0, y -> oo)" in last.reason
    assert last.check().ok
    assert found["threshold in numbers"].reason == "There is none: the bulk has no left edge."


def test_weights_without_a_bound_are_seen_also_where_a_parameter_has_no_value(step_of):
    loss = (sqrt(yh**2 + a) - sqrt(y**2 + a)) ** 2 / 2
    last = step_of(Network(x, loss, p=1, p_star=1), "no left edge")
    assert last.check().ok
    assert last.reason.startswith("The weights are unbounded below (near a = 1/50, u_1 = ")


@pytest.mark.parametrize(
    ("loss", "said", "goes_on"),
    [
        (SQUARED - a * log(cosh(y - yh)) / 2, ("1/50 none is", "164/75 some are"), True),
        (SQUARED + (a - 1) * (y - yh) ** 4 / 12, ("1/50 they are unb", "164/75 none is"), False),
    ],
)
def test_a_sign_that_depends_on_parameters_is_not_known(loss, said, goes_on):
    """One value of the parameter was believed for all, and its own check drew from near it."""
    found = derive(Network(x, loss, p=1, p_star=1))
    domain = found["domain"]
    assert domain.status is Status.UNKNOWN
    assert all(part in domain.reason for part in said)
    assert ("outlier equation" in found.names) == goes_on


@pytest.mark.parametrize(
    ("network", "where"),
    [
        (Network(x, SQUARED - a * log(cosh(y - yh)) / 2, 2), "164/75"),
        (Network(x, SQUARED + 5 * a * cos(yh), 2), "43/94"),
        (Network(sqrt(1 + x**2), (a * y - yh) ** 2 / 2, 2, teacher=tanh(x)), "164/75"),
    ],
)
def test_the_sign_of_several_nodes_is_tried_as_widely(network, where):
    """Also where it is the same at values near one."""
    found = derive(network)["domain"].reason
    assert f"at a = 1/50 none is negative; at a = {where} some are negative" in found
    assert "No weight is negative:" in derive(Network(x, SQUARED, 2))["domain"].reason
    ranges = in_words(Network(x, (70 - a) * SQUARED, 1, overlap=b))
    assert ranges == " at 6 values of a from 1/50 to 50, b from 1/50 to 49/50"
    tried = derive(Network(x, (70 - a) * SQUARED, 1))["domain"].reason
    assert tried.startswith("No weight is negative at 6 values of a from 1/50 to 50, as far as")


def test_what_overflows_on_the_way_to_a_mean_is_no_fault_of_an_expansion(step_of):
    """Products of `exp(y/a)` at outputs that hardly ever occur were infinite."""
    network = Network(x**2, SQUARED * exp(-y / a), symbols("p"), symbols("p_star"))
    assert step_of(network, "first order in 1/p").check().digits > 9


def test_logistic_regression_has_outliers_along_teacher_and_student(step_of):
    """No weight is negative: every g < 0 is left of the bulk."""
    found = derive(Network(x, log(1 + exp(-y * yh)), teacher=tanh(x)))
    assert found["sharp edge"].record.domain == "g < 0, to the left of the bulk"
    names = ("domain", "outlier equation", "outlier equation along the student", "overlap")
    for name in (*names, "threshold in numbers"):
        verdict = found[name].check()
        assert verdict.ok, (name, verdict.trouble)
    student = found[names[2]]
    wrong = Eq(1 / s.g, 2 * student.expression.rhs)
    assert numeric_agreement(student.record, (wrong,), 10) < 1
    signs = step_of(Network(x, log(1 + exp(-y * yh)), teacher=sign(x)), "outlier equation")
    assert "do not depend on the label" in signs.reason


def test_labels_that_jump_are_averaged_roughly(step_of):
    verdict = step_of(Network(tanh(x), SQUARED, teacher=sign(x)), "outlier equation").check()
    assert (verdict.ok, verdict.known_digits) == (True, 3)


def test_an_end_that_is_approached_slowly_is_seen_to_some_digits(step_of):
    """Softplus units overflow in doubles where labels are still two digits from their end."""
    end = step_of(Network(log(1 + exp(x)), SQUARED / (1 + y)), "domain")
    assert end.check().word == "ok, 1 of 10: its witness reaches 1"


def test_an_overlap_may_have_any_name(step_of):
    network = Network(x**2, SQUARED / (a + y), overlap=symbols("m0"))
    assert step_of(network, "outlier equation").check().ok


def test_a_loss_may_be_even_where_the_node_is_not():
    """Phase retrieval: teacher and student do not mix, and the end is approached like 1/u^2."""
    found = derive(Network(x, (y**2 - yh**2) ** 2 / (4 * (1 + y**2))))
    for name in ("domain", "signal block", "outlier equation", "overlap"):
        assert found[name].check().ok
    assert "lambda_1 = 0;" in found["domain"].reason


def test_one_node_of_any_activation():
    found = derive(Network(tanh(x), SQUARED))
    assert found["outlier equation"].expression.has(s.student_direction)
    verification = found.verify()
    assert verification.ok, verification.failed
    assert verification.verdicts["threshold in numbers"].digits >= 7
    alpha = found["threshold in numbers"].expression
    assert abs(alpha.rhs - 1.8048779960827) < 1e-11


@pytest.mark.long
def test_several_nodes_of_an_even_activation():
    """The engine solves the whole signal block; its outlier is where the one equation says."""
    network = Network(cos(x), SQUARED, 2, 1)
    found = derive(network)
    for name in ("symmetry", "Stieltjes equation", "outlier equation", "overlap"):
        assert found[name].check().ok
    seen = outlier(network, 30)
    assert (seen.sector, seen.multiplicity) == ("teacher", 2)
    world = PairScene(found.setting, {}).world({s.p: 2, s.p_star: 1, s.g: seen.g}, 10)
    assert abs(world.outlier_alpha() - 30) < 1e-5
    world = world.on_outlier()
    assert abs(world[s.outlier] - seen.value) < 1e-5
    assert abs(world[s.overlap2] - seen.overlap2) < 1e-5
    for name in ("outlier equation", "overlap"):
        assert derive(Network(cos(x), SQUARED / a, p, p_star))[name].status is Status.DERIVED


@pytest.mark.parametrize("width", [2, *long(3)])
def test_several_nodes_of_any_activation(width):
    """The witness sums up the whole signal block, and takes slopes from differences."""
    found = derive(Network(tanh(x), SQUARED / a, p=width))
    for name in ("Stieltjes equation", "slopes of the transforms", "outlier equation", "overlap"):
        verdict = found[name].check()
        assert verdict.ok, verdict.trouble
        assert verdict.known_digits == 9
    for name in ("symmetry", "sharp edge", "outlier equation, trivial sector"):
        assert found[name].check().ok
    sampled = found["sampled matrices"]
    assert (sampled.check().word, sampled.status) == (
        "ok, 1 of 10: its witness reaches 1",
        Status.COMPUTED,
    )
    level, share = sampled.record.relations()
    twice = (level, Eq(share.lhs, 2 * share.rhs))
    assert numeric_agreement(sampled.record, twice, 10) < 1
    wrong = ex.outlier_equation(width, ex.TRIVIAL)
    assert numeric_agreement(found["outlier equation"].record, (wrong,), 10) < 5


def test_labels_of_several_teachers_end_the_outlier_of_exchangeable_nodes():
    found = derive(Network(tanh(x), SQUARED / a, p=2, p_star=2))
    assert found["sharp edge"].check().ok
    assert "signal block is a matrix" in found["outlier equation"].reason


def test_a_wrong_derivation_is_caught(monkeypatch, step_of, square):
    right = Setting.eigenvalues
    monkeypatch.setattr(Setting, "eigenvalues", lambda self: right(self)[::-1])
    assert not step_of(square.network, "eigenvalues").check().ok


def test_an_end_in_an_exponent_is_not_known():
    setting = Network(x**2, (y - yh) ** 2 / (2 * (1 + exp(a) * y)), p, p_star)
    found = asymptotics.parameter_steps(setting, lowest(setting), Scene(setting, {}), True)
    reasons = {step.name: step.reason for step in found if step.status is Status.UNKNOWN}
    assert reasons.keys() == {"a -> 0", "a -> infinity"}
    assert all("stands in an exponent" in reason for reason in reasons.values())


def test_a_limit_that_sympy_does_not_find_is_not_known(monkeypatch):
    def failing(*given):
        raise NotImplementedError

    assert asymptotics._limit(1 / (a + y), a, S.Zero, S.Zero) == 1 / y
    monkeypatch.setattr(asymptotics, "limit", failing)
    assert asymptotics._limit(1 / (a + y), a, S.Zero, S.Zero) is S.NaN
    assert not asymptotics._is_smooth(S.NaN)


def test_the_least_weight_is_right_where_two_large_outputs_cancel():
    """A smooth Huber loss: doubles find -1e12 where y and yh are a billion, and there is -2."""
    along = Network(x**2, sqrt(1 + (y - yh) ** 2) - 1, p, p_star).eigenvalues()[1]
    assert least_of_outputs([along.subs(s.p, 1)]) == pytest.approx([-2, -2], abs=1e-9)


def test_averages_of_roots_and_arcs_have_twenty_digits():
    ctx, given = MPContext(), {s.p: 1, s.p_star: 1}
    ctx.dps = 30
    mean = ctx.quad(lambda u: 2 * ctx.npdf(u) * ctx.atan(u**2) ** 2, [0, 1, 3, 6, 12, 20])
    for weight, known in ((sqrt(s.yh), ctx.sqrt(2 / ctx.pi)), (atan(s.y) ** 2, mean)):
        with precision(bits(20)):
            found = average(s.f, given, ((weight, 1),), 20)
        assert abs(ctx.mpf(found.str(25, radius=False)) / known - 1) < 1e-19


def test_what_is_no_network_is_refused():
    with pytest.raises(DomainError, match="network must be a Network or a Model"):
        derive("x**2")
