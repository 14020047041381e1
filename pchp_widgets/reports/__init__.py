"""Unattended reports: a notebook run with parameters becomes one HTML file that needs no network, and its tables."""
