"""No masked number comes back by subtraction (V8, ADR 11)."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from opus.lib.statistics import FEW, masked, share, share_out

count = st.one_of(st.integers(0, 4), st.integers(0, 40))
few = st.lists(st.integers(0, 9), min_size=1, max_size=6)


def possible(shown):
    """What the number may be, for whoever reads it; none of these tables goes on."""
    return range(shown.low, int(min(shown.high, 45)) + 1)


@given(count)
def test_a_number_is_told_as_it_may_be(number):
    shown = masked(number)

    assert number in possible(shown)
    if number == 0:
        assert str(shown) == "0"
    elif number < 5:
        assert (str(shown), shown.cell) == (FEW, FEW)
        assert list(possible(shown)) == [1, 2, 3, 4]
    else:
        assert shown.value is not None
        assert shown.value % 5 == 0
        assert abs(shown.value - number) <= (3 if number == 8 else 2)


@given(count, count)
def test_no_subtraction_of_two_shown_numbers_brings_a_masked_one_back(part, rest):
    """A total less its other row, a period less another, an agency less a structure."""
    assume(0 < part < 5 and rest)
    whole, other = masked(part + rest), masked(rest)

    left = {
        value
        for value in (1, 2, 3, 4)
        for known in possible(other)
        if value + known in possible(whole)
    }

    assert part in left
    assert len(left) > 1


@settings(max_examples=1000, deadline=None)
@given(few, st.data())
def test_no_table_taken_whole_brings_a_masked_number_back(parts, data):
    """All that agrees with rows, total and partial sums: each masked row keeps two
    values at least."""
    picked = data.draw(st.lists(st.booleans(), min_size=len(parts), max_size=6))
    places = [at for at in range(len(parts)) if at < len(picked) and picked[at]]
    partial = sum(parts[at] for at in places)
    shown = share_out(sum(parts), parts, [(partial, places)])
    whole, some = masked(sum(parts)), masked(partial)

    for at, row in enumerate(shown):
        if row.is_masked:
            in_partial = [shown[place] for place in places if place != at]
            rest = [
                one
                for place, one in enumerate(shown)
                if place != at and place not in places
            ]
            kept = [
                value
                for value in range(row.low, int(min(row.high, whole.high)) + 1)
                if agrees(value, at in places, in_partial, rest, whole, some)
            ]
            assert parts[at] in kept
            # A nought is nobody's: a sum that is told as 0 may tell it.
            assert len(kept) > 1 or parts[at] == 0


def agrees(value, is_in_partial, in_partial, rest, whole, some):
    """Whether a row may have that value: whole numbers between two ends, all of them,
    add up to all the whole numbers between the sums of the ends.
    """
    least = sum(row.low for row in in_partial) + value * is_in_partial
    most = sum(row.high for row in in_partial) + value * is_in_partial
    least_partial, most_partial = max(least, some.low), min(most, some.high)
    rest_least = sum(row.low for row in rest) + value * (not is_in_partial)
    rest_most = sum(row.high for row in rest) + value * (not is_in_partial)
    return (
        least_partial <= most_partial
        and least_partial + rest_least <= whole.high
        and most_partial + rest_most >= whole.low
    )


def test_where_only_one_sum_fits_nothing_is_told():
    """Four of one make « moins de 5 »: each would be one."""
    assert [str(row) for row in share_out(4, [1, 1, 1, 1])] == ["non communiqué"] * 4
    assert [str(row) for row in share_out(8, [4, 4])] == [FEW] * 2
    assert [str(row) for row in share_out(13, [2, 11])] == [FEW, "10"]


def test_a_share_comes_from_what_is_told():
    assert share(masked(11), masked(19)) == 50
    assert share(masked(3), masked(19)) is None
    assert share(masked(0), masked(0)) is None
