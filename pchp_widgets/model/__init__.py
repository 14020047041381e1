"""What the data are: names, dimensions, units, steps and cycles, cell metadata, study."""
