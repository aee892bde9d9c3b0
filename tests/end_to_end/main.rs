//! From an upload to similar clips on the real stack: real S3 events, state machines, Lambda binaries,
//! ffmpeg, PostgreSQL and ONNX Runtime. `make test` starts the fabric and says where it is.

mod access;
mod fabric;
mod faults;
mod library;
mod pipeline;
mod urls;
mod wrong_input;
