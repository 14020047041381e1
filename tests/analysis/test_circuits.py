"""Circuits: their grammar, the impedance of each element, and the derivatives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pchp_widgets.analysis.circuits import Arc, Circuit, circuit

FREQUENCY = np.logspace(-2, 6, 9)
OMEGA = 2 * np.pi * FREQUENCY
S = np.sqrt(1j * OMEGA * 0.3)
DEFINITIONS = {
    "R0": ([7.0], np.full(9, 7.0 + 0j)),
    "C1": ([2e-5], 1 / (1j * OMEGA * 2e-5)),
    "L0": ([1e-6], 1j * OMEGA * 1e-6),
    "CPE1": ([3e-4, 0.8], 1 / (3e-4 * (1j * OMEGA) ** 0.8)),
    "W1": ([4.0], 4.0 * (1 - 1j) / np.sqrt(OMEGA)),
    "Wo1": ([7.0, 0.3], 7.0 / (S * np.tanh(S))),
    "Ws1": ([7.0, 0.3], 7.0 * np.tanh(S) / S),
    "G1": ([7.0, 0.3], 7.0 / np.sqrt(1 + 1j * OMEGA * 0.3)),
}
SIZES = {"capacitance": 1e-4, "admittance": 1e-4, "inductance": 1e-5, "exponent": 0.8, "time": 0.05}


def trees(depth: int = 2) -> st.SearchStrategy[str]:
    """Texts of circuits without numbers, in the grammar of impedance.py."""
    element = st.sampled_from(["R", "C", "L", "CPE", "W", "Wo", "Ws", "G"])
    if depth == 0:
        return element
    inner = trees(depth - 1)
    beside = st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"p({','.join(parts)})")
    return st.lists(element | beside, min_size=1, max_size=3).map("-".join)


def typical(of: Circuit, seed: int = 0, rows: tuple[int, ...] = (3,)) -> np.ndarray:
    """Parameters (*rows, P) such as cells have."""
    random = np.random.default_rng(seed)
    values = np.array([SIZES.get(parameter.kind, 10.0) for parameter in of.parameters])
    return values * random.uniform(0.7, 1.2, (*rows, len(values)))


def code(node: object) -> str:
    """The circuit description code of a tree."""
    parts = getattr(node, "parts", None)
    if parts is None:
        return {"CPE": "Q"}.get(node.symbol, node.symbol)
    inside = "".join(map(code, parts))
    return f"({inside})" if type(node).__name__ == "Parallel" else f"[{inside}]"


# -- impedance


@pytest.mark.parametrize("text", DEFINITIONS)
def test_every_element_has_the_impedance_of_its_definition(text):
    values, expected = DEFINITIONS[text]
    np.testing.assert_allclose(circuit(text).impedance(values, FREQUENCY), expected, rtol=1e-12)


def test_series_adds_impedances_and_parallel_adds_admittances():
    of = circuit("R0-p(R1,CPE1,C1)-p(CPE2,R2-W1)")
    r0, r1, q1, n1, c1, q2, n2, r2, w = values = typical(of, rows=())
    jw = 1j * OMEGA
    expected = r0 + 1 / (1 / r1 + q1 * jw**n1 + c1 * jw) + 1 / (q2 * jw**n2 + 1 / (r2 + w * (1 - 1j) / np.sqrt(OMEGA)))
    np.testing.assert_allclose(of.impedance(values, FREQUENCY), expected, rtol=1e-12)


def test_the_order_of_resistor_and_capacitor_in_an_arc_does_not_matter():
    one, other = circuit("p(R1,CPE1)"), circuit("p(CPE1,R1)")
    z, slopes = one.jacobian([50.0, 1e-5, 0.8], FREQUENCY)
    again, turned = other.jacobian([1e-5, 0.8, 50.0], FREQUENCY)
    np.testing.assert_array_equal(z, again)
    np.testing.assert_array_equal(slopes, turned[[2, 0, 1]])


@pytest.mark.parametrize("rows", [(), (4,), (2, 3), (0,), (2, 1, 3)])
def test_leading_axes_are_kept(rows):
    of = circuit("L0-R0-p(R1,CPE1)-p(CPE2,R2-Wo1)")
    values = typical(of, rows=rows)
    z, slopes = of.jacobian(values, FREQUENCY)
    assert z.shape == (*rows, 9)
    assert slopes.shape == (*rows, len(of.names), 9)
    np.testing.assert_array_equal(z, of.impedance(values, FREQUENCY))
    for place in np.ndindex(rows):
        np.testing.assert_array_equal(z[place], of.impedance(values[place], FREQUENCY))


def test_a_lone_resistor_has_its_impedance_at_every_frequency():
    z, slopes = circuit("R0").jacobian([[1.0], [2.0]], FREQUENCY)
    np.testing.assert_array_equal(z, np.repeat([[1.0], [2.0]], 9, 1))
    np.testing.assert_array_equal(slopes, np.ones((2, 1, 9)))


@settings(max_examples=50, deadline=None)
@given(trees(), st.integers(0, 99))
def test_the_jacobian_is_the_derivative_of_the_impedance(text, seed):
    of = circuit(text)
    values = typical(of, seed)
    z, slopes = of.jacobian(values, FREQUENCY)
    step = 1e-5 * values.T[:, :, None]  # (parameter, row, 1)
    away = np.eye(len(of.names))[:, None] * step
    far_below, below, above, far_above = of.impedance(
        np.stack([values + turn * away for turn in (-2, -1, 1, 2)]), FREQUENCY
    )
    slope = (8 * (above - below) - (far_above - far_below)) / 12e-5  # p dZ/dp
    expected = slopes.transpose(1, 0, 2) * values.T[:, :, None]
    # what cancels in the difference is a part of Z
    assert (np.abs(slope - expected) <= 1e-6 * np.abs(expected) + 1e-9 * np.abs(z) + 1e-12).all()


@pytest.mark.parametrize("text", ["R0-p(R1,CPE1)-p(R2,C2)-CPE3", "L0-R0-p(CPE1,R1-W1)", "p(C1,R1-Wo1)-Ws1-G1"])
def test_extreme_parameters_and_frequencies_stay_finite(text):
    of = circuit(text)
    corners = np.random.default_rng(0).integers(0, 2, (64, len(of.names))) == 1
    values = np.where(corners, of.upper, of.lower)
    z, slopes = of.jacobian(values, np.logspace(-6, 9, 16))
    assert np.isfinite(z).all()
    assert np.isfinite(slopes).all()


@pytest.mark.parametrize("text", DEFINITIONS)
def test_a_parameter_of_nought_gives_no_nan(text):
    z, slopes = circuit(f"R9-{text}").jacobian(np.zeros(len(circuit(text).names) + 1), FREQUENCY)
    assert not np.isnan(z).any()
    assert not np.isnan(slopes[0]).any()


def test_warburg_elements_have_their_limits():
    high, low = np.array([1e6]), np.array([1e-9])
    infinite = circuit("W1").impedance([7 / math.sqrt(2 * 3.0)], high)
    for text in ("Wo1", "Ws1"):
        np.testing.assert_allclose(circuit(text).impedance([7.0, 3.0], high), infinite, rtol=1e-12)
    np.testing.assert_allclose(circuit("Ws1").impedance([7.0, 3.0], low), 7.0, rtol=1e-7)
    blocked = circuit("Wo1").impedance([7.0, 3.0], low)
    np.testing.assert_allclose(blocked.real, 7 / 3, rtol=1e-3)
    np.testing.assert_allclose(blocked.imag, -7 / (2 * np.pi * 1e-9 * 3), rtol=1e-9)


def test_a_wrong_number_of_values_names_the_parameters():
    with pytest.raises(ValueError, match=r"2 parameters of R0-C1 \(R0, C1\); got shape \(3,\)"):
        circuit("R0-C1").impedance([1, 2, 3], FREQUENCY)
    with pytest.raises(ValueError, match="frequency: one dimension"):
        circuit("R0").impedance([1], [[1.0]])


# -- parameters


def test_parameters_are_named_after_their_elements():
    of = circuit("R0-p(R1,CPE1)-C2-L3-W4-Wo5-Ws6-G7")
    names = ["R0", "R1", "CPE1_Q", "CPE1_n", "C2", "L3", "W4", "Wo5_R", "Wo5_tau", "Ws6_R", "Ws6_tau", "G7_R", "G7_tau"]
    assert list(of.names) == names
    units = ["ohm", "ohm", "ohm-1 s^n", "1", "F", "H", "ohm s-0.5", "ohm", "s", "ohm", "s", "ohm", "s"]
    assert [parameter.units for parameter in of.parameters] == units
    for parameter in of.parameters:
        assert 0 < parameter.lower < parameter.upper
        assert parameter.log == (parameter.kind != "exponent")
        assert parameter.definition
        assert math.isnan(parameter.value)


def test_names_of_impedance_py_are_understood():
    of = circuit("R0-p(R1,CPE1)-Wo1")
    assert of.index("CPE1_1") == of.index("CPE1_n") == 3
    assert of.index("Wo1_0") == of.index("Wo1_R")
    with pytest.raises(ValueError, match="has no parameter 'R7'; its parameters are R0, R1, CPE1_Q"):
        of.index("R7")


def test_arcs_are_found_at_the_top_and_nested():
    of = circuit("R0-p(R1,C1)-p(CPE2,R2-W1)-p(CPE3,R3-p(R4,CPE4))-p(R5,L5)-W2")
    assert of.arcs() == (
        Arc("R1", ("C1",)),
        Arc("R2", ("CPE2_Q", "CPE2_n"), ("W1",)),
        Arc("R3", ("CPE3_Q", "CPE3_n"), ("R4", "CPE4_Q", "CPE4_n")),
        Arc("R4", ("CPE4_Q", "CPE4_n")),
    )
    assert [arc.pure for arc in of.arcs()] == [True, False, False, True]


def test_equal_circuits_are_equal_keys():
    texts = ("R0-p(R1,CPE1)", "R(RQ)", " R0 - p( R1 , CPE1 ) ", "R_0-p(R_1,CPE_1)")
    assert len({circuit(text) for text in texts}) == 1
    assert circuit("R{R=1}") != circuit("R{R=2}")


# -- grammar


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("R0-p(R1,CPE1)-p(R2,CPE2)-W", "R0-p(R1,CPE1)-p(R2,CPE2)-W1"),
        ("R(RQ)([RW]Q)", "R0-p(R1,CPE1)-p(R2-W1,CPE2)"),
        ("LR(QR)(Q[RWo])", "L0-R0-p(CPE1,R1)-p(CPE2,R2-Wo1)"),
        ("[R(C[R(RQ)])]", "R0-p(C1,R1-p(R2,CPE1))"),
        ("RR", "R0-R1"),
        ("p(p(R1,C1),L1)", "p(R1,C1,L1)"),
        ("R7-R", "R7-R0"),
        ("p(R1,C1-p(R2,C2))-G3", "p(R1,C1-p(R2,C2))-G3"),
        ("Q", "CPE1"),
    ],
)
def test_both_grammars_give_the_canonical_text(text, canonical):
    assert circuit(text).text == canonical
    assert circuit(canonical) == circuit(text)


@settings(max_examples=50, deadline=None)
@given(trees())
def test_the_canonical_text_reads_back_as_the_same_circuit(text):
    of = circuit(text)
    assert circuit(of.text) == of
    assert str(of) == of.text


@settings(max_examples=50, deadline=None)
@given(trees())
def test_the_code_of_a_circuit_means_the_same_circuit(text):
    of = circuit(text)
    again = circuit(code(of.root))
    values = typical(of)
    np.testing.assert_allclose(again.impedance(values, FREQUENCY), of.impedance(values, FREQUENCY), rtol=1e-9)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="RCLQWGosPEp()[]{},-=/.%:F01 \n", max_size=24) | st.text(max_size=12))
def test_any_text_is_a_circuit_or_a_fault_that_says_where(text):
    try:
        of = circuit(text)
    except ValueError as error:
        said = str(error)
        assert said.startswith("circuit: ")
        if text.strip():
            assert "\n" in said
            assert said.endswith("^")
    else:
        assert len(of.parameters) > 0


@pytest.mark.parametrize(
    ("text", "says", "place"),
    [
        ("R0-p(R1,CPE1", "the bracket opened here is never closed", 4),
        ("R0--R1", "an element or p(...) is needed before '-'", 3),
        ("R0-X1", "'X' is no element; known are R (resistor, Z = R); C (", 3),
        ("R0-(R1,C1)", "branches in parallel are written p(...,...)", 3),
        ("R0-p", "branches in parallel are written p(...,...)", 3),
        ("R0,R1", "',' separates branches inside p(...,...) only", 2),
        ("R0 R1", "'-' is missing before this", 3),
        ("R0-p(R1)", "branches in parallel must be two or more", 4),
        ("R0-R1-R0", "there are two elements R0", 6),
        ("R0-", "the text ends where an element is needed", 3),
        ("R0-p(R1,C1))", "')' has no opening partner", 11),
        ("R(RQ", "the bracket opened here is never closed", 1),
        ("R(RQ]", "']' has no opening partner", 4),
        ("R(R)", "a parallel connection must have two elements or more", 1),
        ("R()", "')' has no opening partner, or nothing stands before it", 2),
        ("R)", "')' has no opening partner", 1),
        ("[R", "the bracket opened here is never closed", 0),
        ("R{R=10", "the brace opened here is not closed", 1),
        ("R}", "'}' has no opening partner", 1),
        ("{R=1}R", "values in braces must follow an element", 0),
        ("R{R=-1}", "R must be positive, not -1", 1),
        ("R{R=0}", "R must be positive, not 0", 1),
        ("R{X=1}", "no parameter X here; there is R", 1),
        ("R{R=1,R=2}", "R is stated twice", 6),
        ("R{R=1 2}", "',' or '}' is needed here", 6),
        ("R{R}", "a value such as R=10", 2),
        ("R{R=5/6/7}", "R = 5 is outside its own limits, 6 to 7", 1),
        ("W{Y=1,n=0.4}", "the exponent n of W is 0.5 here; it cannot be 0.4", 1),
        ("Wo{Y=1}", "Wo needs Y and B together, or none", 2),
        ("Ws{Y=1/0.1,B=2}", "limits of Y and B of Ws are not carried over", 2),
        ("G{Y=1F,k=2}", "Y and k of G can be kept only together", 1),
        ("(" * 60 + "RC" + ")" * 60, "brackets are nested deeper than 40", 40),
        ("[" * 9999, "brackets are nested deeper than 40", 40),
    ],
)
def test_a_fault_is_said_and_its_place_shown(text, says, place):
    with pytest.raises(ValueError, match=r"^circuit: ") as raised:
        circuit(text)
    said, shown, mark = str(raised.value).split("\n")
    assert says in said
    assert shown == f"  {text}"
    assert mark == " " * (place + 2) + "^"


def test_an_empty_text_is_answered_with_an_example():
    with pytest.raises(ValueError, match=r"a text such as 'R0-p\(R1,CPE1\)' or 'R\(RQ\)' is needed"):
        circuit(" ")


def test_text_is_never_executed():
    for text in ("__import__('os')", "R0-p(R1,C1).real", "exec", "R0 if 1 else C1"):
        with pytest.raises(ValueError, match="circuit: "):
            circuit(text)


# -- values that a code states


def test_values_limits_and_fixed_parameters_are_taken_from_a_code():
    of = circuit("R{R=10:bulk}(R{R=50/1/100}Q{Y=1e-5/50%,n=0.8F})C{C=1e-6//1e-3}L{:lead}")
    r0, r1, q, n, c, lead = of.parameters
    assert (r0.value, r0.fixed, r0.limited) == (10.0, False, False)
    assert (r1.value, r1.lower, r1.upper, r1.limited) == (50.0, 1.0, 100.0, True)
    assert (q.value, q.lower, q.limited) == (1e-5, 5e-6, True)
    assert (n.value, n.fixed, n.limited) == (0.8, True, False)
    assert (c.lower, c.upper) == (circuit("C").parameters[0].lower, 1e-3)
    assert math.isnan(lead.value)


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("W{Y=2e-2}", lambda s: 1 / (2e-2 * np.sqrt(s))),
        ("Wo{Y=2e-2,B=0.3,n=0.5F}", lambda s: 1 / np.tanh(np.sqrt(0.3 * s)) / np.sqrt(2e-2 * s)),
        ("Ws{Y=2e-2,B=0.3}", lambda s: np.tanh(np.sqrt(0.3 * s)) / np.sqrt(2e-2 * s)),
        ("G{Y=2e-2,k=0.3}", lambda s: 1 / (2e-2 * np.sqrt(0.3 + s))),
    ],
)
def test_admittances_of_pyimpspec_become_the_parameters_used_here(text, foreign):
    of = circuit(text)
    values = [parameter.value for parameter in of.parameters]
    np.testing.assert_allclose(of.impedance(values, FREQUENCY), foreign(1j * OMEGA), rtol=1e-12)
