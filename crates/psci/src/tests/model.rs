//! What a machine does that makes one call after the other, in the order in which the CPUs get the lock, and a model of PSCI to hold its
//! answers against. The model knows no states: it counts the starts that were accepted and those that were made.

use super::*;
use crate::cpu::State;
use crate::{Arrival, Start};

/// What a CPU may do next. All that happens between two of these is its own business: it is on its way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    On(usize),
    Off,
    Standby,
    PowerDown,
    Arrive,
}

/// Where a CPU is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Normal,
    Off,
    Standby,
    PoweredDown(Start),
}

#[derive(Clone, Copy, Debug)]
struct ModelCpu {
    place: Place,
    accepted: u32,
    made: u32,
    /// The start that was accepted last.
    last: Option<Start>,
}

impl ModelCpu {
    fn is_pending(&self) -> bool {
        self.made < self.accepted
    }

    fn affinity_state(&self) -> i64 {
        match self.place {
            Place::Off if self.is_pending() => 2,
            Place::Off => 1,
            _ => 0,
        }
    }

    /// What CPU_ON must say, short of yes.
    fn refusal(&self) -> Option<i64> {
        match self.place {
            Place::Off if self.is_pending() => Some(ON_PENDING),
            Place::Off => None,
            _ => Some(ALREADY_ON),
        }
    }
}

/// The machine and the model, after the same steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct World<const N: usize> {
    cpus: [Cpu; N],
    model: [ModelCpu; N],
}

impl<const N: usize> World<N> {
    pub(super) fn new() -> Self {
        let off = ModelCpu {
            place: Place::Off,
            accepted: 0,
            made: 0,
            last: None,
        };
        let mut world = Self {
            cpus: core::array::from_fn(|place| Cpu::new(place as u64)),
            model: [off; N],
        };
        System::new(&mut world.cpus, 0, &RAM, NO_FEATURES);
        world.model[0].place = Place::Normal;
        world
    }

    pub(super) fn states(&self) -> [State; N] {
        self.cpus.map(|cpu| cpu.state())
    }

    /// What each CPU may do next.
    pub(super) fn steps(&self) -> impl Iterator<Item = (usize, Action)> + use<N> {
        let is_normal = self.model.map(|cpu| cpu.place == Place::Normal);
        (0..N).flat_map(move |cpu| {
            let starts = (0..N).map(Action::On);
            let calls = starts.chain([Action::Off, Action::Standby, Action::PowerDown]);
            let actions = calls.take(if is_normal[cpu] { usize::MAX } else { 0 });
            let arrival = (!is_normal[cpu]).then_some(Action::Arrive);
            actions.chain(arrival).map(move |action| (cpu, action))
        })
    }

    /// Lets `cpu` do one thing, with a start made from `tag` where it takes one, and checks what comes of it.
    pub(super) fn step(&mut self, cpu: usize, action: Action, tag: u64) {
        let start = Start {
            entry: ENTRY + 4 * tag,
            context_id: CONTEXT ^ tag,
        };
        let mut system = System {
            cpus: &mut self.cpus,
            features: NO_FEATURES,
            normal_ram: &RAM,
        };
        let model = &mut self.model;
        match action {
            Action::On(target) => {
                let answer = system.smc(cpu, [CPU_ON, target as u64, start.entry, start.context_id]);
                let target_model = &mut model[target];
                match target_model.refusal() {
                    Some(error) => assert_eq!(answer, Answer::Return(error as u64)),
                    None => {
                        assert_eq!(answer, Answer::Wake(target));
                        target_model.accepted += 1;
                        target_model.last = Some(start);
                    }
                }
            }
            Action::Off => {
                assert_eq!(system.smc(cpu, [CPU_OFF, 0, 0, 0]), Answer::Off);
                model[cpu].place = Place::Off;
            }
            Action::Standby => {
                assert_eq!(system.smc(cpu, [CPU_SUSPEND, STANDBY, 0, 0]), Answer::Standby);
                model[cpu].place = Place::Standby;
            }
            Action::PowerDown => {
                let answer = system.smc(cpu, [CPU_SUSPEND, POWER_DOWN, start.entry, start.context_id]);
                assert_eq!(answer, Answer::Suspend);
                model[cpu].place = Place::PoweredDown(start);
            }
            Action::Arrive => {
                let expected = match model[cpu].place {
                    Place::Off if model[cpu].is_pending() => {
                        model[cpu].made += 1;
                        Arrival::Enter(model[cpu].last.unwrap())
                    }
                    Place::Off => Arrival::Park,
                    Place::Standby => Arrival::Return,
                    Place::PoweredDown(start) => Arrival::Enter(start),
                    Place::Normal => unreachable!(),
                };
                assert_eq!(system.arrive(cpu, 0), expected);
                if expected != Arrival::Park {
                    model[cpu].place = Place::Normal;
                }
            }
        }
        // At most one start is on its way, and whoever asks is told the truth.
        for (target, model) in model.iter().enumerate() {
            assert!(model.accepted - model.made <= 1);
            assert_eq!(system.affinity_state(target as u64), model.affinity_state());
        }
    }

    /// Lets every CPU arrive that has not. Then each start that was accepted has been made, and nobody is given another.
    pub(super) fn settle(mut self) {
        for _ in 0..2 {
            for cpu in 0..N {
                if self.model[cpu].place != Place::Normal {
                    self.step(cpu, Action::Arrive, 0);
                }
            }
        }
        assert!(self.model.iter().all(|cpu| cpu.made == cpu.accepted));
    }
}
