//! What went wrong, in a form that Step Functions can match, the database can keep and people can read.

use crate::{Stage, Subject, named_enum};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

named_enum! {
    /// What kind of failure it was. The name is the Lambda error type that the state machines match.
    pub enum ErrorClass {
        /// May work when tried again: a network fault, a throttled service.
        Transient => "Transient",
        /// The input can't be used, and trying again won't help.
        RejectedInput => "RejectedInput",
        /// A tool such as ffmpeg failed on input that looked sound.
        ToolFailure => "ToolFailure",
        /// The world moved on: another execution or reviewer was first.
        Conflict => "Conflict",
        /// A defect of ours or of the set-up.
        Internal => "Internal",
    }
}

/// A stage's failure, as it travels through Step Functions into the database and onto the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    pub class: ErrorClass,
    pub stage: Stage,
    pub subject: Subject,
    /// One sentence for people: what is wrong and, where there is something, what they can do.
    pub sentence: String,
    /// The whole chain of causes with the tool's exit code and last lines, for operators.
    pub detail: String,
}

/// An error that can end a stage. It says once, in [`Fault::told`], what kind of failure it makes and what a person is
/// told; one that only carries another error names that one.
pub trait Fault: std::error::Error {
    fn told(&self) -> Told<'_>;

    fn class(&self) -> ErrorClass {
        match self.told() {
            Told::Own(class, _) => class,
            Told::By(cause) => cause.class(),
        }
    }

    /// One sentence for people, without jargon: what is wrong and what they can do.
    fn sentence(&self) -> String {
        match self.told() {
            Told::Own(_, sentence) => sentence.into_owned(),
            Told::By(cause) => cause.sentence(),
        }
    }
}

/// What is told about an error.
#[derive(Debug)]
pub enum Told<'a> {
    /// Its class, and one sentence for people.
    Own(ErrorClass, Cow<'static, str>),
    /// What another error says.
    By(&'a dyn Fault),
}

impl Told<'_> {
    pub fn transient(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::Own(ErrorClass::Transient, sentence.into())
    }

    pub fn rejected(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::Own(ErrorClass::RejectedInput, sentence.into())
    }

    pub fn tool_failure(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::Own(ErrorClass::ToolFailure, sentence.into())
    }

    pub fn conflict(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::Own(ErrorClass::Conflict, sentence.into())
    }

    pub fn internal(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::Own(ErrorClass::Internal, sentence.into())
    }

    /// A scratch file that can't be read or written.
    pub fn scratch() -> Self {
        Self::transient("The temporary disk could not be used. Retry it.")
    }
}

/// An error and all its causes in one line. The SDK's own errors say only "service error" without.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
