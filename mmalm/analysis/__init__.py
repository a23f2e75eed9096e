"""Figures about configs, models and data."""
