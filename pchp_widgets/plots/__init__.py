"""Datasets drawn: every figure is a pure function from what is shown to a HoloViews element."""
