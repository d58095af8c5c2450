"""Records: what an equation states, the steps that derive it, and numbers for both its sides.

The equations themselves are told in the chapters of `derivations/`; here is what reads them.
"""
