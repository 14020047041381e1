"""Readers of micrographs: whoever opens the picture or the text beside it gets the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...model.measurements import measurement
from ..contract import HEAD_BYTES, Measured, ReaderError, ReadOptions
from ..tables.rows import decoded
from .fei import TAGS, fei
from .hitachi import MARK as HITACHI
from .hitachi import hitachi
from .jeol import MARK as JEOL
from .jeol import is_jeol_xml, jeol_text, jeol_xml
from .pixels import MAGIC, grey_page, grey_values, opened
from .stated import UM, Stated, differing, known, rescaled
from .zeiss import TAG, zeiss

if TYPE_CHECKING:
    from tifffile import TiffPage

_SUFFIXES = (".tif", ".tiff")
_OLYMPUS, _IMAGEJ = 33560, "ImageJ="
_LONGEST = 200_000  # bytes of a text beside a picture


class SemTiffReader:
    """A picture with what its tags, or the text beside it, say of its scale."""

    name = "sem-tiff"
    description = "TIFF of an electron microscope: Zeiss, FEI, JEOL, Hitachi, ImageJ"
    suffixes = _SUFFIXES
    version = "1"
    fallback = False
    technique = "micrograph"

    def sniff(self, head: bytes) -> str | None:
        """Whether it is a TIFF; see :class:`~..contract.MeasurementReader`."""
        return None if head[:4] in MAGIC else "it does not begin as a TIFF does"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """The picture, and the text beside it where there is one; see :class:`~..contract.MeasurementReader`."""
        return _measured(path, _text_beside(path), options)

    def companions(self, path: Path) -> Sequence[Path]:
        """Where the text may be; see :class:`~..contract.OfSeveralFiles`."""
        return _texts(path)


class HitachiTextReader:
    """The text that a Hitachi microscope writes beside a picture."""

    name = "hitachi-sem-text"
    description = "text beside a picture of a Hitachi electron microscope"
    suffixes = (".txt",)
    version = "1"
    fallback = False
    technique = "micrograph"

    def sniff(self, head: bytes) -> str | None:
        """Whether it begins with ``[SemImageFile]``; see :class:`~..contract.MeasurementReader`."""
        found = HITACHI.lower() in decoded(head)[:400].lower()
        return None if found else f"{HITACHI} is not among its first lines"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """The picture it belongs to; see :class:`~..contract.MeasurementReader`."""
        reason = self.sniff(path.read_bytes()[:HEAD_BYTES])
        if reason:
            raise ReaderError(path, f"it is no such text: {reason}")
        return _measured(_picture_beside(path), path, options)

    def companions(self, path: Path) -> Sequence[Path]:
        """Where the picture may be; see :class:`~..contract.OfSeveralFiles`."""
        return _pictures(path)


class JeolTextReader:
    """The text that a JEOL microscope writes beside a picture."""

    name = "jeol-sem-text"
    description = "text beside a picture of a JEOL scanning electron microscope"
    suffixes = (".txt",)
    version = "1"
    fallback = False
    technique = "micrograph"

    def sniff(self, head: bytes) -> str | None:
        """Whether it begins with ``$CM_``; see :class:`~..contract.MeasurementReader`."""
        return None if decoded(head).lstrip("\ufeff \r\n").startswith(JEOL) else f"it does not begin with {JEOL}"

    def read(self, path: Path, options: ReadOptions) -> Measured:
        """The picture it belongs to; see :class:`~..contract.MeasurementReader`."""
        reason = self.sniff(path.read_bytes()[:HEAD_BYTES])
        if reason:
            raise ReaderError(path, f"it is no such text: {reason}")
        return _measured(_picture_beside(path), path, options)

    def companions(self, path: Path) -> Sequence[Path]:
        """Where the picture may be; see :class:`~..contract.OfSeveralFiles`."""
        return _pictures(path)


def _measured(path: Path, sidecar: Path | None, options: ReadOptions) -> Measured:
    """A picture with what is stated of it."""
    data = path.read_bytes()
    page = grey_page(path, opened(path, data))
    values, said = grey_values(path, data, page, partial=options.partial)
    stated = _by_text(path, sidecar) if sidecar is not None else _by_tags(path, page)
    rescaled(stated, values.shape[1], "the text beside it" if sidecar is not None else "its tag")
    warnings = [*said, *stated.warnings, *differing(stated.sizes)]
    if not stated.sizes:
        warnings.append(
            "the file states no pixel size: draw a line along its scale bar, or open_measurement(..., "
            "known_pixel_size='25 nm')"
        )
    coords = {"tag": list(stated.sizes)}
    return Measured(
        measurement("micrograph", _columns(values, stated), coords=coords), {}, stated.provenance, stated.settings,
        warnings,
    )  # fmt: skip


def _columns(values: npt.NDArray[Any], stated: Stated) -> dict[str, object]:
    """Variables of the technique."""
    size = next(iter(stated.sizes.values()), np.nan)
    return {
        "intensity": values,
        "pixel_size": size,
        "pixel_height": stated.height if stated.height > 0 else size,
        "stated_pixel_size": np.array(list(stated.sizes.values()), float),
        "picture_rows": float(stated.rows) if 0 < stated.rows <= values.shape[0] else np.nan,
        "bar_length": stated.bar_length,
        "bar_pixels": stated.bar_pixels,
        "magnification": stated.magnification if stated.magnification > 0 else np.nan,
        "stage_tilt": stated.tilt,
    }


def _by_tags(path: Path, page: TiffPage) -> Stated:
    """What the tags of a page state."""
    try:
        tags = {int(tag.code): tag.value for tag in page.tags}
        resolution = page.resolution
    except Exception as error:
        raise ReaderError(path, f"its tags are damaged ({error})") from error
    columns = int(page.imagewidth)
    described = str(tags.get(270, ""))
    if isinstance(tags.get(TAG), dict):
        return zeiss(tags[TAG], columns)
    found = next((tags[tag] for tag in TAGS if isinstance(tags.get(tag), dict)), None)
    if found is not None:
        return fei(found, columns)
    if is_jeol_xml(described):
        return jeol_xml(described, float(resolution[0]))
    if isinstance(tags.get(_OLYMPUS), dict):
        return _olympus(tags[_OLYMPUS])
    if described.startswith(_IMAGEJ):
        return _imagej(described, float(resolution[0]))
    return Stated()  # the resolution alone is that of a print


def _olympus(parameters: dict[str, Any]) -> Stated:
    """What Olympus (and EMSIS) states in its own tag."""
    sizes = {
        "OlympusSIS pixelsizex": float(parameters.get("pixelsizex") or 0) * UM["m"],
    }
    return Stated(
        sizes=known(sizes),
        height=float(parameters.get("pixelsizey") or 0) * UM["m"],
        magnification=float(parameters.get("magnification") or 0),
        provenance={"instrument": str(parameters.get("cameraname") or "Olympus SIS")},
    )


def _imagej(described: str, resolution: float) -> Stated:
    """What ImageJ states: pixels per unit, and which unit."""
    lines = dict(line.split("=", 1) for line in described.splitlines() if "=" in line)
    unit = lines.get("unit", "").strip().replace("\\u00B5", "µ").lower()
    factor = UM.get(unit) if unit else None
    size = factor / resolution if factor and resolution > 0 else 0.0
    found = Stated(sizes=known({"ImageJ resolution": size}), provenance={"software": f"ImageJ {lines.get('ImageJ')}"})
    if factor is None and unit not in {"", "pixel", "pixels"}:
        found.warnings.append(f"ImageJ states pixels per {unit!r}, which is no length that is known")
    return found


def _by_text(path: Path, sidecar: Path) -> Stated:
    """What the text beside a picture states."""
    raw = sidecar.read_bytes()
    text = decoded(raw[:_LONGEST])
    found = hitachi(text) if HITACHI.lower() in text[:400].lower() else jeol_text(text)
    other = sidecar if path.suffix.lower() in _SUFFIXES else path
    found.settings["text"] = other.name
    found.provenance["text_sha256"] = hashlib.sha256(raw).hexdigest()
    if text and not text.endswith(("\n", "\r")):
        found.warnings.append(f"the last line of {sidecar.name} has no end, so it may be cut")
    return found


def _text_beside(path: Path) -> Path | None:
    """The text that belongs to a picture: of the same name, and of Hitachi or JEOL."""
    for place in _texts(path):
        if place.is_file():
            with place.open("rb") as file:
                head = decoded(file.read(1024)).lstrip("\ufeff \r\n")
            if HITACHI.lower() in head[:400].lower() or head.startswith(JEOL):
                return place
    return None


def _texts(path: Path) -> list[Path]:
    """Where the text of a picture may be."""
    return [path.with_name(name) for name in (f"{path.stem}.txt", f"{path.stem}.TXT", f"{path.name}.txt")]


def _pictures(path: Path) -> list[Path]:
    """Where the picture of a text may be, which has its name."""
    endings = (*_SUFFIXES, *(one.upper() for one in _SUFFIXES))
    places = [path.with_name(path.stem), *(path.with_suffix(suffix) for suffix in endings)]
    return [place for place in places if place.suffix.lower() in _SUFFIXES]


def _picture_beside(path: Path) -> Path:
    """The picture that a text belongs to."""
    found = next((place for place in _pictures(path) if place.is_file()), None)
    if found is not None:
        return found
    raise ReaderError(
        path, f"the picture {path.stem}.tif is not beside it; bring both into one folder, or store a TIFF"
    )
