"""What each container takes of the host, by its control groups: nothing is run in it, and its engine is not asked."""
