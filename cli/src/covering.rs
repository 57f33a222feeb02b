//! Covering sets: few rows of values in which every two values that go together do so at least
//! once.

use std::cmp::Reverse;

/// For each factor, the number of the value that it has.
pub type Row = Vec<usize>;

/// A value of a factor: the factor, and the number of the value.
pub type Value = (usize, usize);

/// Factors with so many values each, and which values go together.
#[derive(Clone, Copy)]
pub struct Factors<'a> {
    /// The number of values that each factor has.
    pub sizes: &'a [usize],
    /// True if two values, each a factor and a value of it, can be in one row. The order does not
    /// matter.
    pub goes_together: &'a dyn Fn(Value, Value) -> bool,
}

impl Factors<'_> {
    /// Every row that there is, first values first.
    pub fn product(&self) -> impl Iterator<Item = Row> + '_ {
        let count = self.sizes.iter().product();
        let rows = (0..count).map(|number| self.row(number));
        rows.filter(|row| {
            let mut pairs = pairs(row.len());
            pairs.all(|(a, b)| self.is_allowed((a, row[a]), (b, row[b])))
        })
    }

    /// A small set of rows in which every pair of values that go together is found; the same in
    /// every run.
    ///
    /// Greedy: each row begins with a pair that is still open, and takes for every other factor the
    /// value that closes the most. Where that does not matter, it takes the one that was used
    /// least, so that no value is met in one company only.
    pub fn covering(&self) -> Vec<Row> {
        let mut open = self.pairs();
        let mut rows = Vec::new();
        while let Some(&seed) = open.first() {
            let row = self.best_row(&open, seed, &rows);
            open.retain(|&(a, b)| row[a.0] != a.1 || row[b.0] != b.1);
            rows.push(row);
        }
        rows
    }

    /// All pairs of values that are together in some row.
    fn pairs(&self) -> Vec<(Value, Value)> {
        let factors = pairs(self.sizes.len());
        let values = factors.flat_map(|(a, b)| {
            (0..self.sizes[a]).flat_map(move |first| (0..self.sizes[b]).map(move |second| ((a, first), (b, second))))
        });
        let values = values.filter(|&(a, b)| self.is_allowed(a, b) && self.is_in_some_row(&[a, b]));
        values.collect()
    }

    /// Returns whether these values, which go together, can be part of a row.
    fn is_in_some_row(&self, chosen: &[Value]) -> bool {
        let is_open = |factor: &usize| chosen.iter().all(|(chosen, _)| chosen != factor);
        let Some(factor) = (0..self.sizes.len()).find(is_open) else {
            return true;
        };
        let mut values = (0..self.sizes[factor]).map(|value| (factor, value));
        values.any(|value| self.is_allowed_with(chosen, value) && self.is_in_some_row(&[chosen, &[value]].concat()))
    }

    fn is_allowed_with(&self, chosen: &[Value], value: Value) -> bool {
        chosen.iter().all(|&other| self.is_allowed(value, other))
    }

    /// The row with `seed` in it; factors with many values choose first.
    fn best_row(&self, open: &[(Value, Value)], seed: (Value, Value), rows: &[Row]) -> Row {
        let mut chosen = vec![seed.0, seed.1];
        let mut left: Vec<_> = (0..self.sizes.len())
            .filter(|&it| it != seed.0.0 && it != seed.1.0)
            .collect();
        left.sort_by_key(|&factor| Reverse(self.sizes[factor]));
        for factor in left {
            let values = (0..self.sizes[factor]).map(|value| (factor, value));
            let allowed = values.filter(|&value| {
                self.is_allowed_with(&chosen, value) && self.is_in_some_row(&[&chosen[..], &[value]].concat())
            });
            let closed = |value| open.iter().filter(|(a, b)| closes(&chosen, value, *a, *b)).count();
            let used = |(factor, value): Value| rows.iter().filter(|row| row[factor] == value).count();
            let best = allowed.min_by_key(|&value| (Reverse(closed(value)), used(value)));
            chosen.extend(best);
        }
        chosen.sort_unstable();
        chosen.into_iter().map(|(_, value)| value).collect()
    }

    fn is_allowed(&self, a: Value, b: Value) -> bool {
        (self.goes_together)(a, b) && (self.goes_together)(b, a)
    }

    fn row(&self, mut number: usize) -> Row {
        let mut row: Row = self
            .sizes
            .iter()
            .rev()
            .map(|size| {
                let value = number % size;
                number /= size;
                value
            })
            .collect();
        row.reverse();
        row
    }
}

