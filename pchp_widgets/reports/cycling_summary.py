"""The report of full and half cells in a few sentences: what was tested, what is left, how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..analysis.knee import KNEE
from ..analysis.life import CENSORED, FAILED
from ..analysis.replicates import spread
from ..model.stated import stated_numbers, stated_texts
from ..model.units import pretty
from ..plots.cycling_view import families
from .display import Text
from .tables import readable

_PERCENT = 100.0


def summary(
    cells: Sequence[xr.DataTree],
    found: xr.Dataset,
    kept: xr.Dataset,
    ends: xr.Dataset,
    bends: xr.Dataset,
    means: xr.Dataset,
    signs: xr.Dataset | None,
) -> Text:
    """The findings in sentences, a paragraph per group of replicates.

    Parameters
    ----------
    cells
        The cells.
    found, kept, ends, bends, means
        As given by :func:`~pchp_widgets.analysis.cycling.per_cycle`, :func:`~pchp_widgets.analysis.cycling.retention`,
        :func:`~pchp_widgets.analysis.cycling.cycle_at`, :func:`~pchp_widgets.analysis.knee.knees` and
        :func:`~pchp_widgets.analysis.cycling.mean_efficiency`.
    signs
        As given by :func:`~.cycling.short_signs`.
    """
    paragraphs = [_tested(cells, found)]
    for label, names in replicates(found).items():
        of = [data.sel(cell=names) for data in (found, kept, ends, bends, means)]
        said = [_left(*of[:2]), _end(of[2]), _bend(of[3]), _efficiency(of[4]), _shorted(names, signs)]
        text = "; ".join(filter(None, said))
        paragraphs.append(f"{label}: {text}.")
    return Text(*paragraphs, _unknown(found))


def replicates(found: xr.Dataset) -> dict[str, list[str]]:
    """Names of the cells of each family and coating, by what a sentence calls them; a lone cell by its name."""
    names, labels = [str(name) for name in found["cell"].values], families(found)
    coatings = stated_texts(found, "coating")
    several = len(set(labels)) > 1
    members: dict[tuple[str, ...], list[str]] = {}
    for name, family, coating in zip(names, labels, coatings, strict=True):
        members.setdefault((family, coating) if coating else (name,), []).append(name)
    return {_label(key, of, several=several): of for key, of in members.items()}


def _label(key: tuple[str, ...], names: Sequence[str], *, several: bool) -> str:
    if len(names) == 1:
        return names[0]
    family, coating = key
    of = f"{family or 'Cathode unknown'}, " if several else ""
    return f"{of}{coating} ({len(names)} cells)"


def _tested(cells: Sequence[xr.DataTree], found: xr.Dataset) -> str:
    cycles = found["time_start"].notnull().sum("cycle").values
    points = sum(tree["points"].sizes["point"] for tree in cells)
    who = f"Cell {cells[0].name}" if len(cells) == 1 else f"{len(cells)} cells"
    opens = sorted({word for word in map(str, found["opens"].values) if word})
    begins = f", cycles begin with {' or '.join(opens)}" if opens else ""
    cut = int((found["interrupted"].astype(bool) & found["time_start"].notnull()).sum())
    interrupted = f", {readable(cut)} of them interrupted" if cut else ""
    return f"{who}: {readable(points)} points, {_span(cycles)} cycles{interrupted}{begins}."


def _left(found: xr.Dataset, kept: xr.Dataset) -> str:
    """Capacity of the reference cycle, and retention in the last cycle that all replicates have."""
    per_area = bool(found["discharge_areal_capacity"].notnull().any("cycle").all())
    name = "discharge_areal_capacity" if per_area else "discharge_capacity"
    taken = kept["reference_cycle"].values
    if (taken < 0).any():
        return "no whole cycle to refer to"
    rows = np.arange(len(taken))
    place = np.searchsorted(found["cycle"].values, taken)
    start = spread(found[name].values[rows, place])
    units = pretty(str(found[name].attrs["units"]))
    where = f"cycle {taken[0]}" if len(set(taken.tolist())) == 1 else "the reference cycle"
    shared = np.flatnonzero(kept["retention"].notnull().all("cell").values)
    last = int(kept["cycle"].values[shared[-1]]) if len(shared) else int(taken.max())
    left = spread(kept["retention"].sel(cycle=last).values * _PERCENT)
    capacity, share = _mean(start.mean, start.sd, 3), _mean(left.mean, left.sd, 1)
    others = kept.attrs["reference"].partition(";")[0] != where
    note = f" (the reference; {kept.attrs['reference'].partition(';')[0]} is absent, cut short or at another rate)"
    return f"{capacity} {units} in {where}{note if others else ''}, {share} % of it in cycle {last}"


def _end(ends: xr.Dataset) -> str:
    percent = f"{ends.attrs['level'] * _PERCENT:g} %"
    outcome, cycle = ends["observed"].values, ends["cycle"].values
    reached, alive = outcome == FAILED, outcome == CENSORED
    said = []
    if reached.any():
        many = f" in {int(reached.sum())} of {len(outcome)}" if len(outcome) > 1 else ""
        said.append(f"{percent} reached{many} at cycle {_span(cycle[reached])}")
    if alive.any():
        said.append(f"{'the others' if reached.any() else 'last seen'} above {percent} at cycle {_span(cycle[alive])}")
    return ", ".join(said)


def _bend(bends: xr.Dataset) -> str:
    bent = bends["observed"].values == KNEE
    if not bent.any():
        return "no knee" if (bends["observed"].values >= 0).all() else ""
    many = f" in {int(bent.sum())} of {len(bent)}" if len(bent) > 1 else ""
    low, high = bends["knee_low"].values[bent].min(), bends["knee_high"].values[bent].max()
    return f"knee{many} at cycle {_span(bends['knee'].values[bent])} (95 %: {low:.0f} to {high:.0f})"


def _efficiency(means: xr.Dataset) -> str:
    values = means["arithmetic"].values * _PERCENT
    if not np.isfinite(values).any():
        return "no Coulombic efficiency"
    of, window = spread(values), str(means.attrs["window"]).split(",")[0]
    if len(values) > 1:
        return f"mean CE {_mean(of.mean, of.sd, 3)} % ({window})"
    return f"mean CE {_mean(of.mean, float(means['stderr'][0]) * _PERCENT, 3)} % ({window}, ± standard error)"


def _shorted(names: Sequence[str], signs: xr.Dataset | None) -> str:
    if signs is None:
        return ""
    known = [name for name in names if name in signs["cell"].values]
    present = (signs["present"].sel(cell=known) == 1).transpose("cell", "evidence")
    several = [name for name, row in zip(known, present.values, strict=True) if row.sum() > 1]
    if not several:
        return ""
    begin = signs["start_cycle"].sel(cell=several).values
    return f"two or more signs of a soft short in {', '.join(several)} from cycle {_span(begin)} on"


def _unknown(found: xr.Dataset) -> str:
    """What is not known of the cells, as far as a capacity waits for it."""
    said = []
    for name, what in (("area", "areal capacity and current density"), ("loading", "specific capacity")):
        without = [str(cell) for cell in found["cell"].values[~np.isfinite(stated_numbers(found, name))]]
        if without:
            who = "" if len(without) == found.sizes["cell"] else f" of {', '.join(without)}"
            said.append(f"The {name}{who} is not known, so there is no {what}; give it as --meta {_EXAMPLES[name]}.")
    return " ".join(said)


_EXAMPLES = {"area": 'area="1.327 cm2"', "loading": 'loading="15 mg cm-2"'}


def _mean(value: float, error: float, digits: int) -> str:
    """A number with its uncertainty, where there is one that does not round to 0."""
    uncertain = f"{error:.{digits}f}"
    return f"{value:.{digits}f}" + (f" ± {uncertain}" if uncertain.strip("0.") not in {"", "nan"} else "")


def _span(values: Sequence[float] | np.ndarray) -> str:
    low, high = (readable(float(value), 0) for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"
