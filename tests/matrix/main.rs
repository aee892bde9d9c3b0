//! Inputs of many kinds through probe, preprocess and assemble, the code that the Lambdas run, over a folder as
//! storage: how many frames come out, when, in what colours, with what sound; or the sentence that says why not.
//! `README.md` beside this has the table.

mod colour;
mod films;
mod geometry;
mod ingest;
mod lengths;
mod page;
mod piped;
mod plain;
mod row;
mod rows;
mod tools;
