"""The simulation witness: finite-N Hessians that share no code with the theory."""
