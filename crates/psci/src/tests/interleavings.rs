//! Every interleaving of calls: calls that are made at the same time are answered one after the
//! other.

use super::model::World;
use super::std::collections::HashSet;
use super::std::vec::Vec;

/// Every sequence of `depth` steps from here on, with starts that are all different.
fn explore<const N: usize>(world: &World<N>, depth: u64) -> usize {
    if depth == 0 {
        world.settle();
        return 1;
    }
    let ends = world.steps().map(|(cpu, action)| {
        let mut next = *world;
        next.step(cpu, action, depth);
        explore(&next, depth - 1)
    });
    ends.sum()
}

#[test]
fn every_sequence_of_calls_of_two_cpus_starts_whom_it_says() {
    assert_eq!(explore(&World::<2>::new(), 9), 1_314_808);
}

#[test]
fn every_sequence_of_calls_of_three_cpus_starts_whom_it_says() {
    assert_eq!(explore(&World::<3>::new(), 7), 1_223_331);
}

/// Every state that can be reached by any number of steps, and every step from there. A start shows
/// who requested it, so that there is an end of states.
fn reach<const N: usize>() -> usize {
    let world = World::<N>::new();
    let mut seen = HashSet::from([world.states()]);
    let mut todo = Vec::from([world]);
    while let Some(world) = todo.pop() {
        world.settle();
        for (cpu, action) in world.steps() {
            let mut next = world;
            next.step(cpu, action, cpu as u64);
            if seen.insert(next.states()) {
                todo.push(next);
            }
        }
    }
    seen.len()
}

#[test]
fn no_state_that_two_or_three_cpus_ever_reach_breaks_a_rule() {
    // Each CPU is off, on, in standby, powered down, stopped, or told to start by one of the
    // others; all but the first may not have joined. All meet, but for a CPU that was told by one
    // that has not joined, and for two or three that were told by each other: a CPU has to be on to
    // tell another.
    let (absent, each_other) = (1, 1);
    assert_eq!(reach::<2>(), 6 * 7 - absent - each_other);
    let (absent, each_other) = (2 * 8 + 2 * 7 - 2, 2 * 8 + 7 + 2);
    assert_eq!(reach::<3>(), 7 * 8 * 8 - absent - each_other);
}
