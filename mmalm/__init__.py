"""mmalm: give a frozen language model eyes and ears by training under 1 % of it."""

__version__ = '0.1.0'
