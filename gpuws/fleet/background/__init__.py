"""Long verbs as tasks: begun once, watched by whoever likes, kept with their log and what came of them."""
