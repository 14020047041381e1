"""Seeded generators with known truth, and writers of small files in every format."""
