"""Dependencies point one way: a module imports only what stands above it in this list."""

import ast
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import bbpsym

PACKAGE = Path(bbpsym.__file__).parent

#: From the ground up; a package stands for its modules.
LAYERS = [
    "errors",
    "reading",
    "writing",
    "parameters",
    "symbols",
    "equations.average",
    "equations.hessian",
    "equations.ensemble",
    "equations.spectrum",
    "equations.curves",
    "equations.sectors",
    "equations",
    "functions",
    "laws",
    "averages",
    "compilation",
    "ensembles",
    "numerics.quadrature",
    "numerics.bulk",
    "numerics",
    "numerics.finite_n",
    "numerics.networks",
    "shipping",
    "model",
    "ensembles.wishart",
    "ensembles.deformed_gaussian",
    "ensembles.sample_covariance",
    "ensembles.index_models",
    "ensembles.methods",
    "answers.result",
    "answers.recognised",
    "answers.network_result",
    "answers.deformed_result",
    "answers.covariance_result",
    "answers.matrix_result",
    "answers.result_table",
    "answers.asking",
    "answers.threshold",
    "answers.edge",
    "answers.outlier",
    "answers",
    "answers.comparison_table",
    "answers.comparison",
    "claims.words",
    "claims.sides",
    "claims.terms",
    "claims",
    "derivations",
    "records",
    "appendix",
    "published",
    "figures",
    "cli",
]

#: The witness may use this much of the rest, and nothing of the theory.
NEUTRAL = {"errors", "reading.arguments", "reading.floats", "reading.formula_tree"}
NEUTRAL |= {"reading.formulas", "writing.heads", "writing.rows", "writing.display"}
NEUTRAL |= {"writing.latex_table", "writing.grid"}


@cache
def modules():
    return tuple(_modules())


def _modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        if name and name != "__main__":
            yield name, path


@cache
def imported(path, hints=True):
    """Names of the bbpsym modules that a file imports, at any depth of its code.

    Without `hints`, those alone that it imports as it runs: types in hints run nothing.
    """
    found = set()
    tree = ast.parse(path.read_text())
    for node in [] if hints else ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            known = dict(modules())
            below = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [n if n.removeprefix("bbpsym.") in known else node.module for n in below]
        else:
            continue
        found |= {n.removeprefix("bbpsym.") for n in names if n.startswith("bbpsym.")}
    return found


def layer(name):
    matches = [entry for entry in LAYERS if name == entry or name.startswith(entry + ".")]
    assert matches, f"{name} stands in no layer"
    return LAYERS.index(max(matches, key=len))


@pytest.mark.parametrize(("name", "path"), [*modules()], ids=lambda v: str(v)[-30:])
def test_a_module_imports_only_from_layers_above(name, path):
    targets = set(imported(path))
    if name.startswith("finite"):
        outside = {t for t in targets if not t.startswith("finite")}
        assert outside <= NEUTRAL
        return
    for target in targets:
        if name.startswith("cli"):
            continue  # the command line may call anything; nothing may call it (next test)
        if name.startswith(("figures", "records.places")) and target.startswith("finite"):
            continue  # pictures and records hold the theory against its witness
        assert not target.startswith("finite"), f"theory module {name} imports {target}"
        assert layer(target) <= layer(name), f"{name} imports {target}"


def test_no_imports_run_in_a_circle():
    """Not inside of functions either, where an import would only hide one."""
    names = dict(modules())
    graph = {name: {*imported(path, hints=False)} & {*names} for name, path in names.items()}
    TopologicalSorter(graph).prepare()
    with pytest.raises(CycleError):
        TopologicalSorter({**graph, "errors": {"cli.table"}}).prepare()


def test_nothing_imports_the_command_line():
    for name, path in modules():
        if not name.startswith("cli"):
            assert not any(target.startswith("cli") for target in imported(path)), name


def test_the_theory_test_can_fail():
    assert layer("errors") < layer("numerics.roots") < layer("cli.table")
    assert "equations.average" in set(imported(PACKAGE / "averages/laplace_variable.py"))


def test_no_module_name_stands_twice():
    files = (PACKAGE.parent / "derivations").glob("*.py")
    names = [name.rpartition(".")[2] for name, _ in modules()] + [path.stem for path in files]
    assert {name: n for name, n in Counter(names).items() if n > 1} == {}


def test_no_two_types_have_one_name():
    trees = [ast.parse(path.read_text()) for _, path in modules()]
    names = [node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    assert {name: n for name, n in Counter(names).items() if n > 1} == {}


#: What there are few of.
FEW = {"bool", "int", "str"}


def test_what_is_kept_of_anything_that_a_user_makes_has_a_bound():
    """A cache without one grows with every ensemble that a long sweep asks about."""
    assert [name for name, path in modules() for name in unbounded(path.read_text(), name)] == []


def unbounded(text, module):
    """Functions of a module, and methods, that keep all they are ever asked."""
    tree = ast.parse(text)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in [*tree.body, *(item for owner in classes for item in owner.body)]:
        if isinstance(node, ast.FunctionDef):
            arguments = ast.walk(node.args)
            kinds = {ast.unparse(x.annotation) for x in arguments if getattr(x, "annotation", None)}
            bare = {
                x.arg for x in ast.walk(node.args) if isinstance(x, ast.arg) and not x.annotation
            }
            if {*map(ast.unparse, node.decorator_list)} & ENDLESS and (kinds - FEW or bare):
                yield f"{module}.{node.name}"


#: Decorators that forget nothing.
ENDLESS = {"cache", "functools.cache", "lru_cache(maxsize=None)", "lru_cache(None)"}


@pytest.mark.parametrize(
    "text",
    [
        "@cache\ndef f(x: Expr): ...",
        "@cache\ndef f(**x: Expr): ...",
        "@lru_cache(maxsize=None)\ndef f(x: float): ...",
        "class A:\n    @cache\n    def f(self): ...",
    ],
)
def test_the_test_of_caches_can_fail(text):
    assert [*unbounded(text, "m")]
    assert not [*unbounded("@cache\ndef f(x: int, *, y: str): ...", "m")]
