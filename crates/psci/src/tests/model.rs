//! A machine whose CPUs make one call after the other, in the order in which they get the lock, and
//! a model of PSCI to hold its answers against. The model knows no states: it counts the starts
//! that were accepted and those that were made.

use super::*;
use crate::Arrival;
use crate::cpu::State;

/// A CPU's next step. All that happens between two of these is its own business: it is on its way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    /// It comes to the monitor for the first time.
    Join,
    /// EL3 stops it.
    Stop,
    On(usize),
    Off,
    Standby,
    PowerDown,
    Arrive,
}

/// The place of a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Absent,
    Normal,
    Off,
    Stopped,
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
            Place::Off | Place::Absent => 1,
            Place::Stopped => DISABLED,
            _ => 0,
        }
    }

    /// The error that CPU_ON must return, `None` for success.
    fn refusal(&self) -> Option<i64> {
        match self.place {
            Place::Off if self.is_pending() => Some(ON_PENDING),
            Place::Off => None,
            Place::Absent | Place::Stopped => Some(INTERNAL_FAILURE),
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
        let absent = ModelCpu {
            place: Place::Absent,
            accepted: 0,
            made: 0,
            last: None,
        };
        let mut world = Self {
            cpus: core::array::from_fn(|place| Cpu::new(place as u64)),
            model: [absent; N],
        };
        System::new(&mut world.cpus, 0, NO_FEATURES, &RAM, POWER);
        world.model[0].place = Place::Normal;
        world
    }

    pub(super) fn states(&self) -> [State; N] {
        self.cpus.map(|cpu| cpu.state())
    }

    /// The steps that each CPU may take next.
    pub(super) fn steps(&self) -> impl Iterator<Item = (usize, Action)> + use<N> {
        let places = self.model.map(|cpu| cpu.place);
        (0..N).flat_map(move |cpu| {
            let (starts, others): (_, &[Action]) = match places[cpu] {
                Place::Normal => (N, &[Action::Off, Action::Standby, Action::PowerDown, Action::Stop]),
                Place::Absent => (0, &[Action::Join, Action::Stop]),
                Place::Stopped => (0, &[]),
                Place::Off | Place::Standby | Place::PoweredDown(_) => (0, &[Action::Arrive, Action::Stop]),
            };
            let starts = (0..starts).map(Action::On);
            starts.chain(others.iter().copied()).map(move |action| (cpu, action))
        })
    }

    /// Lets `cpu` do one thing, with a start made from `tag` where it takes one, and checks what
    /// comes of it.
    pub(super) fn step(&mut self, cpu: usize, action: Action, tag: u64) {
        let start = Start {
            entry: ENTRY + 4 * tag,
            context_id: CONTEXT ^ tag,
            is_big_endian: tag % 2 == 1,
        };
        let mut system = System {
            cpus: &mut self.cpus,
            normal_ram: &RAM,
            power: POWER,
        };
        let mut call = |registers| system.call(cpu, &Request::of(registers, start.is_big_endian), || 0);
        let model = &mut self.model;
        match action {
            Action::Join => {
                system.join(cpu, NO_FEATURES);
                model[cpu].place = Place::Off;
            }
            Action::Stop => {
                system.stopped(cpu);
                model[cpu].place = Place::Stopped;
            }
            Action::On(target) => {
                let answer = call([CPU_ON, target as u64, start.entry, start.context_id]);
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
                assert_eq!(call([CPU_OFF, 0, 0, 0]), Answer::Off);
                model[cpu].place = Place::Off;
            }
            Action::Standby => {
                assert_eq!(call([CPU_SUSPEND, STANDBY, 0, 0]), Answer::Standby);
                model[cpu].place = Place::Standby;
            }
            Action::PowerDown => {
                let answer = call([CPU_SUSPEND, POWER_DOWN, start.entry, start.context_id]);
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
                    Place::Absent | Place::Stopped | Place::Normal => unreachable!(),
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

    /// Lets every CPU arrive that is not in the normal world. Then each start that was accepted has
    /// been made, unless EL3 has stopped the CPU, and none is made twice.
    pub(super) fn settle(mut self) {
        for _ in 0..2 {
            for cpu in 0..N {
                if !matches!(self.model[cpu].place, Place::Absent | Place::Normal | Place::Stopped) {
                    self.step(cpu, Action::Arrive, 0);
                }
            }
        }
        let is_settled = |cpu: &ModelCpu| cpu.made == cpu.accepted || cpu.place == Place::Stopped;
        assert!(self.model.iter().all(is_settled));
    }
}
