"""Training and testing: MMEngine's Runner and hooks around plain models, and checkpoints without pickles."""
