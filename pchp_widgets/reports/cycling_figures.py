"""Figures of the report of full and half cells: those of the panel, one for each family of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import xarray as xr

from ..plots import cycling as plots
from ..plots import cycling_profiles as single
from ..plots import cycling_view as view
from ..plots.cycling_legend import curve_entries
from ..plots.picture import Lines, Picture
from ..plots.pieces import REPLICATES
from .cells import by_family, looks_of
from .cycling import steps
from .display import Figure

_SIDE_BY_SIDE = 3
_HEIGHT = 270
_NOWHERE = -1
_MARKS = {
    "reference": "An open square is the reference cycle",
    "{level:g} %": "a cross where the capacity reached {level:g} % of it",
    "last above {level:g} %": "an open triangle where a cell was last seen above {level:g} % of it",
    "knee": "a diamond with a line the knee and its 95 % interval",
}


def chosen_basis(found: xr.Dataset, basis: str) -> str:
    """The basis asked for; without one, per area where all areas are known, else absolute.

    Raises
    ------
    ValueError
        When there is no such basis.
    """
    if basis and basis not in view.BASES:
        raise ValueError(f"basis {basis!r}: choose one of {', '.join(view.BASES)}")
    return basis or view.usual_basis(found)


def shown(*, basis: str, against: str, replicates: str) -> dict[str, str]:
    """How figures over the cycles are drawn, as :func:`capacity` takes it.

    Raises
    ------
    ValueError
        When one of them is not what it may be.
    """
    if against not in {"cycle", "time"}:
        raise ValueError(f"against {against!r}: choose cycle or time")
    if replicates not in REPLICATES:
        raise ValueError(f"replicates {replicates!r}: choose one of {', '.join(REPLICATES)}")
    return {"basis": basis, "against": against, "replicates": replicates}


def capacity(
    found: xr.Dataset, kept: xr.Dataset, ends: xr.Dataset, bends: xr.Dataset, means: xr.Dataset, **how: str
) -> list[Figure]:
    """Discharge capacity of every cycle.

    Parameters
    ----------
    found, kept, ends, bends, means
        As given by :func:`~pchp_widgets.analysis.cycling.per_cycle`, :func:`~pchp_widgets.analysis.cycling.retention`,
        :func:`~pchp_widgets.analysis.cycling.cycle_at`, :func:`~pchp_widgets.analysis.knee.knees` and
        :func:`~pchp_widgets.analysis.cycling.mean_efficiency`.
    **how
        ``basis``, ``against`` and ``replicates``, as for the panel.
    """
    level = float(ends.attrs["level"])
    figures = []
    for family, cells in by_family(found):
        of = [data.sel(cell=cells) for data in (found, kept, ends, bends, means)]
        drawn = _curves(of[0], of[1], of[4], **how)
        alone = _curves(of[0], of[1], of[4], **{**how, "replicates": "each"})
        marks = view.ends(alone, of[1], of[2], of[3])
        if how["replicates"] == "mean":
            marks = marks.isel(cell=slice(0))
        picture = plots.capacity(drawn, marks, view.selected(drawn, _NOWHERE), level)
        said = _marks_in_words(picture, 100 * level) if how["replicates"] == "each" else _MEANS
        figures.append(Figure((replace(picture, height=_HEIGHT),), f"{family}Discharge capacity of each cycle. {said}"))
    return figures


def efficiency(found: xr.Dataset, kept: xr.Dataset, means: xr.Dataset, **how: str) -> list[Figure]:
    """Coulombic efficiency of every cycle; arguments as for :func:`capacity`."""
    figures = []
    for family, cells in by_family(found):
        drawn = _curves(found.sel(cell=cells), kept.sel(cell=cells), means.sel(cell=cells), **how)
        picture = plots.efficiency(drawn, view.selected(drawn, _NOWHERE))
        beyond = picture.title.partition("; ")[2]
        outside = f" {beyond[0].upper()}{beyond[1:]}." if beyond else ""
        bands = "; the band is its standard error" if how["replicates"] == "each" and len(cells) <= 3 else ""
        means_too = f" {_MEANS}" if how["replicates"] == "mean" else ""
        caption = (
            f"{family}Coulombic efficiency of each cycle{bands}. The dashed line is the mean of "
            f"{means.attrs['window']}; the range is that of the window, so that the first "
            f"cycles do not flatten it.{outside}{means_too}"
        )
        legend = curve_entries(drawn)
        figures.append(Figure((replace(picture, title="", height=200, legend=legend),), caption))
    return figures


def voltages(found: xr.Dataset, kept: xr.Dataset, means: xr.Dataset, **how: str) -> list[Figure]:
    """Mean voltages of every cycle and the gap between them; arguments as for :func:`capacity`."""
    figures = []
    for family, cells in by_family(found):
        drawn = _curves(found.sel(cell=cells), kept.sel(cell=cells), means.sel(cell=cells), **how)
        nowhere = view.selected(drawn, _NOWHERE)
        for kind, text in (
            ("voltage", "Mean voltage on charge (solid) and on discharge (dashed): energy over charge."),
            ("voltage_gap", "Gap between the mean voltages: what resistance and hysteresis cost."),
        ):
            picture = plots.voltages(drawn, nowhere, kind)
            said = f"{family}{text}{_beyond(picture)}"
            figures.append(Figure((replace(picture, title="", height=_HEIGHT),), said))
    return figures


def single_cycles(
    cells: Sequence[xr.DataTree], found: xr.Dataset, kept: xr.Dataset, kind: str, cycles: Sequence[int], basis: str
) -> list[Figure]:
    """Some cycles one by one: voltage against capacity, or a derivative.

    Parameters
    ----------
    cells
        The cells.
    found, kept
        As for :func:`capacity`.
    kind
        One of :data:`~pchp_widgets.plots.cycling_profiles.KINDS`, or ``"derivative"``: dV/dQ where most of the charge
        passes on a plateau, else dQ/dV.
    cycles
        Their numbers; well recorded ones over the life when empty.
    basis
        One of :data:`~pchp_widgets.plots.cycling_view.BASES`.

    Raises
    ------
    ValueError
        When there is no such kind, or no cell has one of the cycles.
    """
    if kind not in {*single.KINDS, "derivative"}:
        raise ValueError(f"view {kind!r}: choose one of derivative, {', '.join(single.KINDS)}")
    known = found["cycle"].values[found["time_start"].notnull().any("cell").values]
    for cycle in cycles:
        if cycle not in known:
            raise ValueError(f"cycles: no cell has a cycle {cycle}; there are {known.min()} to {known.max()}")
    trees = {str(tree.name): tree for tree in cells}
    figures = []
    for family, names in by_family(found):
        own = found.sel(cell=names)
        chosen = list(cycles) or single.typical_cycles(_recorded([trees[name] for name in names]), _count(names))
        unit = view.capacity_unit(own, basis, kept["reference_value"].sel(cell=names))
        own_kind = _derivative([trees[name] for name in names], chosen) if kind == "derivative" else kind
        halves = {(name, cycle): single.CURVES[own_kind](trees[name], cycle) for name in names for cycle in chosen}
        apart = [[cycle] for cycle in chosen] if len(names) > 1 else [chosen]
        pictures = []
        for together in apart:
            part = {key: value for key, value in halves.items() if key[1] in together}
            picture = plots.single_cycles(single.profiles(part, own_kind, unit, looks_of(own)))
            pictures.append(replace(picture, height=_HEIGHT))
        if len(pictures) > 1:  # a legend has no room beside others, and the colours are those of the figures above
            pictures = [replace(picture, legend=()) for picture in pictures]
        figures.append(Figure(tuple(pictures), f"{family}{_caption(own_kind, own, chosen, halves)}"))
    return figures


_MEANS = "Mean of the replicates with one standard deviation, as far as all of them go."
_KINDS = {
    "profiles": "Voltage against the charge passed in each half-cycle",
    "dq_dv": "dQ/dV against voltage, by direction",
    "dv_dq": "dV/dQ against capacity, by direction",
}


def _marks_in_words(picture: Picture, level: float) -> str:
    """What the marks that are there stand for."""
    there = {entry.label for entry in picture.legend}
    said = [words.format(level=level) for name, words in _MARKS.items() if name.format(level=level) in there]
    text = ", ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _beyond(picture: Picture) -> str:
    """How many values of the curves a range that serves most of them leaves out."""
    low, high = picture.ylim
    curves = [values for layer in picture.layers if isinstance(layer, Lines) for values in layer.y]
    count = sum(int(((values < low) | (values > high)).sum()) for values in curves)
    return f" {count} value{'s lie' if count > 1 else ' lies'} beyond this range." if count else ""


def _derivative(trees: Sequence[xr.DataTree], cycles: Sequence[int]) -> str:
    return "dv_dq" if any(single.is_flat(tree, cycle) for tree in trees for cycle in cycles) else "dq_dv"


def _caption(
    kind: str, found: xr.Dataset, cycles: Sequence[int], halves: Mapping[tuple[str, int], single.Cycle]
) -> str:
    numbers = " and ".join(filter(None, (", ".join(map(str, cycles[:-1])), *map(str, cycles[-1:]))))
    reached = found["time_start"].notnull()
    lacking = [str(name) for name in found["cell"].values if not bool(reached.sel(cell=name, cycle=list(cycles)).all())]
    left_out = f" {', '.join(lacking)} did not reach all of these cycles." if lacking else ""
    which = f"cycle{'s' * (len(cycles) > 1)} {numbers}"
    colours = ", colours as above" if found.sizes["cell"] > 1 else ""
    return f"{_KINDS[kind]}, {which}: charge solid, discharge dashed{colours}.{left_out}{_missing(halves)}"


def _missing(halves: Mapping[tuple[str, int], single.Cycle]) -> str:
    """Why curves are not there, where they are few; else how many."""
    said = [one.missing for one in halves.values() if one.missing]
    if not said:
        return ""
    more = f"; and {len(said) - 1} more of the cycles" if len(said) > 1 else ""
    return f" Not shown: {said[0]}{more}."


def _curves(
    found: xr.Dataset, kept: xr.Dataset, means: xr.Dataset, *, basis: str, against: str, replicates: str
) -> xr.Dataset:
    unit = view.capacity_unit(found, basis, kept["reference_value"])
    return view.curves(view.numbers(found, unit, means, _first(means)), looks_of(found), against, replicates)


def _first(means: xr.Dataset) -> int:
    """First cycle of the window of a mean."""
    return int(str(means.attrs["window"]).split()[1])


def _recorded(trees: Sequence[xr.DataTree]) -> xr.Dataset:
    return steps(trees)


def _count(names: Sequence[str]) -> int:
    return _SIDE_BY_SIDE if len(names) > 1 else 5
