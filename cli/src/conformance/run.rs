//! [`Run`]: one boot, and what became of every clause.

use boot_protocol::Verdict;
use serde::Serialize;

use super::outcome::{MISSING, Outcome};
use super::report::machine::MachineOptions;
use crate::Error;
use crate::clause::{self, Clause};

/// One boot, and what became of every clause.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// The loader's title.
    pub loader: String,
    /// The recipe's name.
    pub recipe: String,
    /// The machine in words.
    pub machine: String,
    /// The same for programs.
    pub machine_options: MachineOptions,
    /// Which header the payload had.
    pub variant: String,
    /// How long it took.
    pub milliseconds: u128,
    /// QEMU's command, without the debugger; flash.bin, kernel and initrd stand for files that are
    /// gone.
    pub qemu_command: String,
    /// Every clause that was asked for.
    pub clauses: Vec<Outcome>,
    /// The reason why the boot did not come to its end, if it did not.
    pub failure: Option<String>,
    /// What is wrong with the report itself: lines that cannot be read.
    pub errors: Vec<String>,
}

impl Run {
    /// Returns how many clauses have this verdict.
    pub fn count(&self, verdict: &str) -> usize {
        self.clauses.iter().filter(|outcome| outcome.verdict == verdict).count()
    }

    /// Returns whether a clause was broken.
    pub fn has_failed(&self) -> bool {
        self.count(Verdict::Fail.name()) > 0
    }

    /// Returns whether the boot came to its end, and the report is whole.
    pub fn is_complete(&self) -> bool {
        self.failure.is_none() && self.errors.is_empty() && self.count(MISSING) == 0
    }
}

/// The clauses with these ids; all of them where there are none.
///
/// # Errors
/// There is no such clause.
pub fn clauses(ids: &[String]) -> Result<Vec<&'static Clause>, Error> {
    if ids.is_empty() {
        return Ok(clause::all().collect());
    }
    let find = |id: &String| {
        clause::find(id).ok_or_else(|| {
            Error::usage(format!("there is no clause {id}")).help("flint explain --clauses lists them, such as M18")
        })
    };
    ids.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_chosen_by_their_ids() {
        let ids: Vec<_> = clauses(&["m18".into()])
            .unwrap()
            .iter()
            .map(|clause| clause.id)
            .collect();
        assert_eq!(ids, ["M18"]);
        assert!(clauses(&["M99".into()]).is_err());
        assert!(clauses(&[]).unwrap().len() > 100);
    }
}
