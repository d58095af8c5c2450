"""Every equation of the paper and every closed form of the project, as a checked record."""
