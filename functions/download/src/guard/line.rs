//! The guard's end of the line to a confined child: the child asks for "PORT HOST" and gets the end of a pair of Unix
//! sockets, whose other end the guard joins with the connection. The child never holds a socket of the network, so
//! that there is none it could turn elsewhere.

use super::{Guard, Guarded};
use nix::sys::socket::{AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, recv, send, sendmsg, socketpair};
use std::{
    io::{self, IoSlice},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    sync::Arc,
    thread,
};
use tokio::{io::copy_bidirectional, runtime::Handle};

const LONGEST_REQUEST: usize = 1024;
const LONGEST_ANSWER: usize = 1000;

/// A line to one child.
pub struct Line {
    ours: OwnedFd,
    /// What the child inherits.
    pub theirs: OwnedFd,
}

impl Line {
    pub fn new() -> io::Result<Self> {
        let (ours, theirs) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
        Ok(Self { ours, theirs })
    }

    /// Answers the child in a thread of its own, until the child and `theirs`, which is returned, are gone.
    pub fn serve(self, guard: Arc<Guard>, runtime: Handle) -> OwnedFd {
        let Self { ours, theirs } = self;
        thread::spawn(move || {
            if let Err(error) = answer_all(&ours, &guard, &runtime) {
                tracing::debug!(%error, "the line to a child ended");
            }
        });
        theirs
    }
}

fn answer_all(line: &OwnedFd, guard: &Arc<Guard>, runtime: &Handle) -> io::Result<()> {
    let mut request = [0; LONGEST_REQUEST];
    loop {
        let length = recv(line.as_raw_fd(), &mut request, MsgFlags::empty())?;
        if length == 0 {
            return Ok(());
        }
        let connection = match parse(&request[..length]) {
            Some((host, port)) => runtime.block_on(guard.dial(host, port)).map_err(|error| error.to_string()),
            None => Err("This is no request for a connection.".to_owned()),
        };
        match connection {
            Ok(connection) => pass(line, connection, runtime)?,
            Err(mut reason) => {
                reason.truncate(reason.floor_char_boundary(LONGEST_ANSWER));
                send(line.as_raw_fd(), reason.as_bytes(), MsgFlags::MSG_NOSIGNAL)?;
            }
        }
    }
}

fn parse(request: &[u8]) -> Option<(&str, u16)> {
    let (port, host) = std::str::from_utf8(request).ok()?.split_once(' ')?;
    Some((host, port.parse().ok()?))
}

/// Gives the child an end of a connection, and moves its bytes until either side is done.
fn pass(line: &OwnedFd, mut connection: Guarded, runtime: &Handle) -> io::Result<()> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let descriptors = [theirs.as_raw_fd()];
    let control = [ControlMessage::ScmRights(&descriptors)];
    sendmsg::<()>(line.as_raw_fd(), &[IoSlice::new(b"+")], &control, MsgFlags::MSG_NOSIGNAL, None)?;
    runtime.spawn(async move {
        let mut ours = match tokio::net::UnixStream::from_std(ours) {
            Ok(ours) => ours,
            Err(error) => return tracing::warn!(%error, "a connection could not be joined"),
        };
        // An end by either side is the end; what the child makes of it, it says.
        let _ = copy_bidirectional(&mut ours, &mut connection).await;
    });
    Ok(())
}
