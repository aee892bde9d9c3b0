//! What went wrong, in a form that Step Functions can match, the database can keep and people can read.

use crate::{Stage, Subject, named_enum};
use serde::{Deserialize, Serialize};
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
