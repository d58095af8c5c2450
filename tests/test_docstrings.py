"""The examples in docstrings run, and every public name says what it gives."""

import doctest
import importlib
import pkgutil

import pytest

import bbpsym

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(bbpsym.__path__, "bbpsym.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner()
    for example in finder.find(module, module.__name__):
        runner.run(example)
    assert runner.failures == 0


@pytest.mark.parametrize("name", sorted(set(bbpsym.__all__) - {"Model"}))
def test_public_docstrings_have_the_sections_of_an_answer(name):
    text = getattr(bbpsym, name).__doc__
    needed = ["Attributes"] if name[0].isupper() else ["Parameters", "Returns", "Raises"]
    assert all(section in text for section in needed)


@pytest.mark.parametrize("name", bbpsym.__all__)
def test_every_public_name_has_an_example(name):
    assert ">>> " in getattr(bbpsym, name).__doc__
