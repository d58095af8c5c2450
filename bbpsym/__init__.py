"""BBP transitions of Hessians and reweighted Wishart matrices, symbolic and numeric."""
