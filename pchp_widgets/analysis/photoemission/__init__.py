"""Photoemission (XPS): backgrounds, components, one global fit over layers, stoichiometry and what may mislead."""
