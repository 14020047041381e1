"""Pure functions from datasets to datasets: no drawing, no widgets, no files."""
