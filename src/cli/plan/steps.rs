//! The steps of a launch, as `plan --steps` shows them.

use super::layout::{Line, Section};
use nsbox::execute::step::{Actor, Step};

/// The table of steps, a section for each process.
pub fn table() -> Vec<Section> {
    Actor::ALL.into_iter().map(section).collect()
}

fn section(actor: Actor) -> Section {
    let steps = Step::ALL.iter().filter(|step| step.actor() == actor);
    let lines = steps.map(|step| Line { label: step.name().to_owned(), ..Line::new(step.reason()) }).collect();
    Section::new(heading(actor), lines)
}

fn heading(actor: Actor) -> &'static str {
    match actor {
        Actor::Monitor => "monitor, outside the sandbox: nsbox itself",
        Actor::Init => "init, the first process inside",
        Actor::Payload => "payload, the process that becomes the command",
    }
}

#[cfg(test)]
mod tests {
    use super::table;
    use nsbox::execute::step::Step;

    #[test]
    fn every_step_is_shown_once_with_its_reason() {
        let shown: Vec<_> = table().into_iter().flat_map(|section| section.lines).collect();
        assert_eq!(shown.len(), Step::ALL.len());
        assert!(shown.iter().all(|line| !line.label.is_empty() && !line.text.is_empty()));
    }
}
