//! The rules of review: examples, and random sequences of actions from several reviewers.

mod desk;
mod examples;
mod random;
mod steps;