/// Returns whether `value` beside what is chosen makes this pair complete.
fn closes(chosen: &[Value], value: Value, a: Value, b: Value) -> bool {
    (value == a && chosen.contains(&b)) || (value == b && chosen.contains(&a))
}

/// All pairs of numbers below `count`, the smaller one first.
fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |a| (a + 1..count).map(move |b| (a, b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [usize; 5] = [7, 11, 6, 4, 2];

    /// The last value of the first factor goes with no small value of the third.
    fn goes_together(a: Value, b: Value) -> bool {
        !(a == (0, 6) && b.0 == 2 && b.1 < 3)
    }

    const FACTORS: Factors<'static> = Factors {
        sizes: &SIZES,
        goes_together: &goes_together,
    };

    #[test]
    fn every_pair_that_goes_together_is_covered() {
        let rows = FACTORS.covering();
        for (a, b) in FACTORS.pairs() {
            assert!(rows.iter().any(|row| row[a.0] == a.1 && row[b.0] == b.1), "{a:?} {b:?}");
        }
    }

    #[test]
    fn no_row_has_a_pair_that_does_not_go_together() {
        let rows = FACTORS.covering();
        assert!(rows.iter().all(|row| row[0] != 6 || row[2] >= 3));
        assert!(
            rows.iter()
                .all(|row| row.iter().zip(SIZES).all(|(value, size)| *value < size))
        );
    }

    #[test]
    fn values_that_are_in_no_row_together_are_left_out() {
        // The one value of the last factor goes with neither the first value of the first factor
        // nor with the second one of the second.
        let factors = Factors {
            sizes: &[2, 2, 1],
            goes_together: &|a, b| !(b.0 == 2 && (a == (0, 0) || a == (1, 1))),
        };
        assert_eq!(factors.covering(), [[1, 0, 0]]);
    }

    #[test]
    fn there_are_few_more_rows_than_there_must_be() {
        let least = SIZES[0] * SIZES[1];
        let rows = FACTORS.covering().len();
        assert!((least..=least + least / 10).contains(&rows), "{rows}");
    }

    #[test]
    fn every_value_gets_its_share_of_the_rows() {
        let rows = FACTORS.covering();
        for (factor, size) in SIZES.iter().enumerate().skip(3) {
            for value in 0..*size {
                let share = rows.iter().filter(|row| row[factor] == value).count();
                assert!(
                    share * size * 3 >= rows.len() * 2,
                    "{share} rows have value {value} of factor {factor}"
                );
            }
        }
    }

    #[test]
    fn the_same_factors_give_the_same_rows() {
        assert_eq!(FACTORS.covering(), FACTORS.covering());
        let two = Factors {
            sizes: &[2, 2],
            goes_together: &|_, _| true,
        };
        assert_eq!(two.covering(), [[0, 0], [0, 1], [1, 0], [1, 1]]);
    }

    #[test]
    fn the_product_has_every_row_but_the_forbidden_ones() {
        let rows: Vec<_> = FACTORS.product().collect();
        let all = SIZES.iter().product::<usize>();
        assert_eq!(rows.len(), all - 3 * 11 * 4 * 2);
        assert_eq!(rows[0], [0; 5]);
        assert_eq!(rows[1], [0, 0, 0, 0, 1]);
        let covering = FACTORS.covering();
        assert!(covering.iter().all(|row| rows.contains(row)));
    }
}
