"""Local listeners that lead somewhere else."""
