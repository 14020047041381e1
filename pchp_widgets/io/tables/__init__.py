"""What files of columns share: headers and units, text dialects, counters, doubts, the sign of a missing current."""
