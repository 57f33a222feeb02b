//! [`Table`]: rows of text in columns that line up.

use std::fmt;

/// Rows of text in columns that line up, two spaces apart and indented by two.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
    right_aligned: Vec<usize>,
}

impl Table {
    /// A table whose columns with these numbers, counted from 0, hold numbers: their text ends in
    /// line.
    pub fn with_numbers_in(columns: &[usize]) -> Self {
        Self {
            rows: Vec::new(),
            right_aligned: columns.to_vec(),
        }
    }

    /// Adds a row. The last column is not padded.
    pub fn row<Cell: Into<String>>(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    fn width(&self, column: usize) -> usize {
        self.rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = self.width(column);
                let padded = if self.right_aligned.contains(&column) {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:width$}")
                };
                line += "  ";
                line += &padded;
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_columns_up() {
        let mut table = Table::with_numbers_in(&[1]);
        table.row(["offset", "size", "part"]);
        table.row(["0x0", "1,024", "bootloader"]);
        table.row(["0x100000", "64"]);
        assert_eq!(
            table.to_string(),
            "  offset     size  part\n  0x0       1,024  bootloader\n  0x100000     64\n"
        );
    }
}
