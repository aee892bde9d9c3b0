use heaters_domain::{Failure, Fault, Stage, Subject, Told, causes};

pub fn failure_of(error: &impl Fault, stage: Stage, subject: Subject) -> Failure {
    Failure { class: error.class(), stage, subject, sentence: error.sentence(), detail: causes(error) }
}

impl Fault for crate::ConfigError {
    fn told(&self) -> Told<'_> {
        Told::internal("Heaters is not set up completely. Tell an operator.")
    }
}
