"""Against packages that the trainer does without."""
