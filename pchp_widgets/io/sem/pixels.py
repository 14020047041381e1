"""Grey values of a TIFF, read by tifffile; damaged ones are refused, or given as far as they go."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..contract import ReaderError

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_MOST = 400_000_000  # pixels: more than any microscope stores, less than what a flipped bit asks for
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # ITU-R BT.709


def opened(path: Path, data: bytes) -> TiffFile:
    """The file, whose pages and tags are read when asked for."""
    from tifffile import TiffFile

    try:
        return TiffFile(BytesIO(data), name=path.name)
    except Exception as error:
        raise ReaderError(path, f"is no sound TIFF ({error})") from error


def grey_page(path: Path, tif: TiffFile) -> TiffPage:
    """The page that holds the picture: the largest of the grey ones, else the largest."""
    from tifffile import TiffPage

    try:
        pages = [
            page for page in tif.pages if isinstance(page, TiffPage) and min(page.imagewidth, page.imagelength) > 1
        ]
        sizes = [page.imagewidth * page.imagelength for page in pages]
    except Exception as error:
        raise ReaderError(path, f"the directory of its pages is damaged ({error})") from error
    if not pages:
        raise ReaderError(path, "holds no picture")
    order = sorted(range(len(pages)), key=lambda at: (pages[at].samplesperpixel > 1, -sizes[at]))
    page = pages[order[0]]
    if sizes[order[0]] > _MOST:
        raise ReaderError(path, f"states {page.imagewidth} times {page.imagelength} pixels: its tags are damaged")
    return page


def grey_values(
    path: Path, data: bytes, page: TiffPage, *, partial: bool = False
) -> tuple[npt.NDArray[Any], list[str]]:
    """Grey values (row, column) as the file has them, and what is to be said of them.

    Parameters
    ----------
    path
        Named in errors.
    data
        The whole file.
    page
        Of it.
    partial
        Whether rows that a cut file lacks may be NaN.
    """
    try:
        offsets, counts = np.asarray(page.dataoffsets, np.int64), np.asarray(page.databytecounts, np.int64)
        ends = offsets + counts
    except Exception as error:
        raise ReaderError(path, f"it is not stated where its pixels are ({error})") from error
    if not len(ends) or (counts < 0).any() or (offsets < 0).any() or int(counts.sum()) > 2 * len(data) + _MOST:
        raise ReaderError(path, "its tags state places of pixels that cannot be")
    stored = int(page.imagewidth) * int(page.imagelength) * int(page.samplesperpixel) * int(page.bitspersample) // 8
    plain = int(page.compression) == 1
    if plain and stored > int(counts.sum()):
        raise ReaderError(path, f"states {stored} bytes of pixels and has {int(counts.sum())}: its tags are damaged")
    missing = int(ends.max()) - len(data)
    said = []
    if missing > 0:
        if not (partial and plain) or missing > stored:
            raise ReaderError(path, f"is cut: {missing} bytes of its pixels are missing; copy it again")
        said.append(f"{missing} bytes of pixels are missing: the rows they belong to are left out")
    values = _decoded(path, data + bytes(max(missing, 0)), page)
    values, colour = _grey(path, values, page)
    said += colour
    if missing > 0:
        values = values.astype(np.float32)
        values[_lost(page, ends, len(data)) :] = np.nan
    return values, said


def _decoded(path: Path, data: bytes, page: TiffPage) -> npt.NDArray[Any]:
    try:
        values = opened(path, data).pages[page.index].asarray()
    except ReaderError:
        raise
    except Exception as error:
        if "imagecodecs" in str(error):
            reason = f"its pixels are compressed ({page.compression!s}): pip install imagecodecs, or store it plain"
        else:
            reason = f"its pixels cannot be read ({error})"
        raise ReaderError(path, reason) from error
    if not np.size(values) or values.dtype.kind not in "uif":
        raise ReaderError(path, f"its pixels are no grey values ({values.dtype})")
    return np.asarray(values)


def _grey(path: Path, values: npt.NDArray[Any], page: TiffPage) -> tuple[npt.NDArray[Any], list[str]]:
    """Grey values of a page that may be in colours."""
    said = []
    if page.colormap is not None and values.ndim == 2 and values.dtype.kind == "u":
        table = np.asarray(page.colormap, float)  # (channel, index), 16 bits
        used = table[:, : int(values.max()) + 1]
        if used.shape[1] <= int(values.max()):
            raise ReaderError(path, "has more colours than its table of colours")
        ramp = np.arange(used.shape[1])
        if np.abs(used / 257 - ramp).max() > 1:  # not the index itself
            said.append("its table of colours is no scale of grey: the luminance is taken")
            values = (_LUMINANCE @ used / 257)[values].astype(np.float32)
    if values.ndim == 3:
        channels = values if values.shape[-1] in {2, 3, 4} else np.moveaxis(values, 0, -1)
        if channels.shape[-1] in {3, 4}:
            red, green, blue = (channels[..., at] for at in range(3))
            if np.array_equal(red, green) and np.array_equal(green, blue):
                values = red
            else:
                said.append("it is in colour: the luminance is taken, and what is drawn on the picture is part of it")
                values = (channels[..., :3] @ _LUMINANCE).astype(np.float32)
        elif channels.shape[-1] == 2:  # grey with transparency
            values = channels[..., 0]
    if values.ndim != 2:
        raise ReaderError(path, f"a picture is expected, found an array of {values.shape}")
    if int(page.photometric) == 0:  # white is zero
        top = float(np.iinfo(values.dtype).max) if values.dtype.kind in "ui" else float(values.max())
        values = (top - values.astype(float)).astype(np.float32)
        said.append("white is zero in this file: grey values are turned round")
    return values, said


def _lost(page: TiffPage, ends: npt.NDArray[np.int64], length: int) -> int:
    """First row whose pixels are not whole."""
    strips = np.flatnonzero(ends > length)
    first, per_strip = int(strips.min()), int(page.rowsperstrip)
    row = max(int(page.imagewidth * page.samplesperpixel * page.bitspersample // 8), 1)
    whole = max(length - int(page.dataoffsets[first]), 0) // row
    return first * min(per_strip, int(page.imagelength)) + whole
