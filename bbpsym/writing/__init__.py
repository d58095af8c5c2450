"""How numbers, results and tables are written, for a terminal, a page, a paper and a file."""
