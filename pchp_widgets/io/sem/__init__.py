"""Micrographs of electron microscopes: TIFF with the tags of Zeiss, FEI and JEOL, or with the text beside it."""

from .readers import HitachiTextReader, JeolTextReader, SemTiffReader

__all__ = ["HitachiTextReader", "JeolTextReader", "SemTiffReader"]
