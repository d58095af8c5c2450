"""The examples in docstrings run, and every public name says what it gives."""

import doctest
import importlib
import inspect
import pkgutil
from dataclasses import is_dataclass

import pytest

import bbpsym
import bbpsym.figures
import bbpsym.finite
from tests.cases import with_long

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(bbpsym.__path__, "bbpsym.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize(
    "name",
    with_long(
        MODULES,
        *("bbpsym.answers.sampled_phi", "bbpsym.appendix.assemble"),
        *("bbpsym.figures.make", "bbpsym.ensembles.wishart"),
    ),
)
def test_examples(name):
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner()
    for docstring in finder.find(module, module.__name__):
        if docstring.examples:
            runner.run(docstring)
    assert runner.failures == 0


@pytest.mark.parametrize("name", sorted(set(bbpsym.__all__) - {"Model"}))
def test_public_docstrings_have_the_sections_of_an_answer(name):
    text = getattr(bbpsym, name).__doc__
    needed = ["Attributes"] if name[0].isupper() else ["Parameters", "Returns", "Raises"]
    assert all(section in text for section in needed)


#: What holds results, and what is asked about.
HELD = (["answers"], ["ensembles"], ["model"])

FUNCTIONS = [name for name in bbpsym.__all__ if inspect.isfunction(getattr(bbpsym, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_function_takes_has_a_type(name):
    signature = inspect.signature(getattr(bbpsym, name))
    given = {key: parameter.annotation for key, parameter in signature.parameters.items()}
    assert not [key for key, kind in given.items() if kind in ("Any", inspect.Parameter.empty)]
    assert signature.return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[1:2] in HELD])
def test_what_a_result_or_a_model_holds_has_a_type(name):
    module = importlib.import_module(name)
    own = [item for item in vars(module).values() if getattr(item, "__module__", "") == name]
    seen = [item for item in own if hasattr(item, "record") or hasattr(item, "labels")]
    held = [kind.__annotations__ for kind in seen if is_dataclass(kind)]
    assert [item for kinds in held for item, kind in kinds.items() if kind == "Any"] == []


@pytest.mark.parametrize("name", bbpsym.__all__)
def test_a_signature_names_what_is_taken(name):
    kinds = {item.kind for item in inspect.signature(getattr(bbpsym, name)).parameters.values()}
    assert inspect.Parameter.VAR_POSITIONAL not in kinds


def has_examples(item):
    return inspect.isroutine(item) or (isinstance(item, type) and not issubclass(item, Exception))


#: What is imported by name, but for constants and errors.
PUBLIC = [
    (module, name)
    for module in (bbpsym, bbpsym.finite, bbpsym.figures)
    for name in module.__all__
    if has_examples(getattr(module, name))
]


@pytest.mark.parametrize(("module", "name"), PUBLIC, ids=[name for _, name in PUBLIC])
def test_every_public_name_has_an_example(module, name):
    assert ">>> " in getattr(module, name).__doc__


@pytest.mark.parametrize("name", [name for name in MODULES if name.endswith("_result")])
def test_every_answer_has_an_example(name):
    module = importlib.import_module(name)
    own = [item for item in vars(module).values() if getattr(item, "__module__", "") == name]
    shown = [item for item in own if getattr(item, "columns", ())]
    assert shown
    assert [item.__name__ for item in shown if ">>> " not in item.__doc__] == []
