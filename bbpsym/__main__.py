"""Run the command line as ``python -m bbpsym``."""

from bbpsym.cli import main

main()
